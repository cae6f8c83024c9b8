"""No text message leaves between 18:00 and 08:00 on a clock in Denmark."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.quiet_hours import DENMARK, NEMSMS, QuietHours, next_allowed, read_quiet_hours
from tests.conftest import copenhagen


@pytest.mark.parametrize(
    ("moment", "leaves"),
    [
        ("2026-11-23 17:59", "2026-11-23 17:59"),
        ("2026-11-23 18:00", "2026-11-24 08:00"),
        ("2026-11-23 23:00", "2026-11-24 08:00"),
        ("2026-11-24 00:00", "2026-11-24 08:00"),
        ("2026-11-24 07:59", "2026-11-24 08:00"),
        ("2026-11-24 08:00", "2026-11-24 08:00"),
        ("2026-12-31 23:59", "2027-01-01 08:00"),
        # Summer time begins in the night to 29 March and ends in the night to 25 October 2026.
        ("2026-03-28 18:00", "2026-03-29 08:00"),
        ("2026-03-29 01:59", "2026-03-29 08:00"),
        ("2026-03-29 07:59", "2026-03-29 08:00"),
        ("2026-10-24 23:00", "2026-10-25 08:00"),
        ("2026-10-25 07:59", "2026-10-25 08:00"),
        ("2026-10-25 18:00", "2026-10-26 08:00"),
    ],
)
def test_a_message_leaves_at_the_first_allowed_moment(moment: str, leaves: str) -> None:
    assert next_allowed(copenhagen(moment)) == copenhagen(leaves)


def test_the_hour_that_comes_twice_waits_for_the_same_morning() -> None:
    first = copenhagen("2026-10-25 02:30")
    second = first.replace(fold=1)
    assert second.astimezone(UTC) - first.astimezone(UTC) == timedelta(hours=1)
    assert next_allowed(first) == next_allowed(second) == copenhagen("2026-10-25 08:00")


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        next_allowed(datetime(2026, 11, 23, 12))  # noqa: DTZ001 - that is the point


moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(moments)
def test_never_inside_the_quiet_hours(moment: datetime) -> None:
    leaves = next_allowed(moment)
    clock = leaves.astimezone(DENMARK).time()
    assert clock not in NEMSMS
    assert timedelta(0) <= leaves.astimezone(UTC) - moment <= timedelta(hours=15)


@given(moments)
def test_waiting_twice_is_waiting_once(moment: datetime) -> None:
    assert next_allowed(next_allowed(moment)) == next_allowed(moment)


# Summer time began and ended in these nights; half of the examples are drawn from around them.
NIGHTS = [date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31)]
around_a_change = st.builds(
    lambda night, seconds: datetime.combine(night, time(), UTC) + timedelta(seconds=seconds),
    st.sampled_from(NIGHTS),
    st.integers(-86_400, 86_400),
)
clocks = st.times().map(lambda clock: clock.replace(fold=0))
windows = st.tuples(clocks, clocks).filter(lambda w: w[0] != w[1]).map(lambda w: QuietHours(*w))


@given(moments | around_a_change, st.just(NEMSMS) | windows)
def test_whatever_the_window_nothing_leaves_in_it_and_nothing_leaves_early(
    moment: datetime, quiet: QuietHours
) -> None:
    leaves = next_allowed(moment, quiet)
    clock = leaves.astimezone(UTC).astimezone(DENMARK).time()
    assert clock not in quiet
    assert leaves.astimezone(UTC) >= moment


@given(around_a_change)
def test_in_the_nights_of_the_change_it_is_eight_on_the_clock(moment: datetime) -> None:
    leaves = next_allowed(moment)
    clock = moment.astimezone(DENMARK).time()
    if time(8) <= clock < time(18):
        assert leaves == moment
    else:
        assert leaves.astimezone(DENMARK).time() == time(8)
        assert leaves.astimezone(UTC) - moment <= timedelta(hours=15)


@given(around_a_change, around_a_change)
def test_who_asks_later_does_not_leave_earlier(one: datetime, other: datetime) -> None:
    first, second = sorted([one, other])
    assert next_allowed(first) <= next_allowed(second)


@pytest.mark.parametrize(
    ("ends", "moment", "leaves"),
    [
        # 02:30 does not exist in the night of 29 March: the clock goes from 02:00 to 03:00.
        ("02:30", "2026-03-28T23:30+01:00", "2026-03-29T03:30+02:00"),
        # It comes twice in the night of 25 October: the first is early enough, the second hour counts again.
        ("02:30", "2026-10-24T23:30+02:00", "2026-10-25T02:30+02:00"),
        ("02:30", "2026-10-25T02:10+01:00", "2026-10-25T02:30+01:00"),
    ],
)
def test_an_end_that_the_change_skips_or_repeats(ends: str, moment: str, leaves: str) -> None:
    quiet = read_quiet_hours("18:00", ends)
    allowed = next_allowed(datetime.fromisoformat(moment), quiet)
    # In UTC: Python holds a time that comes twice for equal to no other.
    assert allowed.astimezone(UTC) == datetime.fromisoformat(leaves).astimezone(UTC)


def test_a_window_inside_a_day() -> None:
    quiet = read_quiet_hours("12:00", "13:00")
    assert next_allowed(copenhagen("2026-11-23 12:30"), quiet) == copenhagen("2026-11-23 13:00")
    assert next_allowed(copenhagen("2026-11-23 23:30"), quiet) == copenhagen("2026-11-23 23:30")


@pytest.mark.parametrize(
    ("begins", "ends", "why"),
    [
        ("18", "08:00", "“18” is no time of day"),
        ("18:00", "24:00", "“24:00” is no time"),
        ("8:00", "08:00", "at the same"),
    ],
)
def test_a_window_that_cannot_be_meant_is_refused(begins: str, ends: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        read_quiet_hours(begins, ends)
