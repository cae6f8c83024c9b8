"""Before and after answering: the list of tasks, the receipt, and the answers to read, print and take along."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans import services as plans
from plans.models import Task
from questionnaires.models import Response, Score
from questionnaires.services import save_answers
from tests import factories
from tests.browser.looking import keep, looked_at

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS: dict[int, ViewportSize] = {width: {"width": width, "height": 844} for width in (320, 390, 1280)}
Enter = Callable[..., Page]


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = factories.CitizenFactory(given_name="Åse", family_name="Sørensen")
    return made


@pytest.fixture
def enter(
    citizen: Citizen, chrome: Browser, live_server: LiveServer, client_as: Callable[[CitizenActor], Client]
) -> Iterator[Enter]:
    """The citizen's browser at an address; a script that fails fails the test."""
    key = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)).session.session_key
    contexts: list[BrowserContext] = []

    def at(address: str, width: int, **how: bool) -> Page:
        context = chrome.new_context(
            viewport=WIDTHS[width],
            locale="da-DK",
            base_url=live_server.url,
            java_script_enabled=how.get("scripts", True),
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


def answered(citizen: Citizen, *values: int) -> Task:
    """The last of a weekly plan's answered tasks; the plan has words of its own and shows its figures."""
    start = timezone.now() - timedelta(weeks=len(values))
    plan = factories.PlanFactory(
        weekly=len(values),
        citizens_see_scores=True,
        what_happens_now="En sygeplejerske læser dine svar inden fredag.\n\nDu hører fra os, hvis det er nødvendigt.",
        if_you_get_worse="Ring til hjerteteamet på 12 34 56 78 hverdage kl. 8-15.",
    )
    task = None
    for week, task in enumerate(factories.assign(citizen, plan=plan, at=start).tasks.order_by("opens_at")):
        at = start + timedelta(weeks=week)
        response = plans.begin_task(task=task, at=at)
        save_answers(
            response=response,
            fields={"pain": ["true"], "how-much": ["3"], "note": ["Det går fremad."]},
            at=at,
        )
        task = plans.submit_task(task=task, at=at)
        Score.objects.create(
            response=response,
            municipality=response.municipality,
            citizen=citizen,
            link_id="s",
            name="Trivsel",
            unit="point",
            value=values[week],
            minimum=0,
            maximum=100,
        )
    assert task is not None
    return task


def in_order(citizen: Citizen) -> list[Response]:
    return list(Response.objects.completed().filter(citizen=citizen).order_by("completed_at"))


def is_in_order(page: Page, name: str, screenshots: Path | None) -> None:
    """Nothing for axe to find, nothing to scroll sideways; and its picture."""
    looked_at(page, f"after-{name}", screenshots)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_list_of_tasks(enter: Enter, citizen: Citizen, width: int, screenshots: Path | None) -> None:
    factories.overdue_task(citizen)
    half_done = factories.open_task(citizen, plan=factories.PlanFactory(weekly=4))
    response = plans.begin_task(task=half_done, at=timezone.now())
    save_answers(response=response, fields={"pain": ["true"]}, at=timezone.now())
    page = enter("/borger/", width)
    expect(page.locator("main .button-primary")).to_have_count(1)
    is_in_order(page, "tasks", screenshots)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_receipt_with_the_plans_words(
    enter: Enter, citizen: Citizen, width: int, screenshots: Path | None
) -> None:
    task = answered(citizen, 64)
    page = enter(f"/borger/opgave/{task.pk}/kvittering/", width)
    expect(page.locator(".get-worse")).to_contain_text("Ring 112")
    expect(page.locator(".get-worse")).to_contain_text("12 34 56 78")
    is_in_order(page, "receipt", screenshots)


@pytest.mark.parametrize("width", WIDTHS)
def test_the_answers_and_how_the_figures_develop(
    enter: Enter, citizen: Citizen, width: int, screenshots: Path | None
) -> None:
    answered(citizen, 40, 52, 48, 64)
    page = enter("/borger/svar/", width)
    expect(page.locator("[data-trend-chart]")).to_be_visible()
    named = page.evaluate(
        "() => Chart.getChart(document.querySelector('canvas')).scales.x.ticks.map((tick) => parseInt(tick.label))"
    )
    answered_on = [timezone.localtime(each.completed_at).day for each in in_order(citizen)]
    assert named, "each day that is named is one that was answered on"
    assert set(named) <= set(answered_on)
    page.get_by_text("Vis de 4 tal").click()
    expect(page.get_by_role("cell", name="64")).to_be_visible()
    is_in_order(page, "responses", screenshots)


@pytest.mark.parametrize("width", WIDTHS)
def test_an_answer_to_read_and_print(
    enter: Enter, citizen: Citizen, width: int, screenshots: Path | None
) -> None:
    task = answered(citizen, 40, 64)
    page = enter(f"/borger/svar/{task.response_id}/", width)
    expect(page.get_by_role("button", name="Udskriv")).to_be_visible()
    is_in_order(page, "response", screenshots)
    with page.expect_download() as download:
        page.get_by_role("link", name="Hent som PDF").click()
    assert download.value.suggested_filename.endswith(".pdf")

    page.emulate_media(media="print")
    expect(page.get_by_role("link", name="Hent som PDF")).to_be_hidden()
    expect(page.locator("main")).to_contain_text("Åse Sørensen")
    expect(page.locator(".main-nav")).to_be_hidden()
    keep(page, screenshots, f"after-print-{width}")


def test_without_scripts_the_figures_stand_in_the_table_and_nothing_promises_to_print(
    enter: Enter, citizen: Citizen
) -> None:
    task = answered(citizen, 40, 64)
    page = enter("/borger/svar/", 390, scripts=False)
    page.get_by_text("Vis de 2 tal").click()
    expect(page.get_by_role("cell", name="64")).to_be_visible()
    page.goto(f"/borger/svar/{task.response_id}/")
    expect(page.get_by_role("button", name="Udskriv")).to_be_hidden()
    expect(page.get_by_role("link", name="Hent som PDF")).to_be_visible()
