"""An administrator gives a program a key, sees which there are, and revokes one."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from identity.actors import StaffActor
from identity.models import ProgramKey, StaffMember
from identity.roles import Role
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, NURSE_ROLES, staff_actor

pytestmark = pytest.mark.django_db

LIST, NEW = "/kam/programmer/", "/kam/programmer/ny/"
FILLED = {"name": "Udgivelse fra Git", "rights": ["may_edit", "may_publish"], "days": "90"}


@pytest.fixture
def maker() -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(name="Birgitte Hedegård")
    return made


@pytest.fixture
def administrator(maker: StaffMember, client_as: Callable[[StaffActor], Client]) -> Client:
    return client_as(staff_actor(maker, ADMINISTRATOR_ROLES))


def text(page: Any) -> str:
    found: str = page.content.decode()
    return found


def secret_on(page: Any) -> str:
    [found] = re.findall(r">\s*(kpro_[\w-]{43})\s*</textarea>", text(page))
    return str(found)


def test_a_key_is_made_shown_once_and_lets_a_program_in(administrator: Client, maker: StaffMember) -> None:
    assert "Intet program har adgang" in text(administrator.get(LIST))
    page = administrator.post(NEW, FILLED)
    secret = secret_on(page)
    assert "Du ser den kun denne ene gang" in text(page)
    assert "no-store" in page["Cache-Control"]
    shown = text(administrator.get(LIST))
    assert secret not in shown
    for words in (
        "Udgivelse fra Git",
        "Birgitte Hedegård",
        "Udgive spørgeskemaer",
        "Aldrig",
        "Virker",
        secret[:9],
    ):
        assert words in shown
    program = Client(headers={"Authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/me").json()["name"] == "Udgivelse fra Git"
    assert "Aldrig" not in text(administrator.get(LIST))


def test_loading_the_page_again_makes_no_second_key(administrator: Client) -> None:
    administrator.post(NEW, FILLED)
    again = administrator.post(NEW, FILLED)
    assert again.status_code == 422
    assert "Der er allerede en nøgle med det navn" in text(again)
    assert ProgramKey.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"name": "  "}, "Skriv et navn"),
        ({"name": "x" * 81}, "80"),
        ({"days": "366"}, "366"),
        ({"days": ""}, "Hvor længe skal nøglen virke?"),
        ({"rights": ["see_citizens"]}, "see_citizens"),
    ],
    ids=["no name", "a long name", "more than a year", "no end", "a right there is not"],
)
def test_what_is_wrong_is_said_and_nothing_made(
    wrong: dict[str, Any], words: str, administrator: Client
) -> None:
    page = administrator.post(NEW, {**FILLED, **wrong})
    assert page.status_code == 422
    assert words in text(page)
    assert not ProgramKey.objects.exists()


def test_who_may_not_write_cannot_let_a_program_write(
    maker: StaffMember, client_as: Callable[[StaffActor], Client]
) -> None:
    client = client_as(staff_actor(maker, frozenset({Role.CLINICAL_ADMINISTRATOR})))
    page = text(client.get(NEW))
    assert "Udgive spørgeskemaer" in page
    assert "Skrive kladder" not in page
    assert client.post(NEW, {**FILLED, "rights": ["may_edit"]}).status_code == 422
    assert client.post(NEW, {**FILLED, "rights": ["may_publish"]}).status_code == 201


@pytest.mark.parametrize(
    "roles", [NURSE_ROLES, frozenset({Role.QUESTIONNAIRE_EDITOR})], ids=["nurse", "editor"]
)
def test_others_neither_see_nor_make_keys(
    roles: frozenset[Role], maker: StaffMember, client_as: Callable[[StaffActor], Client]
) -> None:
    client = client_as(staff_actor(maker, roles))
    key = factories.ProgramKeyFactory(municipality=maker.municipality)
    for address in (LIST, NEW, reverse("kam:revoke_program", args=[key.pk])):
        assert client.get(address).status_code == 403
        assert client.post(address, FILLED).status_code in {403, 405}
    assert not ProgramKey.objects.get().is_revoked
    assert "Programmer" not in text(client.get("/kam/", follow=True))


def test_a_colleague_revokes_after_being_asked(administrator: Client, maker: StaffMember) -> None:
    key = factories.ProgramKeyFactory(
        municipality=maker.municipality, name="Gammelt script", secret="kpro_old", may_publish=False
    )
    address = reverse("kam:revoke_program", args=[key.pk])
    assert address in text(administrator.get(LIST))
    asked = text(administrator.get(address))
    assert "Programmet bliver afvist fra det øjeblik" in asked
    assert Client(headers={"Authorization": "Bearer kpro_old"}).get("/api/v1/me").status_code == 200
    told = text(administrator.post(address, follow=True))
    assert "Nøglen »Gammelt script« er trukket tilbage" in told
    assert "Trukket tilbage" in told
    assert address not in told
    assert ProgramKey.objects.get().revoked_by == maker
    assert Client(headers={"Authorization": "Bearer kpro_old"}).get("/api/v1/me").status_code == 401
    assert "allerede trukket tilbage" in text(administrator.post(address, follow=True))


def test_another_owners_keys_are_not_there(administrator: Client, administrator_client: Client) -> None:
    for key in (
        factories.ProgramKeyFactory(name="Fremmed"),
        factories.ProgramKeyFactory(municipality=None, name="Fælles"),
    ):
        address = reverse("kam:revoke_program", args=[key.pk])
        assert key.name not in text(administrator.get(LIST))
        assert administrator.get(address).status_code == 404
        assert administrator.post(address).status_code == 404
    assert "Fælles" in text(administrator_client.get(LIST))
    assert "Fremmed" not in text(administrator_client.get(LIST))
    assert not ProgramKey.objects.filter(revoked_at__isnull=False).exists()


def test_the_list_says_which_need_a_look(administrator: Client, maker: StaffMember) -> None:
    now, owner = timezone.now(), {"municipality": maker.municipality}
    away = factories.StaffMemberFactory(name="Bo Borte", last_login_at=now - timedelta(days=100), **owner)
    factories.ProgramKeyFactory(name="a soon over", made_at=now - timedelta(days=80), made_by=maker, **owner)
    factories.ProgramKeyFactory(name="b over", made_at=now - timedelta(days=91), made_by=maker, **owner)
    factories.ProgramKeyFactory(name="c works", made_by=away, **owner)
    shown = text(administrator.get(LIST))
    rows = dict(re.findall(r"<td[^>]*>\s*<b>(\w).*?</b>(.*?)</tr>", shown, re.DOTALL))
    assert list(rows) == ["a", "c", "b"]
    assert "Udløber snart" in rows["a"]
    assert "Udløbet" in rows["b"]
    assert "Bo Borte, sidst logget ind" in rows["c"]
    assert "Skal nøglen stadig virke?" in rows["c"]
    assert "Skal nøglen stadig virke?" not in rows["a"] + rows["b"]


def test_a_key_stays_in_sight_when_its_maker_has_moved(administrator: Client, maker: StaffMember) -> None:
    """A key that works must not go out of sight with who made it, and asks whether it shall."""
    gone = factories.StaffMemberFactory(municipality=maker.municipality, name="Gitte Gået")
    factories.ProgramKeyFactory(municipality=maker.municipality, made_by=gone, name="Gittes")
    gone.municipality = factories.MunicipalityFactory()
    gone.save()
    shown = text(administrator.get(LIST))
    assert "Gittes" in shown
    assert "Gitte Gået, en tidligere kollega. Skal nøglen stadig virke?" in " ".join(shown.split())
