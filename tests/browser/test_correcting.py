"""Correcting what was sent, in a telephone's browser: with JavaScript and without, and nothing for axe to find."""

from collections.abc import Callable
from functools import partial

import pytest
from playwright.sync_api import Page, expect

from plans.models import Task
from questionnaires.models import Response
from tests.browser import one_form
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, question
from tests.factories import PlanFactory

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def a_plan_that_lets_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "PlanFactory", partial(PlanFactory, correction_days=3))


def send(page: Page) -> None:
    """Answer the form, and send it."""
    question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
    page.get_by_label("Er der andet?").fill("Som sædvanlig")
    page.get_by_role("button", name="Næste", exact=True).click()
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False], ids=["with JavaScript", "without JavaScript"])
def test_a_citizen_corrects_an_answer(open_page: Callable[..., Page], javascript: bool) -> None:
    page = open_page(java_script_enabled=javascript)
    found_nothing = nothing_found if javascript else _cannot_be_asked
    send(page)
    expect(page.get_by_text("Du kan rette dit svar indtil")).to_be_visible()
    assert found_nothing(page)

    page.get_by_role("button", name="Ret dit svar").click()
    expect(page.get_by_role("button", name="Send rettelsen")).to_be_visible()
    expect(page.get_by_text("Som sædvanlig")).to_be_visible()
    assert found_nothing(page)

    page.get_by_role("link").filter(has_text="Er der andet?").click()
    page.get_by_label("Er der andet?").fill("Det gjorde ondt")
    assert found_nothing(page)
    page.get_by_role("button", name="Gem, og gå til dine svar").click()
    expect(page.get_by_role("button", name="Send rettelsen")).to_be_visible()
    page.get_by_role("link", name="Gå til dine opgaver", exact=True).click()
    expect(page.get_by_text("Rettelsen er ikke sendt endnu")).to_be_visible()
    assert found_nothing(page)
    page.get_by_role("link", name="Fortsæt med at rette").click()
    page.get_by_role("button", name="Send rettelsen").click()
    expect(page.get_by_role("heading", name="Tak for dine svar")).to_be_visible()

    page.get_by_role("link", name="Se dine svar").click()
    expect(page.get_by_text("Det gjorde ondt")).to_be_visible()
    assert found_nothing(page)
    page.get_by_role("region", name="Tidligere udgaver").get_by_role("link").click()
    expect(page.get_by_text("Det her er en tidligere udgave")).to_be_visible()
    expect(page.get_by_text("Som sædvanlig")).to_be_visible()
    assert found_nothing(page)
    assert Response.objects.in_force().get().pk == Task.objects.get().response_id


def test_a_correction_is_dropped_after_a_question(open_page: Callable[..., Page]) -> None:
    page = open_page()
    send(page)
    page.get_by_role("button", name="Ret dit svar").click()
    page.get_by_role("link", name="Fortryd rettelsen").click()
    expect(page.get_by_role("heading", name="Vil du fortryde rettelsen?")).to_be_visible()
    assert nothing_found(page)
    page.get_by_role("button", name="Ja, fortryd rettelsen").click()
    expect(page.get_by_text("Rettelsen er fortrudt")).to_be_visible()
    expect(page.get_by_role("button", name="Ret dit svar")).to_be_visible()
    assert nothing_found(page)
    assert Response.objects.count() == 1


def _cannot_be_asked(page: Page) -> bool:
    """Axe is a script itself; without scripts the pages are those that it was asked about with them."""
    return page.url != ""
