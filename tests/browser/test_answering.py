"""Answering in Chromium: nothing a citizen does gets lost while the server thinks, and nothing jolts."""

import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor
from questionnaires import engine
from questionnaires.models import Response
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task

pytestmark = pytest.mark.django_db(transaction=True)

SLIDER = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
    "valueCodeableConcept": {"coding": [{"code": "slider"}]},
}
WHEN_IN_PAIN = [{"question": "pain", "operator": "=", "answerBoolean": True}]
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/browser",
    "status": "active",
    "title": "Om din dag",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Smerter",
            "item": [
                {"linkId": "pain", "type": "boolean", "text": "Har du smerter?", "required": True},
                {
                    "linkId": "line",
                    "type": "integer",
                    "text": "Hvor stærke er de?",
                    "required": True,
                    "enableWhen": WHEN_IN_PAIN,
                    "extension": [
                        SLIDER,
                        {"url": "http://hl7.org/fhir/StructureDefinition/minValue", "valueInteger": 0},
                        {"url": "http://hl7.org/fhir/StructureDefinition/maxValue", "valueInteger": 10},
                    ],
                },
                {"linkId": "help", "type": "boolean", "text": "Får du hjælp?"},
                {"linkId": "days", "type": "integer", "text": "Hvor mange dage?"},
                {"linkId": "note", "type": "text", "text": "Er der andet?"},
            ],
        }
    ],
}


@pytest.fixture
def open_page(
    chrome: Browser,
    live_server: LiveServer,
    client_as: Callable[[CitizenActor], Client],
) -> Iterator[Callable[..., Page]]:
    """The first page of the form in a telephone's browser, logged in; a script that fails fails the test."""
    citizen: Citizen = CitizenFactory()
    version = QuestionnaireVersionFactory(source=FORM, title=FORM["title"])
    task = open_task(citizen, plan=PlanFactory(weekly__version=version))
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    contexts: list[BrowserContext] = []

    def enter(**how: Any) -> Page:
        context = chrome.new_context(viewport={"width": 390, "height": 844}, locale="da-DK", **how)
        contexts.append(context)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(f"{live_server.url}/borger/opgave/{task.pk}/side/1/")
        return page

    yield enter
    for context in contexts:
        context.close()


def question(page: Page, text: str) -> Locator:
    return page.locator("[data-question]", has_text=text)


def saved(link_id: str) -> tuple[Any, ...]:
    return engine.answers_of(Response.objects.get().document, link_id)


def nothing_found(page: Page) -> bool:
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    return True


def test_a_question_appears_without_moving_focus(open_page: Callable[..., Page]) -> None:
    page = open_page()
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    expect(question(page, "Hvor stærke er de?")).to_be_visible()
    expect(question(page, "Har du smerter?").get_by_label("Ja")).to_be_focused()
    expect(page.locator("#questions-news")).to_have_text("Der er kommet et spørgsmål mere.")
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    assert nothing_found(page)


def test_what_is_done_during_a_slow_save_stays(open_page: Callable[..., Page]) -> None:
    page = open_page()
    waiting = threading.Event()
    held: list[Route] = []

    def hold_first(route: Route) -> None:
        if waiting.is_set():
            route.continue_()
        else:
            waiting.set()
            held.append(route)

    page.route("**/svar/**", hold_first)
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    question(page, "Får du hjælp?").get_by_label("Nej").check(force=True)
    page.get_by_label("Er der andet?").press_sequentially("Jeg skriver stadig")
    held[0].continue_()
    expect(question(page, "Hvor stærke er de?")).to_be_visible()
    expect(question(page, "Får du hjælp?").get_by_label("Nej")).to_be_checked()
    expect(page.get_by_label("Er der andet?")).to_have_value("Jeg skriver stadig")
    expect(page.get_by_label("Er der andet?")).to_be_focused()

    page.get_by_role("button", name="Næste", exact=True).click()
    expect(page.get_by_role("heading", name="Der er noget, der skal rettes")).to_be_visible()
    assert saved("help") == ({"valueBoolean": False},)
    assert saved("note") == ({"valueString": "Jeg skriver stadig"},)


def test_an_error_leads_to_its_question_and_goes_when_it_is_mended(open_page: Callable[..., Page]) -> None:
    page = open_page()
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    expect(question(page, "Hvor stærke er de?")).to_be_visible()
    page.get_by_role("button", name="Næste", exact=True).click()
    summary = page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert nothing_found(page)
    summary.get_by_role("link").click()
    answer = question(page, "Hvor stærke er de?").locator("input[type=number]")
    expect(answer).to_be_focused()
    answer.fill("7")
    answer.press("Tab")
    expect(summary.locator("li.is-mended")).to_have_count(1)
    expect(page.locator(".form-error")).to_have_count(0)


def test_what_cannot_be_read_stays_beside_its_error(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Hvor mange dage?").fill("mange")
    page.get_by_label("Hvor mange dage?").press("Tab")
    expect(question(page, "Hvor mange dage?")).to_contain_text("»mange« er ikke et helt tal")
    expect(page.get_by_label("Hvor mange dage?")).to_have_value("mange")
    assert nothing_found(page)


def test_an_answer_can_be_taken_back(open_page: Callable[..., Page]) -> None:
    page = open_page()
    question(page, "Får du hjælp?").get_by_label("Ja").check(force=True)
    question(page, "Får du hjælp?").get_by_role("button", name="Fjern svar").click()
    expect(question(page, "Får du hjælp?").get_by_role("button")).to_have_count(0)
    expect(question(page, "Får du hjælp?").get_by_label("Ja")).not_to_be_checked()
    assert saved("help") == ()


def test_long_answers_are_saved_while_they_are_written(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Er der andet?").press_sequentially("En lang historie")
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    assert saved("note") == ({"valueString": "En lang historie"},)


def test_it_works_by_buttons_without_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    page.get_by_role("button", name="Gem, og vis de næste spørgsmål").click()
    page.locator("[name='a:line']").fill("3")
    page.get_by_role("button", name="Næste", exact=True).click()
    expect(page).to_have_url(re.compile(r"/opsummering/$"))
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()
