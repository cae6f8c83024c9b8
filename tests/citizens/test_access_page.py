"""“Hvem har set dine oplysninger?” as the citizen reads it."""

from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse

from citizens.models import Citizen
from identity.access_log import Use, What, record
from identity.actors import CitizenActor, StaffActor
from municipalities.models import Municipality
from tests.conftest import copenhagen, staff_actor
from tests.factories import CitizenFactory, MunicipalityFactory, StaffMemberFactory
from tests.roles import QUERIES_OF_A_SCOPE

pytestmark = pytest.mark.django_db


@pytest.fixture
def testby() -> Municipality:
    made: Municipality = MunicipalityFactory(name="Testby")
    return made


@pytest.fixture
def citizen(testby: Municipality) -> Citizen:
    made: Citizen = CitizenFactory(municipality=testby)
    return made


@pytest.fixture
def client(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


@pytest.fixture
def nurse_at_work(testby: Municipality) -> StaffActor:
    member = StaffMemberFactory(municipality=testby, name="Mette Kjærgaard")
    return replace(staff_actor(member), context_name="Rehabilitering")


def look(by: StaffActor, at: str, citizen: UUID, use: Use | None = None) -> None:
    record(use=use or Use(What.CITIZEN), of=[citizen], by=by, at=copenhagen(at))


def page(client: Client, query: str = "") -> str:
    return client.get(reverse("citizens:access") + query).content.decode()


def test_it_says_when_where_what_and_why(client: Client, citizen: Citizen, nurse_at_work: StaffActor) -> None:
    look(nurse_at_work, "2026-11-20 10:15", citizen.pk, Use(What.RESPONSE))
    look(nurse_at_work, "2026-11-19 08:00", citizen.pk)
    look(nurse_at_work, "2026-11-19 09:30", citizen.pk)

    text = page(client)

    assert text.index("Fredag den 20. november 2026") < text.index("Torsdag den 19. november 2026")
    assert "Læste svar, du har sendt" in text
    assert "For at følge op på dit forløb:" in text
    assert "Testby Kommune, Rehabilitering" in text
    assert "kl. 10.15" in text
    assert "2 gange, senest kl. 09.30" in text


def test_no_employee_is_named(client: Client, citizen: Citizen, nurse_at_work: StaffActor) -> None:
    look(nurse_at_work, "2026-11-20 10:15", citizen.pk)

    assert "Mette" not in page(client)


def test_nobody_elses_log_is_there(client: Client, testby: Municipality, nurse_at_work: StaffActor) -> None:
    look(nurse_at_work, "2026-11-20 10:15", CitizenFactory(municipality=testby).pk)

    assert "Ingen har set dine oplysninger endnu" in page(client)


def test_older_days_are_on_the_next_pages(
    client: Client, citizen: Citizen, nurse_at_work: StaffActor
) -> None:
    for day in range(1, 32):
        look(nurse_at_work, f"2026-10-{day:02} 10:00", citizen.pk)

    assert "31. oktober" in page(client)
    assert "den 1. oktober" not in page(client)
    assert "den 1. oktober" in page(client, "?page=2")


def test_a_citizen_finds_the_way_there(client: Client) -> None:
    address = reverse("citizens:access")
    assert f'href="{address}"' in client.get(reverse("citizens:tasks")).content.decode()


def test_it_is_the_citizens_own_page(nurse_client: Client) -> None:
    assert nurse_client.get(reverse("citizens:access")).status_code == 403


def test_it_takes_few_questions_however_much_was_seen(
    client: Client, citizen: Citizen, nurse_at_work: StaffActor, django_assert_max_num_queries
) -> None:
    for day in range(1, 32):
        look(nurse_at_work, f"2026-10-{day:02} 10:00", citizen.pk)

    with django_assert_max_num_queries(4 + QUERIES_OF_A_SCOPE):
        page(client)
