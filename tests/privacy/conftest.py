"""Citizens with a past: a course that ended long ago, one that goes on, and everything that hangs on them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

from citizens.models import Citizen
from fut.channel import service_request_id
from fut.mapping.episodes import condition_id
from fut.models import FutFinding, FutLook, FutReference
from identity import access_log
from identity.access_log import Use, What
from identity.models import StaffMember, UserSession
from municipalities.models import Municipality
from notifications import reminders
from notifications.models import Message
from outbox import archive
from outbox.models import Delivery
from plans import services as plans
from plans.models import BulkAssignment, Task
from plans.services import end_what_is_over
from privacy.models import DataExport, ErasureRequest, LegalHold
from questionnaires.models import Score, Upload
from questionnaires.services import save_answers
from tests import factories
from tests.conftest import staff_actor


@dataclass
class Past:
    """A citizen and the task of their one course."""

    citizen: Citizen
    task: Task

    @property
    def municipality(self) -> Municipality:
        return self.citizen.municipality


def answer(task: Task, at: datetime) -> None:
    """Answer and submit: no pain, so nothing more is asked."""
    response = plans.begin_task(task=task, at=at)
    save_answers(response=response, fields={"pain": ["false"]}, at=at)
    plans.submit_task(task=task, at=at)


MakePast = Callable[..., Past]


@pytest.fixture
def past(db: None) -> MakePast:
    """`past(years=11)`: a course whose only task was answered so long ago; `answered=False` left it a draft."""

    def make(
        *,
        years: float = 11,
        citizen: Citizen | None = None,
        answered: bool = True,
        in_: Municipality | None = None,
    ) -> Past:
        at = timezone.now() - timedelta(days=round(years * 365.25))
        if citizen is None:
            citizen = factories.CitizenFactory(**({"municipality": in_} if in_ else {}))
        task = factories.open_task(citizen, at=at)
        if answered:
            answer(task, at)
        else:
            response = plans.begin_task(task=task, at=at)
            save_answers(response=response, fields={"note": ["En kladde"]}, at=at)
            end_what_is_over(at=at + timedelta(days=60))
        task.refresh_from_db()
        return Past(citizen=citizen, task=task)

    return make


def given_to_many(past: Past, by: StaffMember) -> None:
    """The plan of the one task was given to this citizen together with others, just now."""
    now, care_plan = timezone.now(), past.task.care_plan
    bulk = BulkAssignment.objects.create(
        municipality=care_plan.municipality,
        plan=care_plan.plan,
        care_team=care_plan.episode.care_team,
        starts_on=care_plan.starts_on,
        made_by=by,
        made_at=now,
        worked_at=now,
        done_at=now,
    )
    bulk.items.create(
        municipality=care_plan.municipality,
        citizen=past.citizen,
        position=0,
        state="assigned",
        care_plan=care_plan,
        ended_at=now,
    )


def with_everything(past: Past, by: StaffMember) -> None:
    """Add a row of every other kind that a citizen can have; the hold is lifted, the request answered."""
    citizen, task, now = past.citizen, past.task, timezone.now()
    care_plan, course = task.care_plan, task.care_plan.episode
    other = factories.open_task(citizen, at=care_plan.assigned_at)
    reminder = reminders.send(task=other, by=by, at=other.opens_at + timedelta(hours=1))
    # It was sent as a part of the message about the first plan.
    first = Message.objects.filter(care_plan=care_plan).get()
    Message.objects.filter(pk=reminder.pk).update(status="collapsed", status_at=now, collapsed_into=first)
    draft = plans.begin_task(task=other, at=other.opens_at)
    save_answers(response=draft, fields={"note": ["Aldrig sendt"]}, at=other.opens_at)
    end_what_is_over(at=other.due_at + timedelta(days=60))
    own = {"citizen": citizen, "municipality": course.municipality}
    assert task.response is not None
    Score.objects.create(response=task.response, link_id="sum", name="Sum", value=60, minimum=0, **own)
    factories.followed_up(citizen, by=by, at=now)
    factories.consented(course, by=by, at=now)
    Upload.objects.create(
        response=task.response,
        name="Sår.jpg",
        content_type="image/jpeg",
        size=3,
        content=b"\xff\xd8\xff",
        created_at=now,
        **own,
    )
    given_to_many(past, by)
    for kind, local_id in (
        ("EpisodeOfCare", course.pk),
        ("Condition", condition_id(course.pk)),
        ("CarePlan", care_plan.pk),
        ("ServiceRequest", service_request_id(care_plan, task.activity)),
        ("QuestionnaireResponse", task.response.pk),
    ):
        FutReference.objects.create(
            resource_type=kind, local_id=local_id, url=f"https://fut/{local_id}", **own
        )
    FutLook.objects.create(episode=course, municipality=course.municipality)
    FutFinding.objects.create(
        episode=course, kind="answer_elsewhere", url="https://fut/1", theirs="completed", found_at=now, **own
    )
    FutReference.objects.create(
        resource_type="Patient", local_id=citizen.pk, url="https://fut/Patient/1", citizen=citizen
    )
    LegalHold.objects.create(reason="Klage 17", set_at=now, set_by=by, lifted_at=now, lifted_by=by, **own)
    ErasureRequest.objects.create(requested_at=now, outcome="held", **own)
    DataExport.objects.create(citizen=citizen, at=now)
    factories.AssistedVisitFactory(helper=by, **own)
    access_log.record(use=Use(What.RESPONSE), of=[citizen.pk], by=staff_actor(by), at=now)
    # What FUT was told of the first plan is archived, its text message is not.
    told = Delivery.objects.filter(channel="fut", event__subject_id=care_plan.pk)
    told.update(state=Delivery.State.DELIVERED, ended_at=now - timedelta(days=60))
    archive.archive_delivered(at=now)
    UserSession.objects.create(
        key_hash=citizen.pk.hex,
        actor_kind="citizen",
        actor_id=citizen.pk,
        subject_hash="x",
        created_at=now,
        last_seen_at=now,
        ends_at=now,
    )
