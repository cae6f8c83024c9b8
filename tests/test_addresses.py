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
