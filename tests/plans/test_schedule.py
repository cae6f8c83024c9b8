"""When tasks open and when they are due."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.schedule import DANISH_TIME, Occurrence, Repeat, occurrences
from tests.conftest import copenhagen


def test_once_is_one_window_of_whole_danish_days() -> None:
    assert occurrences(repeat=Repeat.ONCE, count=1, starts_on=date(2026, 11, 23), answer_days=7) == (
        Occurrence(opens_at=copenhagen("2026-11-23 00:00"), due_at=copenhagen("2026-11-30 00:00")),
    )


def test_weekly_keeps_the_weekday_over_the_change_to_winter_time() -> None:
    windows = occurrences(repeat=Repeat.WEEKLY, count=3, starts_on=date(2026, 10, 19), answer_days=7)
    assert [window.opens_at for window in windows] == [
        copenhagen("2026-10-19 00:00"),
        copenhagen("2026-10-26 00:00"),
        copenhagen("2026-11-02 00:00"),
    ]


@pytest.mark.parametrize("count", [1, 5])
def test_once_ignores_how_often(count: int) -> None:
    assert len(occurrences(repeat=Repeat.ONCE, count=count, starts_on=date(2026, 1, 1), answer_days=1)) == 1


@given(
    count=st.integers(1, 104),
    starts_on=st.dates(date(2020, 1, 1), date(2040, 1, 1)),
    answer_days=st.integers(1, 90),
)
def test_windows_follow_each_other_and_have_their_days(count: int, starts_on: date, answer_days: int) -> None:
    windows = occurrences(repeat=Repeat.WEEKLY, count=count, starts_on=starts_on, answer_days=answer_days)
    assert len(windows) == count
    assert windows[0].opens_at.astimezone(DANISH_TIME).date() == starts_on
    for window in windows:
        opens, due = window.opens_at.astimezone(DANISH_TIME), window.due_at.astimezone(DANISH_TIME)
        assert due.date() - opens.date() == timedelta(days=answer_days)
        assert opens.date().weekday() == starts_on.weekday()
        assert (opens.hour, due.hour) == (0, 0)
