import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with a short path, which PostgreSQL's account may pass: pytest's own is closed to others."""
    path = Path(tempfile.mkdtemp(prefix="kp test ")).resolve()
    path.chmod(0o711)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def port() -> int:
    """The first of four free ports in a row."""
    for first in range(18100, 60000, 4):
        try:
            for each in range(first, first + 4):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", each))
        except OSError:
            continue
        return first
    raise RuntimeError("No four free ports in a row on this machine.")


def processes_of(folder: Path) -> list[psutil.Process]:
    """Every process whose command line names the folder or that works in it, as Redis does.

    Ask its `info` for what it was: a database's worker may be gone at the next question.
    """
    return [
        process
        for process in psutil.process_iter(["cmdline", "cwd", "username"])
        if any(str(folder) in word for word in [*(process.info["cmdline"] or []), process.info["cwd"] or ""])
    ]
