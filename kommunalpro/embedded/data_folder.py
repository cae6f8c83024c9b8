"""The folder `.data`: everything a running system keeps, and who runs on it now."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kommunalpro.embedded.checks import require_writable
from kommunalpro.embedded.errors import SetupError


class DataFolder:
    """Databases, queue, secrets and logs of one system on this machine."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._note = self.path / "running.json"

    @contextmanager
    def claim(self, port: int) -> Iterator[None]:
        """Hold the folder for one run; the kernel lets go of it whatever becomes of us.

        Raises SetupError if another run holds it or it cannot be written.
        """
        require_writable(self.path if self.path.exists() else self.path.parent)
        self.path.mkdir(mode=0o711, exist_ok=True)
        self._require_own()
        with self._note.open("a+") as note:
            try:
                fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise SetupError(
                    f"Kommunal PRO already runs on {self.path}, {self._whereabouts()}: "
                    "use that one, or stop it with Ctrl-C where it was started."
                ) from None
            note.truncate(0)
            json.dump({"port": port, "process": os.getpid()}, note)
            note.flush()
            yield
            note.truncate(0)

    def running_port(self) -> int | None:
        """The PORT of the system that runs on this folder now, or None."""
        try:
            with self._note.open("r+") as note:
                try:
                    fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    return int(json.load(note)["port"])
        except FileNotFoundError:
            pass
        return None

    def _require_own(self) -> None:
        """A folder that another user made would fail later, file by file."""
        for path in sorted(self.path.iterdir()):
            if (
                not os.access(path, os.W_OK) and path.name != "postgres"
            ):  # its owner is checked where it starts
                raise SetupError(
                    f"{path} belongs to another user of this machine (number {path.stat().st_uid}). "
                    f"Start as that user, or remove {self.path} to begin anew with demo data."
                )

    def _whereabouts(self) -> str:
        try:
            found = json.loads(self._note.read_text())
            return f"at http://127.0.0.1:{found['port']} (process {found['process']})"
        except (ValueError, KeyError):
            return "and is starting or stopping"
