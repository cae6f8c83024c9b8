"""Entering a citizen's answers in Chromium: conditions, autosave, every state, on a phone and a desktop."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from identity.actors import StaffActor
from plans import services as plans
from plans.models import Task
from questionnaires import engine
from questionnaires.models import Response
from questionnaires.services import save_answers
from tests import factories
from tests.browser import one_form
from tests.browser.looking import looked_at, nothing_found
from tests.browser.one_form import question, saved, task_to_answer
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 390, 1280)


@pytest.fixture
def task(monkeypatch: pytest.MonkeyPatch) -> Task:
    """Of a plan whose answers can be corrected for three days."""
    monkeypatch.setattr(one_form, "PlanFactory", partial(factories.PlanFactory, correction_days=3))
    return task_to_answer(given_name="Kirsten", family_name="Holm")


@pytest.fixture
def desk(
    task: Task, chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[..., Page]]:
    """`desk()`: the page that begins to enter the task's answers, in an employee's browser."""
    nurse = factories.StaffMemberFactory(municipality=task.municipality, name="Anne Vestergaard")
    key = client_as(staff_actor(nurse)).cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []

    def enter(width: int = 1280, **how: Any) -> Page:
        context = chrome.new_context(viewport={"width": width, "height": 900}, locale="da-DK", **how)
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(live_server.url + reverse("staff:enter", args=[task.pk]))
        return page

    yield enter
    for context in contexts:
        context.close()


@pytest.mark.parametrize("width", WIDTHS)
def test_every_state(desk: Callable[..., Page], task: Task, width: int, screenshots: Path | None) -> None:
    page = desk(width)
    looked_at(page, "staff-enter-start", screenshots)
    page.get_by_role("button", name="Begynd").click()
    expect(page.get_by_role("heading", name="Fejl").or_(page.locator(".error-summary"))).to_be_visible()
    looked_at(page, "staff-enter-start-mistake", screenshots)
    page.get_by_label("I telefonen").check(force=True)
    page.get_by_role("button", name="Begynd").click()
    expect(page.get_by_role("heading", name="Smerter")).to_be_visible()
    looked_at(page, "staff-enter-page", screenshots)
    page.get_by_role("button", name="Næste", exact=True).click()
    expect(page.locator(".error-summary")).to_be_visible()
    looked_at(page, "staff-enter-page-mistake", screenshots)
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    page.get_by_role("button", name="Næste", exact=True).click()
    expect(page.get_by_role("heading", name="Se svarene igennem")).to_be_visible()
    looked_at(page, "staff-enter-summary", screenshots)
    page.get_by_role("link", name="Ret, eller kassér").click()
    expect(page.get_by_role("button", name="Skriv videre")).to_be_visible()
    looked_at(page, "staff-enter-again", screenshots)
    page.get_by_role("button", name="Skriv videre").click()
    page.get_by_role("button", name="Registrér svarene").click()
    expect(page.get_by_text("Svarene er registreret.")).to_be_visible()
    looked_at(page, "staff-enter-citizen", screenshots)
    assert Response.objects.get().mode == Response.Mode.TELEPHONE


@pytest.mark.parametrize("width", WIDTHS)
def test_where_the_citizen_has_begun(
    desk: Callable[..., Page], task: Task, width: int, screenshots: Path | None
) -> None:
    own = plans.begin_task(task=task, at=timezone.now())
    page = desk(width)
    looked_at(page, "staff-enter-untouched", screenshots)
    save_answers(response=own, fields={"pain": ["true"]}, at=timezone.now() + timedelta(seconds=1))
    page.reload()
    expect(page.get_by_text("Borgeren er selv begyndt at svare")).to_be_visible()
    looked_at(page, "staff-enter-begun", screenshots)


def test_questions_appear_as_the_answers_require_and_are_saved_on_the_way(
    desk: Callable[..., Page],
) -> None:
    page = desk()
    page.get_by_label("På papir").check(force=True)
    page.get_by_role("button", name="Begynd").click()
    assert page.get_by_text("Hvor stærke er de?").count() == 0
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    expect(page.get_by_text("Hvor stærke er de?").first).to_be_visible()
    expect(page.locator("#questions-news")).to_have_text("Der er kommet et spørgsmål mere.")
    assert saved("pain") == ({"valueBoolean": True},)
    nothing_found(page)


def test_nothing_of_the_citizens_answers_stays_in_the_employees_browser(
    desk: Callable[..., Page],
) -> None:
    page = desk()
    page.get_by_label("På papir").check(force=True)
    page.get_by_role("button", name="Begynd").click()
    page.get_by_label("Er der andet?").fill("Kun til lægen")
    page.get_by_label("Er der andet?").blur()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    assert page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])").count("Kun til") == 0


def test_it_works_without_scripts(desk: Callable[..., Page]) -> None:
    page = desk(390, java_script_enabled=False)
    page.get_by_label("På papir").check(force=True)
    page.get_by_role("button", name="Begynd").click()
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    page.get_by_role("button", name="Gem, og vis de næste spørgsmål på siden").click()
    expect(page.get_by_text("Hvor stærke er de?").first).to_be_visible()
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    page.get_by_role("button", name="Næste", exact=True).click()
    page.get_by_role("button", name="Registrér svarene").click()
    expect(page.get_by_text("Svarene er registreret.")).to_be_visible()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_what_was_entered_is_corrected(
    desk: Callable[..., Page], task: Task, screenshots: Path | None, scripts: bool
) -> None:
    page = desk(1280, java_script_enabled=scripts)
    page.get_by_label("På papir").check(force=True)
    page.get_by_role("button", name="Begynd").click()
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    page.get_by_label("Er der andet?").fill("Sover godt")
    page.get_by_role("button", name="Næste", exact=True).click()
    expect(page.get_by_text("Når svarene er registreret, kan de rettes i 3 dage.")).to_be_visible()
    page.get_by_role("button", name="Registrér svarene").click()
    entered = Response.objects.get()
    page.goto(page.url.partition("/medarbejder/")[0] + reverse("staff:response", args=[entered.pk]))
    seen(page, "correct-offered", screenshots, scripts)
    page.get_by_role("button", name="Ret svarene").click()
    expect(page.get_by_role("button", name="Registrér rettelsen")).to_be_visible()
    seen(page, "correct-summary", screenshots, scripts)
    page.get_by_role("link", name="Ret det, eller fortryd rettelsen").click()
    seen(page, "correct-how-given", screenshots, scripts)
    page.get_by_label("I telefonen").check(force=True)
    page.get_by_role("button", name="Gem, og ret videre").click()
    page.get_by_role("link").filter(has_text="Er der andet?").click()
    page.get_by_label("Er der andet?").fill("Sover dårligt")
    page.get_by_role("button", name="Gem, og gå til svarene").click()
    page.get_by_role("button", name="Registrér rettelsen").click()
    expect(page.get_by_text("Rettelsen er registreret.")).to_be_visible()
    expect(page.get_by_role("heading", name="Rettet af kommunen")).to_be_visible()
    seen(page, "correct-done", screenshots, scripts)
    page.get_by_role("link", name="Se den tidligere udgave").click()
    expect(page.get_by_text("Kommunen har rettet svaret siden")).to_be_visible()
    seen(page, "correct-earlier", screenshots, scripts)
    assert saved_of(Response.objects.in_force().get()) == ("telephone", "Sover dårligt")


def saved_of(response: Response) -> tuple[str, str]:
    (note,) = engine.answers_of(response.document, "note")
    return response.mode, str(note["valueString"])


def seen(page: Page, name: str, screenshots: Path | None, scripts: bool) -> None:
    """At each width; axe is a script itself, and the pages are the same without."""
    if not scripts:
        return
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        looked_at(page, name, screenshots)
    page.set_viewport_size({"width": 1280, "height": 900})
