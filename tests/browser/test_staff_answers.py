"""Staff read answers in a real browser: charts point by point, pictures to keep, the journal, and how it looks."""

import struct
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.access_log import Action, What
from identity.actors import StaffActor
from identity.models import AccessEntry, StaffMember
from identity.roles import Role
from plans.models import CarePlan
from plans.trends import answer_trends
from questionnaires.models import Response, Score
from tests.banded_form import BANDS, answered_weekly
from tests.browser.looking import looked_at, nothing_found
from tests.conftest import NURSE_ROLES, staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, MunicipalityFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS: dict[int, ViewportSize] = {width: {"width": width, "height": 900} for width in (390, 1024, 1280)}
PAINS = (2, 9, 5, 8)
Enter = Callable[..., Page]


@pytest.fixture
def member() -> StaffMember:
    municipality = MunicipalityFactory()
    CareTeamFactory(municipality=municipality)
    made: StaffMember = StaffMemberFactory(municipality=municipality)
    return made


@pytest.fixture
def citizen(member: StaffMember) -> Citizen:
    made: Citizen = CitizenFactory(municipality=member.municipality, given_name="Åse", family_name="Sørensen")
    answered_weekly(made, *PAINS)
    return made


@pytest.fixture
def enter(
    chrome: Browser,
    live_server: LiveServer,
    member: StaffMember,
    client_as: Callable[[StaffActor], Client],
) -> Iterator[Enter]:
    """The employee's browser at an address; a script that fails fails the test."""
    actor = staff_actor(member, NURSE_ROLES | {Role.CARETEAM_ADMINISTRATOR})
    key = client_as(actor).session.session_key
    contexts: list[BrowserContext] = []

    def at(address: str, width: int = 1280, **how: Any) -> Page:
        context = chrome.new_context(
            viewport=WIDTHS[width], locale="da-DK", base_url=live_server.url, accept_downloads=True, **how
        )
        contexts.append(context)
        context.add_cookies(
            [{"name": settings.SESSION_COOKIE_NAME, "value": str(key), "url": live_server.url}]
        )
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(address)
        return page

    yield at
    for context in contexts:
        context.close()


def is_in_order(page: Page, name: str, folder: Path | None) -> None:
    """Nothing for axe to find, nothing to scroll sideways; and its picture, on the screen and on paper."""
    looked_at(page, f"answers-{name}", folder)


CHARTS = """() => [...document.querySelectorAll("[data-trend-chart] canvas")].map((canvas) => {
  const { data, config } = Chart.getChart(canvas);
  const { plugins } = config.options;
  return {
    label: data.datasets[0].label,
    points: data.datasets[0].data.map(({ x, y }) => [x, y]),
    bands: plugins.areas.bands.map((band) => [band.from, band.to, band.name]),
    events: plugins.lines.events.map((event) => [event.x, event.words]),
  };
})"""


_DONE = {"completed": "Plan afsluttet"}


def milliseconds(moment: datetime | None) -> int:
    assert moment is not None
    return round(moment.timestamp() * 1000)


def test_the_charts_hold_each_stored_score_band_and_event(enter: Enter, citizen: Citizen) -> None:
    [sleep] = [one for one in answer_trends(citizen, citizen.municipality) if one.link_id == "sleep"]
    address = f"/medarbejder/borgere/{citizen.pk}/udvikling/"
    [score] = enter(address).evaluate(CHARTS)
    [single] = enter(f"{address}?tal={sleep.key}").evaluate(CHARTS)

    stored = Score.objects.filter(citizen=citizen).order_by("response__completed_at")
    assert score["points"] == [
        [milliseconds(at), float(value)]
        for at, value in stored.values_list("response__completed_at", "value")
    ]
    assert score["bands"] == [list(band) for band in BANDS]
    plan = CarePlan.objects.get(citizen=citizen)
    done = [(plan.assigned_at, "Plan tildelt"), *((one.at, _DONE[one.kind]) for one in plan.events.all())]
    assert score["events"] == [[milliseconds(at), f"{words}: Ondt i ryggen"] for at, words in done]

    answered = Response.objects.filter(citizen=citizen).order_by("completed_at")
    assert single["label"] == "Din søvn"
    assert single["points"] == [
        [
            milliseconds(response.completed_at),
            next(
                item["answer"][0]["valueInteger"]
                for item in response.document["item"]
                if item["linkId"] == "sleep"
            ),
        ]
        for response in answered
    ]
    assert single["bands"] == []


def test_a_chart_is_kept_as_a_picture_and_the_log_says_so(
    enter: Enter, citizen: Citizen, screenshots: Path | None, tmp_path: Path
) -> None:
    page = enter(f"/medarbejder/borgere/{citizen.pk}/udvikling/")
    with (
        page.expect_download() as kept,
        page.expect_response(lambda answer: answer.url.endswith("/udvikling/gemt/")) as told,
    ):
        page.get_by_role("button", name="Gem som billede").click()

    file = (screenshots or tmp_path) / "answers-kept.png"
    kept.value.save_as(file)
    assert kept.value.suggested_filename.startswith("udvikling-")
    assert told.value.status == 204
    width, height = struct.unpack(">II", file.read_bytes()[16:24])
    assert file.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert width > 600
    assert height > 400
    assert (
        AccessEntry.objects.filter(what=What.CITIZEN, action=Action.EXPORT, citizen_id=citizen.pk).count()
        == 1
    )


def test_the_journals_text_is_copied_with_one_click(enter: Enter, citizen: Citizen) -> None:
    response = Response.objects.filter(citizen=citizen).latest("completed_at")
    page = enter(
        f"/medarbejder/besvarelser/{response.pk}/", permissions=["clipboard-read", "clipboard-write"]
    )
    with page.expect_response(lambda answer: answer.url.endswith("/kopieret/")) as told:
        page.get_by_role("button", name="Kopiér").click()

    expect(page.locator("[data-copied]")).to_have_text("Teksten er kopieret.")
    assert told.value.status == 204
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.replace("\r\n", "\n") == page.locator("#journal-text").input_value()
    assert "Smerteindeks: 24 (Svær), 9 højere end sidst" in copied
    assert AccessEntry.objects.filter(what=What.RESPONSE, action=Action.EXPORT).count() == 1


def test_without_a_clipboard_or_scripts_the_text_is_there_to_mark(enter: Enter, citizen: Citizen) -> None:
    response = Response.objects.filter(citizen=citizen).latest("completed_at")
    page = enter(f"/medarbejder/besvarelser/{response.pk}/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    page.get_by_role("button", name="Kopiér").click()
    expect(page.locator("[data-copied]")).to_contain_text("markeret")
    assert page.evaluate("document.activeElement.id") == "journal-text"

    bare = enter(f"/medarbejder/besvarelser/{response.pk}/", java_script_enabled=False)
    bare.get_by_role("button", name="Kopiér").click()
    expect(bare.locator("#journal-text")).to_contain_text("Smerteindeks: 24 (Svær)")


def test_the_preview_follows_the_choice(enter: Enter) -> None:
    page = enter("/medarbejder/journaltekst/")
    preview = page.locator("#journal-preview")
    expect(preview).to_contain_text("At kunne gå ned til søen.")
    page.get_by_label("Borgerens egne ord").select_option("0")
    expect(preview).not_to_contain_text("At kunne gå ned til søen.")
    page.get_by_label("Alle svar").select_option("1")
    expect(preview).to_contain_text("Hvad hjælper? Hvile, Varme")
    page.get_by_role("button", name="Gem", exact=True).click()
    expect(page.get_by_text("Teksten ser sådan ud for alle")).to_be_visible()
    assert nothing_found(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_each_page_in_each_width(
    enter: Enter, citizen: Citizen, width: int, screenshots: Path | None
) -> None:
    response = Response.objects.filter(citizen=citizen).latest("completed_at")
    sleep = next(one for one in answer_trends(citizen, citizen.municipality) if one.link_id == "sleep")
    addresses = {
        "response": f"/medarbejder/besvarelser/{response.pk}/",
        "paper": f"/medarbejder/besvarelser/{response.pk}/udskriv/",
        "over-time": f"/medarbejder/besvarelser/{response.pk}/over-tid/",
        "development": f"/medarbejder/borgere/{citizen.pk}/udvikling/",
        "single": f"/medarbejder/borgere/{citizen.pk}/udvikling/?tal={sleep.key}&periode=alt",
        "development-paper": f"/medarbejder/borgere/{citizen.pk}/udvikling/udskriv/",
        "conversation": f"/medarbejder/borgere/{citizen.pk}/samtale/",
        "citizen": f"/medarbejder/borgere/{citizen.pk}/",
        "journal": "/medarbejder/journaltekst/",
    }
    page = enter(addresses["response"], width)
    for name, address in addresses.items():
        page.goto(address)
        page.wait_for_timeout(400) if screenshots else None
        is_in_order(page, name, screenshots)
        if screenshots and width == 1280:
            page.pdf(path=screenshots / f"answers-{name}.pdf", format="A4", print_background=False)


def test_all_but_the_picture_is_there_without_scripts(enter: Enter, citizen: Citizen) -> None:
    page = enter(f"/medarbejder/borgere/{citizen.pk}/udvikling/", java_script_enabled=False)
    # The figures, the plan's beginning and its end.
    expect(page.locator("tbody tr")).to_have_count(len(PAINS) + 2)
    expect(page.locator("[data-trend-chart]")).to_be_hidden()
    expect(page.get_by_role("button", name="Gem som billede")).to_be_hidden()


def test_nobody_answered_yet(enter: Enter, member: StaffMember) -> None:
    somebody = CitizenFactory(municipality=member.municipality)
    for page in ("udvikling", "samtale"):
        assert nothing_found(enter(f"/medarbejder/borgere/{somebody.pk}/{page}/"))
