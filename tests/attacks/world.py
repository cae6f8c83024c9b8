"""Two municipalities, each with two citizens, and words in every text that say whose it is.

A word is `zz<municipality><citizen><what>zz`: `zzA1answerzz` is in an answer of the first citizen of A; citizen 0
stands for the municipality's own things. What comes back is searched for words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.utils import timezone

from citizens.models import Citizen
from followup.models import Attention, CitizenNote, DeskSettings, Errand, OutsideAccess, SavedView
from identity.models import AccessEntry, AccessReview, ProgramKey, StaffMember
from municipalities.models import Municipality
from notifications import reminders
from notifications.models import Message
from outbox.models import Delivery
from plans import history
from plans.models import BulkAssignment, Plan, Task
from privacy.models import LegalHold
from questionnaires.models import (
    AnswerList,
    DecisionSupport,
    DraftStep,
    ImportBatch,
    PublicationEvent,
    PublicationStatus,
    Questionnaire,
    QuestionnaireVersion,
    Response,
    Upload,
)
from tests import factories
from tests.staff.conftest import answer

WORD = re.compile(r"zz([ABN])(\d)([a-z]+)zz")
ANSWERS = {"answer", "score", "unit"}
# Of the access log: its control reads all of it, a citizen the unit and the reason.
LOG = {"logstaff", "logorg", "logteam", "logunit", "logcriterion", "logrequest", "lognote", "logreason"}
LOG_FOR_CITIZENS = {"logunit"}
NAMES = {"given", "family"}


@dataclass(frozen=True)
class Word:
    """Whose a text is, and what it is of."""

    owner: str
    person: int
    what: str


def words_in(text: str) -> set[Word]:
    """Every marked text in an answer."""
    return {Word(owner, int(person), what) for owner, person, what in WORD.findall(text)}


@dataclass
class World:
    """A municipality and an id of everything that has one, by kind."""

    letter: str
    municipality: Municipality
    staff: StaffMember
    citizens: list[Citizen] = field(default_factory=list)
    ids: dict[str, list[Any]] = field(default_factory=dict)

    def of(self, person: int, what: str) -> str:
        return f"zz{self.letter}{person}{what}zz"

    def keep(self, kind: str, *rows: Any) -> None:
        self.ids.setdefault(kind, []).extend(row.pk for row in rows)


def make(letter: str) -> World:
    municipality = factories.MunicipalityFactory()
    world = World(
        letter=letter,
        municipality=municipality,
        staff=factories.StaffMemberFactory(municipality=municipality, name=f"zz{letter}0staffzz"),
    )
    team = factories.CareTeamFactory(municipality=municipality, name=world.of(0, "team"))
    version, plan = _published(world, municipality)
    draft = _version(world, municipality, "draft", status=PublicationStatus.DRAFT, published_at=None)
    draft_plan = factories.PlanFactory(
        title=world.of(0, "draftplan"),
        description=world.of(0, "description"),
        owner=municipality,
        status=PublicationStatus.DRAFT,
        published_at=None,
        weekly__version=version,
    )
    tests = [
        factories.QuestionnaireTestFactory(
            questionnaire=each.questionnaire,
            name=world.of(0, "test"),
            made_by=world.staff,
            answers=[{"linkId": "note", "answer": [{"valueString": world.of(0, "test")}]}],
            names={"gone": world.of(0, "test")},
        )
        for each in (version, draft)
    ]
    _work_on(world, draft)
    world.keep("key", _key_of_a_program(world))
    world.keep("version", version, draft)
    world.keep("batch", _upload(world))
    world.keep("test", *tests)
    world.keep("plan", plan, draft_plan)
    world.keep("activity", *plan.activities.all(), *draft_plan.activities.all())
    world.keep("team", team)
    world.keep("staff", world.staff)
    for person in (1, 2):
        _citizen(world, person, plan)
    world.keep("bulk", _given_to_many(world))
    return world


def _key_of_a_program(world: World) -> ProgramKey:
    """What lets a script of the municipality's in."""
    key: ProgramKey = factories.ProgramKeyFactory(
        municipality=world.municipality, name=world.of(0, "program"), made_by=world.staff
    )
    return key


def _given_to_many(world: World) -> BulkAssignment:
    """What became of a plan for both: the first has it, the second could not get it."""
    now, whose = timezone.now(), {"municipality": world.municipality}
    care_plan = world.citizens[0].care_plans.get()
    bulk: BulkAssignment = BulkAssignment.objects.create(
        plan=care_plan.plan,
        care_team=care_plan.episode.care_team,
        starts_on=care_plan.starts_on,
        made_by=world.staff,
        made_at=now,
        worked_at=now,
        done_at=now,
        **whose,
    )
    first, second = world.citizens
    bulk.items.create(citizen=first, position=0, state="assigned", care_plan=care_plan, ended_at=now, **whose)
    bulk.items.create(citizen=second, position=1, state="refused", problem="Nej.", ended_at=now, **whose)
    return bulk


def _work_on(world: World, draft: QuestionnaireVersion) -> None:
    """What those who build a questionnaire write around it."""
    questionnaire, now = draft.questionnaire, timezone.now()
    Questionnaire.objects.filter(pk=questionnaire.pk).update(
        licence=world.of(0, "licence"), source=world.of(0, "instrument")
    )
    DecisionSupport.objects.create(
        questionnaire=questionnaire,
        intended_purpose=world.of(0, "purpose"),
        algorithm_version=world.of(0, "algorithm"),
        switched_on_at=now,
        switched_on_by=world.staff,
    )
    PublicationEvent.objects.create(
        questionnaire=questionnaire,
        municipality=world.municipality,
        version=draft,
        kind=PublicationEvent.Kind.SENT_BACK,
        at=now,
        by=world.staff,
        comment=world.of(0, "comment"),
    )
    draft.steps.create(
        number=1, act=DraftStep.Act.TEXT, about=world.of(0, "step"), delta=[], by=world.staff, at=now
    )
    AnswerList.objects.create(
        owner=world.municipality,
        name=world.of(0, "answerlist"),
        options=[{"label": world.of(0, "answerlist"), "weight": None}],
        changed_at=now,
    )


def _upload(world: World) -> ImportBatch:
    """A file that somebody is choosing among."""
    now = timezone.now()
    batch: ImportBatch = ImportBatch.objects.create(
        owner=world.municipality,
        made_by=world.staff,
        name=world.of(0, "upload"),
        state=ImportBatch.State.READY,
        created_at=now,
        worked_at=now,
    )
    batch.files.create(
        owner=world.municipality,
        position=0,
        name=world.of(0, "upload"),
        title=world.of(0, "upload"),
        relation="new",
        source=factories.questionnaire_source(url=f"https://example.org/{world.of(0, 'upload')}"),
    )
    return batch


def _version(world: World, owner: Municipality | None, what: str, **more: Any) -> QuestionnaireVersion:
    url = f"https://example.org/{world.of(0, what + 'url')}"
    source = factories.questionnaire_source(url=url, title=world.of(0, what))
    source["item"][0]["text"] = world.of(0, "question")
    version: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        questionnaire=factories.QuestionnaireFactory(url=url, owner=owner),
        title=world.of(0, what),
        source=source,
        **more,
    )
    return version


def _published(world: World, owner: Municipality | None) -> tuple[QuestionnaireVersion, Plan]:
    version = _version(world, owner, "form")
    plan = factories.PlanFactory(
        title=world.of(0, "plan"),
        description=world.of(0, "description"),
        what_happens_now=world.of(0, "description"),
        if_you_get_worse=world.of(0, "description"),
        citizens_see_scores=True,
        owner=owner,
        weekly=4,
        weekly__version=version,
        weekly__title=world.of(0, "form"),
        weekly__for_whom=world.of(0, "description"),
    )
    return version, plan


def _citizen(world: World, person: int, plan: Plan) -> None:
    citizen = factories.CitizenFactory(
        municipality=world.municipality,
        given_name=world.of(person, "given"),
        family_name=world.of(person, "family"),
    )
    world.citizens.append(citizen)
    started = timezone.now() - timedelta(days=15)
    care_plan = factories.assign(citizen, plan=plan, by=world.staff, at=started)
    history.note(
        care_plan,
        history.Kind.CHANGED,
        at=started + timedelta(hours=1),
        by=world.staff,
        reason=world.of(person, "change"),
    )
    answered, overdue, begun, coming = Task.objects.filter(care_plan=care_plan).order_by("opens_at")
    answer_at = started + timedelta(days=1)
    completed = answer(answered, at=answer_at, score="42", note=world.of(person, "answer"))
    completed.scores.update(name=world.of(person, "score"), unit=world.of(person, "unit"))
    draft = Response.objects.create(
        citizen=citizen,
        municipality=world.municipality,
        version=begun.activity.version,
        document={"item": [{"linkId": "note", "answer": [{"valueString": world.of(person, "answer")}]}]},
        started_at=answer_at,
        saved_at=answer_at + timedelta(minutes=1),
    )
    begun.response = draft
    begun.save()
    file = world.of(person, "file")
    Upload.objects.create(
        response=draft,
        municipality=world.municipality,
        citizen=citizen,
        name=f"{file}.txt",
        content_type="application/pdf",
        size=len(file),
        content=file.encode(),
        created_at=answer_at,
    )
    message = reminders.send(task=overdue, by=world.staff, at=timezone.now())
    Message.objects.filter(pk=message.pk).update(
        status="failed", status_at=timezone.now(), reason=world.of(person, "reason")
    )
    Delivery.objects.filter(key=citizen.pk).update(
        last_problem=world.of(person, "problem"), last_sent=world.of(person, "request")
    )
    entry = AccessEntry.objects.create(
        at=timezone.now(),
        municipality=world.municipality,
        staff_id=world.staff.pk,
        staff_name=world.of(person, "logstaff"),
        organisation_unit=world.of(person, "logorg"),
        care_team=world.of(person, "logteam"),
        unit_name=world.of(person, "logunit"),
        citizen_id=citizen.pk,
        action=AccessEntry.Action.SEARCH,
        what=AccessEntry.What.CITIZEN,
        purpose=AccessEntry.Purpose.FOLLOW_UP,
        reason=world.of(person, "logreason"),
        criterion=world.of(person, "logcriterion"),
        request_id=world.of(person, "logrequest"),
    )
    AccessReview.objects.create(
        at=timezone.now(),
        municipality=world.municipality,
        entry_id=entry.pk,
        entry_at=entry.at,
        outcome=AccessReview.Outcome.values[0],
        note=world.of(person, "lognote"),
        staff_id=world.staff.pk,
        staff_name=world.of(person, "logstaff"),
    )
    hold = LegalHold.objects.create(
        citizen=citizen,
        municipality=world.municipality,
        reason=world.of(person, "hold"),
        set_at=timezone.now(),
        set_by=world.staff,
    )
    factories.AssistedVisitFactory(
        citizen=citizen,
        helper=world.staff,
        organisation_unit=world.of(person, "visitorg"),
        unit_name=world.of(person, "visitunit"),
    )
    errand = _followed_up(world, person, citizen, completed)
    world.keep("errand", errand)
    world.keep("hold", hold)
    world.keep("entry", entry)
    world.keep("citizen", citizen)
    world.keep("care_plan", care_plan)
    world.keep("episode", care_plan.episode)
    world.keep("task", answered, overdue, begun, coming)
    world.keep("response", completed, draft)
    world.keep("message", message)


def _followed_up(world: World, person: int, citizen: Citizen, completed: Response) -> Errand:
    """What staff have written about the citizen beside the answers."""
    now = timezone.now()
    own: dict[str, Any] = {"citizen": citizen, "municipality": world.municipality}
    Attention.objects.filter(pk=completed.pk).update(
        handled_at=now, handled_by=world.staff, note=world.of(person, "answer")
    )
    CitizenNote.objects.create(text=world.of(person, "note"), written_by=world.staff, written_at=now, **own)
    OutsideAccess.objects.create(
        reason=world.of(person, "outside"),
        care_team_name=world.of(0, "team"),
        staff_member=world.staff,
        at=now - timedelta(hours=9),
        until=now - timedelta(hours=1),
        **own,
    )
    if person == 1:
        place = {"municipality": world.municipality, "staff_member": world.staff}
        SavedView.objects.create(
            name=world.of(0, "view"), choices={"x": world.of(0, "view")}, made_at=now, **place
        )
        DeskSettings.objects.create(digest_to=f"{world.of(0, 'mail')}@kommune.invalid", **place)
    return Errand.objects.create(
        text=world.of(person, "errand"), asked_by=world.staff, asked_at=now, for_member=world.staff, **own
    )
