"""Rows of a repeating group in a browser: where the focus goes, and that nothing typed is lost."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import one_form
from tests.browser.one_form import nothing_found, open_page
from tests.questionnaires.test_rows import SOURCE

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def form_with_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "FORM", SOURCE)


def focused(page: Page) -> str:
    name: str = page.evaluate("document.activeElement.id")
    return name


def test_rows_come_and_go_with_the_focus(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Hvad hedder det?").fill("Panodil")
    page.get_by_role("button", name="Tilføj en mere").click()
    rows = page.locator(".question-row")
    expect(rows).to_have_count(2)
    expect(rows.nth(1)).to_be_focused()
    expect(rows.nth(0).get_by_label("Hvad hedder det?")).to_have_value("Panodil")
    expect(page.locator("#questions-news")).to_have_text("Der er kommet en mere.")
    assert nothing_found(page)

    rows.nth(1).get_by_label("Hvad hedder det?").fill("Ipren")
    rows.nth(1).get_by_role("button", name="Fjern").click()
    expect(rows.nth(1)).to_contain_text("Vil du fjerne det, du har skrevet her?")
    expect(rows.nth(1)).to_be_focused()
    assert nothing_found(page)
    page.get_by_role("button", name="Nej, behold det").click()
    expect(page.locator(".question-going")).to_have_count(0)
    expect(rows.nth(1).get_by_label("Hvad hedder det?")).to_have_value("Ipren")
    rows.nth(0).get_by_role("button", name="Fjern").click()
    page.get_by_role("button", name="Ja, fjern det").click()
    expect(rows).to_have_count(1)
    expect(page.locator(".question-rows")).to_be_focused()
    expect(rows.get_by_label("Hvad hedder det?")).to_have_value("Ipren")


def test_a_condition_shows_its_question_in_its_own_row(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Tilføj en mere").click()
    rows = page.locator(".question-row")
    rows.nth(1).get_by_label("Ja").check(force=True)
    expect(rows.nth(1).get_by_label("Hvor mange gange?")).to_be_visible()
    expect(rows.nth(0).get_by_label("Hvor mange gange?")).to_have_count(0)


def test_enter_in_a_field_removes_nothing(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_role("button", name="Tilføj en mere").click()
    expect(page.locator(".question-row")).to_have_count(2)
    page.get_by_label("Hvad hedder det?").first.press("Enter")
    page.wait_for_url("**/opsummering/")


def test_several_answers(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Hvad mærker du?: Svar 1").fill("Kvalme")
    page.get_by_role("button", name="Tilføj et svar mere").click()
    second = page.get_by_label("Hvad mærker du?: Svar 2")
    expect(second).to_be_focused()
    second.fill("Svimmel")
    assert nothing_found(page)
    page.get_by_role("button", name=re.compile("Fjern.*Svar 1")).click()
    expect(page.get_by_label("Hvad mærker du?: Svar 1")).to_have_value("Svimmel")
    expect(second).to_have_count(0)


def test_by_buttons_alone(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Hvad hedder det?").fill("Panodil")
    page.get_by_role("button", name="Tilføj en mere").click()
    rows = page.locator(".question-row")
    expect(rows).to_have_count(2)
    assert page.url.endswith("-rows")
    rows.nth(0).get_by_role("button", name="Fjern").click()
    page.get_by_role("button", name="Ja, fjern det").click()
    expect(rows).to_have_count(1)
    expect(rows.get_by_label("Hvad hedder det?")).to_have_value("")
