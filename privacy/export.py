"""Everything stored about a citizen, as plain values: for the citizen (GDPR articles 15 and 20) and for staff.

Each section says which models it shows; a test finds the ones that no section does.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Model, QuerySet

from citizens.models import Citizen
from followup.models import Attention, CitizenNote, Errand, OutsideAccess
from fut.models import FutFinding, FutReference
from identity.access_selectors import as_seen, uses_of_citizen
from identity.models import AccessEntry, AssistedVisit, StaffMember, UserSession
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from notifications.models import Message
from outbox.models import ArchivedDelivery, Delivery, Event
from plans import consent_texts
from plans.models import BulkAssignmentItem, CarePlan, CarePlanEvent, CourseConsent, EpisodeOfCare, Task
from privacy.models import DataExport, ErasureRequest, LegalHold
from questionnaires.answers import answered_items
from questionnaires.definitions import definition_of
from questionnaires.files import ENDINGS
from questionnaires.models import Response, Score, Upload

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose data, and how far they go: to the citizen all of it, to a municipality its own."""

    citizen: Citizen
    municipality: Municipality | None

    @property
    def is_own(self) -> bool:
        """Whether the citizen reads it: their whole CPR number, their drafts and their logins are theirs alone."""
        return self.municipality is None

    def of(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that go along, of a model with `citizen` and `municipality`."""
        found = rows.filter(citizen=self.citizen)
        return found if self.municipality is None else found.filter(municipality=self.municipality)

    def name_of(self, member: StaffMember | None) -> str | None:
        """An employee's name: for colleagues. To the citizen it is the municipality that has acted."""
        return None if self.is_own or member is None else member.name


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the export: which models it shows, and how."""

    models: tuple[type[Model], ...]
    rows: Callable[[Subject], list[Json]]


def everything_about(citizen: Citizen, *, municipality: Municipality | None, at: datetime) -> Json:
    """All sections by name, ready for JSON. `municipality`: None for the citizen, else whose staff reads it."""
    with within(Scope.system()):
        subject = Subject(citizen=citizen, municipality=municipality)
        made = {
            "made_at": at.isoformat(),
            "for": "citizen" if subject.is_own else municipality.authority_name if municipality else "",
        }
        return {"export": made, **{name: section.rows(subject) for name, section in SECTIONS.items()}}


# --- the sections -------------------------------------------------------------------------------------


def _person(subject: Subject) -> list[Json]:
    citizen = subject.citizen
    return [
        {
            "id": str(citizen.pk),
            "cpr": citizen.cpr if subject.is_own else citizen.masked_cpr,
            "given_name": citizen.given_name,
            "family_name": citizen.family_name,
            "birth_date": citizen.birth_date.isoformat(),
            "sex": citizen.sex,
            "municipality": citizen.municipality.authority_name,
            "is_name_protected": citizen.is_name_protected,
            "is_nemsms_enrolled": citizen.is_nemsms_enrolled,
            "created_at": citizen.created_at.isoformat(),
        }
    ]


def _courses(subject: Subject) -> list[Json]:
    found = subject.of(EpisodeOfCare.objects.select_related("municipality", "care_team")).order_by(
        "started_on"
    )
    return [
        {
            "id": str(course.pk),
            "municipality": course.municipality.authority_name,
            "care_team": course.care_team.name,
            "status": course.status,
            "started_on": course.started_on.isoformat(),
            "ended_on": course.ended_on and course.ended_on.isoformat(),
        }
        for course in found
    ]


def _consents(subject: Subject) -> list[Json]:
    found = subject.of(CourseConsent.objects.select_related("recorded_by")).order_by("recorded_at")
    return [
        {
            "id": str(consent.pk),
            "course": str(consent.episode_id),
            "text_version": consent.text_version,
            "text": consent_texts.text_of(consent.text_version),
            "given": consent.given,
            "given_on": consent.given_on.isoformat(),
            "recorded_at": consent.recorded_at.isoformat(),
            "recorded_by": subject.name_of(consent.recorded_by),
            "withdrawn_at": consent.withdrawn_at and consent.withdrawn_at.isoformat(),
        }
        for consent in found
    ]


def _plan_events(subject: Subject) -> list[Json]:
    found = subject.of(CarePlanEvent.objects.select_related("by")).order_by("at")
    return [
        {
            "id": str(event.pk),
            "plan": str(event.care_plan_id),
            "kind": event.kind,
            "at": event.at.isoformat(),
            "by": subject.name_of(event.by) if event.by else "",
            "reason": event.reason,
            "counts_from": event.counts_from and event.counts_from.isoformat(),
        }
        for event in found
    ]


def _plans(subject: Subject) -> list[Json]:
    found = subject.of(CarePlan.objects.select_related("plan", "assigned_by")).order_by("assigned_at")
    return [
        {
            "id": str(care_plan.pk),
            "course": str(care_plan.episode_id),
            "title": care_plan.plan.title,
            "status": care_plan.status,
            "starts_on": care_plan.starts_on.isoformat(),
            "assigned_at": care_plan.assigned_at.isoformat(),
            "assigned_by": subject.name_of(care_plan.assigned_by),
        }
        for care_plan in found
    ]


def _given_to_many(subject: Subject) -> list[Json]:
    found = subject.of(BulkAssignmentItem.objects.select_related("bulk__plan", "bulk__made_by"))
    return [
        {
            "id": str(item.pk),
            "title": item.bulk.plan.title,
            "plan": item.care_plan_id and str(item.care_plan_id),
            "asked_for_at": item.bulk.made_at.isoformat(),
            "asked_for_by": subject.name_of(item.bulk.made_by),
            "outcome": item.get_state_display(),
            "why": item.problem,
        }
        for item in found.order_by("bulk__made_at", "pk")
    ]


def _tasks(subject: Subject) -> list[Json]:
    found = subject.of(Task.objects.with_questionnaire()).order_by("opens_at")
    return [
        {
            "id": str(task.pk),
            "plan": str(task.care_plan_id),
            "title": task.title,
            "status": task.status,
            "opens_at": task.opens_at.isoformat(),
            "due_at": task.due_at.isoformat(),
            "response": str(task.response_id)
            if task.response_id and _goes_along(subject, task.response)
            else None,
        }
        for task in found
    ]


def _goes_along(subject: Subject, response: Response | None) -> bool:
    # What a citizen has not sent is theirs alone; what staff enter is the municipality's, too.
    return response is not None and (subject.is_own or response.is_completed or response.is_registered)


def _responses(subject: Subject) -> list[Json]:
    found = subject.of(
        Response.objects.select_related(
            "version__questionnaire", "municipality", "entered_by"
        ).prefetch_related("scores")
    )
    return [_response(subject, each) for each in found.order_by("started_at") if _goes_along(subject, each)]


def _response(subject: Subject, response: Response) -> Json:
    groups = answered_items(definition_of(response.version), response.document)
    return {
        "id": str(response.pk),
        "title": response.version.title,
        "municipality": response.municipality.authority_name,
        "started_at": response.started_at.isoformat(),
        "saved_at": response.saved_at.isoformat(),
        "completed_at": response.completed_at and response.completed_at.isoformat(),
        "corrects": response.replaces_id and str(response.replaces_id),
        "mode": response.mode,
        "given_on": response.given_on and response.given_on.isoformat(),
        "entered_by": subject.name_of(response.entered_by),
        "answers": [
            {
                "page": group.title,
                "section": item.section,
                "question": item.question,
                "answers": list(item.answers),
                "is_calculated": item.is_calculated,
            }
            for group in groups
            for item in group.items
        ],
        "scores": [
            {
                "name": score.name,
                "value": _figure(score.value),
                "minimum": _figure(score.minimum),
                "maximum": _figure(score.maximum),
                "unit": score.unit,
            }
            for score in response.scores.all()
        ],
        "fhir": questionnaire_response(response),
        "files": [
            {
                "id": str(upload.pk),
                "name": upload.name,
                "content_type": upload.content_type,
                "size": upload.size,
                "created_at": upload.created_at.isoformat(),
                "file": f"filer/{upload.pk}{ENDINGS.get(upload.content_type, '')}",
            }
            for upload in response.uploads.defer("content").order_by("created_at", "pk")
        ],
    }


def contents_of(data: Json) -> Iterator[tuple[str, bytes]]:
    """(name in the archive, bytes) of each file that `everything_about` names, one at a time."""
    for response in data["responses"]:
        for named in response["files"]:
            with within(Scope.system()):
                content = Upload.objects.values_list("content", flat=True).get(pk=named["id"])
            yield named["file"], bytes(content)


def _figure(number: Decimal | None) -> str | None:
    """As people write it, without the column's zeros: “60”, “0.5”."""
    return None if number is None else format(number.normalize(), "f")


def questionnaire_response(response: Response) -> Json:
    """The answers as a FHIR R4 QuestionnaireResponse."""
    return {
        "resourceType": "QuestionnaireResponse",
        "id": str(response.pk),
        "questionnaire": response.version.canonical,
        "status": response.status,
        "subject": {"reference": f"Patient/{response.citizen_id}"},
        "authored": (response.completed_at or response.saved_at).isoformat(),
        "item": response.document.get("item", []),
    }


def _messages(subject: Subject) -> list[Json]:
    found = subject.of(Message.objects.select_related("municipality", "requested_by")).order_by(
        "requested_at"
    )
    return [
        {
            "id": str(message.pk),
            "kind": message.get_kind_display(),
            "sender": message.municipality.authority_name,
            "task": message.task_id and str(message.task_id),
            "requested_at": message.requested_at.isoformat(),
            "requested_by": subject.name_of(message.requested_by),
            "status": message.get_status_display(),
            "status_at": message.status_at and message.status_at.isoformat(),
            "sent_at": message.sent_at and message.sent_at.isoformat(),
            "reason": message.reason,
        }
        for message in found
    ]


def _told_others(subject: Subject) -> list[Json]:
    own: dict[str, Any] = {"key": subject.citizen.pk}
    if subject.municipality is not None:
        own["municipality"] = subject.municipality
    told: dict[int, tuple[Delivery | ArchivedDelivery, Event | ArchivedDelivery]] = {
        delivery.pk: (delivery, delivery.event)
        for delivery in Delivery.objects.filter(**own).select_related("event")
    }
    # After those, and by the same ids: what is archived at this moment is shown once.
    told |= {delivery.pk: (delivery, delivery) for delivery in ArchivedDelivery.objects.filter(**own)}
    return [
        {
            "what": event.get_name_display(),
            "about": str(event.subject_id),
            "occurred_at": event.occurred_at.isoformat(),
            "to": delivery.get_channel_display(),
            "state": delivery.get_state_display(),
            "ended_at": delivery.ended_at and delivery.ended_at.isoformat(),
        }
        for delivery, event in (told[pk] for pk in sorted(told))
    ]


def _addresses(subject: Subject) -> list[Json]:
    return [
        {"kind": one.resource_type, "id": str(one.local_id), "address": one.url}
        for one in subject.of(FutReference.objects.order_by("pk"))
    ]


def _findings(subject: Subject) -> list[Json]:
    return [
        {
            "id": str(one.pk),
            "kind": one.get_kind_display(),
            "address": one.url,
            "status_there": one.theirs,
            "found_at": one.found_at.isoformat(),
            "settled": one.get_settlement_display(),
        }
        for one in subject.of(FutFinding.objects.order_by("found_at", "pk"))
    ]


def _follow_up(subject: Subject) -> list[Json]:
    """What staff noted about the citizen: which answers they handled, their notes, errands, and why others looked."""
    handled = subject.of(Attention.objects.exclude(handled_at=None).select_related("handled_by"))
    notes = subject.of(CitizenNote.objects.select_related("written_by"))
    errands = subject.of(Errand.objects.select_related("asked_by", "done_by"))
    outside = subject.of(OutsideAccess.objects.select_related("staff_member"))
    return [
        *(
            {
                "kind": "handled",
                "about": str(one.pk),
                "at": one.handled_at and one.handled_at.isoformat(),
                "by": subject.name_of(one.handled_by),
                "text": one.note,
            }
            for one in handled.order_by("handled_at", "pk")
        ),
        *(
            {
                "kind": "note",
                "about": str(one.pk),
                "at": one.written_at.isoformat(),
                "by": subject.name_of(one.written_by),
                "text": one.text,
            }
            for one in notes.order_by("written_at", "pk")
        ),
        *(
            {
                "kind": "errand",
                "about": str(one.pk),
                "at": one.asked_at.isoformat(),
                "by": subject.name_of(one.asked_by),
                "text": one.text,
                "done_at": one.done_at and one.done_at.isoformat(),
                "done_by": subject.name_of(one.done_by),
            }
            for one in errands.order_by("asked_at", "pk")
        ),
        *(
            {
                "kind": "opened_from_outside_the_team",
                "about": str(one.pk),
                "at": one.at.isoformat(),
                "by": subject.name_of(one.staff_member),
                "text": one.reason,
            }
            for one in outside.order_by("at", "pk")
        ),
    ]


def _logins(subject: Subject) -> list[Json]:
    if not subject.is_own:
        return []
    found = UserSession.objects.filter(
        actor_kind=UserSession.ActorKind.CITIZEN, actor_id=subject.citizen.pk
    ).order_by("created_at")
    return [
        {
            "device": session.device,
            "created_at": session.created_at.isoformat(),
            "last_seen_at": session.last_seen_at.isoformat(),
            "ends_at": session.ends_at.isoformat(),
        }
        for session in found
    ]


def _holds(subject: Subject) -> list[Json]:
    found = subject.of(LegalHold.objects.select_related("municipality")).order_by("set_at")
    return [
        {
            "municipality": hold.municipality.authority_name,
            "reason": hold.reason,
            "set_at": hold.set_at.isoformat(),
            "lifted_at": hold.lifted_at and hold.lifted_at.isoformat(),
        }
        for hold in found
    ]


def _requests(subject: Subject) -> list[Json]:
    found = subject.of(ErasureRequest.objects.select_related("municipality")).order_by("requested_at")
    return [
        {
            "municipality": request.municipality.authority_name,
            "requested_at": request.requested_at.isoformat(),
            "outcome": request.get_outcome_display(),
            "kept_until": request.kept_until and request.kept_until.isoformat(),
        }
        for request in found
    ]


def _assisted_visits(subject: Subject) -> list[Json]:
    found = subject.of(AssistedVisit.objects.select_related("municipality", "helper")).order_by("begun_at")
    return [
        {
            "id": str(visit.pk),
            "municipality": visit.municipality.authority_name,
            "unit": visit.unit_name,
            "helper": subject.name_of(visit.helper),
            "consent": visit.consent,
            "consent_at": visit.consent_at.isoformat(),
            "identity_checked": visit.identity_checked,
            "begun_at": visit.begun_at.isoformat(),
            "ended_at": visit.ended_at and visit.ended_at.isoformat(),
            "ended_why": visit.ended_why,
        }
        for visit in found
    ]


def _exports(subject: Subject) -> list[Json]:
    found = subject.of(DataExport.objects.select_related("municipality")).order_by("at")
    return [
        {
            "at": each.at.isoformat(),
            "to": each.municipality.authority_name if each.municipality else "citizen",
        }
        for each in found
    ]


def _seen_by(subject: Subject) -> list[Json]:
    """Who has used their data, as the page “Hvem har set dine oplysninger?” says it: to the citizen alone."""
    if not subject.is_own:
        return []
    return [
        {
            "day_on": use.day.isoformat(),
            "place": use.place,
            "done": str(use.done),
            "why": str(use.why),
            "times": use.times,
        }
        for use in as_seen(uses_of_citizen(subject.citizen.pk))
    ]


SECTIONS: Mapping[str, Section] = {
    "person": Section((Citizen,), _person),
    "courses": Section((EpisodeOfCare,), _courses),
    "consents": Section((CourseConsent,), _consents),
    "plans": Section((CarePlan,), _plans),
    "plans_given_to_many": Section((BulkAssignmentItem,), _given_to_many),
    "plan_events": Section((CarePlanEvent,), _plan_events),
    "tasks": Section((Task,), _tasks),
    "responses": Section((Response, Score, Upload), _responses),
    "messages": Section((Message,), _messages),
    "follow_up": Section((Attention, CitizenNote, Errand, OutsideAccess), _follow_up),
    "told_others": Section((Event, Delivery, ArchivedDelivery), _told_others),
    "fut_addresses": Section((FutReference,), _addresses),
    "fut_findings": Section((FutFinding,), _findings),
    "logins": Section((UserSession,), _logins),
    "seen_by": Section((AccessEntry,), _seen_by),
    "legal_holds": Section((LegalHold,), _holds),
    "erasure_requests": Section((ErasureRequest,), _requests),
    "assisted_visits": Section((AssistedVisit,), _assisted_visits),
    "exports": Section((DataExport,), _exports),
}
