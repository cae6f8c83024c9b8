"""One question a page on a telephone and on a wide screen, by keyboard and without a script."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from questionnaires.engine import Paging
from questionnaires.paging import with_paging
from tests.browser import one_form
from tests.browser.looking import nothing_found, sideways
from tests.browser.one_form import open_page, saved

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def one_question_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "FORM", with_paging(one_form.FORM, Paging.QUESTIONS))


def keep(page: Page, screenshots: Path | None, name: str) -> None:
    if screenshots is None:
        return
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=screenshots / f"paging-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})


def test_one_question_after_the_other(open_page: Callable[..., Page], screenshots: Path | None) -> None:
    page = open_page()
    expect(page.get_by_text("Spørgsmål 1 af 4")).to_be_visible()
    expect(page.locator("[data-question]")).to_have_count(1)
    page.get_by_role("button", name="Næste").click()
    expect(page.locator("[data-error-summary]")).to_contain_text("Har du smerter?")
    assert nothing_found(page)
    keep(page, screenshots, "refused")
    page.get_by_label("Ja").check()
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_text("Spørgsmål 2 af 5")).to_be_visible()  # the answer brought one more
    assert nothing_found(page)
    assert sideways(page) <= 0
    keep(page, screenshots, "second")
    page.get_by_role("button", name="Tilbage").click()
    page.get_by_label("Nej").check()
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_text("Spørgsmål 2 af 4")).to_be_visible()
    expect(page.locator("[data-question]")).to_contain_text("Får du hjælp?")


def test_the_same_without_a_script(open_page: Callable[..., Page]) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Nej").check()
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_text("Spørgsmål 2 af 4")).to_be_visible()
    page.get_by_role("button", name="Næste").click()
    page.get_by_role("button", name="Næste").click()
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_role("heading", name="Se dine svar igennem")).to_be_visible()
    assert saved("pain") == ({"valueBoolean": False},)
