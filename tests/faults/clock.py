"""The time of day in a trial: the machine's own, moved by so much for all processes at once.

How far is kept in a file that every process has before its eyes, also those that were forked from one that had it.
"""

import mmap
import os
import struct
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

DENMARK = ZoneInfo("Europe/Copenhagen")
VARIABLE = "FAULTS_CLOCK"
"""The environment variable that names the file."""

_SECONDS = struct.Struct("d")


class Clock:
    """Runs on as the machine's does; `move_to` is the conductor's only."""

    def __init__(self, path: Path) -> None:
        if not path.exists():
            path.write_bytes(_SECONDS.pack(0.0))
        with path.open("r+b") as file:
            self._seen = mmap.mmap(file.fileno(), _SECONDS.size)
        self._moves: list[tuple[datetime, timedelta]] = []

    def now(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def there(self) -> datetime:
        """On a clock in Denmark."""
        return self.now().astimezone(DENMARK)

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now."""
        really = datetime.now(UTC)
        self._moves.append((really, moment - really))
        self._seen[:] = _SECONDS.pack((moment - really).total_seconds())

    def at(self, really: datetime) -> datetime:
        """What it showed in Denmark when it really was `really`."""
        moved = [by for since, by in self._moves if since <= really]
        return (really + (moved[-1] if moved else timedelta())).astimezone(DENMARK)

    @property
    def _moved(self) -> timedelta:
        (seconds,) = _SECONDS.unpack(self._seen[:])
        return timedelta(seconds=seconds)


def of_this_process() -> Clock:
    """The clock that the environment names."""
    return Clock(Path(os.environ[VARIABLE]))
