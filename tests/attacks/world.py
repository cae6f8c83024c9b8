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
from identity.models import AccessEntry, AccessReview, StaffMember
from municipalities.models import Municipality
from notifications import reminders
from notifications.models import Message
from outbox.models import Delivery
from plans.models import Activity, Plan, Task
from privacy.models import LegalHold
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response, Upload
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
    world.keep("version", version, draft)
    world.keep("plan", plan, draft_plan)
    world.keep("team", team)
    world.keep("staff", world.staff)
    for person in (1, 2):
        _citizen(world, person, plan)
    return world


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
        weekly=False,
    )
    Activity.objects.filter(plan=plan).delete()
    Activity.objects.create(plan=plan, version=version, repeat="weekly", occurrences=4)
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
    world.keep("hold", hold)
    world.keep("entry", entry)
    world.keep("citizen", citizen)
    world.keep("care_plan", care_plan)
    world.keep("episode", care_plan.episode)
    world.keep("task", answered, overdue, begun, coming)
    world.keep("response", completed, draft)
    world.keep("message", message)
