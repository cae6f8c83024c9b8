"""Deleting, whoever asks for it: the one place that knows what hangs on a course, a draft and a citizen.

Everything here happens inside the caller's transaction, which has locked the citizen and seen that nothing of theirs
is held. What PROTECTs something that was forgotten here stops the deletion with an error rather than half-way.
"""

from collections import Counter
from collections.abc import Iterable
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from followup.models import CitizenNote, Errand, Following, OutsideAccess
from fut.channel import service_request_id
from fut.mapping.corrections import correction_id
from fut.mapping.episodes import condition_id
from fut.models import FutFinding, FutLook, FutReference
from identity import sessions
from identity.actors import CitizenActor
from identity.models import AssistedVisit
from municipalities.models import Municipality
from notifications.models import Message
from notifications.states import WAITING
from outbox.models import ArchivedDelivery, Delivery, Event
from plans.models import (
    BulkAssignment,
    BulkAssignmentItem,
    CarePlan,
    CarePlanEvent,
    CourseConsent,
    EpisodeOfCare,
    Task,
)
from privacy.models import DataExport, ErasureRequest, LegalHold
from questionnaires.models import Response, Score, Upload

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Kind(StrEnum):
    """What is counted when it is deleted."""

    CITIZENS = "citizens"
    COURSES = "courses"
    CARE_PLANS = "care_plans"
    TASKS = "tasks"
    RESPONSES = "responses"
    DRAFTS = "drafts"
    SCORES = "scores"
    UPLOADS = "uploads"
    NOTES = "notes"
    MESSAGES = "messages"
    NEWS = "news"
    ADDRESSES = "addresses"
    HOLDS = "holds"
    EXPORTS = "exports"
    SESSIONS = "sessions"
    VISITS = "assisted_visits"
    BULK = "bulk_items"

    @property
    def label(self) -> "StrOrPromise":
        """In the plural, as a table says it."""
        return _LABELS[self]


_LABELS: dict[Kind, "StrOrPromise"] = {
    Kind.CITIZENS: _("Borgere"),
    Kind.COURSES: _("Forløb"),
    Kind.CARE_PLANS: _("Tildelte planer"),
    Kind.TASKS: _("Opgaver"),
    Kind.RESPONSES: _("Besvarelser"),
    Kind.DRAFTS: _("Kladder"),
    Kind.SCORES: _("Resultater"),
    Kind.UPLOADS: _("Billeder og filer"),
    Kind.NOTES: _("Noter og opgaver om opfølgning"),
    Kind.MESSAGES: _("Sms'er"),
    Kind.NEWS: _("Afleveringer til andre systemer"),
    Kind.ADDRESSES: _("Adresser hos FUT"),
    Kind.HOLDS: _("Ophævede bevaringer"),
    Kind.EXPORTS: _("Noter om udleverede data"),
    Kind.SESSIONS: _("Logins"),
    Kind.VISITS: _("Assisterede besøg"),
    Kind.BULK: _("Noter om planer, der blev tildelt mange"),
}

Deleted = Counter[str]


def delete_courses(found: Iterable[EpisodeOfCare]) -> Deleted:
    """The courses and everything that was written, sent and remembered of them."""
    deleted: Deleted = Counter()
    for course in found:
        plans = CarePlan.objects.filter(episode=course)
        tasks = Task.objects.filter(care_plan__episode=course)
        plan_ids = set(plans.values_list("pk", flat=True))
        response_ids = _with_corrections(Response.objects.filter(task__in=tasks))
        addresses = _addresses_of(course, plans, response_ids)
        deleted += _delete_messages(Message.objects.filter(Q(task__in=tasks) | Q(care_plan__in=plan_ids)))
        deleted += _delete_news(course.citizen_id, {course.pk} | plan_ids | response_ids)
        deleted[Kind.ADDRESSES] += _number(FutFinding.objects.filter(episode=course))
        FutLook.objects.filter(episode=course).delete()
        deleted[Kind.TASKS] += _number(tasks.all())
        deleted += _delete_responses(response_ids)
        deleted += _delete_bulk_items(BulkAssignmentItem.objects.filter(care_plan__in=plan_ids))
        CarePlanEvent.objects.filter(care_plan__in=plan_ids).delete()
        CourseConsent.objects.filter(episode=course).delete()
        deleted[Kind.CARE_PLANS] += _number(plans)
        deleted[Kind.ADDRESSES] += _number(
            FutReference.objects.filter(citizen=course.citizen_id, local_id__in=addresses)
        )
        deleted[Kind.COURSES] += _number(EpisodeOfCare.objects.filter(pk=course.pk))
        if not EpisodeOfCare.objects.filter(
            citizen=course.citizen_id, municipality=course.municipality_id
        ).exists():
            deleted[Kind.NOTES] += _delete_follow_up(course.citizen_id, course.municipality_id)
    return deleted


def delete_drafts(found: QuerySet[Response]) -> Deleted:
    """Answers that were never sent; their tasks stay, and an open one can be begun anew."""
    ids = set(found.filter(status=Response.Status.IN_PROGRESS).values_list("pk", flat=True))
    Task.objects.filter(response__in=ids).update(response=None)
    return _delete_responses(ids)


def delete_text_messages(found: QuerySet[Message]) -> Deleted:
    """Notes of text messages that were sent, or will never be."""
    return _delete_messages(found.exclude(status__in=sorted(WAITING)))


def delete_bulk_items(found: QuerySet[BulkAssignmentItem]) -> Deleted:
    """Notes of how a plan was given to many, of those that were given it or were not; who still waits stays."""
    return _delete_bulk_items(found.exclude(state=BulkAssignmentItem.State.WAITING))


def delete_if_nothing_is_left(citizen: Citizen, *, for_: Municipality) -> Deleted:
    """The person too, once no municipality has anything about them; what was decided about them is kept unnamed.

    Only for the municipality that they live in, read from the locked row: whoever has moved is the new one's to
    forget, though it may have nothing about them yet.
    """
    deleted: Deleted = Counter()
    if (
        citizen.municipality_id != for_.pk
        or EpisodeOfCare.objects.filter(citizen=citizen).exists()
        or Response.objects.filter(citizen=citizen).exists()
    ):
        return deleted
    deleted += _delete_messages(Message.objects.filter(citizen=citizen))
    deleted += _delete_news(citizen.pk, None)
    deleted += _delete_bulk_items(BulkAssignmentItem.objects.filter(citizen=citizen))
    deleted[Kind.ADDRESSES] += _number(FutReference.objects.filter(citizen=citizen))
    deleted[Kind.HOLDS] += _number(LegalHold.objects.filter(citizen=citizen).exclude(lifted_at=None))
    deleted[Kind.EXPORTS] += _number(DataExport.objects.filter(citizen=citizen))
    deleted[Kind.VISITS] += _number(AssistedVisit.objects.filter(citizen=citizen))
    deleted[Kind.NOTES] += _delete_follow_up(citizen.pk, for_.pk)
    deleted[Kind.SESSIONS] += sessions.end_all_of(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    ErasureRequest.objects.filter(citizen=citizen).update(citizen=None)
    deleted[Kind.CITIZENS] += _number(Citizen.objects.filter(pk=citizen.pk))
    return deleted


def _with_corrections(found: QuerySet[Response]) -> set[UUID]:
    """The responses in force, what each of them corrected, and corrections of them that were begun."""
    ids = set(found.values_list("pk", flat=True))
    before = after = ids
    while before:
        rows = Response.objects.filter(pk__in=before).values_list("replaces", flat=True)
        before = {former for former in rows if former is not None} - ids
        ids = ids | before
    while after:
        after = set(Response.objects.filter(replaces__in=after).values_list("pk", flat=True)) - ids
        ids = ids | after
    return ids


def _addresses_of(course: EpisodeOfCare, plans: QuerySet[CarePlan], response_ids: set[UUID]) -> list[UUID]:
    """What of the course FUT may have given an address."""
    found = [course.pk, condition_id(course.pk), *response_ids, *map(correction_id, response_ids)]
    for care_plan in plans.select_related("plan").prefetch_related("plan__activities"):
        found.append(care_plan.pk)
        found += [service_request_id(care_plan, activity) for activity in care_plan.plan.activities.all()]
    return found


def _delete_follow_up(citizen_id: UUID, municipality_id: int) -> int:
    """What a municipality's staff have written about following the citizen up; how many notes and errands it was.

    Which answers were handled goes with the answers.
    """
    own = {"citizen": citizen_id, "municipality": municipality_id}
    Following.objects.filter(**own).delete()
    OutsideAccess.objects.filter(**own).delete()
    return _number(CitizenNote.objects.filter(**own)) + _number(Errand.objects.filter(**own))


def _delete_responses(ids: Iterable[UUID]) -> Deleted:
    responses = Response.objects.filter(pk__in=list(ids))
    # An answer that was corrected is one, as people count.
    sent, counted = responses.completed().count(), responses.in_force().count()
    deleted: Deleted = Counter({Kind.SCORES: _number(Score.objects.filter(response__in=responses))})
    deleted[Kind.UPLOADS] = _number(Upload.objects.filter(response__in=responses))
    deleted[Kind.DRAFTS] = _number(responses) - sent
    deleted[Kind.RESPONSES] = counted
    return deleted


def _delete_messages(found: QuerySet[Message]) -> Deleted:
    """The messages, after those that were sent as a part of them: what stands for another cannot go alone."""
    ids = set(found.values_list("pk", flat=True))
    parts = Message.objects.filter(collapsed_into__in=ids)
    rows = set(Message.objects.filter(pk__in=ids).values_list("pk", "citizen"))
    rows |= set(parts.values_list("pk", "citizen"))
    deleted: Deleted = Counter({Kind.MESSAGES: _number(parts)})
    deleted[Kind.MESSAGES] += _number(Message.objects.filter(pk__in=ids))
    for citizen_id in {of for _pk, of in rows}:
        deleted += _delete_news(citizen_id, {pk for pk, of in rows if of == citizen_id})
    return deleted


def _delete_news(citizen_id: UUID, subjects: Iterable[UUID] | None) -> Deleted:
    """What was told the outside world about these things of the citizen, lately or long ago; None: about any."""
    events, archived = Event.objects.filter(key=citizen_id), ArchivedDelivery.objects.filter(key=citizen_id)
    if subjects is not None:
        about = list(subjects)
        events, archived = events.filter(subject_id__in=about), archived.filter(subject_id__in=about)
    ids = set(events.values_list("pk", flat=True))
    # An event with one delivery there and one here is one.
    told = ids | set(archived.values_list("event_id", flat=True))
    archived.delete()
    Delivery.objects.filter(event__in=ids).delete()
    Event.objects.filter(pk__in=ids).delete()
    return Counter({Kind.NEWS: len(told)})


def _delete_bulk_items(found: QuerySet[BulkAssignmentItem]) -> Deleted:
    """The notes, and what they were part of once nobody is left in it."""
    bulks = set(found.values_list("bulk", flat=True))
    deleted: Deleted = Counter({Kind.BULK: _number(found)})
    BulkAssignment.objects.filter(pk__in=bulks, items=None).delete()
    return deleted


def _number(found: QuerySet[Any]) -> int:
    """Delete them; how many rows of this kind it were."""
    _total, by_model = found.delete()
    return by_model.get(found.model._meta.label, 0)
