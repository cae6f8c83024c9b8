"""The year of the demo: ends today, is the same every time, and shows every kind of course."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from kommunalpro.demo.history import ANSWER_DAYS, Curve, DemoCourse, DemoPlan, courses
from kommunalpro.demo.load import rhythm_of
from kommunalpro.demo.people import DEMO_MUNICIPALITIES, demo_citizens
from plans.schedule import DANISH_TIME, Dates, Occurrence, Window, occurrences

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 10, 15, tzinfo=DANISH_TIME)


def windows(course: DemoCourse) -> tuple[Occurrence, ...]:
    return occurrences(rhythm_of(course.plan), Window(ANSWER_DAYS), Dates(course.starts_on))


@pytest.fixture(scope="module")
def year() -> list[DemoCourse]:
    return list(courses(demo_citizens(), TODAY))


def test_two_thirds_have_a_course_and_the_rest_wait_for_their_first(year: list[DemoCourse]):
    with_course = Counter(
        each.citizen.municipality_code for each in {c.citizen.key: c for c in year}.values()
    )
    assert with_course.keys() == set(DEMO_MUNICIPALITIES)
    assert all(35 <= count <= 40 for count in with_course.values())


def test_nobody_has_the_same_plan_twice(year: list[DemoCourse]):
    assert max(Counter((each.citizen.key, each.plan) for each in year).values()) == 1


def test_every_kind_of_course_is_there(year: list[DemoCourse]):
    assert {each.plan for each in year} == set(DemoPlan)
    assert {each.curve for each in year} == set(Curve)


@pytest.mark.parametrize("code", DEMO_MUNICIPALITIES)
def test_each_municipality_has_something_fresh_and_something_overdue(year: list[DemoCourse], code: str):
    unanswered = [
        window
        for course in year
        if course.citizen.municipality_code == code
        for window in windows(course)
        if window.opens_at <= NOW and course.answered_at(window, NOW) is None
    ]
    assert sum(window.due_at > NOW for window in unanswered) >= 3
    assert sum(NOW - timedelta(weeks=4) < window.due_at <= NOW for window in unanswered) >= 3


@pytest.mark.parametrize("key", ["aalborg-borger-01", "svendborg-borger-01", "rudersdal-borger-01"])
def test_whom_one_tries_first_has_a_year_behind_and_something_to_answer(year: list[DemoCourse], key: str):
    course = next(each for each in year if each.citizen.key == key and each.plan is DemoPlan.WELL_BEING)
    *past, current = windows(course)
    assert sum(course.answered_at(window, NOW) is not None for window in past) > 40
    assert current.opens_at <= NOW < current.due_at
    assert course.answered_at(current, NOW) is None


def test_answers_arrive_within_their_window_by_day_and_not_in_the_future(year: list[DemoCourse]):
    for course in year:
        for window in windows(course):
            answered = course.answered_at(window, NOW)
            if answered is not None:
                assert window.opens_at < answered - course.minutes_taken(window)
                assert answered < min(window.due_at, NOW)
                assert 8 <= answered.hour <= 21


def test_improving_improves_worsening_worsens_and_a_fall_is_seen_at_once(year: list[DemoCourse]):
    for course in year:
        levels = [
            course.level(window.opens_at.date())
            for window in windows(course)
            if window.opens_at.date() <= course.seen_until
        ]
        assert all(0 <= level <= 1 for level in levels)
        if len(levels) < 8:
            continue
        first, last = sum(levels[:3]) / 3, sum(levels[-3:]) / 3
        match course.curve:
            case Curve.IMPROVING:
                assert last > first + 0.2
            case Curve.WORSENING:
                assert last < first - 0.2
            case Curve.SUDDEN_FALL:
                assert min(after - before for before, after in pairwise(levels)) < -0.12
            case Curve.UP_AND_DOWN:
                assert max(levels) > min(levels) + 0.3
            case Curve.STEADY:
                assert max(levels) < min(levels) + 0.4


def test_the_same_day_gives_the_same_year(year: list[DemoCourse]):
    again = list(courses(demo_citizens(), TODAY))
    assert again == year
    assert [each.level(TODAY) for each in again] == [each.level(TODAY) for each in year]
