"""What is past its retention, whose data are held, and what was deleted."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Greatest, TruncDate

from citizens.models import Citizen, CitizenQuerySet
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from plans.bulk_models import KEPT_FOR as BULK_ASSIGNMENTS_KEPT_FOR
from plans.models import BulkAssignmentItem, CarePlan, EpisodeOfCare, Task
from plans.schedule import DANISH_TIME
from privacy.models import (
    DataExport,
    DeletionRecord,
    ErasureRequest,
    LegalHold,
    LegalHoldQuerySet,
    RetentionDecision,
)
from privacy.retention import DEFAULT_YEARS, DRAFT_LIFE, first_day_kept, kept_until
from questionnaires.models import Response


def today_in_denmark(at: datetime) -> date:
    """The Danish day of an instant."""
    return at.astimezone(DANISH_TIME).date()


def newest_decision(municipality: Municipality) -> RetentionDecision | None:
    """The municipality's last word on how long it keeps."""
    return decisions_of(municipality).first()


def decisions_of(municipality: Municipality) -> QuerySet[RetentionDecision]:
    """Who has decided how long, and when; the newest first."""
    return (
        RetentionDecision.objects.filter(municipality=municipality)
        .select_related("decided_by")
        .order_by("-pk")
    )


def years_of(municipality: Municipality, *, today: date) -> int:
    """How many years the municipality keeps a course on this Danish day."""
    decision = newest_decision(municipality)
    return decision.years_on(today) if decision else DEFAULT_YEARS


def courses() -> QuerySet[Any]:
    """Courses with `last_contact` (the Danish day of the latest thing written in it) and `goes_on`.

    Written are the course's own days, the plans that were given and the answers that were sent. A text message says
    nothing of anybody and is no entry; neither is a task that nobody answered (docs/adr/0011).
    """
    of_course = {"episode": OuterRef("pk")}
    given = CarePlan.objects.filter(**of_course).order_by().values("episode")
    answered = Task.objects.filter(care_plan__episode=OuterRef("pk")).order_by().values("care_plan__episode")
    return EpisodeOfCare.objects.annotate(
        last_contact=Greatest(
            "started_on",
            F("ended_on"),
            TruncDate(Subquery(given.annotate(last=Max("assigned_at")).values("last")), tzinfo=DANISH_TIME),
            TruncDate(
                Subquery(answered.annotate(last=Max("response__completed_at")).values("last")),
                tzinfo=DANISH_TIME,
            ),
        ),
        goes_on=Exists(CarePlan.objects.filter(**of_course, status__in=CarePlan.GOING_ON))
        | Exists(Task.objects.not_ended().filter(care_plan__episode=OuterRef("pk"))),
    )


def past_retention(*, municipality: Municipality, today: date, years: int | None = None) -> QuerySet[Any]:
    """The municipality's courses whose time is over on this Danish day, also where the citizen's data are held.

    `years`: if that many were kept, instead of what was decided.
    """
    first = first_day_kept(today, years or years_of(municipality, today=today))
    return courses().filter(municipality=municipality, goes_on=False, last_contact__lt=first)


def held() -> Exists:
    """For a query with `citizen`: whether anything of theirs is held, by whatever municipality."""
    return Exists(LegalHold.objects.standing().filter(citizen=OuterRef("citizen")))


def old_drafts(*, municipality: Municipality, at: datetime) -> QuerySet[Response]:
    """What was begun and never sent, cannot be sent any more, and was left alone for DRAFT_LIFE."""
    return Response.objects.filter(
        ~Exists(Task.objects.not_ended().filter(response=OuterRef("pk"))),
        status=Response.Status.IN_PROGRESS,
        municipality=municipality,
        saved_at__lt=at - DRAFT_LIFE,
    )


def old_bulk_items(*, municipality: Municipality, at: datetime) -> QuerySet[BulkAssignmentItem]:
    """How somebody fared when a plan was given to many, a month ago: nobody asks any more."""
    return BulkAssignmentItem.objects.filter(
        municipality=municipality, ended_at__lt=at - BULK_ASSIGNMENTS_KEPT_FOR
    )


def without_a_course(*, municipality: Municipality, today: date) -> QuerySet[Any]:
    """Citizens who were put in so long ago and never came to anything, or whose courses are all deleted."""
    first = first_day_kept(today, years_of(municipality, today=today))
    found: QuerySet[Any] = Citizen.objects.filter(
        ~Exists(EpisodeOfCare.objects.filter(citizen=OuterRef("pk"))),
        ~Exists(Response.objects.filter(citizen=OuterRef("pk"))),
        ~Exists(LegalHold.objects.standing().filter(citizen=OuterRef("pk"))),
        municipality=municipality,
        created_at__date__lt=first,
    )
    return found


@dataclass(frozen=True, slots=True)
class Preview:
    """What the next run would delete; `held` courses are past their time and stay."""

    courses: int
    citizens: int
    responses: int
    drafts: int
    held: int


def preview(*, municipality: Municipality, at: datetime, years: int | None = None) -> Preview:
    """What would go if the nightly run came at that time; numbers only, so others' holds may be counted in them.

    `years`: if that many were kept.
    """
    with within(Scope.system()):
        return _preview(municipality, at, years)


def _preview(municipality: Municipality, at: datetime, years: int | None) -> Preview:
    due = past_retention(municipality=municipality, today=today_in_denmark(at), years=years)
    free = due.exclude(held())
    # An answer that was corrected is one, as people count.
    answers = Response.objects.in_force().filter(task__care_plan__episode__in=free.values("pk"))
    return Preview(
        courses=free.count(),
        citizens=free.aggregate(number=Count("citizen", distinct=True))["number"],
        responses=answers.count(),
        drafts=old_drafts(municipality=municipality, at=at).exclude(held()).count(),
        held=due.filter(held()).count(),
    )


def records_of(municipality: Municipality) -> QuerySet[DeletionRecord]:
    """What was deleted, the newest first."""
    return DeletionRecord.objects.filter(municipality=municipality)


def holds_on(*, citizen_id: UUID, municipality: Municipality) -> LegalHoldQuerySet:
    """The municipality's holds on a citizen, standing ones first, then the newest."""
    return (
        LegalHold.objects.filter(citizen_id=citizen_id, municipality=municipality)
        .select_related("set_by", "lifted_by")
        .order_by(F("lifted_at").desc(nulls_first=True), "-set_at")
    )


def is_held_here(municipality: Municipality) -> Exists:
    """For a query of citizens: whether a hold of the municipality stands on each."""
    return Exists(LegalHold.objects.standing().filter(citizen=OuterRef("pk"), municipality=municipality))


def standing_holds_in(municipality: Municipality) -> QuerySet[LegalHold]:
    """All holds of the municipality that stand, the oldest first: somebody should ask whether they still must."""
    return (
        LegalHold.objects.standing()
        .filter(municipality=municipality)
        .select_related("citizen", "set_by")
        .order_by("set_at")
    )


def erasure_requests_of(citizen_id: UUID) -> QuerySet[ErasureRequest]:
    """What a citizen has asked for, and the answers."""
    return ErasureRequest.objects.filter(citizen_id=citizen_id).select_related("municipality")


def exports_of(citizen_id: UUID) -> QuerySet[DataExport]:
    """Who has been handed everything about a citizen."""
    return DataExport.objects.filter(citizen_id=citizen_id).select_related("municipality", "by")


@dataclass(frozen=True, slots=True)
class Kept:
    """A course that stays, whether it still goes on, and its last day if nothing more is written."""

    course: EpisodeOfCare
    goes_on: bool
    until: date


def kept_courses(*, citizen_id: UUID, today: date, municipality: Municipality | None = None) -> list[Kept]:
    """The citizen's courses inside their retention, or going on; of one municipality or of all."""
    found = courses().filter(citizen_id=citizen_id).select_related("municipality", "care_team")
    if municipality is not None:
        found = found.filter(municipality=municipality)
    years = {
        decision.municipality_id: decision.years_on(today)
        # In the order they were made: the newest alone counts.
        for decision in RetentionDecision.objects.filter(
            municipality__in=found.order_by().values("municipality")
        ).order_by("pk")
    }
    kept = []
    for course in found.order_by("-started_on"):
        until = kept_until(course.last_contact, years.get(course.municipality_id, DEFAULT_YEARS))
        if course.goes_on or until >= today:
            kept.append(Kept(course=course, goes_on=course.goes_on, until=until))
    return kept


def citizens_with_data_in(municipality: Municipality) -> CitizenQuerySet:
    """Whom the walls show a municipality: its residents, and who has moved but has a course here.

    What the course holds is this municipality's to hold, hand out and erase, wherever the citizen lives now.
    """
    found: CitizenQuerySet = Citizen.objects.filter(
        Q(municipality=municipality)
        | Exists(EpisodeOfCare.objects.filter(citizen=OuterRef("pk"), municipality=municipality))
    )
    return found


def places_with_data_of(citizen_id: UUID) -> QuerySet[Municipality]:
    """The municipalities that keep something about a citizen, their own among them."""
    return Municipality.objects.filter(
        Q(pk__in=Citizen.objects.filter(pk=citizen_id).values("municipality"))
        | Q(pk__in=EpisodeOfCare.objects.filter(citizen_id=citizen_id).values("municipality"))
    )
