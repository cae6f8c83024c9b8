"""Every page at desktop and phone width: accessible by axe's rules, no sideways scrolling; and its picture.

`pytest tests/browser/test_pages.py --screenshots docs/screenshots` (make screenshots) keeps the pictures.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import DESKTOP, PHONE, entered
from tests.browser.looking import looked_at
from tests.browser.system import System

WIDTHS = {1280: DESKTOP, 390: PHONE}

TALLEST_PICTURE = 1800

# WCAG 2.2 AA and what axe calls best practice.


def first_link(page: Page, part: str) -> None:
    """Follow the first link of the page's main part whose address holds `part`."""
    with page.expect_navigation():
        page.locator(f"main a[href*='{part}']").first.click()


def open_front(page: Page) -> None:
    page.goto("/")


def open_address(address: str) -> Callable[[Page], None]:
    def visit(page: Page) -> None:
        page.goto(address)

    return visit


def open_first(address: str, part: str) -> Callable[[Page], None]:
    def visit(page: Page) -> None:
        page.goto(address)
        first_link(page, part)

    return visit


def open_row(address: str) -> Callable[[Page], None]:
    """Follow the first link of the first row of a table."""

    def visit(page: Page) -> None:
        page.goto(address)
        with page.expect_navigation():
            page.locator("main tbody tr a").first.click()

    return visit


def open_questions(page: Page) -> None:
    """The first page of the first task; begun ones go on from the list itself."""
    page.goto("/borger/")
    go_on = page.locator("main").get_by_role("button", name="Fortsæt")
    if go_on.count() == 0:
        first_link(page, "/opgave/")
        go_on = page.get_by_role("button", name="Begynd")
    with page.expect_navigation():
        go_on.first.click()
    page.goto(page.url.partition("/side/")[0] + "/side/1/")


def open_missing_answers(page: Page) -> None:
    open_questions(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Næste").click()


def open_summary(page: Page) -> None:
    open_questions(page)
    page.goto(page.url.partition("/side/")[0] + "/opsummering/")


def open_assignment_preview(page: Page) -> None:
    open_first("/medarbejder/", "/borgere/")(page)
    first_link(page, "/tildel/")
    page.locator("#assign input[name=plan]").first.check(force=True)
    page.get_by_role("button", name="Vis opgaver").click()
    page.get_by_role("button", name="Tildel planen").wait_for()


def open_refused_file(page: Page) -> None:
    page.goto("/kam/spoergeskemaer/importer/")
    page.get_by_label("Fil med spørgeskemaer").set_input_files(
        {"name": "form.json", "mimeType": "application/json", "buffer": b'{"resourceType": "Patient"}'}
    )
    with page.expect_navigation():
        page.get_by_role("button", name="Læs filen").click()


def open_citizen_data(page: Page) -> None:
    open_first("/medarbejder/", "/borgere/")(page)
    first_link(page, "/data/")


LEADER = ("staff", "Thomas Værum")


def open_dead_letters(page: Page) -> None:
    page.goto("/drift/fut/")
    for letter in page.locator("details.letter").all()[:1]:
        letter.locator("summary").click()


CITIZEN = ("citizen", "Otto Rasmussen")
NURSE = ("staff", "Mette Kjærgaard")
ADMINISTRATOR = ("staff", "Birgitte Hedegård")
CONTROLLER = ("staff", "Thomas Værum")

PAGES: list[tuple[str, tuple[str, str] | None, Callable[[Page], None]]] = [
    ("front", None, open_front),
    ("not-found", None, open_address("/findes-ikke/")),
    ("citizen-tasks", CITIZEN, open_address("/borger/")),
    ("citizen-task", CITIZEN, open_first("/borger/", "/opgave/")),
    ("citizen-page", CITIZEN, open_questions),
    ("citizen-missing", CITIZEN, open_missing_answers),
    ("citizen-summary", CITIZEN, open_summary),
    ("citizen-answers", CITIZEN, open_address("/borger/svar/")),
    ("citizen-answer", CITIZEN, open_first("/borger/svar/", "/borger/svar/")),
    ("citizen-access", CITIZEN, open_address("/borger/adgang/")),
    ("citizen-my-data", CITIZEN, open_address("/borger/mine-data/")),
    ("staff-data", NURSE, open_citizen_data),
    ("staff-retention", LEADER, open_address("/medarbejder/opbevaring/")),
    ("staff-overview", NURSE, open_address("/medarbejder/")),
    ("staff-citizens", NURSE, open_address("/medarbejder/borgere/")),
    ("staff-citizen", NURSE, open_first("/medarbejder/", "/borgere/")),
    ("staff-assign", NURSE, open_assignment_preview),
    ("staff-response", NURSE, open_first("/medarbejder/", "/besvarelser/")),
    ("staff-unanswered", NURSE, open_address("/medarbejder/ubesvarede/")),
    ("staff-access-sample", CONTROLLER, open_address("/medarbejder/adgang/")),
    ("staff-access-entries", CONTROLLER, open_address("/medarbejder/adgang/opslag/")),
    ("staff-access-entry", CONTROLLER, open_first("/medarbejder/adgang/", "/adgang/opslag/")),
    ("kam-questionnaires", ADMINISTRATOR, open_address("/kam/spoergeskemaer/")),
    ("kam-import", ADMINISTRATOR, open_address("/kam/spoergeskemaer/importer/")),
    ("kam-refused", ADMINISTRATOR, open_refused_file),
    ("kam-questionnaire", ADMINISTRATOR, open_row("/kam/spoergeskemaer/")),
    ("kam-plans", ADMINISTRATOR, open_address("/kam/planer/")),
    ("kam-new-plan", ADMINISTRATOR, open_address("/kam/planer/ny/")),
    ("kam-plan", ADMINISTRATOR, open_row("/kam/planer/")),
    ("kam-programs", ADMINISTRATOR, open_address("/kam/programmer/")),
    ("kam-new-program", ADMINISTRATOR, open_address("/kam/programmer/ny/")),
    ("operations-overview", ADMINISTRATOR, open_address("/drift/")),
    ("operations-channel", ADMINISTRATOR, open_dead_letters),
    ("operations-pause", ADMINISTRATOR, open_address("/drift/fut/pause/")),
]


@pytest.fixture(scope="module")
def pages(system: System, chrome: Browser) -> Iterator[Callable[[tuple[str, str] | None, int], Page]]:
    """One logged-in page a person and width, used again by the tests of that person."""
    with ExitStack() as contexts:
        made: dict[tuple[tuple[str, str] | None, int], Page] = {}

        def page_of(person: tuple[str, str] | None, width: int) -> Page:
            if (person, width) not in made:
                made[person, width] = entered(system, chrome, contexts, person, WIDTHS[width])
            return made[person, width]

        yield page_of


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "person", "visit"), PAGES, ids=[name for name, _, _ in PAGES])
def test_page(
    name: str,
    person: tuple[str, str] | None,
    visit: Callable[[Page], None],
    width: int,
    pages: Callable[[tuple[str, str] | None, int], Page],
    screenshots: Path | None,
) -> None:
    page = pages(person, width)
    visit(page)
    page.wait_for_load_state("networkidle")

    look_over(page, name, width, screenshots)


def look_over(page: Page, name: str, width: int, screenshots: Path | None) -> None:
    """What has to hold of every page, as it is shown now; and its picture."""
    looked_at(page, f"{name} at {width} px")
    if screenshots is not None:
        # As tall as the page, so that what sticks to the edge of the window is drawn where it belongs.
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": width, "height": min(height, TALLEST_PICTURE)})
        page.screenshot(path=screenshots / f"{name}-{width}.png", animations="disabled")
        page.set_viewport_size(WIDTHS[width])
