"""Reading the access log: what the citizen sees, what the municipality's control sees, and what is exported.

Days and periods are days in Denmark, whatever the months of the table are cut by.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import CharField, Count, Func, Max, QuerySet, Value
from django.db.models.functions import Cast, Concat, TruncDate

from citizens.models import Citizen
from identity import access_words
from identity.minlog import LoggedUse
from identity.models import AccessEntry, AccessReview
from municipalities.models import Municipality

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

DENMARK = ZoneInfo("Europe/Copenhagen")
BATCH = 1000


# --- the citizen's view --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Seen:
    """One unit's uses of one kind on one Danish day: how often, and when the last time."""

    day: date
    place: str
    done: StrOrPromise
    why: StrOrPromise
    times: int
    latest: datetime


def uses_of_citizen(citizen_id: UUID) -> QuerySet[Any, Any]:
    """Who has used a citizen's data: a row for each day, unit, purpose and kind, in this order. For `as_seen`."""
    return (
        AccessEntry.objects.filter(citizen_id=citizen_id)
        .annotate(day=TruncDate("at", tzinfo=DENMARK))
        .values("day", "municipality_id", "unit_name", "what", "action", "purpose")
        .annotate(times=Count("pk"), latest=Max("at"))
        .order_by("-day", "municipality_id", "unit_name", "purpose", "-latest", "what", "action")
    )


def as_seen(rows: Iterable[dict[str, Any]]) -> list[Seen]:
    """Rows of `uses_of_citizen` in words; one query for the municipalities' names."""
    rows = list(rows)
    municipalities = Municipality.objects.in_bulk({row["municipality_id"] for row in rows})
    return [
        Seen(
            day=row["day"],
            place=_place(municipalities[row["municipality_id"]].authority_name, row["unit_name"]),
            done=access_words.done(row["what"], row["action"]),
            why=access_words.why(row["purpose"]),
            times=row["times"],
            latest=row["latest"],
        )
        for row in rows
    ]


def _place(municipality: str, unit: str) -> str:
    """“Aalborg Kommune, Rehabilitering”; some logins name the municipality itself as the unit."""
    return f"{municipality}, {unit}" if unit and unit != municipality else municipality


# --- the municipality's control ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Period:
    """Danish days, both counted."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """The instant it begins."""
        return datetime.combine(self.first, time.min, tzinfo=DENMARK)

    @property
    def until(self) -> datetime:
        """The instant after it."""
        return datetime.combine(self.last + timedelta(days=1), time.min, tzinfo=DENMARK)


@dataclass(frozen=True, slots=True)
class Employee:
    """Somebody who has used citizens' data, under the name of their last login in the period."""

    staff_id: UUID
    name: str


def entries_of(municipality: Municipality, period: Period) -> QuerySet[AccessEntry]:
    """Every use in the municipality in the period, the newest first."""
    return AccessEntry.objects.filter(
        municipality=municipality, at__gte=period.since, at__lt=period.until
    ).order_by("-at", "-pk")


def without_control(entries: QuerySet[AccessEntry]) -> QuerySet[AccessEntry]:
    """Leave out the control's own look-ups: they would soon be most of what it sees."""
    return entries.exclude(what=AccessEntry.What.ACCESS_LOG)


def without_lists(entries: QuerySet[AccessEntry]) -> QuerySet[AccessEntry]:
    """Leave out who merely stood on a list: opened pages, searches and changes say more."""
    return entries.exclude(action=AccessEntry.Action.LIST)


def random_sample(entries: QuerySet[AccessEntry], *, seed: int, size: int) -> list[AccessEntry]:
    """`size` of the entries, drawn by `seed`: the same seed on the same entries draws the same, anywhere.

    The control's own look-ups are not drawn, or looking at a sample would change it. Reads all entries of the
    period. Newest first.
    """
    drawn = (
        without_control(entries)
        .annotate(
            lot=Func(
                Concat(Cast("pk", CharField()), Value(f":{seed}"), output_field=CharField()), function="MD5"
            )
        )
        .order_by("lot", "pk")[:size]
    )
    return sorted(drawn, key=lambda entry: (entry.at, entry.pk), reverse=True)


def employees_in(entries: QuerySet[AccessEntry]) -> list[Employee]:
    """Who has used citizens' data, by name."""
    rows = entries.order_by().values("staff_id").annotate(name=Max("staff_name")).order_by("name", "staff_id")
    return [Employee(staff_id=row["staff_id"], name=row["name"]) for row in rows]


def newest_reviews(entries: Iterable[AccessEntry]) -> dict[int, AccessReview]:
    """The decision that counts for each entry that has one, by the entry's id."""
    reviews = AccessReview.objects.filter(entry_id__in=[entry.pk for entry in entries]).order_by("at", "pk")
    return {review.entry_id: review for review in reviews}


def reviews_of(entry: AccessEntry) -> QuerySet[AccessReview]:
    """All decisions about the entry, the newest first."""
    return AccessReview.objects.filter(entry_id=entry.pk, entry_at=entry.at).order_by("-at", "-pk")


def same_day(entry: AccessEntry) -> QuerySet[AccessEntry]:
    """What else the employee used of the same citizen on the same Danish day, oldest first."""
    day = entry.at.astimezone(DENMARK).date()
    period = Period(first=day, last=day)
    return (
        AccessEntry.objects.filter(
            staff_id=entry.staff_id,
            citizen_id=entry.citizen_id,
            municipality_id=entry.municipality_id,
            at__gte=period.since,
            at__lt=period.until,
        )
        .exclude(pk=entry.pk)
        .order_by("at", "pk")
    )


# --- to MinLog2 ----------------------------------------------------------------------------------


def logged_uses(municipality: Municipality, period: Period) -> Iterator[LoggedUse]:
    """The period's uses as `identity.minlog` writes them, the oldest first; those of nobody are no news to anybody.

    A citizen who is erased has no number any more, and one who has moved belongs to another municipality: their
    entries stay here and are left out. Holds a batch at a time, whatever the length of the period.
    """
    found = entries_of(municipality, period).filter(citizen_id__isnull=False).order_by("at", "pk")
    rows = found.iterator(chunk_size=BATCH)
    while entries := list(islice(rows, BATCH)):
        people = Citizen.objects.of(municipality).in_bulk({entry.citizen_id for entry in entries})
        for entry in entries:
            citizen = people.get(entry.citizen_id)
            if citizen is not None:
                yield _logged_use(entry, citizen, municipality)


def _logged_use(entry: AccessEntry, citizen: Citizen, municipality: Municipality) -> LoggedUse:
    return LoggedUse(
        entry_id=entry.pk,
        at=entry.at.astimezone(DENMARK),
        cpr=citizen.cpr,
        municipality_cvr=municipality.cvr,
        municipality_name=municipality.authority_name,
        unit_name=entry.unit_name,
        staff_name=entry.staff_name,
        what=entry.what,
        action=entry.action,
        purpose=entry.purpose,
        request_id=entry.request_id,
    )
