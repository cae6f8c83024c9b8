"""“Adgang for programmer” in a browser: made, copied, looked at and revoked, at each width and without scripts.

`pytest tests/browser/test_programs.py --screenshots FOLDER` keeps a picture of each state.
"""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from identity.actors import StaffActor
from identity.models import ProgramKey
from tests import factories
from tests.browser.test_states import Looking, citizen, enter
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor

__all__ = ["citizen", "enter"]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def administrator() -> StaffActor:
    """A municipality's, where three keys were made before."""
    maker = factories.StaffMemberFactory(name="Birgitte Hedegård")
    owner = {"municipality": maker.municipality, "made_by": maker}
    now = timezone.now()
    factories.ProgramKeyFactory(
        name="Prøveskrift", may_publish=False, made_at=now - timedelta(days=80), **owner
    )
    factories.ProgramKeyFactory(
        name="Udtræk til dokumentation", may_edit=False, may_publish=False, last_used_at=now, **owner
    )
    factories.ProgramKeyFactory(
        name="Udgivelse fra det gamle arkiv", revoked_at=now, revoked_by=maker, **owner
    )
    return staff_actor(maker, ADMINISTRATOR_ROLES)


def test_a_key_is_made_copied_and_revoked(enter: Callable[..., Looking], administrator: StaffActor) -> None:
    looking = enter(administrator)
    page = looking.go("/kam/")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    looking.go("/kam/programmer/")
    looking.at("kam-programs")

    page.get_by_role("link", name="Ny nøgle").click()
    looking.at("kam-new-program")
    looking.press("Lav nøglen")
    expect(page.get_by_role("alert")).to_contain_text("Skriv et navn")
    looking.at("kam-new-program-error")
    page.get_by_label("Programmets navn").fill("Udgivelse fra Git")
    page.get_by_label("Udgive spørgeskemaer").check(force=True)
    looking.press("Lav nøglen")

    secret = page.get_by_label("Nøgle", exact=True).input_value()
    assert secret.startswith("kpro_")
    looking.at("kam-program-made")
    looking.press("Kopiér nøglen")
    expect(page.get_by_text("Nøglen er kopieret.")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == secret
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").status_code == 200

    page.get_by_role("link", name="Jeg har gemt nøglen").click()
    expect(page.get_by_role("row", name="Udgivelse fra Git")).to_contain_text("Virker")
    page.get_by_role("link", name="Træk tilbage Udgivelse fra Git").click()
    looking.at("kam-revoke-program")
    looking.press("Træk nøglen tilbage")
    expect(page.get_by_role("row", name="Udgivelse fra Git")).to_contain_text("Trukket tilbage")
    assert program.get("/api/v1/me").status_code == 401


def test_all_of_it_works_without_scripts(enter: Callable[..., Looking], administrator: StaffActor) -> None:
    looking = enter(administrator, java_script_enabled=False)
    page = looking.go(reverse("kam:new_program"))
    page.get_by_label("Programmets navn").fill("Uden skript")
    looking.press("Lav nøglen")
    assert page.get_by_label("Nøgle", exact=True).input_value().startswith("kpro_")
    expect(page.get_by_role("button", name="Kopiér nøglen")).to_be_hidden()
    looking.at("kam-program-made-without-scripts", has_scripts=False)
    page.get_by_role("link", name="Jeg har gemt nøglen").click()
    page.get_by_role("link", name="Træk tilbage Uden skript").click()
    looking.press("Træk nøglen tilbage")
    assert ProgramKey.objects.get(name="Uden skript").is_revoked


def test_nobody_has_a_key_yet(enter: Callable[..., Looking]) -> None:
    looking = enter(staff_actor(factories.StaffMemberFactory(municipality=None), ADMINISTRATOR_ROLES))
    looking.go("/kam/programmer/")
    looking.at("kam-programs-none")
