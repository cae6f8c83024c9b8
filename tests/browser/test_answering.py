"""Answering in Chromium: nothing a citizen does gets lost while the server thinks, and nothing jolts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.held import Held
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, question, saved

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


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
    held = Held(page, "**/svar/**", most=1)
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
