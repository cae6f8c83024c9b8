"""A plan goes on after a pause, tasks are moved before it is given: the pure rules, over clock changes, month ends."""

from datetime import date, datetime, time, timedelta

from hypothesis import given
from hypothesis import strategies as st

from plans.adjusting import Asked, Fault, asked_twice, days_of, fault_in, moved, window
from plans.rescheduling import Planned, go_on
from plans.schedule import DANISH_TIME, Dates, Every, Length, Occurrence, Times, Unit, Window, occurrences
from tests.conftest import copenhagen


def planned(opens: str, due: str, *, activity: str = "a", is_touched: bool = False) -> Planned[str]:
    return Planned(activity, Occurrence(copenhagen(f"{opens} 00:00"), copenhagen(f"{due} 00:00")), is_touched)


def midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=DANISH_TIME)


def test_what_was_due_is_called_off_and_the_rest_keeps_its_days() -> None:
    gone, across, coming = (
        planned("2026-11-16", "2026-11-23"),
        planned("2026-11-23", "2026-11-30"),
        planned("2026-11-30", "2026-12-07"),
    )

    found = go_on(resting=[coming, gone, across], on=date(2026, 11, 25), today=date(2026, 11, 25))

    assert found.called_off == (gone,)
    assert found.open == ((across, across.window), (coming, coming.window))


def test_what_stands_across_a_day_to_come_opens_on_it() -> None:
    across = planned("2026-11-23", "2026-11-30")

    found = go_on(resting=[across], on=date(2026, 11, 27), today=date(2026, 11, 25))

    assert found.open == (
        (across, Occurrence(copenhagen("2026-11-27 00:00"), copenhagen("2026-11-30 00:00"))),
    )


def test_of_several_that_stand_across_it_one_is_asked_the_begun_one_first() -> None:
    begun = planned("2026-11-20", "2026-12-20", is_touched=True)
    later = planned("2026-11-23", "2026-12-23")

    found = go_on(resting=[later, begun], on=date(2026, 11, 27), today=date(2026, 11, 25))

    assert [one for one, _ in found.open] == [begun]
    assert found.called_off == (later,)


def test_what_opens_that_very_day_comes_before_what_was_moved_to_it() -> None:
    across = planned("2026-11-20", "2026-12-20", is_touched=True)
    then = planned("2026-11-27", "2026-12-04")

    found = go_on(resting=[across, then], on=date(2026, 11, 27), today=date(2026, 11, 25))

    assert [one for one, _ in found.open] == [then]


starts = st.dates(min_value=date(2024, 1, 1), max_value=date(2028, 12, 31))
rhythms = st.builds(
    Every,
    st.builds(Length, st.integers(1, 12), st.sampled_from(list(Unit))),
    st.builds(Times, st.integers(1, 12)),
)
windows = st.builds(Window, st.integers(1, 60), overlaps=st.booleans())


@st.composite
def pauses(draw: st.DrawFn) -> tuple[list[Planned[str]], date, date]:
    """The tasks of a rhythm, and a day to go on from, today or later."""
    start = draw(starts)
    found = occurrences(draw(rhythms), draw(windows), Dates(start=start))
    resting = [Planned("a", one, draw(st.booleans())) for one in found]
    today = start + timedelta(days=draw(st.integers(0, 500)))
    return resting, today, today + timedelta(days=draw(st.integers(0, 120)))


@given(pauses())
def test_nothing_is_lost_or_asked_before_its_time(pause: tuple[list[Planned[str]], date, date]) -> None:
    resting, today, on = pause

    found = go_on(resting=resting, on=on, today=today)

    open_ = [one for one, _ in found.open]
    assert sorted(map(id, (*open_, *found.called_off))) == sorted(map(id, resting))
    for one, now in found.open:
        assert now.due_at == one.window.due_at
        assert now.opens_at < now.due_at
        assert now.due_at > midnight(on)
        assert on == today or now.opens_at >= midnight(on)
        assert now.opens_at == max(now.opens_at, one.window.opens_at)
        # Whole Danish days, also over a change of the clocks.
        assert now.opens_at.astimezone(DANISH_TIME).time() == time.min
    opening = [now.opens_at for _, now in found.open]
    assert len(set(opening)) == len(opening)


@given(pauses())
def test_what_opens_after_the_day_is_as_if_there_had_been_no_pause(
    pause: tuple[list[Planned[str]], date, date],
) -> None:
    resting, today, on = pause

    found = dict(go_on(resting=resting, on=on, today=today).open)

    for one in resting:
        if one.window.opens_at > midnight(on):
            assert found[one] == one.window


@given(starts, st.integers(1, 90), starts)
def test_a_moved_window_stays_as_many_days_long(first: date, days: int, to: date) -> None:
    before = window(first, first + timedelta(days=days - 1))

    after = moved(before, to)

    assert days_of(after) == (to, to + timedelta(days=days - 1))
    assert moved(after, first) == before
    assert fault_in([after], start=to) is None


def test_faults_are_named() -> None:
    monday = date(2026, 11, 30)
    right = window(monday, monday)

    assert fault_in([right], start=monday) is None
    assert fault_in([right], start=monday + timedelta(days=1)) is Fault.BEFORE_START
    assert fault_in([right, window(monday, date(2026, 12, 2))], start=monday) is Fault.TWICE
    assert fault_in([window(monday, monday - timedelta(days=1))], start=monday) is Fault.ENDS_FIRST
    assert fault_in([window(monday, monday + timedelta(days=89))], start=monday) is None
    assert fault_in([window(monday, monday + timedelta(days=90))], start=monday) is Fault.TOO_LONG


def test_the_same_questionnaire_of_two_plans_in_the_same_days_is_found_once() -> None:
    monday, friday = date(2026, 11, 30), date(2026, 12, 4)
    heart = [Asked("heart", "sleep", window(monday, friday)), Asked("heart", "sleep", window(friday, friday))]
    lungs = Asked("lungs", "sleep", window(friday, friday))
    other = Asked("lungs", "pain", window(monday, friday))
    after = Asked("legs", "sleep", window(friday + timedelta(days=1), friday + timedelta(days=2)))

    assert list(asked_twice([*heart, lungs, other, after])) == [(heart[0], lungs)]
