"""Whom to call, in a browser: handled by a click and by a key, narrowed without a reload, and without a script."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from followup.models import Attention
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from tests import factories
from tests.browser.test_accessibility import nothing_is_wrong
from tests.conftest import staff_actor
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db(transaction=True)

Visit = Callable[..., Page]


@pytest.fixture
def visit(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Visit]:
    """`visit(actor, "?fane=nye", width=390)`: the overview as somebody sees it."""
    contexts: list[BrowserContext] = []

    def come(actor: StaffActor, query: str = "", *, width: int = 1280, scripts: bool = True) -> Page:
        key = client_as(actor).cookies[settings.SESSION_COOKIE_NAME].value
        context = chrome.new_context(
            viewport={"width": width, "height": 800}, locale="da-DK", java_script_enabled=scripts
        )
        contexts.append(context)
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.goto(f"{live_server.url}/medarbejder/{query}")
        return page

    yield come
    for context in contexts:
        context.close()


@pytest.fixture
def nurse() -> StaffMember:
    member: StaffMember = factories.StaffMemberFactory(name="Mette Kjærgaard")
    return member


@pytest.fixture
def people(nurse: StaffMember) -> list[Citizen]:
    """Three with an answer each, the first one's red; and one who has let two questionnaires pass."""
    found: list[Citizen] = [
        factories.CitizenFactory(municipality=nurse.municipality, given_name=name, family_name="Holm")
        for name in ("Anna", "Bente", "Carl", "Dorte")
    ]
    for hours, person in enumerate(found[:3], 1):
        answer(factories.open_task(person), at=timezone.now() - timedelta(hours=hours), score="50")
    Attention.objects.filter(citizen=found[0]).update(colour="red", colours={"index": "red"}, worsened=True)
    for days in (9, 4):
        factories.overdue_task(found[3], days=days)
    return found


def test_handled_by_a_click_and_taken_back(visit: Visit, nurse: StaffMember, people: list[Citizen]) -> None:
    page = visit(staff_actor(nurse), "?fane=nye")
    row = page.get_by_role("row").filter(has_text="Bente Holm")
    row.get_by_role("button", name="Håndteret", exact=True).click()
    expect(row).to_contain_text("Mette Kjærgaard")
    expect(page.get_by_role("link", name="Nye svar 2")).to_be_visible()
    row.get_by_role("button", name="Fortryd").click()
    expect(row.get_by_role("button", name="Håndteret", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Nye svar 3")).to_be_visible()


def test_by_keyboard_alone(visit: Visit, nurse: StaffMember, people: list[Citizen]) -> None:
    page = visit(staff_actor(nurse), "?fane=nye")
    page.get_by_role("link", name="Anna Holm").focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("link", name="Bente Holm")).to_be_focused()
    page.keyboard.press("h")
    row = page.get_by_role("row").filter(has_text="Bente Holm")
    expect(row.get_by_role("button", name="Fortryd")).to_be_focused()
    page.keyboard.press("h")
    expect(row.get_by_role("button", name="Håndteret", exact=True)).to_be_focused()
    row.get_by_text("Med en note").click()
    note = row.get_by_label("Note til kolleger")
    note.press_sequentially("h h")
    expect(note).to_have_value("h h")
    row.get_by_role("button", name="Gem noten").click()
    expect(row).to_contain_text("h h")


def test_a_row_that_came_back_answers_at_once(
    visit: Visit, nurse: StaffMember, people: list[Citizen]
) -> None:
    """A key struck as soon as the row is drawn anew takes it back: the form must not still send to its old address."""
    page = visit(staff_actor(nurse), "?fane=nye")
    page.evaluate(
        """document.body.addEventListener("htmx:afterSwap", () => queueMicrotask(() => {
             const struck = new KeyboardEvent("keydown", {key: "h", bubbles: true});
             document.activeElement.dispatchEvent(struck);
           }), {once: true})"""
    )
    page.get_by_role("link", name="Bente Holm").focus()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    with page.expect_response(lambda response: len(sent) > 1):
        page.keyboard.press("h")
    assert sent[0] != sent[1]
    row = page.get_by_role("row").filter(has_text="Bente Holm")
    expect(row.get_by_role("button", name="Håndteret", exact=True)).to_be_focused()


def test_narrowed_without_a_reload(visit: Visit, nurse: StaffMember, people: list[Citizen]) -> None:
    page = visit(staff_actor(nurse), "?fane=nye")
    page.evaluate("window.stillThere = true")
    page.get_by_label("Øverst").select_option("aeldste")
    expect(page.get_by_role("row").nth(1)).to_contain_text("Carl Holm")
    assert page.evaluate("window.stillThere") is True
    assert "foerst=aeldste" in page.url


def test_without_a_script(visit: Visit, nurse: StaffMember, people: list[Citizen]) -> None:
    page = visit(staff_actor(nurse), "?fane=nye", scripts=False)
    page.get_by_label("Øverst").select_option("aeldste")
    page.get_by_role("button", name="Vis", exact=True).click()
    row = page.get_by_role("row").nth(1)
    expect(row).to_contain_text("Carl Holm")
    row.get_by_role("button", name="Håndteret", exact=True).click()
    expect(page.get_by_text("Svaret er håndteret.")).to_be_visible()
    expect(page.get_by_role("link", name="Nye svar 2")).to_be_visible()
    page.get_by_label("Gem det, du har valgt, som").fill("Ældste først")
    page.get_by_role("button", name="Gem visning").click()
    expect(page.get_by_role("link", name="Ældste først")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("tab", ["nye", "markerede", "over-fristen", "tavse", "haandterede"])
def test_each_list_is_accessible_and_whole(
    visit: Visit, nurse: StaffMember, people: list[Citizen], screenshots: Path | None, tab: str, width: int
) -> None:
    handled = Attention.objects.get(citizen=people[2])
    Attention.objects.filter(pk=handled.pk).update(
        handled_at=timezone.now(), handled_by=nurse, note="Ringet op"
    )
    page = visit(staff_actor(nurse), f"?fane={tab}", width=width)
    nothing_is_wrong(page, f"{tab} at {width}")
    if screenshots is not None:
        page.screenshot(path=screenshots / f"overview-{tab}-{width}.png", full_page=True)


def test_another_role_and_another_municipality(
    visit: Visit, nurse: StaffMember, people: list[Citizen]
) -> None:
    viewer = visit(staff_actor(nurse, frozenset({Role.CLINICAL_VIEWER})), "?fane=nye")
    expect(viewer.get_by_role("link", name="Anna Holm")).to_be_visible()
    expect(viewer.get_by_role("button", name="Håndteret", exact=True)).to_have_count(0)
    other = visit(staff_actor(factories.StaffMemberFactory()), "?fane=nye")
    expect(other.get_by_text("Ingen nye svar")).to_be_visible()
    expect(other.get_by_text("Anna Holm")).to_have_count(0)
