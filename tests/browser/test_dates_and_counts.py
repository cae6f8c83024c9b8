"""A date in three fields and a long text with a limit, while somebody writes."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import one_form
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, saved

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)

SOURCE: dict[str, Any] = {
    **one_form.FORM,
    "url": "https://example.org/dates",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Dit fald",
            "item": [
                {"linkId": "when", "type": "date", "text": "Hvornår faldt du?"},
                {"linkId": "how", "type": "text", "text": "Hvordan skete det?", "maxLength": 10},
            ],
        }
    ],
}


@pytest.fixture(autouse=True)
def form_with_a_date(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "FORM", SOURCE)


def test_a_date_is_written_part_by_part(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.get_by_label("Dag").fill("24")
    page.get_by_label("Dag").press("Tab")
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    expect(page.locator(".form-error-message")).to_have_count(0)
    expect(page.get_by_label("Dag")).to_have_value("24")
    assert page.evaluate("document.activeElement.name") == "m:when"
    page.get_by_role("button", name="Næste").click()
    expect(page.locator(".form-error-message")).to_contain_text("Skriv også måneden og året.")
    expect(page.get_by_label("Dag")).to_have_value("24")
    assert nothing_found(page)
    page.get_by_label("Måned").fill("11")
    page.get_by_label("År").fill("2026")
    page.get_by_label("År").press("Tab")
    expect(page.locator(".form-error-message")).to_have_count(0)
    assert saved("when") == ({"valueDate": "2026-11-24"},)


def test_the_room_left_is_counted_and_said_when_the_writing_pauses(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field = page.get_by_label("Hvordan skete det?")
    count = page.locator(".question-count")
    expect(count).to_have_text("Tegn tilbage: 10")
    field.press_sequentially("På trappen")
    expect(count).to_have_text("Tegn tilbage: 0")
    expect(page.locator("[data-count-status]")).to_have_text("Tegn tilbage: 0")
    field.press_sequentially("!!")
    expect(count).to_have_text("Tegn for meget: 2")
    assert nothing_found(page)
    field.press("Tab")
    expect(page.locator(".form-error-message")).to_be_visible()
    expect(count).to_have_text("Tegn for meget: 2")
    expect(field).to_have_value("På trappen!!")
