"""An employee helps a citizen to answer, and nothing else: what the visit lets them do, and how it ends."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens import cpr
from citizens.models import Citizen
from identity.access_log import What
from identity.actors import StaffActor
from identity.assisting import SESSION_VISIT
from identity.middleware import SESSION_ACTOR
from identity.models import AccessEntry, AssistedVisit, StaffMember
from identity.roles import PERMISSIONS, Permission, Role
from identity.tasks import end_visits_left_open
from plans.models import Task
from plans.services import begin_task
from privacy.export import everything_about
from questionnaires.models import Response, Upload
from tests.conftest import NURSE_ROLES, staff_actor
from tests.factories import CitizenFactory, StaffMemberFactory, open_task

pytestmark = pytest.mark.django_db

GIVEN = {"identity_checked": "photo-id", "consent": "oral"}
HELPER_ROLES = NURSE_ROLES | {Role.LOGIN_ASSISTOR}


@pytest.fixture
def task(citizen: Citizen) -> Task:
    return open_task(citizen)


@pytest.fixture
def helper(nurse: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    return client_as(staff_actor(nurse, HELPER_ROLES))


def begin(client: Client, citizen: Citizen, **given: str) -> Any:
    return client.post(reverse("staff:assist", args=[citizen.pk]), GIVEN | given)


def end(client: Client, **how: str) -> Any:
    return client.post(reverse("identity:end_visit"), how)


def text(page: Any) -> str:
    return " ".join(page.content.decode().split())


def test_from_the_consent_to_the_receipt(
    helper: Client, nurse: StaffMember, citizen: Citizen, task: Task
) -> None:
    start = reverse("staff:assist", args=[citizen.pk])
    assert start in text(helper.get(reverse("staff:citizen", args=[citizen.pk])))
    assert "Hvordan har borgeren givet samtykke?" in text(helper.get(start))
    assert begin(helper, citizen).url == reverse("citizens:tasks")
    assert f"Du hjælper {citizen.name} med at svare." in text(helper.get(reverse("citizens:tasks")))
    root = reverse("citizens:task", args=[task.pk])
    helper.post(root)
    answers = {"a:pain": "true", "a:how-much": "3", "asked": ["pain", "how-much"], "go": "next"}
    helper.post(f"{root}side/1/", answers)
    page = helper.get(f"{root}opsummering/").content.decode()
    seen = re.search(r'name="seen" value="(\w+)"', page)
    assert seen is not None
    assert "Afslut besøget" in text(helper.post(f"{root}opsummering/", {"seen": seen[1]}, follow=True))

    response = Response.objects.get()
    assert (response.is_completed, response.mode, response.entered_by) == (True, "assisted", nurse)
    assert end(helper).url == reverse("staff:citizen", args=[citizen.pk])
    visit = AssistedVisit.objects.get()
    assert (visit.citizen, visit.helper, visit.consent, visit.ended_why) == (citizen, nurse, "oral", "done")
    used = AccessEntry.objects.filter(what=What.ASSISTED)
    assert {(use.staff_id, use.citizen_id) for use in used} == {(nurse.pk, citizen.pk)}
    own = everything_about(citizen, municipality=None, at=timezone.now())["assisted_visits"]
    assert [(each["consent"], each["helper"]) for each in own] == [("oral", None)]


@pytest.mark.parametrize("where", ["svar/1/", "side/1/"])
def test_what_the_citizen_began_alone_is_marked_with_the_first_answer_given_with_help(
    helper: Client, nurse: StaffMember, citizen: Citizen, task: Task, where: str
) -> None:
    begin_task(task=task, at=timezone.now())
    begin(helper, citizen)
    root = reverse("citizens:task", args=[task.pk])
    helper.get(f"{root}side/1/")
    assert Response.objects.get().mode == "own", "looking is not helping"
    helper.post(f"{root}{where}", {"a:pain": "true", "asked": ["pain"]}, headers={"HX-Request": "true"})
    response = Response.objects.get()
    assert (response.mode, response.entered_by) == ("assisted", nurse)


def test_the_form_leads_back_to_the_citizen_for_those_who_may_see_them(
    helper: Client, nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> None:
    start, back = reverse("staff:assist", args=[citizen.pk]), reverse("staff:citizen", args=[citizen.pk])
    assert f'href="{back}"' in text(helper.get(start))
    page = text(client_as(staff_actor(nurse, frozenset({Role.LOGIN_ASSISTOR}))).get(start))
    assert (f'href="{back}"' in page, f'href="{reverse("staff:assist_find")}"' in page) == (False, True)


@pytest.mark.parametrize("missing", ["identity_checked", "consent"])
def test_no_visit_without_consent_and_a_known_citizen(helper: Client, citizen: Citizen, missing: str) -> None:
    assert begin(helper, citizen, **{missing: ""}).status_code == 422
    assert not AssistedVisit.objects.exists()


def test_it_is_never_begun_by_a_link(helper: Client, citizen: Citizen) -> None:
    helper.get(reverse("staff:assist", args=[citizen.pk]), GIVEN)
    assert not AssistedVisit.objects.exists()
    assert helper.get(reverse("identity:end_visit")).status_code == 405


def test_a_foreign_form_begins_nothing(helper: Client, citizen: Citizen) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = helper.cookies
    assert begin(strict, citizen).status_code == 403
    assert not AssistedVisit.objects.exists()


@pytest.mark.parametrize("role", list(Role))
def test_only_the_role_for_it_begins(
    role: Role, nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
) -> None:
    page = begin(client_as(staff_actor(nurse, frozenset({role}))), citizen)
    assert (page.status_code == 302) == (Permission.ASSIST_LOGIN in PERMISSIONS[role])


def test_the_key_changes_at_both_ends(helper: Client, citizen: Citizen) -> None:
    keys = [helper.session.session_key]
    begin(helper, citizen)
    keys.append(helper.session.session_key)
    end(helper)
    keys.append(helper.session.session_key)
    assert len(set(keys)) == 3


@pytest.mark.parametrize(
    "name",
    ["my_data", "responses", "access", "download", "erase"],
)
def test_what_is_the_citizens_alone_is_closed(helper: Client, citizen: Citizen, name: str) -> None:
    begin(helper, citizen)
    page = helper.post(reverse(f"citizens:{name}"), {"sure": "yes"})
    assert (page.status_code, "Siden er lukket under besøget" in text(page)) == (403, True)
    assert Citizen.objects.filter(pk=citizen.pk).exists()


def test_the_front_page_leads_to_the_citizens_tasks(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    assert helper.get(reverse("home"))["Location"] == reverse("citizens:tasks")


def test_no_page_of_the_visit_links_to_a_closed_one(helper: Client, citizen: Citizen, task: Task) -> None:
    begin(helper, citizen)
    root = reverse("citizens:task", args=[task.pk])
    helper.post(root)
    answers = {"a:pain": "false", "asked": ["pain"], "go": "next"}
    helper.post(f"{root}side/1/", answers)
    pages = [reverse("citizens:tasks"), f"{root}side/1/", f"{root}opsummering/"]
    seen = re.search(r'name="seen" value="(\w+)"', helper.get(pages[-1]).content.decode())
    assert seen is not None
    shown = [text(helper.get(page)) for page in pages]
    shown.append(text(helper.post(pages[-1], {"seen": seen[1]}, follow=True)))
    assert "Tak for dine svar" in shown[-1]
    links = {link for page in shown for link in re.findall(r'href="(/[^"#]*)"', page) if "static" not in link}
    assert reverse("citizens:tasks") in links
    assert {link for link in links if helper.get(link).status_code not in {200, 302}} == set()


def test_a_file_is_seen_only_while_it_is_part_of_what_is_answered(
    helper: Client, citizen: Citizen, task: Task
) -> None:
    draft = begin_task(task=task, at=timezone.now())
    upload = Upload.objects.create(
        response=draft,
        municipality=draft.municipality,
        citizen=citizen,
        name="sår.png",
        content_type="image/png",
        size=3,
        content=b"png",
        created_at=timezone.now(),
    )
    begin(helper, citizen)
    address = reverse("citizens:file", args=[upload.pk])
    assert helper.get(address).status_code == 200
    Response.objects.update(status=Response.Status.COMPLETED, completed_at=timezone.now())
    assert helper.get(address).status_code == 404


def test_the_pages_of_staff_are_closed(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    for name in ("staff:overview", "staff:citizens", "identity:sessions"):
        assert helper.get(reverse(name)).status_code == 403
    assert begin(helper, citizen).status_code == 403
    assert AssistedVisit.objects.count() == 1


def test_another_citizen_is_out_of_reach(helper: Client, citizen: Citizen) -> None:
    other = open_task(CitizenFactory(municipality=citizen.municipality))
    begin(helper, citizen)
    assert helper.get(reverse("citizens:task", args=[other.pk])).status_code == 404
    assert helper.post(reverse("citizens:task", args=[other.pk])).status_code == 404
    assert not Response.objects.exists()


def test_a_citizen_of_another_municipality_cannot_be_helped(helper: Client) -> None:
    assert begin(helper, CitizenFactory()).status_code == 404
    assert not AssistedVisit.objects.exists()


def test_afterwards_nothing_of_the_citizen_is_shown(helper: Client, citizen: Citizen, task: Task) -> None:
    begin(helper, citizen)
    end(helper, why="withdrawn")
    assert AssistedVisit.objects.get().ended_why == "withdrawn"
    for name, args in (("tasks", []), ("task", [task.pk])):
        page = helper.get(reverse(f"citizens:{name}", args=args))
        assert (page.status_code, task.title in text(page)) == (403, False)
        assert "no-store" in page["Cache-Control"]
    assert end(helper).status_code == 302  # twice is as once


@pytest.mark.parametrize(
    "change", [{"last_used_at": timedelta(minutes=15)}, {"ends_at": timedelta(0)}], ids=["idle", "long"]
)
def test_it_ends_by_itself(helper: Client, citizen: Citizen, change: dict[str, timedelta]) -> None:
    begin(helper, citizen)
    now = timezone.now()
    AssistedVisit.objects.update(
        begun_at=now - timedelta(hours=1),
        consent_at=now - timedelta(hours=1),
        **{name: now - ago for name, ago in change.items()},
    )
    assert helper.get(reverse("citizens:tasks")).status_code == 403
    assert AssistedVisit.objects.get().ended_why == "time-up"


def test_the_time_left_is_that_of_the_visit_and_a_use_puts_it_off(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    now = timezone.now()
    begun = now - timedelta(minutes=14)
    AssistedVisit.objects.update(consent_at=begun, begun_at=begun, last_used_at=begun)
    asked = helper.get(reverse("identity:session"), headers={"accept": "application/json"}).json()
    assert (50 <= asked["seconds"] <= 60, asked["extendable"]) == (True, True)
    stayed = helper.post(reverse("identity:session"), headers={"accept": "application/json"}).json()
    assert 890 <= stayed["seconds"] <= 900
    assert "Besøget slutter kl." in text(helper.get(reverse("citizens:tasks")))
    assert "Besøget varer til kl." in text(
        helper.get(reverse("identity:session"), headers={"accept": "text/html"})
    )
    AssistedVisit.objects.update(ends_at=now + timedelta(minutes=3))
    asked = helper.get(reverse("identity:session"), headers={"accept": "application/json"}).json()
    assert (asked["seconds"] <= 180, asked["extendable"]) == (True, False)


def test_where_the_browser_goes_when_the_visit_is_up(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    long_ago = timezone.now() - timedelta(minutes=20)
    AssistedVisit.objects.update(consent_at=long_ago, begun_at=long_ago, last_used_at=long_ago)
    asked = helper.get(f"{reverse('identity:session')}?visit=1", headers={"accept": "application/json"})
    assert asked.json() == {"seconds": 0, "extendable": False}
    page = text(helper.get(reverse("identity:ended"), {"audience": "staff", "visit": "1"}))
    assert ("Besøget er slut" in page, "Du er logget ud" in page, citizen.name in page) == (
        True,
        False,
        False,
    )
    helper.post(reverse("identity:logout"))
    page = text(helper.get(reverse("identity:ended"), {"audience": "staff", "visit": "1"}))
    assert "Du er logget ud" in page
    assert reverse("identity:login", args=["staff"]) in page


def test_to_ask_how_much_time_is_left_puts_nothing_off(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    a_while_ago = timezone.now() - timedelta(minutes=14)
    AssistedVisit.objects.update(consent_at=a_while_ago, begun_at=a_while_ago, last_used_at=a_while_ago)
    helper.get(reverse("identity:session"))
    assert AssistedVisit.objects.get().last_used_at == a_while_ago
    helper.get(reverse("citizens:tasks"))
    assert AssistedVisit.objects.get().last_used_at > a_while_ago


@pytest.mark.parametrize(
    ("used", "ended"), [(20, 35), (50, 60), (None, None)], ids=["idle", "long", "going on"]
)
def test_one_left_open_is_closed_when_its_time_was_up(
    helper: Client, citizen: Citizen, used: int | None, ended: int | None
) -> None:
    begin(helper, citizen)
    now = timezone.now()
    begun = now - timedelta(minutes=70)
    if used is not None:
        AssistedVisit.objects.update(
            consent_at=begun,
            begun_at=begun,
            last_used_at=begun + timedelta(minutes=used),
            ends_at=begun + timedelta(hours=1),
        )
    end_visits_left_open()
    visit = AssistedVisit.objects.get()
    expected = (None, "") if ended is None else (begun + timedelta(minutes=ended), "time-up")
    assert (visit.ended_at, visit.ended_why) == expected
    end_visits_left_open()  # twice is as once
    assert AssistedVisit.objects.get().ended_at == visit.ended_at


def test_it_ends_with_the_role(helper: Client, nurse: StaffMember, citizen: Citizen) -> None:
    begin(helper, citizen)
    session = helper.session
    session[SESSION_ACTOR] = staff_actor(nurse).to_session()
    session.save()
    assert helper.get(reverse("citizens:tasks")).status_code == 403
    assert AssistedVisit.objects.get().ended_why == "not-allowed"


def test_it_ends_with_the_logout(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    helper.post(reverse("identity:logout"))
    assert AssistedVisit.objects.get().ended_why == "logged-out"
    assert helper.get(reverse("citizens:tasks")).status_code == 302


@pytest.mark.parametrize("whose", ["colleague", "same person", "other municipality"])
def test_a_visit_is_of_no_use_in_another_session(
    whose: str,
    helper: Client,
    nurse: StaffMember,
    citizen: Citizen,
    client_as: Callable[[StaffActor], Client],
) -> None:
    begin(helper, citizen)
    member = nurse
    if whose == "colleague":
        member = StaffMemberFactory(municipality=nurse.municipality)
    elif whose == "other municipality":
        member = StaffMemberFactory()
    thief = client_as(staff_actor(member, HELPER_ROLES))
    session = thief.session
    session[SESSION_VISIT] = helper.session[SESSION_VISIT]
    session.save()
    assert thief.get(reverse("citizens:tasks")).status_code == 403
    assert AssistedVisit.objects.get().ended_at is None
    assert helper.get(reverse("citizens:tasks")).status_code == 200


def test_the_database_keeps_one_running_visit_a_session(helper: Client, citizen: Citizen) -> None:
    begin(helper, citizen)
    again = AssistedVisit.objects.values().get() | {"id": None}
    again.pop("id")
    with pytest.raises(IntegrityError, match="one_running_visit_a_session"), transaction.atomic():
        AssistedVisit.objects.create(**again)


@pytest.fixture
def assistor(nurse: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    return client_as(staff_actor(nurse, frozenset({Role.LOGIN_ASSISTOR})))


def find(client: Client, number: str) -> Any:
    return client.post(reverse("staff:assist_find"), {"text": number})


def test_who_may_only_help_finds_a_citizen_by_the_whole_number(
    assistor: Client, nurse: StaffMember, citizen: Citizen
) -> None:
    assert assistor.get(reverse("staff:assist_find")).status_code == 200
    page = find(assistor, citizen.cpr)
    assert (page.status_code, page.url) == (303, reverse("staff:assist", args=[citizen.pk]))
    assert assistor.get(page.url).status_code == 200
    search = AccessEntry.objects.get(what=What.ASSISTED, action="search")
    assert (search.citizen_id, search.staff_id, search.criterion) == (
        citizen.pk,
        nurse.pk,
        cpr.masked(citizen.cpr),
    )
    begin(assistor, citizen)
    assert end(assistor).url == reverse("staff:assist_find")
    assert assistor.get(reverse("staff:citizen", args=[citizen.pk])).status_code == 403


@pytest.mark.parametrize("typed", ["name", "part of the number", "nothing"])
def test_nobody_is_found_by_less_than_the_number(assistor: Client, citizen: Citizen, typed: str) -> None:
    number = {"name": citizen.family_name, "part of the number": citizen.cpr[:6], "nothing": ""}[typed]
    page = find(assistor, number)
    assert (page.status_code, citizen.name in text(page)) == (422, False)
    assert not AccessEntry.objects.exists()


def test_a_citizen_of_another_municipality_is_not_found_and_the_search_stands(assistor: Client) -> None:
    stranger = CitizenFactory()
    page = find(assistor, stranger.cpr)
    assert "Ingen borger i kommunen har det CPR-nummer" in text(page)
    assert stranger.cpr not in text(page)
    assert stranger.name not in text(page)
    assert AccessEntry.objects.get().citizen_id is None
