"""The schedule by itself: every kind of rhythm over clock changes, month ends, leap days and holidays."""

import os
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.schedule import (
    DANISH_TIME,
    AfterAnswer,
    AtOffsets,
    BeforeAppointment,
    Dates,
    Every,
    ImpossibleRhythm,
    Length,
    Moves,
    Occurrence,
    Once,
    OnWeekdays,
    Rhythm,
    Times,
    Unit,
    Window,
    day_after,
    occurrences,
)
from plans.working_days import is_working_day
from tests.conftest import copenhagen

WEEKLY = Every(Length(1, Unit.WEEKS), Times(3))


def opening(rhythm: Rhythm, start: str, window: Window | None = None, **dates: date) -> list[str]:
    """The days on which it opens."""
    found = occurrences(rhythm, window or Window(1), Dates(date.fromisoformat(start), **dates))
    return [one.opens_at.date().isoformat() for one in found]


def test_once_opens_at_midnight_and_is_due_at_midnight() -> None:
    assert occurrences(Once(), Window(7), Dates(date(2026, 11, 23))) == (
        Occurrence(opens_at=copenhagen("2026-11-23 00:00"), due_at=copenhagen("2026-11-30 00:00")),
    )


@pytest.mark.parametrize(
    ("start", "hours"),
    [
        ("2026-03-29", 23),
        ("2026-10-25", 25),
        ("2027-03-28", 23),
        ("2027-10-31", 25),
        ("2026-11-23", 24),
    ],
)
def test_a_day_over_a_change_of_clocks_is_a_day_on_the_wall(start: str, hours: int) -> None:
    (window,) = occurrences(Once(), Window(1), Dates(date.fromisoformat(start)))
    assert window.due_at.astimezone(UTC) - window.opens_at.astimezone(UTC) == timedelta(hours=hours)
    assert window.opens_at.hour == window.due_at.hour == 0


@pytest.mark.parametrize(
    ("rhythm", "start", "days"),
    [
        (AtOffsets((0, 30, 90)), "2026-11-23", ["2026-11-23", "2026-12-23", "2027-02-21"]),
        (WEEKLY, "2026-10-19", ["2026-10-19", "2026-10-26", "2026-11-02"]),
        (Every(Length(2, Unit.DAYS), Times(3)), "2028-02-27", ["2028-02-27", "2028-02-29", "2028-03-02"]),
        (Every(Length(1, Unit.MONTHS), Times(4)), "2027-01-31",
         ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"]),
        (Every(Length(1, Unit.MONTHS), Times(2)), "2028-01-31", ["2028-01-31", "2028-02-29"]),
        (Every(Length(12, Unit.MONTHS), Times(3)), "2028-02-29", ["2028-02-29", "2029-02-28", "2030-02-28"]),
        (Every(Length(1, Unit.MONTHS), Length(3, Unit.MONTHS)), "2026-11-30",
         ["2026-11-30", "2026-12-30", "2027-01-30"]),
        (Every(Length(2, Unit.WEEKS), Length(1, Unit.MONTHS)), "2026-11-23",
         ["2026-11-23", "2026-12-07", "2026-12-21"]),
        (Every(Length(1, Unit.WEEKS), Length(2, Unit.WEEKS)), "2026-11-23", ["2026-11-23", "2026-11-30"]),
        # Tuesdays and Fridays; the plan begins on a Wednesday.
        (OnWeekdays((1, 4), 1, Times(4)), "2026-11-25", ["2026-11-27", "2026-12-01", "2026-12-04", "2026-12-08"]),
        # Every other week is counted from the first of the days, not from the week of the start.
        (OnWeekdays((1,), 2, Times(3)), "2026-11-25", ["2026-12-01", "2026-12-15", "2026-12-29"]),
        (OnWeekdays((1, 4), 2, Length(4, Unit.WEEKS)), "2026-11-27",
         ["2026-11-27", "2026-12-08", "2026-12-11", "2026-12-22"]),
    ],
)  # fmt: skip
def test_the_days_of_each_kind(rhythm: Rhythm, start: str, days: list[str]) -> None:
    assert opening(rhythm, start) == days


@pytest.mark.parametrize(
    ("appointment", "opens", "due"),
    [
        ("2026-12-20", "2026-12-13", "2026-12-18"),
        # In time for the appointment, also when it is near, or today.
        ("2026-12-03", "2026-12-01", "2026-12-03"),
        ("2026-12-01", "2026-12-01", "2026-12-02"),
    ],
)
def test_before_an_appointment(appointment: str, opens: str, due: str) -> None:
    dates = Dates(date(2026, 12, 1), appointment=date.fromisoformat(appointment))
    assert occurrences(BeforeAppointment(7), Window(5), dates) == (
        Occurrence(copenhagen(f"{opens} 00:00"), copenhagen(f"{due} 00:00")),
    )


@pytest.mark.parametrize("appointment", [None, date(2026, 11, 30)], ids=["unknown", "before the start"])
def test_what_is_counted_from_an_appointment_needs_one(appointment: date | None) -> None:
    with pytest.raises(ImpossibleRhythm):
        occurrences(BeforeAppointment(7), Window(5), Dates(date(2026, 12, 1), appointment=appointment))


def test_what_follows_an_answer_waits_for_it() -> None:
    assert opening(AfterAnswer(2), "2026-11-23") == []
    assert opening(AfterAnswer(2), "2026-11-23", answered=date(2027, 2, 27)) == ["2027-03-01"]
    assert opening(AfterAnswer(0), "2026-11-23", answered=date(2026, 12, 1)) == ["2026-12-01"]


@pytest.mark.parametrize(
    ("day", "later", "earlier"),
    [
        # Easter: Maundy Thursday to Easter Monday.
        ("2026-04-02", "2026-04-07", "2026-04-01"),
        ("2027-03-28", "2027-03-30", "2027-03-24"),
        # Constitution Day, a Friday in 2026, is followed by a weekend.
        ("2026-06-05", "2026-06-08", "2026-06-04"),
        # Christmas Eve to the Sunday after; New Year's Eve to the weekend after.
        ("2026-12-24", "2026-12-28", "2026-12-23"),
        ("2026-12-31", "2027-01-04", "2026-12-30"),
        # The general prayer day is no holiday any more.
        ("2026-05-01", "2026-05-01", "2026-05-01"),
        ("2026-11-28", "2026-11-30", "2026-11-27"),
    ],
)
def test_moved_from_days_on_which_nobody_is_at_work(day: str, later: str, earlier: str) -> None:
    start = date.fromisoformat(day) - timedelta(days=30)
    for moves, expected in ((Moves.LATER, later), (Moves.EARLIER, earlier), (Moves.STAYS, day)):
        assert opening(AtOffsets((30,)), start.isoformat(), Window(1, moves)) == [expected]


def test_nothing_is_moved_before_the_plan_begins_or_past_an_appointment() -> None:
    # Saturday: Friday is before the start.
    assert opening(Once(), "2026-11-28", Window(1, Moves.EARLIER)) == ["2026-11-30"]
    # The day before the appointment on Sunday is a Saturday: Monday is past it.
    assert opening(
        BeforeAppointment(1), "2026-11-20", Window(1, Moves.LATER), appointment=date(2026, 11, 29)
    ) == ["2026-11-27"]
    # Both, and no working day between: it stays.
    assert opening(
        BeforeAppointment(1), "2026-11-28", Window(1, Moves.LATER), appointment=date(2026, 11, 29)
    ) == ["2026-11-28"]


def test_days_that_are_moved_to_the_same_day_are_one() -> None:
    daily = Every(Length(1, Unit.DAYS), Times(4))
    assert opening(daily, "2026-11-27", Window(1, Moves.LATER)) == ["2026-11-27", "2026-11-30"]


def test_an_earlier_window_ends_when_the_next_opens_unless_asked() -> None:
    short = occurrences(WEEKLY, Window(10), Dates(date(2026, 11, 2)))
    assert [one.due_at for one in short] == [
        copenhagen("2026-11-09 00:00"),
        copenhagen("2026-11-16 00:00"),
        copenhagen("2026-11-26 00:00"),
    ]
    long = occurrences(WEEKLY, Window(10, overlaps=True), Dates(date(2026, 11, 2)))
    assert [one.due_at - one.opens_at for one in long] == [timedelta(days=10)] * 3
    assert long[0].overlaps(long[1])
    assert not short[0].overlaps(short[1])


@pytest.mark.parametrize(
    "make",
    [
        lambda: Length(0, Unit.DAYS),
        lambda: Length(37, Unit.MONTHS),
        lambda: Times(0),
        lambda: Times(367),
        lambda: AtOffsets(()),
        lambda: AtOffsets((3, 1)),
        lambda: AtOffsets((-1,)),
        lambda: AtOffsets((0, 1831)),
        lambda: OnWeekdays((), 1, Times(1)),
        lambda: OnWeekdays((7,), 1, Times(1)),
        lambda: OnWeekdays((1, 0), 1, Times(1)),
        lambda: OnWeekdays((1,), 0, Times(1)),
        lambda: OnWeekdays((1,), 1, Length(6, Unit.DAYS)),
        lambda: BeforeAppointment(0),
        lambda: AfterAnswer(-1),
        lambda: Window(0),
        lambda: Window(91),
    ],
)
def test_an_impossible_rhythm_cannot_be_made(make: object) -> None:
    with pytest.raises(ImpossibleRhythm):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("rhythm", "expected"),
    [(WEEKLY, "2026-12-14"), (OnWeekdays((0, 4), 1, Times(3)), "2026-12-04")],
)
def test_the_day_on_which_it_would_open_next(rhythm: Every | OnWeekdays, expected: str) -> None:
    assert day_after(rhythm, Dates(date(2026, 11, 23)), 3).isoformat() == expected


# --- laws --------------------------------------------------------------------------------------

units = st.sampled_from(Unit)
lengths = st.builds(Length, st.integers(1, 36), units)
ends = st.one_of(st.builds(Times, st.integers(1, 60)), lengths)
long_ends = ends.filter(
    lambda end: not (isinstance(end, Length) and end.unit is Unit.DAYS and end.number < 7)
)
weekdays = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
offsets = st.sets(st.integers(0, 800), min_size=1, max_size=12).map(lambda days: tuple(sorted(days)))
rhythms = st.one_of(
    st.just(Once()),
    st.builds(AtOffsets, offsets),
    st.builds(Every, lengths, ends),
    st.builds(OnWeekdays, weekdays, st.integers(1, 8), long_ends),
    st.builds(BeforeAppointment, st.integers(1, 366)),
    st.builds(AfterAnswer, st.integers(0, 366)),
)
windows = st.builds(Window, st.integers(1, 90), st.sampled_from(Moves), st.booleans())
starts = st.dates(date(2026, 1, 1), date(2032, 12, 31))


@st.composite
def all_dates(draw: st.DrawFn) -> Dates:
    start = draw(starts)
    later = st.integers(0, 400).map(lambda days: start + timedelta(days=days))
    return Dates(start, appointment=draw(later), answered=draw(later))


@given(rhythms, windows, all_dates())
def test_in_order_at_danish_midnight_and_never_before_the_start(
    rhythm: Rhythm, window: Window, dates: Dates
) -> None:
    found = occurrences(rhythm, window, dates)
    assert found
    assert all(
        earlier.opens_at < later.opens_at and earlier.due_at <= later.due_at
        for earlier, later in pairwise(found)
    )
    for one in found:
        assert one.opens_at < one.due_at
        assert one.opens_at.tzinfo is one.due_at.tzinfo is DANISH_TIME
        assert (one.opens_at.time(), one.due_at.time()) == (datetime.min.time(), datetime.min.time())
        assert one.opens_at.date() >= dates.start
        assert (one.due_at.date() - one.opens_at.date()).days <= window.answer_days


@given(rhythms, windows, all_dates())
def test_windows_of_an_activity_overlap_only_where_asked(
    rhythm: Rhythm, window: Window, dates: Dates
) -> None:
    found = occurrences(rhythm, replace(window, overlaps=False), dates)
    assert not any(earlier.overlaps(later) for earlier, later in pairwise(found))


@given(rhythms, windows, all_dates())
def test_there_are_as_many_as_asked(rhythm: Rhythm, window: Window, dates: Dates) -> None:
    found = len(occurrences(rhythm, replace(window, moves=Moves.STAYS), dates))
    match rhythm:
        case Every(end=Times(number=number)) | OnWeekdays(end=Times(number=number)):
            assert found == number
        case AtOffsets(days=days):
            assert found == len(days)
        case Once() | BeforeAppointment() | AfterAnswer():
            assert found == 1
    assert len(occurrences(rhythm, window, dates)) <= found


@given(rhythms, windows, all_dates())
def test_what_is_moved_opens_on_a_working_day(rhythm: Rhythm, window: Window, dates: Dates) -> None:
    moved = occurrences(rhythm, replace(window, moves=Moves.LATER), dates)
    if not isinstance(rhythm, BeforeAppointment):
        assert all(is_working_day(one.opens_at.date()) for one in moved)


@given(st.integers(1, 366), windows, all_dates())
def test_what_is_before_an_appointment_is_due_by_its_day(days: int, window: Window, dates: Dates) -> None:
    (found,) = occurrences(BeforeAppointment(days), window, dates)
    assert dates.appointment is not None
    assert found.opens_at.date() <= dates.appointment
    assert found.due_at.date() <= dates.appointment + timedelta(days=1)


@given(st.builds(Every, lengths, ends), starts)
def test_steps_are_counted_from_the_start_not_from_each_other(rhythm: Every, start: date) -> None:
    """A month from 31 January is 28 February, and two are 31 March."""
    found = occurrences(rhythm, Window(1), Dates(start))
    assert [one.opens_at.date() for one in found] == [
        rhythm.step.after(start, number) for number in range(len(found))
    ]


@given(st.builds(OnWeekdays, weekdays, st.integers(1, 8), long_ends), starts)
def test_weekdays_are_those_that_were_chosen(rhythm: OnWeekdays, start: date) -> None:
    found = [one.opens_at.date() for one in occurrences(rhythm, Window(1), Dates(start))]
    assert {day.weekday() for day in found} <= set(rhythm.weekdays)
    first = found[0] - timedelta(days=found[0].weekday())
    assert all(((day - first).days // 7) % rhythm.every_weeks == 0 for day in found)


@given(rhythms, windows, all_dates(), st.sampled_from(["UTC", "America/Los_Angeles", "Pacific/Kiritimati"]))
def test_the_machines_own_time_zone_changes_nothing(
    rhythm: Rhythm, window: Window, dates: Dates, elsewhere: str
) -> None:
    here = occurrences(rhythm, window, dates)
    before = os.environ.get("TZ")
    try:
        os.environ["TZ"] = elsewhere
        time.tzset()
        there = occurrences(rhythm, window, dates)
    finally:
        if before is None:
            del os.environ["TZ"]
        else:
            os.environ["TZ"] = before
        time.tzset()
    assert [(one.opens_at.isoformat(), one.due_at.isoformat()) for one in here] == [
        (one.opens_at.isoformat(), one.due_at.isoformat()) for one in there
    ]
