"""No text message leaves between 18:00 and 08:00 on a clock in Denmark."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.quiet_hours import DENMARK, NEMSMS, next_allowed
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
