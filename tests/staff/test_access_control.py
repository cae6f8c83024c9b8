"""The municipality's control: samples that can be drawn again, look-ups by employee or citizen, decisions."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from identity.access_log import Action, Purpose, Use, What, record
from identity.actors import StaffActor
from identity.models import AccessEntry, AccessReview, StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from tests.conftest import copenhagen, staff_actor
from tests.factories import CitizenFactory, StaffMemberFactory, assign

pytestmark = pytest.mark.django_db

CONTROLLER = frozenset({Role.CLINICAL_SUPPORTER})
NOVEMBER = "fra=01-11-2026&til=20-11-2026"
SAMPLE = f"{NOVEMBER}&antal=5&nummer=4711"


@pytest.fixture
def mette(municipality: Municipality) -> StaffActor:
    return staff_actor(StaffMemberFactory(municipality=municipality, name="Mette Kjærgaard"))


@pytest.fixture
def entry(mette: StaffActor, citizen: Citizen) -> AccessEntry:
    record(use=Use(What.CITIZEN), of=[citizen.pk], by=mette, at=copenhagen("2026-11-10 10:15"))
    return AccessEntry.objects.get()


@pytest.fixture
def controller(
    nurse: StaffMember,
    client_as: Callable[[StaffActor], Client],
    at: Callable[[str], AbstractContextManager[datetime]],
):
    """Somebody who controls access and does nothing else, on the 23rd of November."""
    with at("2026-11-23 10:00"):
        yield client_as(staff_actor(nurse, CONTROLLER))


def sample(client: Client, query: str = SAMPLE) -> str:
    return client.get(f"{reverse('staff:access_sample')}?{query}").content.decode()


def of_control() -> list[AccessEntry]:
    return list(AccessEntry.objects.filter(purpose=Purpose.CONTROL))


class TestSample:
    def test_the_address_gets_a_number_and_the_last_thirty_days(self, controller: Client) -> None:
        answered = controller.get(reverse("staff:access_sample"))

        assert answered.status_code == 302
        assert re.search(r"\?fra=24-10-2026&til=22-11-2026&antal=20&nummer=\d+$", answered["Location"])

    def test_it_says_who_whom_what_why_and_when(self, controller: Client, entry: AccessEntry) -> None:
        text = sample(controller)

        for words in (
            "10-11-2026 10.15",
            "Mette Kjærgaard",
            "Kirsten Holm",
            "Borgerens side, læst",
            "Opfølgning og behandling",
            "Ikke vurderet",
            'value="4711"',
        ):
            assert words in text

    def test_the_same_address_shows_the_same_look_ups(
        self, controller: Client, mette: StaffActor, municipality: Municipality
    ) -> None:
        people = CitizenFactory.create_batch(30, municipality=municipality)
        for person in people:
            record(use=Use(What.CITIZEN), of=[person.pk], by=mette, at=copenhagen("2026-11-10 10:15"))

        def shown(query: str) -> list[str]:
            return re.findall(r"/adgang/opslag/(\d+)/", sample(controller, query))

        assert len(shown(SAMPLE)) == 5
        assert shown(SAMPLE) == shown(SAMPLE)
        assert shown(SAMPLE) != shown(SAMPLE.replace("4711", "1147"))

    def test_who_only_stood_on_a_list_is_drawn_when_asked_for(
        self, controller: Client, mette: StaffActor, citizen: Citizen
    ) -> None:
        use = Use(What.OVERVIEW, Action.LIST)
        record(use=use, of=[citizen.pk], by=mette, at=copenhagen("2026-11-10 10:15"))

        assert "Overblik, vist på en liste" not in sample(controller)
        assert "Overblik, vist på en liste" in sample(controller, f"{SAMPLE}&lister=on")

    def test_looking_is_itself_a_look_up(self, controller: Client, entry: AccessEntry) -> None:
        sample(controller)

        [own] = of_control()
        assert (own.citizen_id, own.action) == (entry.citizen_id, Action.LIST)

    def test_a_period_under_way_is_said_to_be(self, controller: Client, entry: AccessEntry) -> None:
        words = "Perioden er ikke slut"
        assert words not in sample(controller)
        assert words in sample(controller, SAMPLE.replace("20-11", "23-11"))

    @pytest.mark.parametrize(
        ("query", "sentence"),
        [
            (SAMPLE.replace("01-11-2026", "21-11-2026"), "Den sidste dag ligger før den første."),
            (SAMPLE.replace("01-11-2026", "i går"), "Skriv datoen som dag, måned og år"),
            (SAMPLE.replace("antal=5", "antal=5000"), "Træk højst 100 opslag ad gangen."),
        ],
    )
    def test_what_cannot_be_drawn_is_explained(self, controller: Client, query: str, sentence: str) -> None:
        answered = controller.get(f"{reverse('staff:access_sample')}?{query}")
        assert answered.status_code == 422
        assert sentence in answered.content.decode()


class TestLookUps:
    def find(self, client: Client, number: str):
        return client.post(reverse("staff:access_find"), {"text": number})

    def test_by_citizen_without_the_number_in_any_address(
        self, controller: Client, entry: AccessEntry, citizen: Citizen
    ) -> None:
        answered = self.find(controller, citizen.cpr)

        assert answered.status_code == 303
        assert answered["Location"] == f"{reverse('staff:access_entries')}?borger={citizen.pk}"
        page = controller.get(answered["Location"]).content.decode()
        assert "Opslag på Kirsten Holm" in page
        assert "Mette Kjærgaard" in page
        assert citizen.cpr not in page
        assert of_control()[0].criterion == f"{citizen.cpr[:6]}-••••"

    def test_a_citizen_whom_nobody_has_looked_at_was_looked_at_now(
        self, controller: Client, citizen: Citizen
    ) -> None:
        controller.get(f"{reverse('staff:access_entries')}?borger={citizen.pk}")

        assert [each.citizen_id for each in of_control()] == [citizen.pk]

    def test_a_number_that_is_nobodys(self, controller: Client, municipality: Municipality) -> None:
        stranger = CitizenFactory()
        page = self.find(controller, stranger.cpr).content.decode()

        assert "Ingen borger i kommunen har det CPR-nummer" in page
        assert stranger.cpr not in page
        [own] = of_control()
        assert (own.citizen_id, own.criterion) == (None, f"{stranger.cpr[:6]}-••••")

    def test_what_is_no_number_is_explained_and_not_repeated(
        self, controller: Client, municipality: Municipality
    ) -> None:
        answered = self.find(controller, "61015")
        assert answered.status_code == 422
        assert "Et CPR-nummer har ti cifre" in answered.content.decode()

    def test_by_employee(
        self,
        controller: Client,
        entry: AccessEntry,
        mette: StaffActor,
        citizen: Citizen,
        municipality: Municipality,
    ) -> None:
        bo = staff_actor(StaffMemberFactory(municipality=municipality, name="Bo Falk"))
        record(use=Use(What.RESPONSE), of=[citizen.pk], by=bo, at=copenhagen("2026-11-11 08:00"))

        address = reverse("staff:access_entries")
        everybody = controller.get(address).content.decode()
        only_bo = controller.get(f"{address}?medarbejder={bo.staff_id}").content.decode()

        assert "Borgerens side, læst" in everybody
        assert "Besvarelse, læst" in everybody
        assert "Borgerens side, læst" not in only_bo
        assert "Besvarelse, læst" in only_bo

    def test_another_municipalitys_look_ups_are_not_there(self, controller: Client) -> None:
        stranger = CitizenFactory(given_name="Fremmed")
        there = staff_actor(StaffMemberFactory(municipality=stranger.municipality, name="Anden Ansat"))
        record(use=Use(What.CITIZEN), of=[stranger.pk], by=there, at=copenhagen("2026-11-10 10:15"))
        foreign = AccessEntry.objects.get()

        page = controller.get(f"{reverse('staff:access_entries')}?borger={stranger.pk}").content.decode()

        assert "Anden Ansat" not in page
        assert "Fremmed" not in page
        assert controller.get(reverse("staff:access_entry", args=[foreign.pk])).status_code == 404
        assert of_control() == []


class TestDeciding:
    def address(self, entry: AccessEntry) -> str:
        return reverse("staff:access_entry", args=[entry.pk]) + f"?{SAMPLE}"

    def test_the_page_has_what_is_needed_to_judge(
        self, controller: Client, entry: AccessEntry, mette: StaffActor, citizen: Citizen
    ) -> None:
        assign(citizen)
        record(
            use=Use(What.CITIZENS, Action.SEARCH, criterion="Holm"),
            of=[citizen.pk],
            by=mette,
            at=copenhagen("2026-11-10 10:14"),
        )

        page = controller.get(self.address(entry)).content.decode()

        assert "Rehabilitering, siden" in page
        assert "10.14: Borgere, søgt frem" in page

    def test_a_decision_leads_back_to_the_same_sample(self, controller: Client, entry: AccessEntry) -> None:
        answered = controller.post(self.address(entry), {"outcome": "in_order"}, follow=True)

        assert answered.redirect_chain == [(f"{reverse('staff:access_sample')}?{SAMPLE}", 302)]
        page = answered.content.decode()
        assert "Din vurdering er noteret." in page
        assert "Ikke vurderet" not in page
        assert "I orden" in page

    def test_following_up_is_noted_with_its_words(self, controller: Client, entry: AccessEntry) -> None:
        controller.post(self.address(entry), {"outcome": "follow_up", "note": "Spørg lederen."})

        decided = AccessReview.objects.get()
        assert (decided.entry_id, decided.outcome, decided.note) == (entry.pk, "follow_up", "Spørg lederen.")
        assert "Spørg lederen." in controller.get(self.address(entry)).content.decode()

    def test_following_up_without_words_is_explained(self, controller: Client, entry: AccessEntry) -> None:
        answered = controller.post(self.address(entry), {"outcome": "follow_up"})

        assert answered.status_code == 422
        assert "Skriv, hvad der skal følges op på" in answered.content.decode()
        assert not AccessReview.objects.exists()

    def test_ones_own_look_up_is_for_a_colleague(self, controller: Client, entry: AccessEntry) -> None:
        sample(controller)
        [own] = of_control()

        assert "Gem vurderingen" not in controller.get(self.address(own)).content.decode()
        assert controller.post(self.address(own), {"outcome": "in_order"}).status_code == 422


@pytest.mark.parametrize("page", ["access_sample", "access_entries"])
def test_nurses_do_not_control(nurse_client: Client, municipality: Municipality, page: str) -> None:
    refused = nurse_client.get(reverse(f"staff:{page}"))

    assert refused.status_code == 403
    assert "Klinisk supporter" in refused.content.decode()


def test_who_only_controls_reads_no_citizen(controller: Client, citizen: Citizen) -> None:
    assert controller.get(reverse("staff:citizen", args=[citizen.pk])).status_code == 403
    assert "Ubesvarede" not in sample(controller)
