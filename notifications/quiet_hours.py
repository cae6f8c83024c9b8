"""The hours in which no text message leaves: pure.

The window is 18:00–08:00 on the clock in Denmark, whatever the offset is that day. 18:00 itself is
quiet; 08:00 itself is not. It is the same for everybody; only the system's settings can move it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From `begins` until `ends`, clock time; past midnight where `ends` is the earlier of the two."""

    begins: time
    ends: time

    def __post_init__(self) -> None:
        if self.begins == self.ends:
            raise ValueError(
                "quiet hours that begin and end at the same time would be none or all of the day"
            )

    def __contains__(self, clock: time) -> bool:
        if self.begins < self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends


NEMSMS = QuietHours(begins=time(18), ends=time(8))
DENMARK = ZoneInfo("Europe/Copenhagen")


def read_quiet_hours(begins: str, ends: str) -> QuietHours:
    """Quiet hours from two clock times such as "18:00"; raises ValueError for anything else."""
    return QuietHours(begins=_clock(begins), ends=_clock(ends))


def _clock(text: str) -> time:
    try:
        return datetime.strptime(text.strip(), "%H:%M").time()  # noqa: DTZ007 - a time of day only
    except ValueError as error:
        raise ValueError(f"“{text}” is no time of day; expected hours and minutes, such as 18:00") from error


def next_allowed(moment: datetime, quiet: QuietHours = NEMSMS, zone: ZoneInfo = DENMARK) -> datetime:
    """The first instant at or after `moment` (aware) outside the quiet hours of `zone`.

    Given back in the zone of Denmark where it had to wait, else `moment` as it came.
    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("next_allowed needs an aware datetime; got one without a time zone.")
    there = moment.astimezone(UTC).astimezone(zone)
    if there.time() not in quiet:
        return moment
    day = there.date() if there.time() < quiet.ends else there.date() + timedelta(days=1)
    # By way of UTC: a clock time that is skipped that night becomes the one that the clock shows instead.
    end = datetime.combine(day, quiet.ends, tzinfo=zone).astimezone(UTC).astimezone(zone)
    if end.astimezone(UTC) <= there.astimezone(UTC):
        # The hour that comes twice: the window's end was in the first, and this is the second.
        end = datetime.combine(day, quiet.ends, tzinfo=zone).replace(fold=1)
    return next_allowed(end, quiet, zone)
