"""At which addresses the site answers."""

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "LOCALHOST:8000"])
def test_localhost_leads_to_the_address_that_the_login_knows(host: str) -> None:
    answer = Client(headers={"host": host}).get("/borger/?side=2")
    assert answer.status_code == 302
    assert answer["Location"] == f"{settings.PUBLIC_URL}/borger/?side=2"


def test_an_address_of_somebody_else_is_never_led_to() -> None:
    answer = Client(headers={"host": "localhost:8000"}).get("//example.org/")
    assert answer["Location"].startswith(f"{settings.PUBLIC_URL}/")


@pytest.mark.parametrize("host", ["example.org", "localhost.example.org", "127.0.0.2"])
def test_other_hosts_are_turned_away(host: str) -> None:
    assert Client(headers={"host": host}, raise_request_exception=False).get("/").status_code == 400


@pytest.mark.parametrize(
    "address", ["/findes-ikke/6101501234/", "/findes-ikke/?q=610150%201234", "/login/staff/x?cpr=610150-1234"]
)
def test_a_cpr_number_that_somebody_typed_into_an_address_is_not_said_again(
    address: str, nurse_client: Client
) -> None:
    for client in (Client(), nurse_client):
        said = client.get(address).content.decode()
        assert "1234" not in said


def test_a_login_does_not_lead_back_to_an_address_with_a_cpr_number() -> None:
    assert Client().get("/medarbejder/?cpr=610150-1234")["Location"] == "/login/staff/"
    assert (
        Client().get("/medarbejder/?side=2")["Location"] == "/login/staff/?next=%2Fmedarbejder%2F%3Fside%3D2"
    )


def test_whoever_changes_the_language_stays_on_the_page(nurse_client: Client) -> None:
    assert (
        'name="next" value="/medarbejder/?side=2"'
        in nurse_client.get("/medarbejder/?side=2").content.decode()
    )
