"""A plan that is changed in the middle, or goes on after a pause: which tasks stay, go and are new. Pure."""

from collections.abc import Collection, Hashable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Generic, TypeVar
from zoneinfo import ZoneInfo

from plans.schedule import DANISH_TIME, Occurrence

Activity = TypeVar("Activity", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Planned(Generic[Activity]):
    """A task that is to be, or that is there and was not called off. `is_touched`: it was answered or begun."""

    activity: Activity
    window: Occurrence
    is_touched: bool = False


@dataclass(frozen=True, slots=True)
class Change(Generic[Activity]):
    """What a change of the plan does to its tasks, each in order."""

    keep: tuple[Planned[Activity], ...]
    cancel: tuple[Planned[Activity], ...]
    add: tuple[Planned[Activity], ...]


def change(
    *, there: Collection[Planned[Activity]], wanted: Collection[Planned[Activity]], now: datetime
) -> Change[Activity]:
    """From the tasks that are there to those that the changed plan wants.

    What was answered or begun stays, and so does what is open or past at `now`: citizens have been told of it. What is
    to come is made anew: it stays where the changed plan wants exactly it, and is called off where not. New are the
    wanted ones whose time is not past and that are not there, unless one that stays of the same activity is open or
    answered in the same days.
    """
    wished = {(one.activity, one.window) for one in wanted}
    keep = [one for one in there if _stays(one, now) or (one.activity, one.window) in wished]
    kept = {(one.activity, one.window) for one in keep}
    add = [
        one
        for one in wanted
        if one.window.due_at > now
        and (one.activity, one.window) not in kept
        and not any(_in_its_place(other, one, now) for other in keep)
    ]
    cancel = [one for one in there if (one.activity, one.window) not in kept]
    return Change(keep=_ordered(keep), cancel=_ordered(cancel), add=_ordered(add))


@dataclass(frozen=True, slots=True)
class GoingOn(Generic[Activity]):
    """What a pause leaves of the tasks that rested in it, each in order; `open` with the windows they have then."""

    open: tuple[tuple[Planned[Activity], Occurrence], ...]
    called_off: tuple[Planned[Activity], ...]


def go_on(
    *, resting: Collection[Planned[Activity]], on: date, today: date, zone: ZoneInfo = DANISH_TIME
) -> GoingOn[Activity]:
    """The plan goes on from the start of the day `on`, which is `today` or later.

    What is due before it is called off: it asks about days that are gone. The rest keeps its days, so the rhythm
    stays. Where `on` is still to come, what would stand open across its start opens on `on`, each activity once: what
    opens on that very day anyhow, else what was begun, else what would have opened last.
    """
    begins = datetime.combine(on, time.min, tzinfo=zone)
    called_off = [one for one in resting if one.window.due_at <= begins]
    left = [one for one in resting if one.window.due_at > begins]
    open_ = {one: one.window for one in left}
    if on > today:
        for activity in {one.activity for one in left}:
            standing = [one for one in left if one.activity == activity and one.window.opens_at <= begins]
            standing.sort(
                key=lambda one: (one.window.opens_at == begins, one.is_touched, one.window.opens_at)
            )
            for one in standing[:-1]:
                del open_[one]
                called_off.append(one)
            if standing:
                last = standing[-1]
                open_[last] = Occurrence(opens_at=begins, due_at=last.window.due_at)
    return GoingOn(
        open=tuple(sorted(open_.items(), key=lambda each: (each[1].opens_at, each[1].due_at))),
        called_off=_ordered(called_off),
    )


def _stays(one: Planned[Activity], now: datetime) -> bool:
    return one.is_touched or one.window.opens_at <= now


def _in_its_place(standing: Planned[Activity], wanted: Planned[Activity], now: datetime) -> bool:
    """Whether what stays regardless of the change already asks the same in the same days."""
    return (
        standing.activity == wanted.activity
        and _stays(standing, now)
        and standing.window.overlaps(wanted.window)
    )


def _ordered(tasks: list[Planned[Activity]]) -> tuple[Planned[Activity], ...]:
    return tuple(sorted(tasks, key=lambda one: (one.window.opens_at, one.window.due_at)))
