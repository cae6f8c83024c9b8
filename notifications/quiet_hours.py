"""The hours in which no text message leaves: pure.

The window is 18:00–08:00 on the clock in Denmark, whatever the offset is that day. 18:00 itself is
quiet; 08:00 itself is not.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True)
class QuietHours:
    """From `begins` in the evening to `ends` the next morning, clock time."""

    begins: time
    ends: time

    def __contains__(self, clock: time) -> bool:
        return clock >= self.begins or clock < self.ends


NEMSMS = QuietHours(begins=time(18), ends=time(8))
DENMARK = ZoneInfo("Europe/Copenhagen")


def next_allowed(moment: datetime, quiet: QuietHours = NEMSMS, zone: ZoneInfo = DENMARK) -> datetime:
    """The first instant at or after `moment` (aware) outside the quiet hours of `zone`.

    Given back in the zone of Denmark where it had to wait, else `moment` as it came.
    Raises ValueError for a moment without a time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("next_allowed needs an aware datetime; got one without a time zone.")
    there = moment.astimezone(zone)
    if there.timetz().replace(tzinfo=None) not in quiet:
        return moment
    day = there.date() if there.time() < quiet.ends else there.date() + timedelta(days=1)
    return datetime.combine(day, quiet.ends, tzinfo=zone)
