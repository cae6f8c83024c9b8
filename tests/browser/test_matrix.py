"""A table of like-scaled questions: cards on a phone, columns where there is room."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser import one_form
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, saved
from tests.questionnaires.test_matrix import row, table

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def form_with_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    page = {"linkId": "p", "type": "group", "text": "Din uge", "item": [table(row("a"), row("b"))]}
    monkeypatch.setattr(one_form, "FORM", {**one_form.FORM, "item": [page]})


@pytest.mark.parametrize(("width", "is_table"), [(390, False), (1280, True)])
def test_as_wide_as_the_screen(open_page: Callable[..., Page], width: int, is_table: bool) -> None:
    page = open_page()
    page.set_viewport_size({"width": width, "height": 900})
    expect(page.locator(".question-matrix-headings")).to_be_visible(visible=is_table)
    boxes = [page.locator("label", has_text=text).first.bounding_box() for text in ("Slet ikke", "Meget")]
    assert all(box is not None and box["width"] >= 24 and box["height"] >= 24 for box in boxes)
    assert (boxes[0]["y"] == boxes[1]["y"]) is is_table  # type: ignore[index]
    second = page.get_by_role("group", name="Spørgsmål b?")
    second.get_by_role("radio", name="Noget").check(force=True)
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    assert saved("b")[0]["valueCoding"]["code"] == "c2"
    assert nothing_found(page)
