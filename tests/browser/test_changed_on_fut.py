"""What others changed on FUT, on the screen: accessible and whole on a phone and on a desk."""

import os
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from fut.models import FutFinding, FutRun
from identity.actors import StaffActor
from identity.roles import Role
from municipalities.models import Municipality
from outbox.models import ChannelState, ReceiverState
from tests import factories
from tests.browser.test_accessibility import nothing_is_wrong
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 390, 1280)
# A folder for pictures, to look at.
PICTURES = os.environ.get("PICTURES", "")

Visit = Callable[[StaffActor, int, str], Page]


@pytest.fixture
def visit(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Visit]:
    """`visit(actor, width, address)`: the page, looked at."""
    contexts: list[BrowserContext] = []

    def come(actor: StaffActor, width: int, address: str) -> Page:
        key = client_as(actor).cookies[settings.SESSION_COOKIE_NAME].value
        context = chrome.new_context(viewport={"width": width, "height": 800}, locale="da-DK")
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(live_server.url + address)
        if PICTURES:
            name = address.strip("/").replace("/", "-")[:30]
            page.screenshot(path=Path(PICTURES) / f"{name}-{width}.png", full_page=True)
        return page

    yield come
    for context in contexts:
        context.close()


def found(municipality: Municipality) -> Citizen:
    """Of one citizen a plan in conflict and another that ended, with a questionnaire that was stopped alone."""
    now = timezone.now()
    citizen = factories.CitizenFactory(municipality=municipality, given_name="Kirsten", family_name="Holm")
    care_plan, ended = factories.assign(citizen), factories.assign(citizen)
    facts = {
        "municipality": municipality, "citizen": citizen, "episode": care_plan.episode, "ours": "active",
        "theirs": "revoked", "version_id": "3", "happened_at": now - timedelta(hours=5),
    }  # fmt: skip
    ended.status = "revoked"
    ended.save()
    taken = {"care_plan": ended, "settlement": "taken_over", "settled_at": now}
    rows = [
        {"kind": "plan", "care_plan": care_plan},
        {"kind": "request", "care_plan": care_plan, "activity": care_plan.plan.activities.get()},
        {"kind": "plan", **taken},
        {"kind": "request", "activity": ended.plan.activities.get(), **taken},
        {"kind": "team", "care_team": care_plan.episode.care_team, "citizen": None, "episode": None},
    ]
    for number, given in enumerate(rows):
        FutFinding.objects.create(
            **{**facts, "url": f"https://x.invalid/{citizen.pk}/CarePlan/{number}", **given},
            found_at=now - timedelta(hours=number),
        )
    return citizen


@pytest.mark.parametrize("width", WIDTHS)
def test_staff_see_it_on_the_list_and_at_the_citizen(visit: Visit, width: int) -> None:
    member = factories.StaffMemberFactory()
    assert member.municipality is not None
    one = found(member.municipality)
    actor = staff_actor(member, frozenset({Role.MONITORING_ADJUSTER}))
    page = visit(actor, width, "/medarbejder/fut/")
    nothing_is_wrong(page, "the list of what was changed")
    page.get_by_role("link", name="Kirsten Holm").first.click()
    page.wait_for_url(f"**/borgere/{one.pk}/")
    nothing_is_wrong(visit(actor, width, f"/medarbejder/borgere/{one.pk}/"), "the citizen's page")


def test_an_empty_list(visit: Visit) -> None:
    actor = staff_actor(factories.StaffMemberFactory(), frozenset({Role.MONITORING_ADJUSTER}))
    nothing_is_wrong(visit(actor, 320, "/medarbejder/fut/"), "an empty list")


@pytest.mark.parametrize("width", WIDTHS)
def test_the_system_administration_sees_figures(visit: Visit, width: int) -> None:
    for _ in range(2):
        found(factories.MunicipalityFactory())
    now = timezone.now()
    said = "FUT kunne ikke tage imod GET /fhir/CarePlan: intet svar i tide."
    FutRun.objects.create(what="courses", looked=51234, refused=3, stopped=2, succeeded_at=now, problem=said)
    FutRun.objects.create(what="teams", runs=288, looked=98, succeeded_at=now)
    ChannelState.objects.create(channel="fut", asked_at=now)
    until = now + timedelta(minutes=4)
    ReceiverState.objects.create(
        channel="fut", receiver="careplan", failures=5, openings=1, open_until=until, last_problem=said
    )
    ReceiverState.objects.create(channel="fut", receiver="measurement")
    operator = factories.StaffMemberFactory(municipality=None)
    actor = staff_actor(operator, frozenset({Role.INCIDENT_MANAGER}))
    nothing_is_wrong(visit(actor, width, "/drift/fut-aendringer/"), "what was changed, in figures")
    nothing_is_wrong(visit(actor, width, "/drift/"), "the outbox")
    nothing_is_wrong(visit(actor, width, "/drift/fut/"), "a channel, a part of which is away")
