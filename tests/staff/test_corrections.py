"""An answer that the citizen has corrected, as staff read it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import StaffActor
from plans import correcting
from plans.models import Task
from questionnaires.models import Response
from questionnaires.services import save_answers
from tests.conftest import staff_actor
from tests.factories import PlanFactory, StaffMemberFactory, open_task
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def former(citizen: Citizen) -> Response:
    """Answered an hour ago and corrected now."""
    earlier = timezone.now() - timedelta(hours=1)
    task = open_task(citizen, plan=PlanFactory(correction_days=3), at=earlier)
    sent = answer(task, at=earlier, score="60", note="Jeg sover dårligt.")
    draft = correcting.begin(task=task, at=earlier)
    fields = {"pain": ["true"], "how-much": ["3"], "note": ["Jeg sover godt."]}
    save_answers(response=draft, fields=fields, at=timezone.now())
    correcting.submit(task=task, at=timezone.now())
    return sent


def in_force() -> Response:
    response = Task.objects.get().response
    assert response is not None
    return response


def test_the_page_says_that_it_was_corrected_and_what(nurse_client: Client, former: Response) -> None:
    page = nurse_client.get(reverse("staff:response", args=[in_force().pk])).content.decode()

    assert "Rettet af borgeren" in page
    changes = page.partition("Rettet af borgeren")[2].partition("</table>")[0]
    assert "Jeg sover dårligt." in changes
    assert "Jeg sover godt." in changes
    assert "Hvor mange dage i denne uge?" in changes, "a question that was not asked before"
    assert "Ikke besvaret" in changes
    assert reverse("staff:edition", args=[former.pk]) in changes


def test_the_earlier_version_is_read_as_such(nurse_client: Client, former: Response) -> None:
    page = nurse_client.get(reverse("staff:edition", args=[former.pk])).content.decode()
    assert "Tidligere udgave, sendt" in page
    assert "Jeg sover dårligt." in page
    assert "Jeg sover godt." not in page
    assert reverse("staff:response", args=[in_force().pk]) in page


def test_lists_hold_the_answer_in_force_alone(
    nurse_client: Client, citizen: Citizen, former: Response
) -> None:
    for address in (reverse("staff:overview"), reverse("staff:citizen", args=[citizen.pk])):
        page = nurse_client.get(address).content.decode()
        assert str(in_force().pk) in page
        assert str(former.pk) not in page


@pytest.mark.parametrize("of", ["an answer in force", "another municipality", "as if in force"])
def test_what_is_no_earlier_version_of_ones_own_is_not_found(
    nurse_client: Client, client_as: Callable[[StaffActor], Client], former: Response, of: str
) -> None:
    match of:
        case "an answer in force":
            answered = nurse_client.get(reverse("staff:edition", args=[in_force().pk]))
        case "another municipality":
            elsewhere = client_as(staff_actor(StaffMemberFactory()))
            answered = elsewhere.get(reverse("staff:edition", args=[former.pk]))
        case _:
            answered = nurse_client.get(reverse("staff:response", args=[former.pk]))
    assert answered.status_code == 404


def test_a_correction_that_is_not_sent_is_not_seen_by_staff(nurse_client: Client, citizen: Citizen) -> None:
    task = open_task(citizen, plan=PlanFactory(correction_days=3))
    sent = answer(task, at=timezone.now())
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"note": ["Måske"]}, at=timezone.now())
    page = nurse_client.get(reverse("staff:response", args=[sent.pk])).content.decode()
    assert "Måske" not in page
    assert "Rettet af borgeren" not in page
