"""Each page asks the database as often for many rows as for few, and at most fifteen times."""

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from municipalities.models import Municipality
from notifications import reminders
from plans.models import Plan
from tests.factories import CitizenFactory, PlanFactory, StaffMemberFactory, assign
from tests.roles import QUERIES_OF_A_SCOPE
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

# With the session, the scope around them, and the entry into the access log.
MOST = 15
# Of pages that nobody has open all day.
MOST_SELDOM = 15 + QUERIES_OF_A_SCOPE


def life(citizen: Citizen, plan: Plan, weeks_answered: int) -> None:
    """Some answered weeks, an overdue one with a reminder, and some to come."""
    start = timezone.now() - timedelta(weeks=weeks_answered + 2)
    member = StaffMemberFactory(municipality=citizen.municipality)
    tasks = list(assign(citizen, plan=plan, at=start, by=member).tasks.order_by("opens_at"))
    for task in tasks[:weeks_answered]:
        answer(task, at=task.opens_at + timedelta(days=1), score="50")
    reminders.send(task=tasks[weeks_answered], by=member, at=timezone.now())


def newest(citizen: Citizen) -> UUID:
    return citizen.responses.latest("completed_at").pk


def queries(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.parametrize("page", ["overview", "citizens", "unanswered"])
def test_lists(nurse_client: Client, municipality: Municipality, page: str) -> None:
    plan = PlanFactory(weekly=8)
    life(CitizenFactory(municipality=municipality), plan, 1)
    few = queries(nurse_client, reverse(f"staff:{page}"))

    for _ in range(6):
        life(CitizenFactory(municipality=municipality), plan, 3)

    assert queries(nurse_client, reverse(f"staff:{page}")) == few <= MOST


@pytest.mark.parametrize(
    ("address", "most"),
    [
        (lambda person: reverse("staff:citizen", args=[person.pk]), MOST),
        (lambda person: reverse("staff:development", args=[person.pk]), MOST),
        (lambda person: reverse("staff:assign", args=[person.pk]), MOST_SELDOM),
        (lambda person: reverse("staff:response", args=[newest(person)]), MOST_SELDOM),
        (lambda person: reverse("staff:response_paper", args=[newest(person)]), MOST_SELDOM),
        (lambda person: reverse("staff:over_time", args=[newest(person)]), MOST_SELDOM),
        (lambda person: reverse("staff:conversation", args=[person.pk]), MOST_SELDOM),
    ],
    ids=["citizen", "development", "assign", "response", "paper", "over time", "conversation"],
)
def test_one_citizen(
    nurse_client: Client, municipality: Municipality, address: Callable[[Citizen], str], most: int
) -> None:
    little, much = CitizenFactory.create_batch(2, municipality=municipality)
    life(little, PlanFactory(weekly=4), 1)
    few = queries(nurse_client, address(little))

    for _ in range(4):
        life(much, PlanFactory(weekly=9), 4)

    # Once more: the compiled questionnaire is kept from the first reading on.
    queries(nurse_client, address(much))
    assert queries(nurse_client, address(much)) <= few <= most
