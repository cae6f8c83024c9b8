"""A long list as a combobox: by keyboard, by pointer, and without JavaScript."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import one_form
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, saved
from tests.citizens.test_long_lists import SOURCE

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def form_with_a_long_list(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "FORM", SOURCE)


def test_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_role("combobox", name="Hvilken by bor du i?")
    expect(field).to_have_attribute("aria-expanded", "false")
    field.press_sequentially("aab")
    options = page.get_by_role("option")
    expect(options).to_have_count(2)
    expect(field).to_have_attribute("aria-expanded", "true")
    expect(page.locator("[data-search-status]")).to_have_text("2 muligheder passer.")
    assert nothing_found(page)
    field.press("ArrowDown")
    field.press("ArrowDown")
    expect(options.nth(1)).to_have_attribute("aria-selected", "true")
    active = field.get_attribute("aria-activedescendant")
    assert active == options.nth(1).get_attribute("id")
    chosen = options.nth(1).inner_text()
    field.press("Enter")
    expect(field).to_have_value(chosen)
    expect(options).to_have_count(0)
    expect(page.get_by_role("radio", name=chosen)).to_be_checked()
    expect(field).to_be_focused()
    assert saved("town")[0]["valueCoding"]["display"] == chosen
    assert nothing_found(page)
    field.press("Escape")
    expect(field).to_have_value(chosen)


def test_what_was_found_for_other_words_is_not_chosen(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_role("combobox", name="Hvilken by bor du i?")
    field.press_sequentially("aab")
    expect(page.get_by_role("option")).to_have_count(2)
    field.press("ArrowDown")
    # All at once: before the server is asked anew, the list still shows what was found before.
    field.evaluate(
        """(field) => { field.value = "Atlantis"; field.dispatchEvent(new Event("input", { bubbles: true }));
             field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true })); }"""
    )
    expect(page.locator("[data-search-status]")).to_contain_text("Intet passer")
    expect(field).to_have_value("Atlantis")


def test_by_pointer_and_what_was_only_typed_stays(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_role("combobox", name="Hvilken by bor du i?")
    field.press_sequentially("ærø")
    page.get_by_role("option", name="Ærøskøbing").click()
    expect(page.get_by_role("radio", name="Ærøskøbing")).to_be_checked()
    field.fill("hornum")
    field.press("Tab")
    expect(page.locator(".form-error-message")).to_contain_text("Vælg et af de svar, der står på listen.")
    expect(field).to_have_value("hornum")
    page.locator("label", has_text="Øster Hornum").click()
    expect(page.get_by_role("radio", name="Øster Hornum")).to_be_checked()
    expect(page.locator(".form-error-message")).to_have_count(0)
    assert saved("town")[0]["valueCoding"]["display"] == "Øster Hornum"


def test_without_javascript(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Hvilken by bor du i?").first.fill("hornum")
    page.get_by_role("button", name="Søg").click()
    page.locator("label", has_text="Øster Hornum").click()
    page.get_by_role("button", name="Næste", exact=True).click()
    page.wait_for_url("**/opsummering/")
    expect(page.locator("main")).to_contain_text("Øster Hornum")
