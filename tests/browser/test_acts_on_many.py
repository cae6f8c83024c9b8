"""Reminding many and giving many a plan, in Chromium: on the whole system, in every state, and without JavaScript."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import StaffActor
from municipalities.models import CareTeam
from notifications import reminders
from notifications.models import Message
from plans import bulk_assigning
from plans.models import BulkAssignment, CarePlan
from plans.schedule import Once
from tests import factories
from tests.browser.conftest import LogIn
from tests.browser.looking import looked_at
from tests.conftest import staff_actor

NURSE, VIEWER, ELSEWHERE = "Mette Kjærgaard", "Jens Åkjær", "Lone Bækgaard"
WIDTHS = (390, 1024, 1280)
Look = Callable[[Page, str], None]


@pytest.fixture
def look(screenshots: Path | None) -> Look:
    """Axe finds nothing at any width, and nothing goes past the sides."""

    def at_every_width(page: Page, name: str) -> None:
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            looked_at(page, f"many-{name}", screenshots)

    return at_every_width


# --- on the whole system ----------------------------------------------------------------------------------


def test_many_are_given_a_plan_by_the_worker(log_in: LogIn) -> None:
    page = log_in("staff", NURSE)
    page.goto("/medarbejder/borgere/")
    everybody = page.locator("tbody input[type=checkbox]").count()
    page.get_by_label("Vælg alle på siden").check()
    expect(page.get_by_text(f"{everybody} valgte")).to_be_visible()
    page.get_by_label("Vælg", exact=False).nth(1).uncheck()
    expect(page.get_by_text(f"{everybody - 1} valgte")).to_be_visible()
    page.get_by_role("button", name="Tildel en plan til de valgte").click()
    expect(page.get_by_text(f"{everybody - 1} borgere er valgt")).to_be_visible()
    page.get_by_label("Plan", exact=True).select_option(index=1)
    page.get_by_label("Team", exact=True).select_option("Rehabilitering")
    page.get_by_role("button", name="Vis, hvem der får planen").click()
    page.get_by_role("button", name="Tildel planen til").click()
    page.wait_for_url("**/medarbejder/tildel/*/")
    # Nobody reloads: htmx asks until the worker is done.
    expect(page.get_by_text("har fået planen.")).to_be_visible(timeout=60_000)
    expect(page.get_by_text("Tildelt", exact=True).first).to_be_visible()
    address = page.url

    # Whose citizens they are not sees nothing of it, and who may not assign is offered nothing.
    other = log_in("staff", ELSEWHERE)
    assert (answer := other.goto(address)) is not None
    assert answer.status == 404
    viewer = log_in("staff", VIEWER)
    viewer.goto("/medarbejder/borgere/")
    expect(viewer.get_by_role("checkbox")).to_have_count(0)
    assert (answer := viewer.goto(address)) is not None
    assert answer.status == 403


def test_many_are_reminded(log_in: LogIn) -> None:
    page = log_in("staff", NURSE)
    page.goto("/medarbejder/ubesvarede/?frist=over")
    names = set(page.locator("tbody td[data-title=Borger] a").all_inner_texts())
    page.get_by_label("Vælg alle på siden").check()
    page.get_by_role("button", name="Send påmindelse til de valgte").click()
    expect(page.get_by_text("Husk dit spørgeskema")).to_be_visible()
    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sådan gik det med påmindelserne")
    assert set(page.locator("tbody td[data-title=Borger] a").all_inner_texts()) == names
    states = page.locator("td[data-title=Påmindelse]")
    for text in states.all_inner_texts():
        assert any(word in text for word in ("Venter", "På vej", "Sendt", "Samlet", "Ikke sendt")), text

    other = log_in("staff", ELSEWHERE)
    other.goto(page.url)
    expect(other.get_by_text("Ingen påmindelser at vise")).to_be_visible()
    viewer = log_in("staff", VIEWER)
    viewer.goto("/medarbejder/ubesvarede/")
    expect(viewer.get_by_role("button", name="Send påmindelse")).to_have_count(0)
    assert (answer := viewer.goto(page.url)) is not None
    assert answer.status == 403


# --- every state, on the test's own server without a worker -------------------------------------------------


@pytest.fixture
def team(transactional_db: None) -> CareTeam:
    municipality = factories.MunicipalityFactory(name="Testby")
    made: CareTeam = factories.CareTeamFactory(municipality=municipality, name="Rehabilitering")
    return made


@pytest.fixture
def desk(
    team: CareTeam, chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[..., Page]]:
    """`desk("staff:unanswered")`: a page in an employee's browser."""
    nurse = factories.StaffMemberFactory(municipality=team.municipality, name="Anne Vestergaard")
    key = client_as(staff_actor(nurse)).cookies[settings.SESSION_COOKIE_NAME].value
    contexts: list[BrowserContext] = []

    def enter(address: str, **how: Any) -> Page:
        context = chrome.new_context(viewport={"width": 1280, "height": 900}, locale="da-DK", **how)
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(live_server.url + reverse(address))
        return page

    yield enter
    for context in contexts:
        context.close()


def person(team: CareTeam, name: str, **facts: object) -> Citizen:
    made: Citizen = factories.CitizenFactory(
        municipality=team.municipality, given_name=name, family_name="Prøve", **facts
    )
    return made


def some_who_have_not_answered(team: CareTeam) -> None:
    """One that can be reminded, one outside NemSMS, one at the plan's limit, one reminded an hour ago."""
    now = timezone.now()
    factories.overdue_task(person(team, "Anna"), days=12)
    outside = {"is_nemsms_enrolled": False, "nemsms_asked_at": now - timedelta(days=2)}
    factories.overdue_task(person(team, "Bent", **outside), days=5)
    limited = factories.PlanFactory(
        activities=lambda made: factories.add_to(made, Once(), title="Om søvn", most_reminders=0)
    )
    factories.assign(person(team, "Carl"), plan=limited, at=now - timedelta(days=10))
    by = factories.StaffMemberFactory(municipality=team.municipality)
    reminders.send(task=factories.overdue_task(person(team, "Dorte"), days=3), by=by, at=now)


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_reminding_in_every_state(
    team: CareTeam, desk: Callable[..., Page], look: Look, script: bool
) -> None:
    some_who_have_not_answered(team)
    page = desk("staff:unanswered", java_script_enabled=script)
    page.get_by_text("Vis kun nogle").click()
    page.get_by_label("Frist").select_option("Kun over fristen")
    page.get_by_role("button", name="Vis", exact=True).click()
    expect(page.get_by_label("Frist")).to_have_value("over")
    if script:
        look(page, "unanswered")
        page.get_by_label("Vælg alle på siden").check()
    else:
        page.get_by_role("link", name="Vælg alle på siden").click()
    boxes = page.locator("tbody input[type=checkbox]")
    assert all(box.is_checked() for box in boxes.all())
    page.get_by_role("button", name="Send påmindelse til de valgte").click()
    expect(page.get_by_text("1 kan nok ikke få en sms")).to_be_visible()
    expect(page.get_by_role("heading", name="får ingen påmindelse")).to_be_visible()
    if script:
        look(page, "remind-preview")
    page.get_by_role("button", name="Ringeliste til udskrift").click()
    expect(page.get_by_role("row")).to_have_count(3)
    if script:
        look(page, "call-list")
    page.go_back()
    page.get_by_role("button", name="Send", exact=False).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sådan gik det med påmindelserne")
    assert Message.objects.filter(kind=Message.Kind.REMINDER).count() == 3
    if script:
        look(page, "reminded")


def test_states_come_without_a_reload(team: CareTeam, desk: Callable[..., Page], look: Look) -> None:
    """What became of it is shown by itself while the page stands open."""
    task = factories.overdue_task(person(team, "Anna"))
    by, now = factories.StaffMemberFactory(municipality=team.municipality), timezone.now()
    message = reminders.send(task=task, by=by, at=now)
    # Also where this test runs in the quiet hours.
    Message.objects.filter(pk=message.pk).update(leaves_at=now, status="queued")
    message.refresh_from_db()
    assert message.delivery is not None
    type(message.delivery).objects.filter(pk=message.delivery.pk).update(due_at=now)
    page = desk("staff:unanswered")
    page.goto(page.url.replace("ubesvarede/", f"ubesvarede/paamindelser/?task={task.pk}"))
    expect(page.get_by_text("På vej: sendes nu")).to_be_visible()
    page.evaluate("window.stayed = true")

    Message.objects.filter(pk=message.pk).move(Message.Status.SENT, at=now, sent_at=now)
    expect(page.locator("td[data-title=Påmindelse]")).to_contain_text("Sendt ")
    Message.objects.filter(pk=message.pk).move(Message.Status.DELIVERED, at=now)
    expect(page.locator("td[data-title=Påmindelse]")).to_contain_text("og leveret")
    assert page.evaluate("window.stayed")
    look(page, "reminded-delivered")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_giving_many_a_plan_in_every_state(
    team: CareTeam, desk: Callable[..., Page], look: Look, script: bool
) -> None:
    plan = factories.PlanFactory(title="Hjemme igen", weekly=3)
    outside = {"is_nemsms_enrolled": False, "nemsms_asked_at": timezone.now()}
    people = [person(team, name) for name in ("Anna", "Bent", "Carl", "Dorte")]
    people.append(person(team, "Erna", **outside))
    for citizen in people:
        factories.assign(citizen)
    in_the_way = factories.assign(people[3], plan=plan)

    page = desk("staff:assign_many", java_script_enabled=script)
    if script:
        look(page, "assign-team")
    page.goto(page.url.replace("tildel/", "borgere/"))
    if script:
        look(page, "citizens")
    for citizen in people:
        page.get_by_label(f"Vælg {citizen.name}").check()
    page.get_by_role("button", name="Tildel en plan til de valgte").click()
    page.get_by_label("Plan", exact=True).select_option("Hjemme igen")
    page.get_by_label("Startdato").fill("1")
    page.get_by_role("button", name="Vis, hvem der får planen").click()
    if script:
        look(page, "assign-error")
    page.get_by_label("Startdato").fill(timezone.localdate().strftime("%d-%m-%Y"))
    page.get_by_role("button", name="Vis, hvem der får planen").click()
    expect(page.get_by_role("heading", name="4 borgere får Hjemme igen")).to_be_visible()
    expect(page.get_by_text("Dorte Prøve: Borgeren har allerede denne plan")).to_be_visible()
    if script:
        look(page, "assign-preview")
    page.get_by_role("button", name="Tildel planen til 4 borgere").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    expect(page.get_by_text("0 af 4 er behandlet")).to_be_visible()
    if script:
        look(page, "assign-at-work")

    bulk = BulkAssignment.objects.get()
    factories.assign(people[0], plan=plan)  # a colleague was quicker
    bulk_assigning.work(bulk.pk)
    # By itself, or by the link that stands there without a script.
    if not script:
        page.get_by_role("link", name="Se, hvor langt det er").click()
    expect(page.get_by_text("3 borgere har fået planen.")).to_be_visible()
    expect(page.get_by_text("1 borger fik den ikke")).to_be_visible()
    if script:
        look(page, "assign-done")
    CarePlan.objects.get(citizen=people[0], plan=plan).tasks.update(status="cancelled")
    page.get_by_role("button", name="Prøv igen").click()
    expect(page.get_by_text("3 af 4 er behandlet")).to_be_visible()
    bulk_assigning.work(bulk.pk)
    if not script:
        page.get_by_role("link", name="Se, hvor langt det er").click()
    expect(page.get_by_text("4 borgere har fået planen.")).to_be_visible()
    assert CarePlan.objects.filter(plan=plan, status="active").count() == 5
    assert in_the_way.plan == plan
