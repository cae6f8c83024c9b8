"""Where other people's FHIR files are, for the tests that read them in place.

The folder named by KOMMUNALPRO_CORPORA, else `shared/corpora` beside the project. Nothing is copied from there, and
every rule shown by these tests is also shown by a small case of our own.
"""

import json
import os
from pathlib import Path
from typing import Any

import pytest

CORPORA = Path(
    os.environ.get("KOMMUNALPRO_CORPORA") or Path(__file__).resolve().parents[3] / "shared" / "corpora"
)
with_corpora = pytest.mark.skipif(
    not CORPORA.is_dir(), reason="the corpora of real forms are not on this machine"
)


def read(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def table(name: str) -> list[dict[str, str]]:
    """The rows of a tab-separated table beside the corpora; none where it is absent."""
    path = CORPORA / name
    if not path.is_file():
        return []
    head, *rows = path.read_text("utf-8").splitlines()
    return [dict(zip(head.split("\t"), row.split("\t"), strict=False)) for row in rows]


def say(capsys: pytest.CaptureFixture[str], counts: str) -> None:
    """Print counts past pytest's capture: they are part of what the test shows."""
    with capsys.disabled():
        print(f"\n{counts}")  # noqa: T201
