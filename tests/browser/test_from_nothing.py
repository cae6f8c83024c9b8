"""A form from nothing to a citizen's answers: built, translated, tried, reviewed, published, assigned and read."""

import re

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PHONE, LogIn
from tests.browser.test_builder import add, row, saved, write
from tests.browser.test_the_main_job import NURSE, assign, weekly_plan, without_a_course
from tests.browser.test_trying import frame as frame_of

EDITOR, APPROVER, PUBLISHER = "Lise Ahlmann", "Henrik Sønderby", "Birgitte Hedegård"
TITLE = "Din hverdag fra bunden"
ENGLISH = {
    TITLE: "Your daily life",
    "Smerter": "Pain",
    "Har du smerter?": "Are you in pain?",
    "Hvor stærke er de?": "How strong is it?",
    "Smertetal": "Pain figure",
}


def panel(page: Page, link: str, name: str) -> Locator:
    page.get_by_role("link", name=link).click()
    found = page.locator(f"#panel-{name}")
    expect(found).to_have_attribute("open", "")
    return found


def build(page: Page) -> None:
    page.goto("/kam/spoergeskemaer/")
    page.get_by_role("link", name="Nyt spørgeskema").click()
    page.get_by_label("Titel").fill(TITLE)
    page.get_by_role("button", name="Begynd at bygge").click()
    row(page, "Uden tekst").click()
    write(page, "Overskrift", "Smerter")
    add(page, "Ja eller nej")
    write(page, "Spørgsmålet", "Har du smerter?")
    page.get_by_label("Skal besvares").check()
    saved(page)
    add(page, "Talskala 0–10")
    write(page, "Spørgsmålet", "Hvor stærke er de?")
    shown = panel(page, "Hvornår vises det?", "conditions")
    shown.get_by_label("Spørgsmål").select_option(label="Har du smerter?")
    shown.get_by_role("button", name="Gem betingelser").click()
    shown.get_by_label("Svar").select_option(label="Ja")
    shown.get_by_role("button", name="Gem betingelser").click()
    expect(shown).to_contain_text("Vises når »Har du smerter?« er »Ja«.")
    saved(page)

    add(page, "Tal")
    write(page, "Spørgsmålet", "Smertetal")
    score = panel(page, "Score", "scores")
    score.get_by_role("checkbox", name="Hvor stærke er de?").check(force=True)
    for number, (low, high, name) in enumerate((("0", "4", "Let"), ("5", "10", "Svær")), 1):
        band = score.get_by_role("group", name=f"Interval {number}", exact=True)
        band.get_by_label("Fra").fill(low)
        band.get_by_label("Til og med").fill(high)
        band.get_by_label("Navn").fill(name)
        score.get_by_role("button", name="Gem score").click()
        expect(score.get_by_role("group", name=f"Interval {number + 1}", exact=True)).to_be_visible()
    saved(page)


def translate(page: Page, version: str) -> None:
    page.goto(f"{version}oversaettelser/")
    page.get_by_label("Oversæt til").select_option("en")
    page.get_by_role("button", name="Vælg").click()
    for danish, english in ENGLISH.items():
        of_it = page.locator(".translation-own").filter(has_text=re.compile(rf"{re.escape(danish)}\s*$"))
        words = page.locator(".translation-row").filter(has=of_it).first.get_by_role("textbox")
        words.fill(english)
        words.press("Tab")
        saved(page)


def try_and_keep(page: Page, version: str) -> None:
    page.goto(f"{version}proev/")
    frame = frame_of(page)
    frame.get_by_label("Ja").check(force=True)
    frame.get_by_label("Hvor stærke er de?").fill("7")
    frame.get_by_label("Hvor stærke er de?").press("Tab")
    expect(page.locator(".try-value")).to_have_text("7")
    page.get_by_label("Prøvens navn").fill("Stærke smerter")
    page.get_by_role("button", name="Gem som prøve").click()
    expect(page.get_by_text("1 prøve består")).to_be_visible()


def test_a_form_is_built_from_nothing_and_answered(log_in: LogIn) -> None:
    editor = log_in("staff", EDITOR)
    build(editor)
    version = re.sub(r"byg/.*", "", editor.url)
    translate(editor, version)
    try_and_keep(editor, version)
    editor.goto(version)
    editor.get_by_role("button", name="Send til gennemsyn").click()
    expect(editor.get_by_text("Sendt til gennemsyn. Ingen kan")).to_be_visible()

    approver = log_in("staff", APPROVER)
    approver.goto(version)
    approver.get_by_role("button", name="Godkend").click()
    publisher = log_in("staff", PUBLISHER)
    publisher.goto(version)
    publisher.get_by_role("button", name="Udgiv version 1").click()
    expect(publisher.get_by_text("er udgivet som version 1")).to_be_visible()
    publisher.get_by_role("link", name="Lav en plan med spørgeskemaet").click()
    plan = f"{TITLE}, hver uge"
    publisher.get_by_label("Titel").fill(plan)
    publisher.get_by_role("button", name="Gem, og vælg spørgeskemaer").click()
    weekly_plan(publisher, TITLE, weeks=4)

    person = without_a_course(number=5)
    nurse = log_in("staff", NURSE)
    assign(nurse, person, plan)
    citizen = log_in("citizen", person.name, viewport=PHONE)
    citizen.get_by_role("link", name="Svar nu").first.click()
    citizen.get_by_role("button", name="Begynd").click()
    expect(citizen.get_by_text("Hvor stærke er de?")).to_have_count(0)
    citizen.get_by_label("Ja").check(force=True)
    strength = citizen.get_by_label("Hvor stærke er de?")
    strength.fill("7")
    strength.press("Tab")
    citizen.get_by_role("button", name="Næste").click()
    citizen.get_by_role("button", name="Send svar").click()
    expect(citizen.get_by_role("heading", name="Tak for dine svar")).to_be_visible()

    nurse.reload()
    nurse.locator('a[href*="/besvarelser/"]').filter(has_text=TITLE, visible=True).first.click()
    expect(nurse.get_by_role("row").filter(has_text="Smertetal")).to_contain_text("7")
