"""Giving a picture or a file on a telephone: by itself with a script, along with the form without one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from questionnaires.models import Response, Upload
from tests import uploads
from tests.browser import one_form
from tests.browser.held import Held
from tests.browser.looking import nothing_found, sideways
from tests.browser.one_form import open_page, question, saved

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)

PHOTO = {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": uploads.photo((1200, 900))}
WEB_PAGE: dict[str, Any] = {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"}
LETTER = {"name": "Brev.pdf", "mimeType": "application/pdf", "buffer": uploads.PDF}


@pytest.fixture(autouse=True)
def form_about_a_wound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_form, "FORM", uploads.FORM)


def field(page: Page, text: str) -> Any:
    return question(page, text).locator("input[type=file]")


def keep(page: Page, screenshots: Path | None, name: str) -> None:
    if screenshots is None:
        return
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 844})
        page.screenshot(path=screenshots / f"upload-{name}-{width}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})


def test_a_chosen_picture_is_sent_by_itself(open_page: Callable[..., Page], screenshots: Path | None) -> None:
    page = open_page()
    assert nothing_found(page)
    keep(page, screenshots, "empty")
    field(page, "Tag et billede").set_input_files(PHOTO)
    box = question(page, "Tag et billede")
    expect(box.get_by_role("link", name="Såret.jpg")).to_be_visible()
    expect(box.get_by_role("status")).to_have_text("Filen er gemt.")
    expect(field(page, "Tag et billede")).to_be_focused()
    field(page, "breve").set_input_files([LETTER])
    expect(question(page, "breve").get_by_role("link", name="Brev.pdf")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert nothing_found(page)
    keep(page, screenshots, "given")
    assert len(saved("photo")) == len(saved("letters")) == 1
    assert sideways(page) <= 0


def test_it_is_sent_once_however_much_else_is_answered(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field(page, "breve").set_input_files([LETTER])
    expect(question(page, "breve").get_by_role("link", name="Brev.pdf")).to_be_visible()
    for words in ("En", "To", "Tre"):
        page.get_by_label("Er der andet?").fill(words)
        page.get_by_label("Er der andet?").blur()
    for _turn in range(100):
        if saved("note") == ({"valueString": "Tre"},):
            break
        page.wait_for_timeout(100)
    assert saved("note") == ({"valueString": "Tre"},)
    assert Upload.objects.count() == 1


def test_one_that_is_refused_says_why_and_the_rest_stays(
    open_page: Callable[..., Page], screenshots: Path | None
) -> None:
    page = open_page()
    page.get_by_label("Er der andet?").fill("Det gør ondt")
    field(page, "Tag et billede").set_input_files(WEB_PAGE)
    box = question(page, "Tag et billede")
    expect(box.get_by_text("Filen kan ikke bruges her. Vælg et billede.")).to_be_visible()
    with page.expect_response("**/svar/1/"):  # what is saved besides does not take the words away
        page.get_by_label("Er der andet?").fill("Det gør meget ondt")
        page.get_by_label("Er der andet?").blur()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
    expect(box.get_by_text("Filen kan ikke bruges her. Vælg et billede.")).to_be_visible()
    expect(page.get_by_label("Er der andet?")).to_have_value("Det gør meget ondt")
    assert nothing_found(page)
    keep(page, screenshots, "refused")


def test_other_answers_are_saved_while_a_file_is_on_its_way(open_page: Callable[..., Page]) -> None:
    page = open_page()
    held = Held(page, "**/fil/1/")
    field(page, "breve").set_input_files([LETTER])
    expect(question(page, "breve").get_by_role("status")).to_have_text("Sender filen …")
    page.get_by_label("Er der andet?").fill("Imens")
    with page.expect_response("**/svar/1/"):
        page.get_by_label("Er der andet?").blur()
    assert saved("note") == ({"valueString": "Imens"},)
    held[0].continue_()
    expect(question(page, "breve").get_by_role("link", name="Brev.pdf")).to_be_visible()


def test_without_a_connection_it_is_said_and_can_be_tried_again(open_page: Callable[..., Page]) -> None:
    page = open_page()
    page.route("**/fil/1/", lambda route: route.abort())
    field(page, "breve").set_input_files([LETTER])
    box = question(page, "breve")
    expect(box.get_by_role("status")).to_contain_text("Filen kunne ikke sendes.")
    expect(field(page, "breve")).to_be_enabled()
    page.unroute("**/fil/1/")
    field(page, "breve").set_input_files([LETTER])
    expect(box.get_by_role("link", name="Brev.pdf")).to_be_visible()


def test_one_is_taken_back_by_keyboard(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field(page, "breve").set_input_files([LETTER])
    remove = question(page, "breve").get_by_role("button", name="Fjern")
    remove.focus()
    page.keyboard.press("Enter")
    expect(remove).to_have_count(0)
    expect(field(page, "breve")).to_be_focused()
    assert not Upload.objects.exists()


def test_without_a_script_it_goes_along_with_the_form(
    open_page: Callable[..., Page], screenshots: Path | None
) -> None:
    page = open_page(java_script_enabled=False)
    page.get_by_label("Er der andet?").fill("Det gør ondt")
    field(page, "Tag et billede").set_input_files(PHOTO)
    question(page, "Tag et billede").get_by_role("button", name="Gem filen").click()
    expect(question(page, "Tag et billede").get_by_role("link", name="Såret.jpg")).to_be_visible()
    expect(page.get_by_label("Er der andet?")).to_have_value("Det gør ondt")
    keep(page, screenshots, "no-script")
    page.get_by_role("button", name="Fjern").click()
    expect(page.get_by_role("button", name="Fjern")).to_have_count(0)
    assert not Upload.objects.exists()
    field(page, "Tag et billede").set_input_files(PHOTO)
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_role("heading", name="Se dine svar igennem")).to_be_visible()
    keep(page, screenshots, "summary")
    page.get_by_role("button", name="Send svar").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    response = Response.objects.get()
    assert response.is_completed
    page.goto(page.url.partition("/borger/")[0] + f"/borger/svar/{response.pk}/")
    keep(page, screenshots, "answers")


def test_the_summary_and_the_answers_are_for_everybody(open_page: Callable[..., Page]) -> None:
    page = open_page()
    field(page, "Tag et billede").set_input_files(PHOTO)
    expect(question(page, "Tag et billede").get_by_role("link", name="Såret.jpg")).to_be_visible()
    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_role("heading", name="Se dine svar igennem")).to_be_visible()
    assert nothing_found(page)
    page.get_by_role("button", name="Send svar").click()
    page.goto(page.url.partition("/borger/")[0] + f"/borger/svar/{Response.objects.get().pk}/")
    expect(page.get_by_role("link", name="Hent Såret.jpg")).to_be_visible()
    assert nothing_found(page)
