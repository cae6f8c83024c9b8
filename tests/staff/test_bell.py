"""The bell: what is marked and came since one last looked; and the settings beside it."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from followup.desk import stop_token
from followup.models import Attention, DeskSettings
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import CareTeam, Municipality
from questionnaires.models import Response
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory, open_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

BELL = "/medarbejder/klokke/"
NUMBER = "/medarbejder/klokke/tal/"
SETTINGS = "/medarbejder/indstillinger/"
OVERVIEW = "/medarbejder/"


def marked(citizen: Citizen, hours_ago: float = 1, **marks: Any) -> Response:
    made = answer(open_task(citizen), at=timezone.now() - timedelta(hours=hours_ago))
    Attention.objects.filter(pk=made.pk).update(**(marks or {"colour": "red"}))
    return made


def text_of(client: Client, address: str, **headers: str) -> str:
    answered = client.get(address, headers=headers)
    assert answered.status_code == 200
    return str(answered.content.decode())


class TestTheBell:
    def test_counts_what_came_since_it_was_opened(self, nurse_client: Client, citizen: Citizen) -> None:
        marked(citizen, 30)
        marked(citizen, 2, worsened=True)
        marked(citizen, 1, colour="green")
        assert "(2)" in text_of(nurse_client, NUMBER)
        page = text_of(nurse_client, BELL)
        assert page.count("/besvarelser/") == 2
        assert "Alvorligere end sidst" in page
        assert "significance-shape" in page
        assert nurse_client.get(NUMBER, {"er": "0"}).status_code == 204
        marked(citizen, 0)
        assert "(1)" in text_of(nurse_client, OVERVIEW)

    def test_lists_the_newest_first_and_says_which_are_new(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen
    ) -> None:
        old, new = marked(citizen, 30), marked(citizen, 1)
        DeskSettings.objects.create(
            staff_member=nurse,
            municipality=citizen.municipality,
            bell_seen_at=timezone.now() - timedelta(hours=5),
        )
        page = text_of(nurse_client, BELL)
        assert page.index(str(new.pk)) < page.index(str(old.pk))
        rows = [part.partition("</tr>")[0] for part in page.split("<tbody>")[1].split("<tr>")[1:]]
        assert [bool(re.search(r">\s*Ny\s*<|</svg>\s*Ny", row)) for row in rows] == [True, False]

    def test_leaves_out_what_is_handled_or_corrected(
        self, nurse_client: Client, nurse: StaffMember, citizen: Citizen
    ) -> None:
        marked(citizen, colour="red", handled_at=timezone.now(), handled_by=nurse)
        former = marked(citizen, 3)
        Response.objects.create(
            citizen=citizen, municipality=citizen.municipality, version=former.version, replaces=former,
            status="completed", document=former.document, started_at=former.started_at,
            saved_at=former.saved_at, completed_at=timezone.now(),
        )  # fmt: skip
        assert nurse_client.get(NUMBER, {"er": "0"}).status_code == 204
        assert "Ingen markerede svar venter" in text_of(nurse_client, BELL)

    def test_says_a_change_and_nothing_otherwise(self, nurse_client: Client, citizen: Citizen) -> None:
        marked(citizen)
        assert nurse_client.get(NUMBER, {"er": "1"}).status_code == 204
        part = text_of(nurse_client, f"{NUMBER}?er=0")
        assert "Nye markerede svar: 1" in part
        assert "<html" not in part

    def test_asking_by_itself_is_no_use_of_the_session(self, nurse_client: Client, citizen: Citizen) -> None:
        before = nurse_client.session.items()
        text_of(nurse_client, NUMBER, **{"X-By-Itself": "1"})
        assert nurse_client.session.items() == before
        assert """hx-headers='{"X-By-Itself": "1"}'""" in text_of(nurse_client, OVERVIEW)

    def test_is_of_ones_own_teams(
        self, nurse: StaffMember, citizen: Citizen, client_as: Callable[[StaffActor], Client]
    ) -> None:
        response = marked(citizen)
        CareTeamFactory(municipality=citizen.municipality, login_id="other")
        other = client_as(replace(staff_actor(nurse), care_team="other"))
        assert str(response.pk) not in text_of(other, BELL)
        assert other.get(NUMBER, {"er": "0"}).status_code == 204
        stranger = marked(CitizenFactory())
        assert str(stranger.pk) not in text_of(client_as(staff_actor(nurse)), BELL)

    def test_is_for_those_who_may_see_answers(
        self, client_with: Callable[[Role], Client], citizen: Citizen
    ) -> None:
        marked(citizen)
        enroller = client_with(Role.CITIZEN_ENROLLER)
        assert "Klokken" not in text_of(enroller, OVERVIEW)
        for address in (BELL, NUMBER, SETTINGS):
            assert enroller.get(address).status_code == 403

    def test_stops_counting_at_99_and_listing_at_50(
        self, nurse_client: Client, municipality: Municipality, citizen: Citizen
    ) -> None:
        def queries(address: str) -> int:
            with CaptureQueriesContext(connection) as asked:
                text_of(nurse_client, address)
            return len(asked)

        marked(citizen)
        text_of(nurse_client, BELL)  # from here on the row of settings is there
        few = queries(BELL)
        for person in CitizenFactory.create_batch(10, municipality=municipality):
            for _ in range(10):
                marked(person, 0)
        assert "(99+)" in text_of(nurse_client, NUMBER)
        assert queries(BELL) == few
        page = text_of(nurse_client, BELL)
        assert page.count("/besvarelser/") == 50
        assert "Her står de nyeste 50" in page

    def test_has_the_mornings_numbers(self, nurse_client: Client, citizen: Citizen) -> None:
        marked(citizen, 0)
        page = " ".join(text_of(nurse_client, BELL).split())
        assert '<b>1</b> <a href="/medarbejder/?fane=markerede">' in page


class TestTheSettings:
    def test_an_address_is_kept_with_the_team_of_the_login(
        self, nurse: StaffMember, municipality: Municipality, client_as: Callable[[StaffActor], Client]
    ) -> None:
        team = municipality.care_teams.get()
        CareTeam.objects.filter(pk=team.pk).update(login_id="own")
        client = client_as(replace(staff_actor(nurse), care_team="own"))
        page = client.post(SETTINGS, {"to": "anna@kommune.dk"}, follow=True).content.decode()
        assert "Du får mailen fra næste hverdag." in page
        assert f"Du får mailen med tallene for {team.name}." in page
        desk = DeskSettings.objects.get()
        assert (desk.staff_member, desk.digest_to, desk.digest_team) == (nurse, "anna@kommune.dk", team)

    def test_a_login_for_all_teams_gets_the_municipalitys(self, nurse_client: Client) -> None:
        page = nurse_client.post(SETTINGS, {"to": "anna@kommune.dk"}, follow=True).content.decode()
        assert "Du får mailen med tallene for hele kommunen." in page

    def test_a_team_that_we_do_not_know_has_no_figures(
        self, nurse: StaffMember, municipality: Municipality, client_as: Callable[[StaffActor], Client]
    ) -> None:
        client = client_as(replace(staff_actor(nurse), care_team="unknown"))
        refused = client.post(SETTINGS, {"to": "anna@kommune.dk"})
        assert refused.status_code == 422
        assert "Dit team findes ikke her endnu" in refused.content.decode()

    def test_no_address_is_no_address(self, nurse_client: Client) -> None:
        for nonsense in ("", "anna", "a@b\nBcc: x@y.dk"):
            assert nurse_client.post(SETTINGS, {"to": nonsense}).status_code == 422
        assert not DeskSettings.objects.exclude(digest_to="").exists()

    def test_it_is_stopped_there(self, nurse_client: Client) -> None:
        nurse_client.post(SETTINGS, {"to": "anna@kommune.dk"})
        assert (
            "Du får ikke mailen længere."
            in nurse_client.post(SETTINGS, {"stop": "1"}, follow=True).content.decode()
        )
        assert DeskSettings.objects.get().digest_to == ""

    def test_without_a_mail_server_it_is_not_offered(
        self, nurse_client: Client, settings: LazySettings
    ) -> None:
        settings.EMAIL_IS_SENT = False
        assert "Der er ikke sat en mailserver op" in text_of(nurse_client, SETTINGS)
        nurse_client.post(SETTINGS, {"to": "anna@kommune.dk"})
        assert not DeskSettings.objects.exists()


class TestTheLinkInTheMail:
    @pytest.fixture
    def desk(self, nurse: StaffMember, municipality: Municipality) -> DeskSettings:
        return DeskSettings.objects.create(
            staff_member=nurse, municipality=municipality, digest_to="anna@kommune.dk"
        )

    def test_stops_it_by_a_button_and_needs_no_login(self, desk: DeskSettings) -> None:
        address = reverse("staff:unsubscribe", args=[stop_token(desk)])
        assert "Stop mailen" in text_of(Client(), address)
        desk.refresh_from_db()
        assert desk.digest_to == "anna@kommune.dk"
        for _ in range(2):
            assert "Mailen er stoppet" in Client().post(address).content.decode()
        desk.refresh_from_db()
        assert desk.digest_to == ""

    def test_one_that_we_have_not_signed_opens_nothing(self, desk: DeskSettings) -> None:
        for forged in ("x", stop_token(desk)[:-1] + "~"):
            assert Client().post(reverse("staff:unsubscribe", args=[forged])).status_code == 404
        desk.refresh_from_db()
        assert desk.digest_to == "anna@kommune.dk"
