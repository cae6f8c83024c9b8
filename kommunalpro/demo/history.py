"""A year in the lives of the demo's citizens: which plans they had, how they felt, and whether they answered.

Pure: the same history every time for the same day. It ends on the day it is asked for, so that a fresh demo
always has something to answer, something overdue and a trend that reaches today.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from kommunalpro.demo.people import DemoCitizen
from plans.schedule import DANISH_TIME, Occurrence


class DemoPlan(StrEnum):
    """The three plans of the demo; the values are the names of their questionnaires' files."""

    WELL_BEING = "trivsel-5"
    DAILY_LIFE = "hverdagsliv-12"
    PAIN = "smerte-funktion"


WEEKS: dict[DemoPlan, int] = {DemoPlan.WELL_BEING: 52, DemoPlan.DAILY_LIFE: 1, DemoPlan.PAIN: 12}
ANSWER_DAYS = 7


class Curve(StrEnum):
    """How somebody's health goes through a year."""

    IMPROVING = "improving"
    WORSENING = "worsening"
    UP_AND_DOWN = "up and down"
    STEADY = "steady"
    SUDDEN_FALL = "sudden fall"


class Habit(StrEnum):
    """How somebody answers."""

    DILIGENT = "diligent"
    FORGETFUL = "forgetful"
    FELL_SILENT = "fell silent"


_SHARE_ANSWERED = {Habit.DILIGENT: 0.95, Habit.FORGETFUL: 0.6, Habit.FELL_SILENT: 0.9}
_SILENT_FOR = timedelta(weeks=3)


@dataclass(frozen=True, slots=True)
class DemoCourse:
    """A plan that a citizen was given, from `starts_on`; what happens in it follows from the rest."""

    citizen: DemoCitizen
    plan: DemoPlan
    starts_on: date
    # The day of the newest question: by then the curve is run through.
    seen_until: date
    curve: Curve
    habit: Habit
    leaves_the_last_one_open: bool

    def level(self, day: date) -> float:
        """How the citizen feels on `day`: 0 as bad as can be, 1 as good as can be.

        One curve a citizen and not one a plan: whoever hurts more also thrives less.
        """
        chance = self._chance(f"level:{day.isoformat()}")
        person = self._chance("person").uniform(-0.08, 0.08)
        length = max((self.seen_until - self.starts_on).days, 1)
        through = min(max((day - self.starts_on).days / length, 0.0), 1.0)
        return min(max(_CURVES[self.curve](through) + person + chance.gauss(0, 0.05), 0.0), 1.0)

    def answered_at(self, occurrence: Occurrence, now: datetime) -> datetime | None:
        """When the citizen sent in what was asked for in this window; None if they have not by `now`.

        People answer between 08:00 and 21:00, most within the first days.
        """
        chance = self._chance(f"answer:{occurrence.opens_at.date().isoformat()}")
        answers = chance.random() < _SHARE_ANSWERED[self.habit]
        days = min(int(chance.expovariate(0.7)), ANSWER_DAYS - 1)
        clock = time(8 + int(chance.triangular(0, 13, 2)), chance.randrange(60), chance.randrange(60))
        day = occurrence.opens_at.astimezone(DANISH_TIME).date() + timedelta(days=days)
        moment = datetime.combine(day, clock, tzinfo=DANISH_TIME)
        silent = self.habit is Habit.FELL_SILENT and moment > now - _SILENT_FOR
        left_open = self.leaves_the_last_one_open and occurrence.due_at > now
        return moment if answers and moment < now and not silent and not left_open else None

    def minutes_taken(self, occurrence: Occurrence) -> timedelta:
        """How long the citizen sat with it: two to nine minutes."""
        chance = self._chance(f"minutes:{occurrence.opens_at.date().isoformat()}")
        return timedelta(seconds=chance.randrange(120, 540))

    def _chance(self, about: str) -> random.Random:
        seed = about if about == "person" else f"{self.plan}:{about}"
        return random.Random(f"{self.citizen.key}:{seed}")  # noqa: S311 - the same every time is the point


def _fall(through: float) -> float:
    return 0.72 if through < 0.95 else 0.26


_CURVES: dict[Curve, Callable[[float], float]] = {
    Curve.IMPROVING: lambda through: 0.28 + 0.5 * through,
    Curve.WORSENING: lambda through: 0.78 - 0.5 * through,
    Curve.UP_AND_DOWN: lambda through: 0.5 + 0.25 * math.sin(through * 6 * math.pi),
    Curve.STEADY: lambda _through: 0.62,
    Curve.SUDDEN_FALL: _fall,
}
_CURVE_OF_NUMBER = (
    Curve.IMPROVING,
    Curve.WORSENING,
    Curve.UP_AND_DOWN,
    Curve.STEADY,
    Curve.SUDDEN_FALL,
    Curve.IMPROVING,
    Curve.UP_AND_DOWN,
)
_HABIT_OF_NUMBER = (Habit.DILIGENT, Habit.DILIGENT, Habit.FORGETFUL, Habit.DILIGENT, Habit.FELL_SILENT)


def courses(citizens: tuple[DemoCitizen, ...], today: date) -> Iterator[DemoCourse]:
    """The plans these citizens have had in the year before `today` (Danish date).

    The last third of each municipality's citizens have none: they are there to be given their first.
    """
    for citizen in citizens:
        number = int(citizen.key.rsplit("-", 1)[1])
        for plan, days_ago in _plans_of(citizen, number):
            starts_on = today - timedelta(days=days_ago)
            yield DemoCourse(
                citizen=citizen,
                plan=plan,
                starts_on=starts_on,
                seen_until=starts_on + timedelta(weeks=min(days_ago // 7, WEEKS[plan] - 1)),
                curve=_CURVE_OF_NUMBER[(number - 1) % len(_CURVE_OF_NUMBER)],
                habit=_HABIT_OF_NUMBER[(number - 1) % len(_HABIT_OF_NUMBER)],
                # Whom one tries first has something to answer today.
                leaves_the_last_one_open=number <= 3,
            )


def _plans_of(citizen: DemoCitizen, number: int) -> Iterator[tuple[DemoPlan, int]]:
    """The plans of the citizen with this number within the municipality, and how many days ago each began."""
    chance = random.Random(f"{citizen.key}:plans")  # noqa: S311 - the same every time is the point
    if number <= 10:
        # A whole year, of which the last week's question came today or in the days before.
        yield DemoPlan.WELL_BEING, 7 * 51 + (0 if number <= 3 else chance.randrange(7))
    elif number <= 30:
        yield DemoPlan.WELL_BEING, chance.randrange(10, 300)
    if number <= 40 and number % 3 == 2:
        yield DemoPlan.PAIN, chance.randrange(15, 200)
    if number <= 40 and number % 3 == 1:
        # Some came this week, some are overdue, most are long since answered.
        yield DemoPlan.DAILY_LIFE, 1 if number == 1 else chance.choice((2, 4, 9, 16, 60, 120, 200))
