"""Staff put a citizen into a course, give plans with moved tasks, pause, resume, change and stop them, in Chromium."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor, StaffActor
from identity.models import StaffMember
from identity.roles import Role
from plans.models import CarePlan
from plans.pausing import pause
from tests import factories
from tests.browser.looking import keep, looked_at, nothing_found
from tests.conftest import NURSE_ROLES, staff_actor

pytestmark = pytest.mark.django_db(transaction=True)

OpenDesk = Callable[..., Page]


@pytest.fixture
def member() -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(name="Mette Kjærgaard")
    assert made.municipality is not None
    for name in ("Rehabilitering", "Hjerteteamet"):
        factories.CareTeamFactory(municipality=made.municipality, name=name)
    return made


@pytest.fixture
def citizen(member: StaffMember) -> Citizen:
    made: Citizen = factories.CitizenFactory(
        municipality=member.municipality, given_name="Kirsten", family_name="Holm"
    )
    return made


@pytest.fixture
def care_plan(citizen: Citizen, member: StaffMember) -> CarePlan:
    plan = factories.PlanFactory(title="Trivsel hver uge", weekly=4)
    return factories.assign(citizen, plan=plan, by=member, at=timezone.now() - timedelta(days=9))


@pytest.fixture
def desk(
    chrome: Browser,
    live_server: LiveServer,
    client_as: Callable[[StaffActor | CitizenActor], Client],
    member: StaffMember,
) -> Iterator[OpenDesk]:
    """`desk(address)`: a page in the browser of a nurse, or of `actor`."""
    contexts: list[BrowserContext] = []

    def enter(
        address: str,
        width: int = 1280,
        *,
        scripts: bool = True,
        actor: StaffActor | CitizenActor | None = None,
    ) -> Page:
        key = client_as(actor or staff_actor(member, NURSE_ROLES)).cookies[settings.SESSION_COOKIE_NAME].value
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


def at_both_widths(page: Page, name: str, screenshots: Path | None) -> None:
    """Axe finds nothing and nothing goes past the sides, on a phone and on a desk."""
    for width in (390, 1280):
        page.set_viewport_size({"width": width, "height": 900})
        looked_at(page, name, screenshots)


def test_a_citizen_is_put_into_a_course_and_given_two_plans(
    desk: OpenDesk, member: StaffMember, screenshots: Path | None
) -> None:
    version = factories.QuestionnaireVersionFactory(title="Søvn og hvile")
    for title in ("Hjerte", "Lunger"):
        factories.PlanFactory(title=title, weekly=2, weekly__version=version)
    page = desk(reverse("staff:enrol"))
    at_both_widths(page, "enrol", screenshots)
    page.get_by_label("CPR-nummer").fill("620155-4321")
    page.get_by_label("Fornavn").fill("Aase")
    page.get_by_label("Efternavn").fill("Bro")
    page.get_by_label("Team").select_option(label="Rehabilitering")
    page.get_by_role("button", name="Opret borger og forløb").click()
    expect(page.get_by_text("Vælg, hvordan borgeren har givet samtykke.").first).to_be_visible()
    at_both_widths(page, "enrol-wrong", screenshots)
    expect(page.get_by_label("CPR-nummer")).to_have_value("")
    page.get_by_label("CPR-nummer").fill("620155-4321")
    page.get_by_label("Mundtligt").check()
    page.get_by_role("button", name="Opret borger og forløb").click()
    expect(page.get_by_text("Borgeren og forløbet er oprettet.")).to_be_visible()
    at_both_widths(page, "enrolled", screenshots)

    page.get_by_role("link", name="Tildel en plan").first.click()
    page.get_by_label("Hjerte").check()
    page.get_by_label("Lunger").check()
    page.get_by_role("button", name="Vis opgaver").click()
    expect(page.get_by_text("Det samme spørgeskema i de samme dage")).to_be_visible()
    at_both_widths(page, "assign-two", screenshots)
    # Without a button: the page draws itself anew.
    boxes = page.locator("#adjust input[type=checkbox]")
    for number, left in ((2, "3"), (3, "2")):
        boxes.nth(number).uncheck()
        expect(page.get_by_role("heading", name=f"{left} opgaver til borgeren")).to_be_visible()
    later = (timezone.localdate() + timedelta(days=3)).strftime("%d-%m-%Y")
    page.locator("#adjust input[type=text]").first.fill(later)
    page.locator("#adjust input[type=text]").first.press("Tab")
    expect(page.get_by_text("Flyttet")).to_be_visible()
    at_both_widths(page, "assign-adjusted", screenshots)
    boxes.nth(2).check()
    expect(page.get_by_role("heading", name="3 opgaver til borgeren")).to_be_visible()
    page.get_by_role("button", name="Tildel planerne").click()
    expect(page.get_by_text("2 planer er tildelt.")).to_be_visible()
    assert CarePlan.objects.filter(is_adjusted=True).count() == 2


def test_without_scripts_tasks_are_moved_by_the_button(desk: OpenDesk, citizen: Citizen) -> None:
    factories.PlanFactory(title="Trivsel hver uge", weekly=3)
    page = desk(reverse("staff:assign", args=[citizen.pk]), scripts=False)
    page.get_by_label("Trivsel hver uge").check()
    page.get_by_label("Team").select_option(label="Rehabilitering")
    page.get_by_role("button", name="Vis opgaver").click()
    page.get_by_role("checkbox", name="Om din dag").nth(1).uncheck()
    page.get_by_role("button", name="Vis ændringerne").click()
    expect(page.get_by_text("1 opgave er valgt fra.")).to_be_visible()
    page.get_by_role("button", name="Tildel planen").click()
    expect(page.get_by_text("Planen er tildelt.")).to_be_visible()
    assert CarePlan.objects.get().tasks.count() == 2


def test_a_plan_is_paused_resumed_changed_and_stopped(
    desk: OpenDesk, citizen: Citizen, care_plan: CarePlan, screenshots: Path | None
) -> None:
    page = desk(reverse("staff:citizen", args=[citizen.pk]))
    at_both_widths(page, "citizen", screenshots)
    page.get_by_role("link", name="Se og ændr planen").click()
    at_both_widths(page, "care-plan", screenshots)
    page.get_by_role("button", name="Sæt på pause").click()
    expect(page.get_by_text("Skriv kort hvorfor.").first).to_be_visible()
    at_both_widths(page, "care-plan-wrong", screenshots)
    page.locator("input[name=pause-reason]").fill("Indlagt")
    page.get_by_role("button", name="Sæt på pause").click()
    expect(page.get_by_text("Planen er på pause. Borgeren bliver ikke spurgt")).to_be_visible()
    at_both_widths(page, "care-plan-paused", screenshots)

    page.get_by_role("link", name="Genoptag planen").click()
    page.get_by_label("Genoptag fra").fill((timezone.localdate() + timedelta(days=7)).strftime("%d-%m-%Y"))
    page.get_by_role("button", name="Vis, hvad der sker").click()
    expect(page.get_by_role("heading", name="bliver aflyst")).to_be_visible()
    at_both_widths(page, "resume", screenshots)
    page.get_by_role("button", name="Genoptag planen").click()
    expect(page.get_by_text("Planen er genoptaget fra")).to_be_visible()

    page.get_by_role("link", name="Ændr planen").click()
    page.get_by_label("Regnes fra").fill((timezone.localdate() + timedelta(days=10)).strftime("%d-%m-%Y"))
    page.get_by_label("Hvorfor?").fill("Ny aftale")
    page.get_by_role("button", name="Vis, hvad der sker").click()
    expect(page.get_by_role("heading", name="Det sker der, når du ændrer planen")).to_be_visible()
    at_both_widths(page, "change", screenshots)
    page.get_by_role("button", name="Ændr planen").click()
    expect(page.get_by_text("Planen er ændret.")).to_be_visible()

    page.locator("input[name=stop-reason]").fill("Flytter")
    page.get_by_role("button", name="Stop planen").click()
    expect(page.get_by_text("Planen er stoppet")).to_be_visible()
    at_both_widths(page, "care-plan-stopped", screenshots)
    page.goto(page.url.split("/medarbejder/")[0] + reverse("staff:citizen", args=[citizen.pk]))
    page.get_by_text("Hvad der er sket med planerne").click()
    at_both_widths(page, "citizen-history", screenshots)


def test_a_course_has_its_consent_and_its_end(
    desk: OpenDesk, care_plan: CarePlan, screenshots: Path | None
) -> None:
    page = desk(reverse("staff:course", args=[care_plan.episode_id]))
    page.get_by_label("Skriftligt").check()
    page.get_by_role("button", name="Notér samtykke").click()
    expect(page.get_by_text("Samtykket er noteret.")).to_be_visible()
    at_both_widths(page, "course", screenshots)
    page.get_by_role("button", name="Afslut forløbet").click()
    expect(page.get_by_text("Forløbet har en plan, der er i gang.")).to_be_visible()
    page.get_by_role("button", name="Borgeren trækker sit samtykke tilbage").click()
    expect(page.locator(".status", has_text="Trukket tilbage")).to_be_visible()


def test_who_may_only_look_sees_no_buttons(
    desk: OpenDesk, member: StaffMember, care_plan: CarePlan, screenshots: Path | None
) -> None:
    viewer = staff_actor(member, frozenset({Role.CLINICAL_VIEWER}))
    page = desk(reverse("staff:care_plan", args=[care_plan.pk]), actor=viewer)

    expect(page.get_by_role("heading", name="Trivsel hver uge")).to_be_visible()
    expect(page.get_by_role("button", name="Stop planen")).to_have_count(0)
    expect(page.get_by_role("link", name="Ændr planen")).to_have_count(0)
    at_both_widths(page, "care-plan-viewer", screenshots)


@pytest.mark.parametrize("width", [320, 390])
def test_the_citizen_reads_that_the_plan_rests(
    desk: OpenDesk,
    citizen: Citizen,
    member: StaffMember,
    care_plan: CarePlan,
    width: int,
    screenshots: Path | None,
) -> None:
    pause(care_plan=care_plan, reason="Ferie", by=member, at=timezone.now())
    actor = CitizenActor(citizen_id=citizen.pk, name="Kirsten Holm")
    page = desk(reverse("citizens:tasks"), width, actor=actor)

    expect(page.get_by_role("heading", name="På pause")).to_be_visible()
    expect(page.get_by_role("link", name="Svar nu")).to_have_count(0)
    assert nothing_found(page)
    keep(page, screenshots, f"citizen-paused-{width}")
