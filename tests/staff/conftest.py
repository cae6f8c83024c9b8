"""People and answers for the Medarbejdermodul's tests."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from citizens.models import Citizen
from followup.noting import attention_of
from identity.actors import StaffActor
from identity.models import StaffMember
from identity.roles import Role
from municipalities.models import Municipality
from plans.models import Task
from questionnaires.models import Response, Score
from tests.conftest import staff_actor
from tests.factories import CareTeamFactory, CitizenFactory


@pytest.fixture
def municipality(nurse: StaffMember) -> Municipality:
    """Where the nurse works; it has one team."""
    assert nurse.municipality is not None
    CareTeamFactory(municipality=nurse.municipality, name="Rehabilitering")
    return nurse.municipality


@pytest.fixture
def citizen(municipality: Municipality) -> Citizen:
    made: Citizen = CitizenFactory(municipality=municipality, given_name="Kirsten", family_name="Holm")
    return made


@pytest.fixture
def client_with(nurse: StaffMember, client_as: Callable[[StaffActor], Client]) -> Callable[..., Client]:
    """`client_with(Role.CLINICAL_VIEWER)`: the nurse, logged in with these roles only."""
    return lambda *roles: client_as(staff_actor(nurse, frozenset(roles)))


@pytest.fixture
def log_in(nurse: StaffMember, client_as: Callable[[StaffActor], Client]) -> Callable[[], Client]:
    """Logs the nurse in at the time that stands still, so that the session has not run out there."""
    return lambda: client_as(staff_actor(nurse))


@pytest.fixture
def viewer_client(client_with: Callable[[Role], Client]) -> Client:
    return client_with(Role.CLINICAL_VIEWER)


def answer(
    task: Task,
    *,
    at: datetime,
    score: str | None = None,
    note: str = "Jeg sover dårligt.",
    link_id: str = "index",
) -> Response:
    """A submitted response to `task`, with the score the engine would have kept."""
    document = {
        "resourceType": "QuestionnaireResponse",
        "status": "completed",
        "item": [
            {
                "linkId": "page",
                "item": [
                    {"linkId": "pain", "answer": [{"valueBoolean": False}]},
                    {"linkId": "note", "answer": [{"valueString": note}]},
                ],
            }
        ],
    }
    response = Response.objects.create(
        citizen=task.citizen,
        municipality_id=task.municipality_id,
        version=task.activity.version,
        status=Response.Status.COMPLETED,
        document=document,
        started_at=at - timedelta(minutes=5),
        saved_at=at,
        completed_at=at,
    )
    attention_of(response=response, care_team_id=task.care_plan.episode.care_team_id, found=(), at=at).save()
    task.response = response
    task.status = Task.Status.COMPLETED
    task.save()
    if score is not None:
        Score.objects.create(
            response=response,
            municipality_id=response.municipality_id,
            citizen_id=response.citizen_id,
            link_id=link_id,
            name="Trivselsindeks",
            value=Decimal(score),
            minimum=0,
            maximum=100,
        )
    return response
