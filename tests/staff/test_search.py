"""Finding a citizen by CPR number or name."""

import logging

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from municipalities.models import Municipality
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db

CPR = "6101509876"


@pytest.fixture
def kirsten(municipality: Municipality) -> Citizen:
    made: Citizen = CitizenFactory(
        municipality=municipality, given_name="Kirsten Ane", family_name="Holm", cpr_number=CPR
    )
    return made


def search(client: Client, text: str):
    return client.post(reverse("staff:citizens"), {"text": text})


@pytest.mark.parametrize("typed", ["6101509876", "610150-9876", " 610150 9876 "])
def test_cpr_number_leads_straight_to_the_citizen(nurse_client: Client, kirsten: Citizen, typed: str) -> None:
    found = search(nurse_client, typed)

    assert found.status_code == 303
    assert found.headers["Location"] == reverse("staff:citizen", args=[kirsten.pk])


def test_cpr_number_of_another_municipality_finds_nobody_and_is_not_repeated(
    nurse_client: Client, municipality: Municipality, caplog: pytest.LogCaptureFixture
) -> None:
    CitizenFactory(cpr_number=CPR)

    with caplog.at_level(logging.DEBUG):
        page = search(nurse_client, CPR)

    assert "Ingen borger i kommunen har det CPR-nummer" in page.content.decode()
    assert CPR not in page.content.decode()
    assert CPR not in caplog.text


def test_search_is_never_read_from_the_address(nurse_client: Client, kirsten: Citizen) -> None:
    page = nurse_client.get(reverse("staff:citizens"), {"text": CPR})

    assert "Ingen borgere er i et forløb endnu" in page.content.decode()


@pytest.mark.parametrize("typed", ["holm", "KIRSTEN", "holm ane", "sten ho"])
def test_every_word_of_a_name_counts(nurse_client: Client, kirsten: Citizen, typed: str) -> None:
    CitizenFactory(municipality=kirsten.municipality, given_name="Ib", family_name="Lund")

    page = search(nurse_client, typed).content.decode()

    assert "Kirsten Ane Holm" in page
    assert "Ib Lund" not in page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Skriv et CPR-nummer eller et navn."),
        ("k", "Skriv mindst to bogstaver af navnet."),
        ("12345", "Et CPR-nummer har ti cifre"),
        ("9999991234", "skal være en dato"),
    ],
)
def test_what_cannot_be_searched_for_is_explained(
    nurse_client: Client, municipality: Municipality, typed: str, sentence: str
) -> None:
    page = search(nurse_client, typed)

    assert page.status_code == 422
    assert sentence in page.content.decode()


class TestNameProtection:
    @pytest.fixture
    def protected(self, kirsten: Citizen) -> Citizen:
        kirsten.is_name_protected = True
        kirsten.save()
        return kirsten

    def test_found_by_cpr_number(self, nurse_client: Client, protected: Citizen) -> None:
        assert search(nurse_client, CPR).headers["Location"] == reverse("staff:citizen", args=[protected.pk])

    def test_not_found_by_name_which_would_give_it_away(
        self, nurse_client: Client, protected: Citizen
    ) -> None:
        page = search(nurse_client, "Holm").content.decode()

        assert "Navnebeskyttet borger" not in page
        assert "findes kun med CPR-nummer" in page

    def test_name_is_on_no_page(self, nurse_client: Client, protected: Citizen) -> None:
        page = nurse_client.get(reverse("staff:citizen", args=[protected.pk])).content.decode()

        assert "Navnebeskyttet" in page
        assert "Kirsten" not in page


def test_more_hits_than_a_page_asks_for_more_of_the_name(
    nurse_client: Client, municipality: Municipality
) -> None:
    CitizenFactory.create_batch(51, municipality=municipality, family_name="Jensen")

    page = search(nurse_client, "jensen").content.decode()

    assert page.count(">Borger Jensen</a>") == 50
    assert "Der er flere. Skriv mere af navnet" in page
