"""Facts for tests, with only what matters in each."""

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import UUID, uuid4

from fut.facts import (
    ActivityFacts,
    CarePlanFacts,
    EpisodeFacts,
    EpisodeReferences,
    Occurrence,
    Once,
    PatientFacts,
    PlanFacts,
    QuestionnaireFacts,
    Reference,
    ResponseFacts,
    ServiceRequestFacts,
    Window,
)
from fut.gateway import FutGateway

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
BASE = "https://kommunalpro.example/fhir"
QUESTIONNAIRE = f"{BASE}/Questionnaire/well-being|1"
ACTIVITY = f"{BASE}/ActivityDefinition/well-being|1"
PLAN = f"{BASE}/PlanDefinition/well-being|1"
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "status": "draft",
    "item": [
        {"linkId": "1", "type": "integer", "text": "Glad og i godt humør"},
        {"linkId": "2", "type": "string", "text": "Hvad spiste du?"},
    ],
}

PATIENT = Reference("https://patient.example/fhir/Patient/2")
ORGANIZATION = Reference("https://organization.example/fhir/Organization/3")
EPISODE = EpisodeReferences(
    Reference("https://careplan.example/fhir/EpisodeOfCare/4"),
    Reference("https://careplan.example/fhir/Condition/5"),
)
SERVICE_REQUEST = Reference("https://careplan.example/fhir/ServiceRequest/6", "1")

_serial = count(1)


def a_patient() -> PatientFacts:
    """Day 61-91 marks a replacement number: nobody's CPR. Born a year after those of `tests.factories`."""
    return PatientFacts(cpr=f"610151{next(_serial):04d}")


def an_episode(organization: Reference = ORGANIZATION) -> EpisodeFacts:
    return EpisodeFacts(id=uuid4(), starts_at=NOON, organization=organization, consented_at=NOON)


def a_request(occurrence: Occurrence | None = None) -> ServiceRequestFacts:
    return ServiceRequestFacts(id=uuid4(), activity=ACTIVITY, occurrence=occurrence or Once(at=NOON))


def a_care_plan(*requests: ServiceRequestFacts) -> CarePlanFacts:
    return CarePlanFacts(
        id=uuid4(), plan=PLAN, title="Trivsel", starts_at=NOON, activities=requests or (a_request(),)
    )


def a_response(questionnaire: str = QUESTIONNAIRE) -> ResponseFacts:
    return ResponseFacts(
        id=uuid4(),
        questionnaire=questionnaire,
        authored=NOON,
        started_at=NOON - timedelta(minutes=4),
        window=Window(start=NOON - timedelta(days=1), end=NOON + timedelta(days=6)),
        items=[
            {"linkId": "1", "text": "Glad og i godt humør", "answer": [{"valueInteger": 3}]},
            {"linkId": "2", "answer": [{"valueString": "Rødgrød med fløde"}]},
        ],
    )


def a_questionnaire(**changed: Any) -> QuestionnaireFacts:
    given: dict[str, Any] = {
        "id": UUID(int=1),
        "url": f"{BASE}/Questionnaire/well-being",
        "version": 1,
        "title": "Trivsel",
    }
    return QuestionnaireFacts(**{**given, "source": FORM, **changed})


def an_activity(**changed: Any) -> ActivityFacts:
    given: dict[str, Any] = {"id": UUID(int=2), "url": f"{BASE}/ActivityDefinition/well-being", "version": 1}
    return ActivityFacts(**{**given, "title": "Trivsel", "questionnaire": QUESTIONNAIRE, **changed})


def a_plan(**changed: Any) -> PlanFacts:
    given: dict[str, Any] = {
        "id": UUID(int=3),
        "url": f"{BASE}/PlanDefinition/well-being",
        "version": 1,
        "title": "Trivsel",
    }
    return PlanFacts(**{**given, "activities": [ACTIVITY], **changed})


def publish(gateway: FutGateway) -> None:
    """Bring what the plans and answers of this module stand on."""
    owner = gateway.find_organization("0330")
    for definition in (a_questionnaire(), an_activity(), a_plan()):
        gateway.ensure_definition(definition, owner=owner)
