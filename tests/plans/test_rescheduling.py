"""A plan is changed in the middle: what stays, what is called off, what is new."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plans.rescheduling import Planned, change
from plans.schedule import (
    DANISH_TIME,
    Dates,
    Every,
    Length,
    Occurrence,
    Rhythm,
    Times,
    Unit,
    Window,
    occurrences,
)
from tests.conftest import copenhagen

NOW = copenhagen("2026-11-26 10:00")


def planned(opens: str, due: str, *, activity: str = "a", is_touched: bool = False) -> Planned[str]:
    return Planned(activity, Occurrence(copenhagen(f"{opens} 00:00"), copenhagen(f"{due} 00:00")), is_touched)


def test_answers_stay_and_what_is_to_come_is_made_anew() -> None:
    answered = planned("2026-11-10", "2026-11-17", is_touched=True)
    overdue = planned("2026-11-17", "2026-11-24")
    is_open = planned("2026-11-24", "2026-12-01")
    same = planned("2026-12-08", "2026-12-15")
    gone = planned("2026-12-01", "2026-12-08")
    new = planned("2026-12-20", "2026-12-27")
    found = change(there=[gone, answered, overdue, same, is_open], wanted=[new, same], now=NOW)
    assert found.keep == (answered, overdue, is_open, same)
    assert found.cancel == (gone,)
    assert found.add == (new,)


def test_nothing_is_asked_again_in_the_days_of_what_stays() -> None:
    is_open = planned("2026-11-24", "2026-12-01")
    begun_early = planned("2026-12-10", "2026-12-12", is_touched=True)
    wanted = [
        planned("2026-11-26", "2026-12-03"),
        planned("2026-12-11", "2026-12-14"),
        planned("2026-11-26", "2026-12-03", activity="b"),
    ]
    found = change(there=[is_open, begun_early], wanted=wanted, now=NOW)
    assert found.add == (planned("2026-11-26", "2026-12-03", activity="b"),)
    assert found.cancel == ()


def test_what_would_be_past_already_is_not_made() -> None:
    found = change(there=[], wanted=[planned("2026-11-20", "2026-11-26")], now=NOW)
    assert found.add == ()


@pytest.mark.parametrize("weeks", [1, 6])
def test_a_plan_that_stays_as_it_is_changes_nothing(weeks: int) -> None:
    tasks = of_plan(Every(Length(weeks, Unit.WEEKS), Times(8)), date(2026, 11, 2))
    found = change(there=tasks, wanted=tasks, now=NOW)
    assert (found.keep, found.cancel, found.add) == (tuple(tasks), (), ())


def of_plan(rhythm: Rhythm, start: date) -> list[Planned[str]]:
    return [Planned("a", one) for one in occurrences(rhythm, Window(5), Dates(start))]


steps = st.builds(
    Every, st.builds(Length, st.integers(1, 9), st.sampled_from(Unit)), st.builds(Times, st.integers(1, 20))
)
days = st.dates(date(2026, 9, 1), date(2027, 3, 1))


@given(steps, days, steps, days, st.integers(0, 5), days)
def test_laws_of_a_change(
    before: Rhythm, began: date, after: Rhythm, begins: date, answered: int, today: date
) -> None:
    now = datetime.combine(today, datetime.min.time(), DANISH_TIME) + timedelta(hours=10)
    there = [
        Planned(one.activity, one.window, is_touched=number < answered)
        for number, one in enumerate(of_plan(before, began))
    ]
    wanted = of_plan(after, begins)
    found = change(there=there, wanted=wanted, now=now)

    assert set(found.keep) | set(found.cancel) == set(there)
    assert not set(found.keep) & set(found.cancel)
    assert all(not one.is_touched and one.window.opens_at > now for one in found.cancel)
    assert set(found.add) <= set(wanted)
    assert all(one.window.due_at > now for one in found.add)
    # Twice is as once.
    again = change(there=[*found.keep, *found.add], wanted=wanted, now=now)
    assert (again.cancel, again.add) == ((), ())
