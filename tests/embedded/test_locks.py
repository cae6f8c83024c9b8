"""The locked Python packages: the same versions everywhere, each with hashes, from no named host."""

import re
from pathlib import Path

import pytest

LOCKS = Path(__file__).resolve().parents[2] / "requirements"
PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)", re.MULTILINE)


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((LOCKS / f"{name}.txt").read_text()))


@pytest.mark.parametrize(("smaller", "larger"), [("server", "embedded"), ("embedded", "dev")])
def test_one_environment_serves_both(smaller: str, larger: str):
    """So `make run` takes nothing away from the environment that `make test` made."""
    assert pins(smaller).items() <= pins(larger).items()


@pytest.mark.parametrize("name", ["server", "embedded", "dev", "node"])
def test_a_lock_has_hashes_and_names_no_host(name: str):
    text = (LOCKS / f"{name}.txt").read_text()
    assert "://" not in text
    assert "--index-url" not in text
    assert text.count("==") <= text.count(" \\\n")
    assert all(f"{package}=={version} " in text for package, version in pins(name).items())
