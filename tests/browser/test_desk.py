"""Beside the plans, in a browser: notes, the own list, errands, the time line, the log, the bell and the settings.

`pytest tests/browser/test_desk.py --screenshots FOLDER` keeps a picture of each state.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from citizens.models import Citizen
from followup.desk import stop_token
from followup.models import Attention, DeskSettings
from identity.models import AccessEntry, StaffMember
from tests import factories
from tests.browser.test_states import Looking, citizen, enter
from tests.conftest import staff_actor
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db(transaction=True)

__all__ = ["citizen", "enter"]


@pytest.fixture
def nurse(citizen: Citizen) -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(municipality=citizen.municipality, name="Karen Krog")
    return made


@pytest.fixture
def life(citizen: Citizen, nurse: StaffMember) -> list[Any]:
    """Two plans, answers of a year, some of them marked, one overdue, some to come."""
    now = timezone.now()
    made = []
    for title, weeks, ago in (("Hjertesund hverdag", 30, 26), ("Trivsel", 6, 3)):
        start = now - timedelta(weeks=ago)
        plan = factories.PlanFactory(title=title, weekly=weeks)
        tasks = list(factories.assign(citizen, plan=plan, at=start, by=nurse).tasks.order_by("opens_at"))
        made += [answer(task, at=task.opens_at + timedelta(days=1)) for task in tasks[: ago - 2]]
    marks: list[dict[str, Any]] = [
        {"colour": "red"},
        {"colour": "yellow", "worsened": True},
        {"colour": "", "worsened": True},
    ]
    for response, mark in zip(made[-3:], marks, strict=True):
        Attention.objects.filter(pk=response.pk).update(**mark)
    return made


@pytest.fixture
def looking(enter: Callable[..., Looking], nurse: StaffMember) -> Looking:
    return enter(staff_actor(nurse))


def test_the_citizens_page(looking: Looking, citizen: Citizen, life: list[Any]) -> None:
    page = looking.go(reverse("staff:citizen", args=[citizen.pk]))
    expect(page.get_by_role("heading", name="Tidslinje")).to_be_visible()
    # The time line came by itself: one view, one entry.
    assert [entry.what for entry in AccessEntry.objects.filter(citizen_id=citizen.pk)] == ["citizen"]

    page.get_by_role("button", name="Sæt på min liste").click()
    expect(page.get_by_role("button", name="Fjern fra min liste")).to_be_focused()
    expect(page.locator("#following-said")).to_have_text("Borgeren er på din liste.")

    page.get_by_label("Ny note").fill("Talt med datteren, som kommer fredag.")
    looking.press("Gem noten")
    expect(page.locator(".note-list")).to_contain_text("Talt med datteren")
    expect(page.get_by_label("Ny note")).to_have_value("")
    looking.press("Gem noten")
    expect(page.locator("#notes .form-error-message")).to_contain_text("Skriv noten.")
    page.get_by_text("Se det samme som liste").click()
    page.get_by_text("Hvad der er gjort, nyeste først").click()
    expect(page.locator(".log-entries")).to_contain_text("Plan tildelt")
    looking.at("desk-citizen")


def test_a_colleague_is_asked_and_does_it(looking: Looking, citizen: Citizen, life: list[Any]) -> None:
    page = looking.go(reverse("staff:response", args=[life[-1].pk]))
    page.get_by_role("link", name="Bed en kollega om noget").click()
    looking.press("Send til kollegaen")
    looking.at("desk-ask-missing")
    page.get_by_label("Hvem skal gøre det?").select_option(label="Karen Krog")
    page.get_by_label("Hvad skal der gøres?").fill("Ring til borgeren om medicinen.")
    page.get_by_label("Senest hvilken dag?").fill(timezone.localdate().strftime("%d-%m-%Y"))
    looking.press("Send til kollegaen")
    expect(page.get_by_text("Karen Krog er bedt om det.")).to_be_visible()
    page.get_by_role("link", name="Opgaver (1)").click()
    looking.at("desk-errands")
    page.locator(".errand button").click()
    expect(page.locator(".errand")).to_contain_text("Fortryd")
    expect(page.locator(".errand button")).to_be_focused()
    looking.at("desk-errand-done")


def bell_rings(page: Page) -> None:
    """What the minute does, without waiting for it."""
    page.evaluate(
        "htmx.ajax('GET', '/medarbejder/klokke/tal/?er=3', {source: '.bell', target: '#bell-number'})"
    )


def test_the_bell(looking: Looking, citizen: Citizen, life: list[Any]) -> None:
    page = looking.go("/medarbejder/")
    bell = page.get_by_role("link", name="Klokken (3)")
    bell.focus()
    bell_rings(page)
    expect(page.locator("#bell-said")).to_have_text("")
    fourth = answer(factories.open_task(citizen), at=timezone.now())
    Attention.objects.filter(pk=fourth.pk).update(colour="red")
    bell_rings(page)
    expect(page.locator("#bell-said")).to_have_text("Nye markerede svar: 4")
    expect(page.get_by_role("link", name="Klokken (4)")).to_be_focused()
    page.get_by_role("link", name="Klokken (4)").click()
    expect(page.get_by_role("heading", name="Klokken")).to_be_visible()
    looking.at("desk-bell")
    looking.go("/medarbejder/indstillinger/")
    looking.press("Gem")
    looking.at("desk-settings-missing")
    page.get_by_label("Din arbejdsmail").fill("karen@kommune.dk")
    looking.press("Gem")
    expect(page.get_by_text("Du får mailen fra næste hverdag.")).to_be_visible()
    looking.at("desk-settings")


def test_without_scripts(
    enter: Callable[..., Looking], nurse: StaffMember, citizen: Citizen, life: list[Any]
) -> None:
    looking = enter(staff_actor(nurse), java_script_enabled=False)
    page = looking.go(reverse("staff:citizen", args=[citizen.pk]))
    looking.press("Sæt på min liste")
    expect(page.get_by_role("button", name="Fjern fra min liste")).to_be_visible()
    page.get_by_label("Ny note").fill("Ringet op")
    looking.press("Gem noten")
    expect(page.locator(".note-list")).to_contain_text("Ringet op")
    page.get_by_role("link", name="Se tidslinje og log").click()
    expect(page.get_by_role("heading", name="Log", exact=True)).to_be_visible()
    looking.at("desk-history", has_scripts=False)


def test_the_mails_own_page(enter: Callable[..., Looking], nurse: StaffMember, citizen: Citizen) -> None:
    desk = DeskSettings.objects.create(
        staff_member=nurse, municipality=citizen.municipality, digest_to="karen@kommune.dk"
    )
    looking = enter(staff_actor(nurse))
    looking.go(reverse("staff:unsubscribe", args=[stop_token(desk)]))
    looking.at("desk-unsubscribe")
    looking.press("Stop mailen")
    expect(looking.page.get_by_role("heading", name="Mailen er stoppet")).to_be_visible()
    looking.at("desk-unsubscribed")
