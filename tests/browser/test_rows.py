"""Rows of a repeating group in a browser: where the focus goes, and that nothing typed is lost."""

import re
from collections.abc import Callable
from urllib.parse import unquote_plus

import pytest
from playwright.sync_api import Page, expect

from tests.browser import one_form
from tests.browser.held import Held
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page
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
    expect(rows.nth(1)).to_be_focused()  # before that it scrolls into view, from under the pointer
    rows.nth(1).get_by_label("Ja").check(force=True)
    expect(rows.nth(1).get_by_label("Hvor mange gange?")).to_be_visible()
    expect(rows.nth(0).get_by_label("Hvor mange gange?")).to_have_count(0)


ANSWER_ONCE = """
([moment, delay, row]) => {
  const answers = document.querySelector("[data-answers]");
  answers.addEventListener(
    moment,
    () => setTimeout(
      () => document.querySelectorAll(".question-row")[row].querySelector("input[value=true]").click(), delay
    ),
    { once: true },
  );
}"""


@pytest.mark.parametrize("row", [0, 1], ids=["the old row", "the new row"])
@pytest.mark.parametrize(
    ("moment", "delay"),
    [("htmx:afterSwap", 0), ("htmx:afterSettle", 0), ("htmx:afterSettle", 1)],
    ids=["before it settles", "as it settles", "right after"],
)
def test_an_answer_in_the_moment_a_row_comes_is_not_lost(
    moment: str, delay: int, row: int, open_page: Callable[..., Page]
) -> None:
    """As quick as a finger can be: the page has just been swapped, and both saves are slow to come back."""
    page = open_page()
    held = Held(page, "**/svar/1/")
    page.evaluate(ANSWER_ONCE, [moment, delay, row])
    with page.expect_request("**/svar/1/"):
        page.get_by_role("button", name="Tilføj en mere").click()
    with page.expect_request("**/svar/1/") as second:
        held[0].continue_()
    answered = page.locator(".question-row").nth(row)
    expect(answered.get_by_label("Ja")).to_be_checked()
    assert "=true" in unquote_plus(second.value.post_data or "")
    held[1].continue_()
    expect(answered.get_by_label("Hvor mange gange?")).to_be_visible()
    expect(answered.get_by_label("Ja")).to_be_checked()
    page.unroute("**/svar/1/")
    page.reload()
    expect(answered.get_by_label("Ja")).to_be_checked()
    expect(page.locator(".question-row").nth(1 - row).get_by_label("Ja")).not_to_be_checked()


def test_an_answer_given_while_a_row_is_asked_for_is_not_lost(open_page: Callable[..., Page]) -> None:
    page = open_page()
    held = Held(page, "**/svar/1/")
    with page.expect_request("**/svar/1/"):
        page.get_by_role("button", name="Tilføj en mere").click()
    rows = page.locator(".question-row")
    rows.nth(0).get_by_label("Ja").check(force=True)
    with page.expect_request("**/svar/1/"):
        held[0].continue_()
    expect(rows).to_have_count(2)
    expect(rows.nth(0).get_by_label("Ja")).to_be_checked()
    held[1].continue_()
    expect(rows.nth(0).get_by_label("Hvor mange gange?")).to_be_visible()
    page.unroute("**/svar/1/")
    page.reload()
    expect(rows.nth(0).get_by_label("Ja")).to_be_checked()


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


def test_a_button_that_only_has_the_focus_does_nothing(open_page: Callable[..., Page]) -> None:
    """Whoever tabs on while a save is under way comes past “Fjern”, and the next save goes out meanwhile."""
    page = open_page()
    held = Held(page, "**/svar/1/", most=1)
    page.get_by_label("Hvad hedder det?").fill("Panodil")
    page.get_by_label("Hvad hedder det?").press("Tab")
    page.get_by_label("Hvad mærker du?: Svar 1").fill("Kvalme")
    page.get_by_label("Hvad mærker du?: Svar 1").press("Tab")
    expect(page.get_by_role("button", name="Tilføj et svar mere")).to_be_focused()
    with page.expect_request_finished(lambda request: "Kvalme" in unquote_plus(request.post_data or "")):
        held[0].continue_()
    expect(page.get_by_label("Hvad mærker du?: Svar 1")).to_have_value("Kvalme")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("Hvad mærker du?: Svar 2")).to_have_count(0)


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
