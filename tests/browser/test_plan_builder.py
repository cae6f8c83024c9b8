"""A plan of three questionnaires of different kinds is built in Chromium; each state is looked at on phone and desk."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from identity.actors import StaffActor
from plans.models import Plan
from plans.schedule import AfterAnswer, AtOffsets, Length, OnWeekdays, Unit
from tests import factories
from tests.browser.held import Held
from tests.browser.looking import looked_at
from tests.browser.one_form import FORM
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 390, 1280)

OpenDesk = Callable[..., Page]


@pytest.fixture
def desk(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[OpenDesk]:
    """`desk(address)`: a page of KAM in the browser of a national administrator."""
    factories.QuestionnaireVersionFactory(source=FORM, title=FORM["title"])
    member = factories.StaffMemberFactory(municipality=None, name="Karen Administrator")
    key = client_as(staff_actor(member, ADMINISTRATOR_ROLES)).cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []

    def enter(address: str, width: int = 1280, *, scripts: bool = True) -> Page:
        context = chrome.new_context(
            viewport={"width": width, "height": 900}, locale="da-DK", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(live_server.url + address)
        return page

    yield enter
    for context in contexts:
        context.close()


def choose(page: Page, label: str) -> None:
    page.get_by_label(label, exact=True).check(force=True)


def test_a_plan_of_three_kinds_is_built(desk: OpenDesk) -> None:
    page = desk(reverse("kam:new_plan"))
    page.get_by_label("Titel").fill("Efter operationen")
    page.get_by_role("button", name="Gem, og vælg spørgeskemaer").click()

    page.get_by_label("Spørgeskema", exact=True).select_option(label="Om din dag v1")
    page.get_by_label("Titel for borgeren").fill("Ved start")
    choose(page, "På bestemte dage efter starten")
    page.get_by_label("Hvor mange dage efter starten?").fill("0, 30, 90")
    page.get_by_label("Hvor mange dage efter starten?").press("Tab")
    expect(page.get_by_text("Når planen begynder, efter 30 dage og efter 90 dage.")).to_be_visible()
    expect(page.locator("rect.time-line-bar")).to_have_count(3)
    page.get_by_role("button", name="Gem i planen").click()

    page.get_by_role("link", name="Sæt et spørgeskema ind").click()
    page.get_by_label("Spørgeskema", exact=True).select_option(label="Om din dag v1")
    page.get_by_label("Titel for borgeren").fill("Dagbog")
    choose(page, "På bestemte ugedage")
    choose(page, "tirsdag")
    page.get_by_label("Hver hvilken uge?").fill("2")
    choose(page, "Et stykke tid")
    expect(page.get_by_text("Hver 2. uge i 3 måneder, om tirsdagen.")).to_be_visible()
    page.get_by_role("button", name="Gem i planen").click()

    page.get_by_role("link", name="Sæt et spørgeskema ind").click()
    page.get_by_label("Spørgeskema", exact=True).select_option(label="Om din dag v1")
    page.get_by_label("Titel for borgeren").fill("Opfølgning")
    choose(page, "Når borgeren har svaret på et andet spørgeskema")
    page.get_by_label("Hvilket spørgeskema svarer borgeren på først?").select_option(label="Ved start")
    page.get_by_label("Ved hvilket svar?").select_option(label="Har du smerter?")
    page.get_by_label("Sammenligning").select_option(label="er")
    page.get_by_label("Svar", exact=True).select_option(label="Ja")
    page.get_by_label("Hvor mange dage efter svaret?").fill("2")
    page.get_by_label("Hvor mange dage efter svaret?").press("Tab")
    told = "2 dage efter svaret på »Ved start«, når »Har du smerter?« er Ja."
    expect(page.get_by_text(told)).to_be_visible()
    page.get_by_role("button", name="Gem i planen").click()

    expect(page.get_by_text(told).first).to_be_visible()
    page.get_by_role("button", name="Flyt op Opfølgning").click()
    page.get_by_role("button", name="Udgiv planen").click()
    expect(page.get_by_text("Personalet kan nu tildele den")).to_be_visible()

    plan = Plan.objects.active().get()
    start, following, diary = plan.activities.all()
    assert start.rhythm == AtOffsets((0, 30, 90))
    assert following.rhythm == AfterAnswer(2)
    assert (following.after, following.condition) == (
        start,
        {"question": "pain", "operator": "=", "value": {"valueBoolean": True}},
    )
    assert diary.rhythm == OnWeekdays((1,), 2, Length(3, Unit.MONTHS))


def test_a_choice_before_the_scripts_have_come_is_heard(desk: OpenDesk) -> None:
    plan = factories.PlanFactory(status="draft", published_at=None, weekly=12)
    page = desk(reverse("kam:new_plan"))
    held = Held(page, "**/htmx*.js", most=1)
    page.goto(
        page.url.replace(reverse("kam:new_plan"), reverse("kam:new_activity", args=[plan.pk])),
        wait_until="commit",
    )
    choose(page, "På bestemte dage efter starten")
    held[0].continue_()
    expect(page.get_by_label("Hvor mange dage efter starten?")).to_be_visible()


def test_what_is_written_while_the_form_is_drawn_anew_stays(desk: OpenDesk) -> None:
    plan = factories.PlanFactory(status="draft", published_at=None, weekly=12)
    page = desk(reverse("kam:new_activity", args=[plan.pk]))
    held = Held(page, "**/aktiviteter/ny/")
    with page.expect_request("**/aktiviteter/ny/"):
        page.get_by_label("Spørgeskema", exact=True).select_option(label="Om din dag v1")
    title = page.get_by_label("Titel for borgeren")
    title.fill("Ved start")
    with page.expect_response("**/aktiviteter/ny/"):
        held[0].continue_()
    expect(page.get_by_text("Én gang, når planen begynder.")).to_be_visible()
    expect(title).to_have_value("Ved start")


@pytest.mark.parametrize("width", WIDTHS)
def test_every_state(desk: OpenDesk, width: int, screenshots: Path | None) -> None:
    plan = factories.PlanFactory(status="draft", published_at=None, title="Efter operationen", weekly=12)
    after = plan.activities.get()
    factories.add_to(plan, AtOffsets((0, 30, 90)), title="Ved start, efter en måned og efter tre måneder")
    factories.add_to(plan, AfterAnswer(2), after=after, title="Opfølgning", moves="later")
    page = desk(reverse("kam:plan", args=[plan.pk]), width)
    looked_at(page, "plan-plan", screenshots)
    page.get_by_text("Se datoerne for alle").click()
    looked_at(page, "plan-dates", screenshots)
    page.get_by_label("Eksempel på startdato").fill("24-12-2026")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.get_by_text("24. dec", exact=True)).to_have_count(1)

    page.get_by_role("link", name="Sæt et spørgeskema ind").click()
    looked_at(page, "plan-new-activity", screenshots)
    page.get_by_role("button", name="Gem i planen").click()
    looked_at(page, "plan-mistake", screenshots)
    for kind in (
        *("Med fast mellemrum", "På bestemte ugedage", "Før en aftale"),
        "Når borgeren har svaret på et andet spørgeskema",
    ):
        with page.expect_response(lambda response: response.request.method == "POST"):
            choose(page, kind)
        looked_at(page, kind.split()[0].lower() + kind.split()[-1], screenshots)
    page.goto(page.url.replace("aktiviteter/ny/", "tekster/"))
    looked_at(page, "plan-texts", screenshots)


def test_it_works_without_scripts(desk: OpenDesk) -> None:
    plan = factories.PlanFactory(status="draft", published_at=None)
    page = desk(reverse("kam:new_activity", args=[plan.pk]), scripts=False)
    page.get_by_label("Spørgeskema", exact=True).select_option(index=1)
    choose(page, "På bestemte ugedage")
    page.get_by_role("button", name="Vis felterne til valget").click()
    choose(page, "tirsdag")
    page.get_by_role("button", name="Vis tidslinjen").click()
    expect(page.get_by_text("Hver uge 12 gange, om tirsdagen.")).to_be_visible()
    page.get_by_role("button", name="Gem i planen").click()
    expect(page.get_by_text("Hver uge 12 gange, om tirsdagen.").first).to_be_visible()
    assert plan.activities.count() == 2
