"""Decision support in a browser: one writes, one approves, a third publishes; staff see why a colour is there."""

import json
import re
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.looking import looked_at
from tests.questionnaires.test_life_cycle import with_colours

EDITOR, APPROVER, PUBLISHER = "Lise Ahlmann", "Henrik Sønderby", "Birgitte Hedegård"
NURSE, LOCAL = "Mette Kjærgaard", "Søren Damgaard"


def at_both_widths(page: Page, name: str, screenshots: Path | None) -> None:
    """Nothing for axe to find, nothing wider than the window; a picture at both widths."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        looked_at(page, name, screenshots)
    page.set_viewport_size({"width": 1280, "height": 900})


def open_form(page: Page, title: str) -> None:
    page.goto("/kam/spoergeskemaer/")
    page.get_by_label("Søg i titler og spørgsmål").fill(title)
    page.get_by_role("button", name="Søg").click()
    page.get_by_role("link", name=title, exact=True).click()


def test_two_people_stand_behind_a_colour(log_in: LogIn, tmp_path: Path, screenshots: Path | None) -> None:
    title = "Smerter i ugen"
    made = with_colours(url="https://example.org/smerter-i-ugen", title=title)
    file = tmp_path / "smerter.json"
    file.write_text(json.dumps(made))
    editor, approver, publisher = (log_in("staff", name) for name in (EDITOR, APPROVER, PUBLISHER))

    editor.goto("/kam/spoergeskemaer/importer/")
    editor.get_by_label("Fil med spørgeskema").set_input_files(file)
    editor.get_by_role("button", name="Læs filen").click()
    editor.get_by_role("button", name="Gem de valgte som kladder").click()
    expect(editor.get_by_role("heading", name=title, level=1)).to_be_visible()
    expect(editor.get_by_text("Farver og grænser er slået fra")).to_be_visible()

    open_form(approver, title)
    at_both_widths(approver, "kam-support-off", screenshots)
    approver.get_by_role("link", name="Slå beslutningsstøtte til").click()
    expect(approver.get_by_text("Rød, når svaret er mindst 5.")).to_be_visible()
    at_both_widths(approver, "kam-support", screenshots)
    approver.get_by_label("Formål").fill("Til at ringe til dem, der har ondt de fleste dage.")
    approver.get_by_label("Reglernes version").fill("1.0")
    approver.get_by_role("button", name="Slå til med dette formål").click()

    editor.reload()
    editor.get_by_role("button", name="Send til gennemsyn").click()
    expect(editor.get_by_text("Sendt til gennemsyn. Ingen kan")).to_be_visible()

    open_form(publisher, title)
    expect(publisher.get_by_role("button", name="Udgiv version 1")).to_have_count(0)
    open_form(approver, title)
    at_both_widths(approver, "kam-in-review", screenshots)
    approver.get_by_role("button", name="Godkend").click()
    expect(approver.get_by_text("skal en anden udgive det").first).to_be_visible()
    expect(approver.get_by_role("button", name="Udgiv version 1")).to_have_count(0)

    publisher.reload()
    publisher.get_by_role("button", name="Udgiv version 1").click()
    expect(publisher.get_by_text("Vises for personalet.")).to_be_visible()
    publisher.get_by_text("Historik").click()
    for step in ("Beslutningsstøtte slået til", "Sendt til gennemsyn", "Godkendt", "Udgivet"):
        expect(publisher.locator(".life-cycle-log").get_by_text(step, exact=True)).to_be_visible()
    at_both_widths(publisher, "kam-active", screenshots)

    # A municipality takes it over.
    local = log_in("staff", LOCAL)
    open_form(local, title)
    local.get_by_role("button", name="Kopiér til jeres egne").click()
    expect(local.get_by_text("Kopieret fra")).to_be_visible()
    file.write_text(json.dumps({**made, "title": "Smerter hele ugen"}))
    editor.goto("/kam/spoergeskemaer/importer/")
    editor.get_by_label("Fil med spørgeskema").set_input_files(file)
    editor.get_by_role("button", name="Læs filen").click()
    editor.get_by_role("button", name="Gem de valgte som kladder").click()
    editor.get_by_role("button", name="Send til gennemsyn").click()
    for person, button in ((approver, "Godkend"), (publisher, "Udgiv version 2")):
        open_form(person, "Smerter hele ugen")
        person.get_by_role("button", name=button).click()
    expect(publisher.get_by_text("er udgivet som version 2")).to_be_visible()
    local.reload()
    expect(local.get_by_text("Den nationale har fået version 2")).to_be_visible()
    at_both_widths(local, "kam-copy", screenshots)
    local.get_by_role("link", name="Se, hvad der er ændret").click()
    expect(
        local.get_by_text("Titlen er ændret fra »Smerter i ugen« til »Smerter hele ugen«.")
    ).to_be_visible()
    at_both_widths(local, "kam-differences", screenshots)
    local.goto("/kam/spoergeskemaer/")
    at_both_widths(local, "kam-library", screenshots)


def test_staff_see_the_rule_beside_the_colour(log_in: LogIn, screenshots: Path | None) -> None:
    nurse = log_in("staff", NURSE)
    nurse.goto("/medarbejder/")
    # The demo's own: other tests answer forms without colours in the same system.
    nurse.get_by_role("link", name=re.compile(r"\(eksempel\)$")).first.click()
    coloured = nurse.locator(".coloured-answers li").first
    expect(coloured.locator(".significance")).to_be_visible()
    coloured.get_by_text("Hvorfor denne farve?").click()
    for word in ("Regel", "Reglernes version", "Formål"):
        expect(coloured.get_by_text(word, exact=True)).to_be_visible()
    at_both_widths(nurse, "staff-coloured", screenshots)
