"""What time it is in here: the machine's own, or moved by the control so that a night need not be waited for."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta


@dataclass(slots=True)
class Clock:
    """`moved` is added to the machine's time; the clock keeps running."""

    moved: timedelta = timedelta()

    def now(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def move_to(self, moment: datetime) -> None:
        """Let it be `moment` (aware) now."""
        self.moved = moment - datetime.now(UTC)

    def back(self) -> None:
        self.moved = timedelta()

    def seconds(self) -> float:
        """Seconds for lives and leases: they follow the machine, whatever the clock is moved to."""
        return time.monotonic()


def instant(moment: datetime) -> str:
    """FHIR `instant` as HAPI writes it, in milliseconds."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def second(moment: datetime) -> str:
    """FHIR `dateTime` in whole seconds, UTC."""
    return moment.astimezone(UTC).isoformat(timespec="seconds")
