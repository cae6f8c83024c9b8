"""What another municipality, a smaller role, the system administration and a stranger do not get."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import StaffActor
from identity.roles import Role
from notifications.models import Message
from plans.models import CarePlan
from tests.conftest import NURSE_ROLES, staff_actor
from tests.factories import CitizenFactory, PlanFactory, StaffMemberFactory, open_task, overdue_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

EVERY_PAGE = ["overview", "citizens", "unanswered"]
OF_CITIZENS = ["development", "development_paper", "picture_kept", "conversation"]
OF_RESPONSES = ["response_paper", "response_pdf", "journal_copied", "over_time"]
PAGES_ABOUT_SOMEBODY = ["citizen", "assign", "response", "remind", *OF_CITIZENS, *OF_RESPONSES]
ACTS = {"remind", "picture_kept", "journal_copied"}


def ids_of(person: Citizen) -> dict[str, UUID]:
    """The id that each page's address takes."""
    response = answer(open_task(person), at=timezone.now(), score="60").pk
    return {
        "citizen": person.pk,
        "assign": person.pk,
        "response": response,
        "remind": overdue_task(person).pk,
        **dict.fromkeys(OF_CITIZENS, person.pk),
        **dict.fromkeys(OF_RESPONSES, response),
    }


def visit(client: Client, page: str, pk: UUID) -> int:
    address = reverse(f"staff:{page}", args=[pk])
    return (client.post if page in ACTS else client.get)(address).status_code


def test_own_citizens_open(nurse_client: Client, citizen: Citizen) -> None:
    statuses = {page: visit(nurse_client, page, pk) for page, pk in ids_of(citizen).items()}

    assert statuses == dict.fromkeys(PAGES_ABOUT_SOMEBODY, 200) | {"remind": 302, "picture_kept": 204}


@pytest.mark.parametrize("page", PAGES_ABOUT_SOMEBODY)
def test_citizen_of_another_municipality_does_not_exist(nurse_client: Client, page: str) -> None:
    stranger = CitizenFactory()

    assert visit(nurse_client, page, ids_of(stranger)[page]) == 404
    assert visit(nurse_client, page, uuid4()) == 404


def test_assigning_to_another_municipalitys_citizen_does_nothing(nurse_client: Client) -> None:
    stranger = CitizenFactory()
    facts = {"plan": PlanFactory().pk, "care_team": 1, "starts_on": "01-01-2030", "confirm": "1"}

    assert nurse_client.post(reverse("staff:assign", args=[stranger.pk]), facts).status_code == 404
    assert not CarePlan.objects.exists()


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_lists_hold_only_ones_own(nurse_client: Client, citizen: Citizen, page: str) -> None:
    stranger = CitizenFactory(given_name="Fremmed")
    for person in (citizen, stranger):
        ids_of(person)

    text = nurse_client.get(reverse(f"staff:{page}")).content.decode()

    assert "Kirsten Holm" in text
    assert "Fremmed" not in text


def test_what_a_citizen_answered_before_moving_here_stays_there(
    nurse_client: Client, citizen: Citizen
) -> None:
    elsewhere = CitizenFactory()
    response = answer(open_task(elsewhere), at=timezone.now(), score="42")
    elsewhere.municipality = citizen.municipality
    elsewhere.save()

    page = nurse_client.get(reverse("staff:citizen", args=[elsewhere.pk])).content.decode()

    assert "har ikke svaret på noget endnu" in page
    assert visit(nurse_client, "response", response.pk) == 404


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_system_administration_is_told_kindly(client_as: Callable[[StaffActor], Client], page: str) -> None:
    national = StaffMemberFactory(municipality=None)

    answered = client_as(staff_actor(national, NURSE_ROLES)).get(reverse(f"staff:{page}"))

    assert answered.status_code == 403
    assert "hører ikke til en kommune" in answered.content.decode()


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_stranger_is_sent_to_the_login(client: Client, db: None, page: str) -> None:
    answered = client.get(reverse(f"staff:{page}"))

    assert answered.status_code == 302
    assert answered.headers["Location"].startswith(reverse("identity:login", args=["staff"]))


def test_pages_are_not_kept_by_the_browser(nurse_client: Client, citizen: Citizen) -> None:
    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk]))

    assert "no-store" in page.headers["Cache-Control"]


class TestRoles:
    """A button that one may not use is not shown, and the act is refused."""

    def test_viewer_reads_but_neither_assigns_nor_reminds(
        self, viewer_client: Client, citizen: Citizen
    ) -> None:
        ids = ids_of(citizen)

        person = viewer_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()
        late = viewer_client.get(reverse("staff:unanswered")).content.decode()

        assert "Tildel en plan" not in person
        assert "Send påmindelse" not in late
        assert visit(viewer_client, "assign", citizen.pk) == 403
        assert visit(viewer_client, "remind", ids["remind"]) == 403
        assert visit(viewer_client, "response", ids["response"]) == 200
        assert not Message.objects.filter(kind=Message.Kind.REMINDER).exists()

    def test_enroller_assigns_but_sees_no_answers(
        self, client_with: Callable[[Role], Client], citizen: Citizen
    ) -> None:
        ids = ids_of(citizen)
        client = client_with(Role.CITIZEN_ENROLLER)

        pages = [
            client.get(reverse("staff:overview")).content.decode(),
            client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode(),
        ]

        assert all("Trivselsindeks" not in page and str(ids["response"]) not in page for page in pages)
        assert "Tildel en plan" in pages[1]
        assert visit(client, "assign", citizen.pk) == 200
        assert visit(client, "response", ids["response"]) == 403
