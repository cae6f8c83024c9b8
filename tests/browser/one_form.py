"""A form to answer in Chromium, on the test's own server: `open_page()` gives it as a citizen's device shows it."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Locator, Page
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans.models import Task
from questionnaires import engine
from questionnaires.models import Response
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task

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


def task_to_answer(**citizen: str) -> Task:
    """The form, for a new citizen to answer."""
    version = QuestionnaireVersionFactory(source=FORM, title=FORM["title"])
    return open_task(CitizenFactory(**citizen), plan=PlanFactory(weekly__version=version))


@pytest.fixture
def open_page(
    chrome: Browser,
    live_server: LiveServer,
    client_as: Callable[[CitizenActor], Client],
) -> Iterator[Callable[..., Page]]:
    """The first page of the form in a telephone's browser, logged in; a script that fails fails the test."""
    task = task_to_answer()
    citizen: Citizen = task.citizen
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
