"""An assisted visit in Chromium: consent, the citizen's pages under a banner, the end, and nothing left afterwards."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from identity.actors import StaffActor
from identity.models import AssistedVisit
from identity.roles import Role
from plans.models import Task
from questionnaires.models import Response
from tests import factories
from tests.browser.looking import looked_at
from tests.browser.one_form import FORM, question, task_to_answer
from tests.conftest import NURSE_ROLES, staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

CITIZEN = "Kirsten Holm"
PHONE, DESK = 390, 1280
PART_OF_THE_SCREEN = 0.25


@pytest.fixture
def task() -> Task:
    return task_to_answer(given_name="Kirsten", family_name="Holm")


@pytest.fixture
def desk(
    task: Task, chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[..., Page]]:
    """`desk()`: an employee's browser, at the page about the citizen or where those who may only help begin."""
    nurse = factories.StaffMemberFactory(municipality=task.municipality, name="Anne Vestergaard")
    contexts: list[BrowserContext] = []

    def enter(width: int = DESK, *, roles: frozenset[Role] = NURSE_ROLES, **how: Any) -> Page:
        actor = staff_actor(nurse, roles | {Role.LOGIN_ASSISTOR})
        key = client_as(actor).cookies[settings.SESSION_COOKIE_NAME].value
        context = chrome.new_context(viewport={"width": width, "height": 844}, locale="da-DK", **how)
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        way_in = reverse("staff:citizen", args=[task.citizen_id]) if roles else "/medarbejder/assisteret/"
        page.goto(live_server.url + way_in)
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.fixture
def look(screenshots: Path | None) -> Callable[[Page, str], None]:
    return lambda page, name: looked_at(page, f"assist-{name}", screenshots)


def begin(page: Page) -> None:
    page.get_by_role("link", name="Hjælp borgeren med at svare").click()
    consent(page)


def consent(page: Page) -> None:
    page.get_by_label("Pas, kørekort eller andet billed-id").check(force=True)
    page.get_by_label("Mundtligt, mens borgeren var til stede").check(force=True)
    page.get_by_role("button", name="Start assisteret besøg").click()
    expect(page.get_by_role("heading", name="Dine opgaver")).to_be_visible()


def end(page: Page) -> None:
    page.get_by_role("button", name="Afslut besøget").click()


def banner_stands_aside(page: Page) -> bool:
    """It covers nothing, and leaves most of a telephone's screen to the page."""
    box = page.get_by_role("region", name="Assisteret besøg").bounding_box()
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert box is not None
    assert heading is not None
    assert box["height"] <= PART_OF_THE_SCREEN * page.evaluate("window.innerHeight")
    return bool(box["y"] + box["height"] <= heading["y"])


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_from_consent_to_receipt(
    desk: Callable[..., Page], look: Callable[[Page, str], None], task: Task, width: int
) -> None:
    page = desk(width)
    page.get_by_role("link", name="Hjælp borgeren med at svare").click()
    expect(page.get_by_role("link", name=CITIZEN)).to_be_visible()
    look(page, "form")
    page.get_by_role("button", name="Start assisteret besøg").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Vælg, hvordan borgeren har givet samtykke.")
    look(page, "form-errors")
    assert not AssistedVisit.objects.exists()

    consent(page)
    expect(page.get_by_role("region", name="Assisteret besøg")).to_contain_text(CITIZEN)
    expect(page.locator(".account-name")).to_have_text("Logget ind som Anne Vestergaard")
    assert banner_stands_aside(page)
    look(page, "tasks")
    page.get_by_role("link", name="Svar nu").click()
    look(page, "task")
    page.get_by_role("button", name="Begynd").click()
    expect(page.get_by_role("heading", name="Smerter")).to_be_visible()
    assert banner_stands_aside(page)
    look(page, "question")
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")

    question_page = page.url
    page.goto(page.url.split("/borger/")[0] + reverse("staff:citizen", args=[task.citizen_id]))
    expect(page.get_by_role("heading", name="Siden er lukket under besøget")).to_be_visible()
    look(page, "closed")
    page.get_by_role("link", name="Tilbage til borgerens opgaver").click()
    page.get_by_role("link", name="Kommunal PRO").first.click()
    expect(page.get_by_role("heading", name="Dine opgaver")).to_be_visible()

    page.goto(question_page)
    page.get_by_role("button", name="Næste", exact=True).click()
    look(page, "summary")
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()
    look(page, "receipt")
    response = Response.objects.get()
    assert (response.is_completed, response.mode) == (True, Response.Mode.ASSISTED)

    receipt = page.url
    end(page)
    page.wait_for_url(f"**{reverse('staff:citizen', args=[task.citizen_id])}")
    expect(page.get_by_role("region", name="Assisteret besøg")).to_have_count(0)
    look(page, "ended")
    assert AssistedVisit.objects.get().ended_why == AssistedVisit.Ended.DONE
    for address in (question_page, receipt, receipt.split("opgave/")[0]):
        page.goto(address)
        expect(page.get_by_role("heading", name="Siden er for borgere")).to_be_visible()
        assert CITIZEN not in page.content()
        assert FORM["title"] not in page.content()


def test_the_way_back_shows_nothing_of_the_citizens_pages(desk: Callable[..., Page]) -> None:
    page = desk(PHONE)
    begin(page)
    page.get_by_role("link", name="Svar nu").click()
    page.get_by_role("button", name="Begynd").click()
    page.get_by_label("Er der andet?").fill("Kun til lægen")
    page.get_by_label("Er der andet?").blur()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    page.get_by_role("button", name="Borgeren vil stoppe").click()
    page.wait_for_url("**/medarbejder/borgere/**")
    assert AssistedVisit.objects.get().ended_why == AssistedVisit.Ended.WITHDRAWN
    page.go_back()
    expect(page.get_by_role("heading", name="Siden er for borgere")).to_be_visible()
    assert "Kun til lægen" not in page.content()
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").count("Kun til") == 0


def test_before_the_visit_is_up_a_dialog_asks(
    desk: Callable[..., Page], look: Callable[[Page, str], None], settings: LazySettings
) -> None:
    settings.ASSISTED_VISIT_IDLE_SECONDS = 110
    page = desk(PHONE)
    begin(page)
    dialog = page.get_by_role("alertdialog", name="Besøget slutter snart")
    expect(dialog).to_contain_text("Vil I fortsætte?")
    look(page, "dialog")
    settings.ASSISTED_VISIT_IDLE_SECONDS = 900
    dialog.get_by_role("button", name="Fortsæt besøget").click()
    expect(dialog).to_be_hidden()
    settings.ASSISTED_VISIT_IDLE_SECONDS = 3
    page.reload()
    page.wait_for_url("**/login/ended/**")
    expect(page.get_by_role("heading", name="Besøget er slut")).to_be_visible()
    assert CITIZEN not in page.content()
    look(page, "time-up")
    assert AssistedVisit.objects.get().ended_why == AssistedVisit.Ended.TIME_UP


@pytest.mark.parametrize("width", [320, PHONE, DESK])
def test_who_may_only_help_begins_with_the_number(
    desk: Callable[..., Page], look: Callable[[Page, str], None], task: Task, width: int
) -> None:
    page = desk(width, roles=frozenset())
    look(page, "find")
    page.get_by_role("button", name="Find borgeren").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Skriv borgerens CPR-nummer.")
    look(page, "find-error")
    page.get_by_label("Borgerens CPR-nummer").fill(factories.CitizenFactory().cpr)
    page.get_by_role("button", name="Find borgeren").click()
    expect(page.get_by_text("Ingen borger i kommunen har det CPR-nummer")).to_be_visible()
    look(page, "find-unknown")
    page.get_by_label("Borgerens CPR-nummer").fill(task.citizen.cpr)
    page.get_by_role("button", name="Find borgeren").click()
    expect(page.get_by_role("link", name="Find en anden borger")).to_be_visible()
    look(page, "form-of-helper")
    consent(page)
    end(page)
    expect(page.get_by_role("heading", name="Hjælp en borger med at svare")).to_be_visible()
    assert CITIZEN not in page.content()


def test_it_works_without_scripts(desk: Callable[..., Page], task: Task) -> None:
    page = desk(PHONE, java_script_enabled=False)
    begin(page)
    page.get_by_role("link", name="Svar nu").click()
    page.get_by_role("button", name="Begynd").click()
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    page.get_by_role("button", name="Næste", exact=True).click()
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()
    end(page)
    page.wait_for_url(f"**{reverse('staff:citizen', args=[task.citizen_id])}")
    assert Response.objects.get().mode == Response.Mode.ASSISTED
    page.go_back()
    expect(page.get_by_role("heading", name="Siden er for borgere")).to_be_visible()
