"""Whoever is shown stands in the access log: every address of the module, exactly those citizens, or no page."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from traceback import walk_tb
from typing import Any
from uuid import UUID

import pytest
from django.conf import LazySettings
from django.db import DatabaseError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern, path, reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.desk import stop_token
from followup.models import Attention, DeskSettings, Errand, OutsideAccess
from followup.outside import give_reason
from fut.models import FutFinding
from identity.access_log import Action, Purpose, Use, What, record
from identity.access_selectors import as_seen, uses_of_citizen
from identity.middleware import set_actor
from identity.models import AccessEntry, StaffMember
from identity.roles import Permission, Role
from kommunalpro.urls import urlpatterns as all_pages
from municipalities.models import Municipality
from plans import correcting, registering
from plans.models import BulkAssignment, Task
from privacy.models import LegalHold
from privacy.services import hold
from questionnaires.models import Response, Upload
from questionnaires.services import Given, save_answers
from staff import urls
from staff.access import MunicipalRequest, NotAccountedFor, municipal_staff
from tests.conftest import NURSE_ROLES, staff_actor
from tests.factories import (
    CareTeamFactory,
    CitizenFactory,
    PlanFactory,
    StaffMemberFactory,
    assign,
    open_task,
    overdue_task,
)
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db


@municipal_staff(Permission.SEE_CITIZENS)
def holds_and_forgets(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    held(Citizen.objects.get(pk=citizen_id))
    return HttpResponse("Gemt.")


urlpatterns = [*all_pages, path("forgets/<uuid:citizen_id>/", holds_and_forgets)]

EVERYTHING = NURSE_ROLES | {
    Role.CLINICAL_SUPPORTER,
    Role.CARETEAM_ADMINISTRATOR,
    Role.REPORT_USER,
    Role.LOGIN_ASSISTOR,
}


@pytest.fixture
def client(nurse: StaffMember, client_as: Callable[..., Client]) -> Client:
    """Somebody who may open every page."""
    return client_as(staff_actor(nurse, EVERYTHING))


@pytest.fixture
def response(citizen: Citizen) -> Response:
    return answer(open_task(citizen), at=timezone.now(), score="60")


@pytest.fixture
def others(municipality: Municipality) -> list[Citizen]:
    """Somebody else with an answer and an overdue task, whom pages about one citizen do not show."""
    person = CitizenFactory(municipality=municipality, given_name="Erik", family_name="Falk")
    answer(open_task(person), at=timezone.now(), score="40")
    overdue_task(person)
    return [person]


def corrected(citizen: Citizen) -> Response:
    """An earlier version of an answer that the citizen has corrected."""
    task = open_task(citizen, plan=PlanFactory(correction_days=3))
    former = answer(task, at=timezone.now())
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"note": ["Rettet"]}, at=timezone.now())
    correcting.submit(task=task, at=timezone.now())
    return former


def entry_about(citizen: Citizen) -> AccessEntry:
    by = staff_actor(StaffMemberFactory(municipality=citizen.municipality))
    record(use=Use(What.CITIZEN), of=[citizen.pk], by=by, at=timezone.now())
    return AccessEntry.objects.latest("pk")


def held(citizen: Citizen) -> LegalHold:
    by = StaffMemberFactory(municipality=citizen.municipality)
    return hold(
        citizen=citizen, municipality=citizen.municipality, reason="Klage 3", by=by, at=timezone.now()
    )


def opened_from_outside(citizen: Citizen) -> OutsideAccess:
    by = StaffMemberFactory(municipality=citizen.municipality)
    return give_reason(
        actor=staff_actor(by), citizen=citizen, municipality=citizen.municipality,
        reason="Jeg afløser i teamet", at=timezone.now(),
    )  # fmt: skip


def tried_with_many(person: Citizen) -> BulkAssignment:
    """A plan that was to be given to many, and that the citizen did not get."""
    now, whose = timezone.now(), {"municipality": person.municipality}
    bulk: BulkAssignment = BulkAssignment.objects.create(
        plan=PlanFactory(), care_team=person.municipality.care_teams.get(), starts_on=now.date(),
        made_by=StaffMemberFactory(**whose), made_at=now, worked_at=now, done_at=now, **whose,
    )  # fmt: skip
    bulk.items.create(citizen=person, position=0, state="refused", problem="Nej.", ended_at=now, **whose)
    return bulk


def unanswered_of(person: Citizen) -> str:
    """The query that names the citizen's unanswered task."""
    return f"task={person.tasks.unanswered().earliest('due_at').pk}"


Visit = Callable[[Client, Citizen, Response], Any]


def period() -> str:
    today = timezone.localdate().strftime("%d-%m-%Y")
    return f"fra={today}&til={today}"


def found_at_fut(person: Citizen) -> FutFinding:
    """A plan of the citizen's that others have put on hold on the platform."""
    care_plan = person.care_plans.latest("assigned_at")
    return FutFinding.objects.create(
        municipality=person.municipality, citizen=person, episode=care_plan.episode, found_at=timezone.now(),
        kind="plan", care_plan=care_plan, ours="active", theirs="on-hold",
        url="https://careplan.invalid/fhir/CarePlan/17", version_id="3",
    )  # fmt: skip


def plan_of(person: Citizen) -> UUID:
    """A plan of the citizen's that goes on."""
    return open_task(person).care_plan_id


def ask(client: Client, person: Citizen) -> Any:
    """Ask once more what is not open yet."""
    task = open_task(person, starts_on=timezone.localdate() + timedelta(days=7))
    wish = {"activity": str(task.activity_id), "days": "3"}
    return client.post(reverse("staff:ask_once_more", args=[task.care_plan_id]), wish)


def course_of(person: Citizen) -> UUID:
    return person.episodes.latest("started_on").pk


def to_enter(person: Citizen, *, begun: bool = False) -> UUID:
    """A task whose answers can be entered; `begun`: somebody does."""
    task = person.tasks.unanswered().earliest("due_at")
    if begun:
        by = StaffMemberFactory(municipality=person.municipality)
        given = Given(mode=Response.Mode.PAPER, on=timezone.localdate(), entered_by=by)
        registering.begin(task=task, given=given, at=timezone.now())
    return task.pk


def to_correct(person: Citizen) -> UUID:
    """A task whose answers were entered, and can be corrected."""
    by = StaffMemberFactory(municipality=person.municipality)
    task = open_task(person, plan=PlanFactory(correction_days=3))
    now = timezone.now()
    given = Given(mode=Response.Mode.PAPER, on=timezone.localdate(), entered_by=by)
    draft = registering.begin(task=task, given=given, at=now)
    save_answers(response=draft, fields={"pain": ["false"]}, at=now)
    return registering.submit(task=task, by=by, at=now).pk


def given_with(response: Response) -> Upload:
    """A picture among the answers."""
    whose = {"citizen_id": response.citizen_id, "municipality_id": response.municipality_id}
    return Upload.objects.create(
        response=response, name="Sår.jpg", content_type="image/jpeg", size=3, content=b"abc",
        created_at=timezone.now(), **whose,
    )  # fmt: skip


def errand_about(person: Citizen) -> Errand:
    by = StaffMemberFactory(municipality=person.municipality)
    team = person.municipality.care_teams.get()
    return Errand.objects.create(
        citizen=person, municipality=person.municipality, text="Ring", asked_by=by, asked_at=timezone.now(),
        for_team=team,
    )  # fmt: skip


def marked(response: Response) -> Response:
    Attention.objects.filter(pk=response.pk).update(colour="red")
    return response


# How each address is visited, and what its entry says: (what, action, purpose, about the one citizen or about all).
# An address that shows nobody says None, with the reason.
VISITS: dict[str, tuple[Visit, tuple[str, str, str, str] | None]] = {
    "overview": (
        lambda client, person, response: client.get(reverse("staff:overview")),
        (What.OVERVIEW, Action.LIST, Purpose.FOLLOW_UP, "all"),
    ),
    "handle": (
        lambda client, person, response: client.post(reverse("staff:handle", args=[response.pk])),
        (What.RESPONSE, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "take_back": (
        lambda client, person, response: client.post(reverse("staff:take_back", args=[response.pk])),
        (What.RESPONSE, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    # A name and filters: no citizen stands in them.
    "save_view": (
        lambda client, person, response: client.post(reverse("staff:save_view"), {"name": "Mine"}),
        None,
    ),
    "delete_view": (
        lambda client, person, response: client.post(reverse("staff:delete_view", args=[1])),
        None,
    ),
    "history": (
        lambda client, person, response: client.get(reverse("staff:history", args=[person.pk])),
        (What.HISTORY, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "write_note": (
        lambda client, person, response: client.post(
            reverse("staff:write_note", args=[person.pk]), {"text": "Ringet op"}
        ),
        (What.NOTE, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "follow": (
        lambda client, person, response: client.post(reverse("staff:follow", args=[person.pk])),
        (What.FOLLOWING, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "unfollow": (
        lambda client, person, response: client.post(reverse("staff:unfollow", args=[person.pk])),
        (What.FOLLOWING, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "ask": (
        lambda client, person, response: client.get(reverse("staff:ask", args=[person.pk])),
        (What.ERRAND, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "errands": (
        lambda client, person, response: errand_about(person) and client.get(reverse("staff:errands")),
        (What.ERRAND, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "finish_errand": (
        lambda client, person, response: client.post(
            reverse("staff:finish_errand", args=[errand_about(person).pk])
        ),
        (What.ERRAND, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "take_back_errand": (
        lambda client, person, response: client.post(
            reverse("staff:take_back_errand", args=[errand_about(person).pk])
        ),
        (What.ERRAND, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "bell": (
        lambda client, person, response: marked(response) and client.get(reverse("staff:bell")),
        (What.BELL, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    # A number.
    "bell_number": (lambda client, person, response: client.get(reverse("staff:bell_number")), None),
    # The employee's own; no citizen stands in them.
    "settings": (lambda client, person, response: client.get(reverse("staff:settings")), None),
    "unsubscribe": (
        lambda client, person, response: client.get(
            reverse("staff:unsubscribe", args=[stop_token(DeskSettings(pk=person.pk, municipality_id=1))])
        ),
        None,
    ),
    # Asks why, and shows nothing of the citizen; what is opened then says so itself.
    "outside": (
        lambda client, person, response: client.get(reverse("staff:outside", args=[person.pk])),
        None,
    ),
    "outside_given": (
        lambda client, person, response: (
            opened_from_outside(person) and client.get(reverse("staff:outside_given"))
        ),
        (What.ACCESS_LOG, Action.LIST, Purpose.CONTROL, "one"),
    ),
    "outside_seen": (
        lambda client, person, response: client.post(
            reverse("staff:outside_seen", args=[opened_from_outside(person).pk])
        ),
        (What.ACCESS_LOG, Action.CHANGE, Purpose.CONTROL, "one"),
    ),
    "citizens": (
        lambda client, person, response: client.get(reverse("staff:citizens")),
        (What.CITIZENS, Action.LIST, Purpose.FOLLOW_UP, "all"),
    ),
    "citizen": (
        lambda client, person, response: client.get(reverse("staff:citizen", args=[person.pk])),
        (What.CITIZEN, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "assign": (
        lambda client, person, response: client.get(reverse("staff:assign", args=[person.pk])),
        (What.ASSIGNMENT, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "enrol": (lambda client, person, response: client.get(reverse("staff:enrol")), None),
    "begin_course": (
        lambda client, person, response: client.get(reverse("staff:begin_course", args=[person.pk])),
        (What.COURSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "course": (
        lambda client, person, response: client.get(reverse("staff:course", args=[course_of(person)])),
        (What.COURSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "care_plan": (
        lambda client, person, response: client.get(reverse("staff:care_plan", args=[plan_of(person)])),
        (What.CARE_PLAN, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "resume_plan": (
        lambda client, person, response: client.get(reverse("staff:resume_plan", args=[plan_of(person)])),
        (What.CARE_PLAN, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "change_plan": (
        lambda client, person, response: client.get(reverse("staff:change_plan", args=[plan_of(person)])),
        (What.CARE_PLAN, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "pause_plan": (
        lambda client, person, response: client.post(
            reverse("staff:pause_plan", args=[plan_of(person)]), {"pause-reason": "Ferie"}
        ),
        (What.CARE_PLAN, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "stop_plan": (
        lambda client, person, response: client.post(
            reverse("staff:stop_plan", args=[plan_of(person)]), {"stop-reason": "Flytter"}
        ),
        (What.CARE_PLAN, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "ask_once_more": (
        lambda client, person, response: ask(client, person),
        (What.CARE_PLAN, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "assist": (
        lambda client, person, response: client.get(reverse("staff:assist", args=[person.pk])),
        (What.ASSISTED, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "assist_find": (
        lambda client, person, response: client.post(reverse("staff:assist_find"), {"text": person.cpr}),
        (What.ASSISTED, Action.SEARCH, Purpose.FOLLOW_UP, "one"),
    ),
    "response": (
        lambda client, person, response: client.get(reverse("staff:response", args=[response.pk])),
        (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "response_paper": (
        lambda client, person, response: client.get(reverse("staff:response_paper", args=[response.pk])),
        (What.RESPONSE, Action.PRINT, Purpose.FOLLOW_UP, "one"),
    ),
    "response_pdf": (
        lambda client, person, response: client.get(reverse("staff:response_pdf", args=[response.pk])),
        (What.RESPONSE, Action.EXPORT, Purpose.FOLLOW_UP, "one"),
    ),
    "journal_copied": (
        lambda client, person, response: client.post(reverse("staff:journal_copied", args=[response.pk])),
        (What.RESPONSE, Action.EXPORT, Purpose.FOLLOW_UP, "one"),
    ),
    "over_time": (
        lambda client, person, response: client.get(reverse("staff:over_time", args=[response.pk])),
        (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "conversation": (
        lambda client, person, response: client.get(reverse("staff:conversation", args=[person.pk])),
        (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "development": (
        lambda client, person, response: client.get(reverse("staff:development", args=[person.pk])),
        (What.CITIZEN, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "development_paper": (
        lambda client, person, response: client.get(reverse("staff:development_paper", args=[person.pk])),
        (What.CITIZEN, Action.PRINT, Purpose.FOLLOW_UP, "one"),
    ),
    "picture_kept": (
        lambda client, person, response: client.post(reverse("staff:picture_kept", args=[person.pk])),
        (What.CITIZEN, Action.EXPORT, Purpose.FOLLOW_UP, "one"),
    ),
    # A made-up answer.
    "journal_layout": (
        lambda client, person, response: client.get(reverse("staff:journal_layout")),
        None,
    ),
    "edition": (
        lambda client, person, response: client.get(reverse("staff:edition", args=[corrected(person).pk])),
        (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "enter": (
        lambda client, person, response: client.get(reverse("staff:enter", args=[to_enter(person)])),
        (What.ENTERING, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "enter_page": (
        lambda client, person, response: client.get(
            reverse("staff:enter_page", args=[to_enter(person, begun=True), 1])
        ),
        (What.ENTERING, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "enter_save": (
        lambda client, person, response: client.post(
            reverse("staff:enter_save", args=[to_enter(person, begun=True), 1])
        ),
        (What.ENTERING, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "enter_upload": (
        lambda client, person, response: client.post(
            reverse("staff:enter_upload", args=[to_enter(person, begun=True), 1]), {"question": "note"}
        ),
        (What.ENTERING, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "file": (
        lambda client, person, response: client.get(reverse("staff:file", args=[given_with(response).pk])),
        (What.RESPONSE, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    # Options of the questionnaire, nothing of the citizen; here there is no such question.
    "enter_options": (
        lambda client, person, response: client.get(
            reverse("staff:enter_options", args=[to_enter(person), 1])
        ),
        None,
    ),
    "enter_summary": (
        lambda client, person, response: client.get(
            reverse("staff:enter_summary", args=[to_enter(person, begun=True)])
        ),
        (What.ENTERING, Action.READ, Purpose.FOLLOW_UP, "one"),
    ),
    "enter_correction": (
        lambda client, person, response: client.post(
            reverse("staff:enter_correction", args=[to_correct(person)])
        ),
        (What.ENTERING, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "enter_discard": (
        lambda client, person, response: client.post(
            reverse("staff:enter_discard", args=[to_enter(person, begun=True)]), {"sure": "yes"}
        ),
        (What.ENTERING, Action.DELETE, Purpose.FOLLOW_UP, "one"),
    ),
    "findings": (
        lambda client, person, response: found_at_fut(person) and client.get(reverse("staff:findings")),
        (What.CITIZENS, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "settle_finding": (
        lambda client, person, response: client.post(
            reverse("staff:settle_finding", args=[found_at_fut(person).pk]), {"settlement": "ours"}
        ),
        (What.CITIZEN, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "unanswered": (
        lambda client, person, response: client.get(reverse("staff:unanswered")),
        (What.UNANSWERED, Action.LIST, Purpose.FOLLOW_UP, "all"),
    ),
    "remind": (
        lambda client, person, response: client.post(
            reverse("staff:remind", args=[person.tasks.unanswered().earliest("due_at").pk])
        ),
        (What.REMINDER, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "remind_many": (
        lambda client, person, response: client.get(
            f"{reverse('staff:remind_many')}?{unanswered_of(person)}"
        ),
        (What.REMINDER, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "reminded": (
        lambda client, person, response: client.get(f"{reverse('staff:reminded')}?{unanswered_of(person)}"),
        (What.REMINDER, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "reminder_states": (
        lambda client, person, response: client.get(
            f"{reverse('staff:reminder_states')}?row={unanswered_of(person).removeprefix('task=')}.queued"
        ),
        (What.REMINDER, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "call_list": (
        lambda client, person, response: client.get(f"{reverse('staff:call_list')}?{unanswered_of(person)}"),
        (What.UNANSWERED, Action.PRINT, Purpose.FOLLOW_UP, "one"),
    ),
    "assign_many": (
        lambda client, person, response: client.post(reverse("staff:assign_many"), {"citizen": person.pk}),
        (What.ASSIGNMENT, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "assigned": (
        lambda client, person, response: client.get(
            reverse("staff:assigned", args=[tried_with_many(person).pk])
        ),
        (What.ASSIGNMENT, Action.LIST, Purpose.FOLLOW_UP, "one"),
    ),
    "assign_again": (
        lambda client, person, response: client.post(
            reverse("staff:assign_again", args=[tried_with_many(person).pk])
        ),
        (What.ASSIGNMENT, Action.CHANGE, Purpose.FOLLOW_UP, "one"),
    ),
    "access_sample": (
        lambda client, person, response: client.get(
            reverse("staff:access_sample") + f"?{period()}&antal=20&nummer=1"
        ),
        (What.ACCESS_LOG, Action.LIST, Purpose.CONTROL, "one"),
    ),
    "access_entries": (
        lambda client, person, response: client.get(reverse("staff:access_entries") + f"?{period()}"),
        (What.ACCESS_LOG, Action.LIST, Purpose.CONTROL, "one"),
    ),
    "access_entry": (
        lambda client, person, response: client.get(
            reverse("staff:access_entry", args=[AccessEntry.objects.get(what=What.CITIZEN).pk])
        ),
        (What.ACCESS_LOG, Action.READ, Purpose.CONTROL, "one"),
    ),
    "access_find": (
        lambda client, person, response: client.post(reverse("staff:access_find"), {"text": person.cpr}),
        (What.ACCESS_LOG, Action.SEARCH, Purpose.CONTROL, "one"),
    ),
    "citizen_data": (
        lambda client, person, response: client.get(reverse("staff:citizen_data", args=[person.pk])),
        (What.DATA, Action.READ, Purpose.ADMINISTRATION, "one"),
    ),
    "hold": (
        lambda client, person, response: client.post(
            reverse("staff:hold", args=[person.pk]), {"reason": "Klage 2"}
        ),
        (What.DATA, Action.CHANGE, Purpose.ADMINISTRATION, "one"),
    ),
    "lift": (
        lambda client, person, response: client.post(reverse("staff:lift", args=[held(person).pk])),
        (What.DATA, Action.CHANGE, Purpose.ADMINISTRATION, "one"),
    ),
    "erase": (
        lambda client, person, response: client.post(
            reverse("staff:erase", args=[person.pk]), {"sure": "yes"}
        ),
        (What.DATA, Action.DELETE, Purpose.ADMINISTRATION, "one"),
    ),
    "export": (
        lambda client, person, response: client.post(reverse("staff:export", args=[person.pk])),
        (What.DATA, Action.EXPORT, Purpose.ADMINISTRATION, "one"),
    ),
    "retention": (
        lambda client, person, response: held(person) and client.get(reverse("staff:retention")),
        (What.DATA, Action.LIST, Purpose.ADMINISTRATION, "one"),
    ),
}


def test_every_address_of_the_module_is_visited_here() -> None:
    """A new page belongs in VISITS, with what its entry says."""
    assert set(VISITS) == {pattern.name for pattern in urls.urlpatterns if isinstance(pattern, URLPattern)}


@pytest.mark.parametrize("page", VISITS)
def test_whoever_is_shown_stands_in_the_log(
    client: Client, citizen: Citizen, response: Response, others: list[Citizen], page: str
) -> None:
    overdue_task(citizen)
    known = {entry_about(citizen).pk}
    visit, says = VISITS[page]

    shown = visit(client, citizen, response)

    assert shown.status_code in {200, 204, 302, 303}
    entries = AccessEntry.objects.exclude(pk__in=known)
    if says is None:
        assert not entries.exists()
        return
    what, action, purpose, about = says
    assert {(each.what, each.action, each.purpose) for each in entries} == {(what, action, purpose)}
    expected = {citizen.pk, *(person.pk for person in others)} if about == "all" else {citizen.pk}
    assert {each.citizen_id for each in entries} == expected
    assert len(entries) == len(expected), "a citizen counts once a page"
    assert citizens_on(shown) <= expected


def citizens_on(page: HttpResponse) -> set[UUID]:
    """Everybody whose page, response or name stands on the page."""
    text = page.content.decode(errors="replace")
    linked = {UUID(found) for found in re.findall(r"/borgere/([0-9a-f-]{36})/", text)}
    answers = re.findall(r"/besvarelser/([0-9a-f-]{36})/", text)
    answered = set(Response.objects.filter(pk__in=answers).values_list("citizen_id", flat=True))
    named = {person.pk for person in Citizen.objects.all() if person.name in text}
    return linked | answered | named


def search(client: Client, text: str) -> int:
    return client.post(reverse("staff:citizens"), {"text": text}).status_code


class TestSearch:
    def test_a_hit_by_number_is_masked(self, client: Client, citizen: Citizen) -> None:
        search(client, citizen.cpr)

        entry = AccessEntry.objects.get()
        assert (entry.action, entry.citizen_id) == (Action.SEARCH, citizen.pk)
        assert entry.criterion == f"{citizen.cpr[:6]}-••••"

    def test_a_miss_by_number_is_masked_too(self, client: Client, municipality: Municipality) -> None:
        search(client, "610150-3999")

        entry = AccessEntry.objects.get()
        assert (entry.citizen_id, entry.criterion) == (None, "610150-••••")

    def test_a_name_is_entered_for_everybody_it_found(
        self, client: Client, citizen: Citizen, municipality: Municipality
    ) -> None:
        sister = CitizenFactory(municipality=municipality, given_name="Karen", family_name="Holm")
        CitizenFactory(municipality=municipality, given_name="Karen", family_name="Falk")

        search(client, "holm")

        found = AccessEntry.objects.filter(action=Action.SEARCH, criterion="holm")
        assert {each.citizen_id for each in found} == {citizen.pk, sister.pk}

    def test_a_name_that_nobody_has_is_entered_as_well(self, client: Client, citizen: Citizen) -> None:
        search(client, "Findesikke")

        assert [(each.citizen_id, each.criterion) for each in AccessEntry.objects.all()] == [
            (None, "Findesikke")
        ]

    def test_what_was_no_search_is_no_entry(self, client: Client, municipality: Municipality) -> None:
        assert search(client, "1") == 422
        assert not AccessEntry.objects.exists()


class TestAssigning:
    def post(self, client: Client, citizen: Citizen, **more: str) -> None:
        data = {
            "plan": str(PlanFactory().pk),
            "care_team": str(citizen.municipality.care_teams.get().pk),
            "starts_on": timezone.localdate().strftime("%d-%m-%Y"),
            **more,
        }
        client.post(reverse("staff:assign", args=[citizen.pk]), data)

    def test_a_preview_reads(self, client: Client, citizen: Citizen) -> None:
        self.post(client, citizen)

        assert AccessEntry.objects.get().action == Action.READ

    def test_an_assignment_changes_and_names_the_care_plan(self, client: Client, citizen: Citizen) -> None:
        self.post(client, citizen, confirm="1")

        entry = AccessEntry.objects.get()
        assert entry.action == Action.CHANGE
        assert entry.subject_id == citizen.episodes.get().care_plans.get().pk


def test_a_reminder_that_is_refused_changes_nothing(client: Client, municipality: Municipality) -> None:
    task = overdue_task(CitizenFactory(municipality=municipality))
    Task.objects.filter(pk=task.pk).update(status=Task.Status.CANCELLED)

    client.post(reverse("staff:remind", args=[task.pk]))

    entry = AccessEntry.objects.get()
    assert (entry.what, entry.action, entry.subject_id) == (What.REMINDER, Action.READ, task.pk)


def test_the_request_id_leads_to_the_system_log(
    client: Client, citizen: Citizen, caplog: pytest.LogCaptureFixture
) -> None:
    client.get(reverse("staff:citizen", args=[citizen.pk]))

    request_id = AccessEntry.objects.get().request_id
    assert request_id
    assert request_id in caplog.text


class TestNoEntryNoPage:
    def test_when_the_log_cannot_be_written_nothing_is_shown(self, client: Client, citizen: Citizen) -> None:
        """The database takes nothing new for as long, as when its disk is full."""
        client.raise_request_exception = False
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL transaction_read_only = on")
            page = client.get(reverse("staff:citizen", args=[citizen.pk]))
            transaction.set_rollback(True)

        assert page.status_code == 500
        _type, problem, trace = page.exc_info  # type: ignore[attr-defined]  # the test client adds it
        assert isinstance(problem, DatabaseError)
        assert any(frame.f_code.co_name == "record" for frame, _line in walk_tb(trace))
        assert citizen.name not in page.content.decode()

    def test_a_view_that_says_nothing_gives_no_page(self, nurse: StaffMember) -> None:
        @municipal_staff(Permission.SEE_CITIZENS)
        def forgetful(request: MunicipalRequest) -> HttpResponse:
            return HttpResponse("Kirsten Holm")

        request = RequestFactory().get("/")
        set_actor(request, staff_actor(nurse))

        with (
            pytest.raises(NotAccountedFor, match="forgetful has not said whom it shows"),
            transaction.atomic(),
        ):
            forgetful(request)

    def test_nor_does_what_it_did_come_to_anything(
        self, client: Client, citizen: Citizen, settings: LazySettings
    ) -> None:
        """Though what a page has saved stays where it only fails to be drawn."""
        settings.ROOT_URLCONF = __name__
        client.raise_request_exception = False

        assert client.post(f"/forgets/{citizen.pk}/").status_code == 500
        assert not LegalHold.objects.exists()


def test_a_citizen_of_another_municipality_leaves_no_entry(client: Client) -> None:
    stranger = CitizenFactory()
    assert client.get(reverse("staff:citizen", args=[stranger.pk])).status_code == 404
    assert not AccessEntry.objects.exists()


class TestOneViewIsOneEntry:
    """The citizen's page pulls in time line and log by itself; who looks at it has looked once."""

    @pytest.fixture(autouse=True)
    def _somebody(self, citizen: Citizen) -> None:
        assign(citizen)

    def pulled_in(self, client: Client, citizen: Citizen) -> str:
        """The address that the citizen's page asks for as soon as it is there."""
        page = client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()
        found = re.search(r'id="history" hx-get="([^"]+)"', page)
        assert found is not None
        return found[1]

    def entered(self, citizen: Citizen) -> list[str]:
        return list(
            AccessEntry.objects.filter(citizen_id=citizen.pk).order_by("pk").values_list("what", flat=True)
        )

    def test_the_page_with_what_it_pulls_in(self, client: Client, citizen: Citizen) -> None:
        part = client.get(self.pulled_in(client, citizen), headers={"HX-Request": "true"})

        assert "Tidslinje" in part.content.decode()
        assert self.entered(citizen) == [What.CITIZEN]
        assert [seen.times for seen in as_seen(uses_of_citizen(citizen.pk))] == [1]

    def test_more_of_the_log_and_the_page_of_its_own_are_entered(
        self, client: Client, citizen: Citizen
    ) -> None:
        address = reverse("staff:history", args=[citizen.pk])
        client.get(f"{address}?log=40", headers={"HX-Request": "true"})
        client.get(self.pulled_in(client, citizen))  # opened in a tab of its own

        assert self.entered(citizen) == [What.HISTORY, What.CITIZEN, What.HISTORY]

    def test_a_mark_is_one_employees_about_one_citizen(
        self, client: Client, citizen: Citizen, others: list[Citizen], client_as: Callable[..., Client]
    ) -> None:
        _address, mark = self.pulled_in(client, citizen).split("?")
        colleague = client_as(staff_actor(StaffMemberFactory(municipality=citizen.municipality)))
        colleague.get(f"{_address}?{mark}", headers={"HX-Request": "true"})
        client.get(f"{reverse('staff:history', args=[others[0].pk])}?{mark}", headers={"HX-Request": "true"})

        assert self.entered(citizen) == [What.CITIZEN, What.HISTORY]
        assert self.entered(others[0]) == [What.HISTORY]

    def test_long_after_the_page_it_is_a_view_of_its_own(
        self, nurse: StaffMember, client_as: Callable[..., Client], citizen: Citizen, at: Callable[..., Any]
    ) -> None:
        with at("2027-03-01 09:00"):
            address = self.pulled_in(client_as(staff_actor(nurse)), citizen)
        with at("2027-03-01 09:02"):
            client_as(staff_actor(nurse)).get(address, headers={"HX-Request": "true"})

        assert self.entered(citizen) == [What.CITIZEN, What.HISTORY]

    def test_whose_reason_is_over_sees_nothing_of_it(
        self, nurse: StaffMember, client_as: Callable[..., Client], citizen: Citizen
    ) -> None:
        """The mark spares an entry; it opens nothing."""
        CareTeamFactory(municipality=citizen.municipality, login_id="hjerte")
        actor = replace(staff_actor(nurse), care_team="https://organization.example/fhir/CareTeam/hjerte")
        given = give_reason(
            actor=actor,
            citizen=citizen,
            municipality=citizen.municipality,
            reason="Jeg afløser i teamet",
            at=timezone.now(),
        )
        client = client_as(actor)
        address = self.pulled_in(client, citizen)
        OutsideAccess.objects.filter(pk=given.pk).delete()
        part = client.get(address, headers={"HX-Request": "true"})

        assert "Tidslinje" not in part.content.decode()
        assert part.headers["HX-Redirect"].startswith(reverse("staff:outside", args=[citizen.pk]))
