"""The operations page while FUT is ill: what waits and why, pausing, sending again, and seeing it arrive."""

import re
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

from kommunalpro.demo.people import DemoCitizen, demo_citizens
from tests.browser.conftest import LogIn
from tests.browser.system import System
from tests.browser.test_pages import ADMINISTRATOR, NURSE, WIDTHS, look_over
from tests.browser.test_the_main_job import eventually, without_a_course
from tests.browser.traces import Numbers

PLAN = "Hverdagsliv ved opstart"
REASON = "FUT har meldt driftsstop til kl. 14"
EVERYBODY = Numbers([citizen.cpr for citizen in demo_citizens()])
# As many as open the breaker, and the two that met the other faults before.
REFUSED, ASKED_TO_WAIT, *OTHERS = (without_a_course(number=number) for number in range(7, 14))


@pytest.fixture
def ill(system: System) -> Iterator[System]:
    """Faults can be ordered; none stands afterwards."""
    yield system
    heal(system)


def order(system: System, **fault: object) -> None:
    httpx.post(f"{system.simulator_url}/control/faults", json=fault).raise_for_status()


def heal(system: System) -> None:
    httpx.delete(f"{system.simulator_url}/control/faults").raise_for_status()


def assign(staff: Page, citizen: DemoCitizen) -> None:
    staff.goto("/medarbejder/")
    staff.get_by_role("search").get_by_role("textbox").fill(f"{citizen.cpr[:6]}-{citizen.cpr[6:]}")
    staff.get_by_role("search").get_by_role("button", name="Søg").click()
    staff.get_by_role("link", name="Tildel en plan").first.click()
    staff.get_by_label(PLAN, exact=True).check(force=True)
    staff.get_by_role("button", name="Vis opgaver").click()
    staff.get_by_role("button", name="Tildel planen").click()
    expect(staff.get_by_role("heading", name=PLAN)).to_be_visible()


def fut(page: Page) -> Locator:
    """The channel on the overview."""
    return page.locator("#channel-fut")


def figure(part: Locator, title: str) -> int:
    """One of a channel's figures."""
    name = part.page.locator("dt", has_text=re.compile(f"^{title}$"))
    told = part.locator(".figures div", has=name)
    return int(told.locator("dd").first.inner_text().split()[0])


def picture(page: Page, name: str, screenshots: Path | None) -> None:
    """Look the page over at both widths; it names nobody."""
    for width, viewport in WIDTHS.items():
        page.set_viewport_size(viewport)
        look_over(page, name, width, screenshots)
    assert EVERYBODY.in_text(page.content()) == set()


def plans_at_fut(system: System) -> int:
    return len(system.at_fut("CarePlan"))


def test_the_administration_sees_what_is_wrong_and_sees_it_end(
    ill: System, log_in: LogIn, screenshots: Path | None
) -> None:
    nurse, operator = log_in(*NURSE), log_in(*ADMINISTRATOR)
    before = plans_at_fut(ill)

    # One is refused: FUT's words are on the page, and what was asked of it, and nothing of the citizen.
    order(ill, kind="status", status=422, target="$createPatient", times=1)
    assign(nurse, REFUSED)
    operator.goto("/drift/")

    def given_up() -> bool:
        operator.reload()
        return figure(fut(operator), "Opgivet") == 1

    eventually(given_up)
    fut(operator).get_by_role("link", name="Se, hvad der fejler").click()
    letter = operator.locator("details.letter")
    letter.locator("summary").click()
    expect(letter).to_contain_text("Plan tildelt, Aalborg")
    expect(letter).to_contain_text("POST")
    expect(letter).to_contain_text("$createPatient")
    expect(letter).to_contain_text("was ordered")
    assert EVERYBODY.in_text(operator.content()) == set()

    # FUT has too much to do: nothing leaves before the time it named.
    order(ill, kind="status", status=429, retryAfter=25, target="$createPatient", times=1)
    assign(nurse, ASKED_TO_WAIT)
    operator.goto("/drift/")

    def waits() -> bool:
        operator.reload()
        return "Modtageren har bedt os vente til" in fut(operator).inner_text()

    eventually(waits, within=20)

    # FUT is down: after five failures nothing more is tried.
    order(ill, kind="status", status=500, target="$createPatient")
    for citizen in OTHERS:
        assign(nurse, citizen)

    def is_left_alone() -> bool:
        operator.reload()
        return "Modtageren svarer ikke" in fut(operator).inner_text()

    eventually(is_left_alone, within=60)
    expect(fut(operator)).to_contain_text("Vi prøver med en enkelt igen")
    expect(fut(operator)).to_contain_text("Senest:")
    expect(fut(operator)).to_contain_text("500")
    assert figure(fut(operator), "Venter") == 1 + len(OTHERS)
    picture(operator, "operations-breaker", screenshots)
    fut(operator).get_by_role("link", name="Se, hvad der fejler").click()
    failing = operator.get_by_role("table", name="Det, der fejlede og bliver forsøgt igen, efter grund")
    expect(failing).to_contain_text("500")
    operator.locator("details.letter summary").click()
    picture(operator, "operations-failing", screenshots)

    # A pause, with its reason, for the colleagues.
    operator.goto("/drift/fut/pause/")
    operator.get_by_label("Hvorfor?").fill(REASON)
    operator.get_by_role("button", name="Sæt på pause").click()
    expect(fut(operator)).to_contain_text("På pause")
    expect(fut(operator)).to_contain_text(f"af Birgitte Hedegård: {REASON}")
    picture(operator, "operations-paused", screenshots)

    # FUT is well again, but a pause lasts until a person ends it.
    heal(ill)
    assert plans_at_fut(ill) == before
    fut(operator).get_by_role("button", name="Sæt i gang igen").click()
    expect(operator.get_by_text("FUT-infrastrukturen sender igen.")).to_be_visible()

    def is_well() -> bool:
        operator.reload()
        return figure(fut(operator), "Venter") == 0

    eventually(is_well, within=90)
    expect(fut(operator)).to_contain_text("Kører")
    assert plans_at_fut(ill) == before + 1 + len(OTHERS)

    # What was given up is sent again, all of its reason, and arrives.
    operator.goto("/drift/fut/")
    given_up_table = operator.get_by_role("table", name="Det, der blev opgivet, efter grund")
    given_up_table.get_by_role("button", name="Send igen").click()
    expect(operator.get_by_text("1 levering bliver sendt igen.")).to_be_visible()
    eventually(lambda: plans_at_fut(ill) == before + 2 + len(OTHERS))

    def nothing_is_left() -> bool:
        operator.reload()
        return "Intet er opgivet." in operator.locator("main").inner_text()

    eventually(nothing_is_left)
    operator.goto("/drift/")
    expect(operator.get_by_role("table", name="Hvem har gjort hvad")).to_contain_text(REASON)
    picture(operator, "operations-again", screenshots)
