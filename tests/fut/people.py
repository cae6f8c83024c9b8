"""Facts for tests, with only what matters in each."""

from datetime import UTC, datetime, timedelta
from itertools import count
from uuid import uuid4

from fut.facts import (
    CarePlanFacts,
    EpisodeFacts,
    EpisodeReferences,
    Occurrence,
    Once,
    PatientFacts,
    Reference,
    ResponseFacts,
    ServiceRequestFacts,
    Window,
)

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
QUESTIONNAIRE = "https://kommunalpro.example/fhir/Questionnaire/well-being|1"
ACTIVITY = "https://kommunalpro.example/fhir/ActivityDefinition/well-being|1"
PLAN = "https://kommunalpro.example/fhir/PlanDefinition/well-being|1"

PATIENT = Reference("https://patient.example/fhir/Patient/2")
ORGANIZATION = Reference("https://organization.example/fhir/Organization/3")
EPISODE = EpisodeReferences(
    Reference("https://careplan.example/fhir/EpisodeOfCare/4"),
    Reference("https://careplan.example/fhir/Condition/5"),
)
SERVICE_REQUEST = Reference("https://careplan.example/fhir/ServiceRequest/6", "1")

_serial = count(1)


def a_patient() -> PatientFacts:
    """Day 61-91 marks a replacement number: nobody's CPR."""
    return PatientFacts(cpr=f"610150{next(_serial):04d}")


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
