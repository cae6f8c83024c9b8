"""The builder in Chromium: a form from nothing by mouse, and one by keyboard alone; what axe says of it; undoing."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Locator, Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from benchmarks.forms import form as large_form
from identity.actors import StaffActor
from questionnaires.authoring.tree import walk
from questionnaires.engine import compile_questionnaire
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.browser.looking import keep, nothing_found, sideways
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = [1280, 1024, 390]


@pytest.fixture
def open_kam(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[..., Page]]:
    """A page of KAM, logged in as an administrator of the system administration; a script that fails fails the test."""
    member = factories.StaffMemberFactory(municipality=None, name="Birgitte Hedegård")
    client = client_as(staff_actor(member, ADMINISTRATOR_ROLES))
    contexts = []

    def enter(address: str, width: int = 1280, **how: Any) -> Page:
        context = chrome.new_context(viewport={"width": width, "height": 900}, locale="da-DK", **how)
        contexts.append(context)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(f"{live_server.url}{address}")
        return page

    yield enter
    for context in contexts:
        context.close()


def draft(source: dict[str, Any] | None = None) -> QuestionnaireVersion:
    more = {} if source is None else {"source": source}
    made: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        status=PublicationStatus.DRAFT, published_at=None, **more
    )
    return made


def builder_of(version: QuestionnaireVersion, selected: str = "") -> str:
    return f"/kam/spoergeskemaer/{version.pk}/byg/" + (f"?valgt={selected}" if selected else "")


def row(page: Page, text: str) -> Locator:
    return page.get_by_role("treeitem", name=re.compile(re.escape(text)))


def saved(page: Page) -> None:
    """Wait until nothing is on its way."""
    expect(page.locator(".htmx-request")).to_have_count(0)


def outline(version: QuestionnaireVersion) -> list[tuple[int, str, str]]:
    version.refresh_from_db()
    return [(len(path), item["type"], item.get("text", "")) for path, item in walk(version.source)]


def add(page: Page, kind: str) -> None:
    page.locator("#builder-add > summary").click()
    page.get_by_role("button", name=kind, exact=True).click()
    expect(page.locator("[name='s-text']")).to_be_focused()


def write(page: Page, field: str, text: str) -> None:
    page.get_by_label(field, exact=True).fill(text)
    page.get_by_label(field, exact=True).blur()
    saved(page)


def test_a_form_from_nothing_by_mouse(open_kam: Callable[..., Page]) -> None:
    page = open_kam("/kam/spoergeskemaer/")
    page.get_by_role("link", name="Nyt spørgeskema").click()
    page.get_by_label("Titel").fill("Din hverdag")
    page.get_by_role("button", name="Begynd at bygge").click()
    version = QuestionnaireVersion.objects.get()

    row(page, "Uden tekst").click()
    write(page, "Overskrift", "Smerter")
    add(page, "Ja eller nej")
    write(page, "Spørgsmålet", "Har du smerter?")
    expect(row(page, "Har du smerter?")).to_have_attribute("aria-selected", "true")
    page.get_by_label("Skal besvares").check()
    saved(page)
    add(page, "Talskala 0–10")
    write(page, "Spørgsmålet", "Hvor stærke er de?")
    write(page, "Tekst ved det mindste tal", "Ingen")
    add(page, "Ét svar fra en liste")
    write(page, "Spørgsmålet", "Hvordan sover du?")
    write(page, "Svar 1", "Godt")
    write(page, "Svar 2", "Dårligt")
    write(page, "Nyt svar", "Slet ikke")
    expect(page.get_by_label("Svar 3", exact=True)).to_have_value("Slet ikke")
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")

    row(page, "Hvordan sover du?").drag_to(row(page, "Har du smerter?"), target_position={"x": 60, "y": 3})
    saved(page)
    assert outline(version) == [
        (1, "group", "Smerter"),
        (2, "choice", "Hvordan sover du?"),
        (2, "boolean", "Har du smerter?"),
        (2, "integer", "Hvor stærke er de?"),
        (3, "display", "Ingen"),
    ]
    expect(page.locator(".outline-row").nth(1)).to_contain_text("Hvordan sover du?")

    row(page, "Hvor stærke er de?").click()
    expect(row(page, "Hvor stærke er de?")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Slet", exact=True).click()
    expect(row(page, "Hvor stærke er de?")).to_have_count(0)
    page.get_by_role("button", name="Fortryd").click()
    expect(row(page, "Hvor stærke er de?")).to_have_count(1)
    compiled = compile_questionnaire(QuestionnaireVersion.objects.get().source)
    assert compiled.is_usable


def test_a_form_from_nothing_by_keyboard_alone(open_kam: Callable[..., Page]) -> None:
    version = draft(
        {"resourceType": "Questionnaire", "url": "urn:uuid:k", "title": "Tasteskema", "status": "draft"}
    )
    page = open_kam(builder_of(version))
    page.locator("#builder-add > summary").focus()

    def add_by_key(kind: str) -> None:
        page.locator("#builder-add > summary").focus()
        if page.locator("#builder-add").get_attribute("open") is None:
            page.keyboard.press("Enter")
        page.get_by_role("button", name=kind, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator("[name='s-text']")).to_be_focused()

    def type_and_leave(text: str) -> None:
        page.keyboard.type(text)
        page.keyboard.press("Tab")
        saved(page)

    add_by_key("Afsnit")
    type_and_leave("Søvn")
    add_by_key("Ja eller nej")
    type_and_leave("Sover du godt?")
    add_by_key("Lang tekst")
    type_and_leave("Vil du fortælle mere?")

    row(page, "Vil du fortælle mere?").focus()
    page.keyboard.press("Alt+ArrowUp")
    saved(page)
    assert [text for _, _, text in outline(version)] == ["Søvn", "Vil du fortælle mere?", "Sover du godt?"]
    expect(row(page, "Vil du fortælle mere?")).to_be_focused()
    page.keyboard.press("Alt+ArrowLeft")
    saved(page)
    assert outline(version)[-1] == (1, "text", "Vil du fortælle mere?")
    expect(row(page, "Vil du fortælle mere?")).to_be_focused()
    page.keyboard.press("Alt+ArrowRight")
    saved(page)
    assert outline(version)[-1] == (2, "text", "Vil du fortælle mere?")
    expect(row(page, "Vil du fortælle mere?")).to_be_focused()

    page.keyboard.press("ArrowUp")
    expect(row(page, "Sover du godt?")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "Sover du godt?")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Delete")
    saved(page)
    assert [text for _, _, text in outline(version)] == ["Søvn", "Vil du fortælle mere?"]
    page.keyboard.press("Control+z")
    saved(page)
    assert [text for _, _, text in outline(version)][1] == "Sover du godt?"
    page.keyboard.press("Control+y")
    saved(page)
    assert len(outline(version)) == 2


def test_ctrl_z_in_a_field_is_the_fields_own(open_kam: Callable[..., Page]) -> None:
    version = draft()
    page = open_kam(builder_of(version, "note"))
    page.get_by_role("button", name="Kopiér").click()
    saved(page)
    before = outline(version)
    page.locator("[name='s-text']").focus()
    page.keyboard.type("x")
    page.keyboard.press("Control+z")
    saved(page)
    assert outline(version) == before


@pytest.mark.parametrize("width", WIDTHS)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(
    open_kam: Callable[..., Page], screenshots: Path | None, width: int
) -> None:
    version = draft(large_form(60) | {"title": "Måling af hverdagen"})
    states: dict[str, Callable[[Page], None]] = {
        "head": lambda page: None,
        "choice": lambda page: row(page, "Spørgsmål 1:").first.click(),
        "adding": lambda page: page.locator("#builder-add > summary").click(),
        "refused": lambda page: page.get_by_role("button", name="Slet", exact=True).click(),
        "number": lambda page: row(page, "Spørgsmål 4:").first.click(),
    }
    page = open_kam(builder_of(version), width)
    for name, go in states.items():
        go(page)
        saved(page)
        keep(page, screenshots, f"builder-{name}-{width}", whole=width < 1000)
        nothing_found(page)
        assert sideways(page) <= 0


def test_what_a_refusal_says_stands_beside_the_element(open_kam: Callable[..., Page]) -> None:
    version = draft()
    page = open_kam(builder_of(version, "pain"))
    page.get_by_role("button", name="Slet", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="Hvor mange dage i denne uge?")).to_be_visible()
    page.get_by_role("button", name="Slet det, og fjern betingelser").click()
    expect(row(page, "Har du smerter?")).to_have_count(0)
    page.get_by_role("button", name="Fortryd").click()
    expect(row(page, "Har du smerter?")).to_have_count(1)


def test_without_a_script_the_same_buttons_do_it(open_kam: Callable[..., Page]) -> None:
    version = draft()
    page = open_kam(builder_of(version), java_script_enabled=False)
    row(page, "Er der andet").click()
    page.get_by_label("Spørgsmålet", exact=True).fill("Noget andet?")
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(row(page, "Noget andet?")).to_have_attribute("aria-selected", "true")
    page.get_by_role("button", name="Op", exact=True).click()
    page.get_by_role("button", name="Fortryd").click()
    assert [text for _, _, text in outline(version)][-1] == "Noget andet?"


def test_500_elements_without_a_visible_delay(open_kam: Callable[..., Page]) -> None:
    version = draft(large_form(500))
    page = open_kam(builder_of(version))
    expect(page.get_by_role("treeitem")).to_have_count(500)
    page.locator(".outline-row").nth(250).click()
    expect(page.locator(".outline-row").nth(250)).to_have_attribute("aria-selected", "true")
    taken = page.evaluate(
        """async () => {
            const begun = performance.now();
            document.querySelector("#builder-tools button[value=down]").click();
            await new Promise((done) => document.addEventListener("htmx:afterSettle", done, { once: true }));
            await new Promise(requestAnimationFrame);
            return performance.now() - begun;
        }"""
    )
    assert taken < 1500, f"An element of 500 moved in {taken:.0f} ms"


def test_what_is_written_while_something_is_saved_stays(open_kam: Callable[..., Page]) -> None:
    version = draft()
    page = open_kam(builder_of(version, "note"))

    def slowly(route: Route) -> None:
        page.wait_for_timeout(700)
        route.continue_()

    page.route("**/byg/indstil/", slowly)
    page.get_by_label("Spørgsmålet", exact=True).fill("Noget andet?")
    page.get_by_label("Hjælpetekst", exact=True).fill("Skriv frit.")
    page.get_by_label("Højst så mange tegn", exact=True).fill("200")
    page.get_by_label("Højst så mange tegn", exact=True).blur()
    expect(page.get_by_label("Hjælpetekst", exact=True)).to_have_value("Skriv frit.")
    page.wait_for_timeout(2500)
    saved(page)
    version.refresh_from_db()
    [note] = [item for _, item in walk(version.source) if item["linkId"] == "note"]
    assert (note["text"], note["maxLength"]) == ("Noget andet?", 200)
    assert "Skriv frit." in str(note["extension"])


def test_the_tests_run_on_every_change(open_kam: Callable[..., Page]) -> None:
    version = draft()
    factories.QuestionnaireTestFactory(questionnaire=version.questionnaire)
    page = open_kam(builder_of(version))
    expect(page.get_by_role("link", name="1 prøve består")).to_be_visible()
    row(page, "Hvor mange dage i denne uge?").click()
    page.get_by_role("button", name="Slet", exact=True).click()
    expect(page.get_by_role("link", name="1 prøve fejler")).to_be_visible()
    nothing_found(page)
    page.get_by_role("button", name="Fortryd").click()
    expect(page.get_by_role("link", name="1 prøve består")).to_be_visible()
