"""The quick look never takes what `fhir.resources` would refuse, and what we send needs no other."""

from collections.abc import Iterator
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fut import mapping
from fut.glance import is_in_order
from fut.validation import fhir_problems, problems

from .people import (
    EPISODE,
    NOON,
    ORGANIZATION,
    PATIENT,
    SERVICE_REQUEST,
    a_care_plan,
    a_patient,
    a_plan,
    a_questionnaire,
    a_response,
    an_activity,
    an_episode,
)

SENT: dict[str, dict[str, Any]] = {
    "answer": mapping.submit_measurement(
        a_response(), patient=PATIENT, episode=EPISODE.episode, service_request=SERVICE_REQUEST
    ),
    "care plan": mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE),
    "citizen": mapping.create_patient(a_patient()),
    "course": mapping.episode_of_care(an_episode(), patient=PATIENT),
    "consent": mapping.consent(an_episode(), patient=PATIENT, reference_to=EPISODE.episode),
    "questionnaire": mapping.definition(a_questionnaire(), owner=ORGANIZATION),
    "activity": mapping.definition(an_activity(), owner=ORGANIZATION),
    "plan": mapping.definition(a_plan(), owner=ORGANIZATION),
    "no task messages": mapping.no_task_messages(
        an_episode().id, patient=PATIENT, episode=EPISODE.episode, starts_at=NOON
    ),
}
# Elements of some model or other, one of each kind of demand, and what is no element of any.
NAMES = [
    "_status", "active", "answer", "authored", "coding", "contained", "display", "entry", "extension", "fhir_comments",
    "id", "identifier", "item", "linkId", "meta", "name", "nonsense", "occurrenceDateTime", "occurrenceTiming",
    "parameter", "period", "questionnaire", "reference", "resource", "resourceType", "resource_type", "status",
    "status__ext", "subject", "text", "type", "url", "value", "valueBoolean", "valueCoding", "valueDateTime",
    "valueDecimal", "valueInteger", "valuePeriod", "valueReference", "valueString",
]  # fmt: skip
TEXTS = ["Patient", "Coding", "completed", "2026-11-23", "2026-11-23T12:00:00+01:00", "25:61", "urn:uuid:1"]
PARTS: list[Any] = [
    [],
    {},
    [None],
    [{}],
    [[]],
    [{"linkId": "1"}],
    {"resourceType": "Patient"},
    {"resourceType": "Coding"},
    {"system": "https://a.example", "code": "b"},
    {"url": "https://a.example", "valueString": "b"},
    {"start": "2026-11-23"},
    {"extension": [{"url": "https://a.example", "valueCode": "unknown"}]},
]
VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.sampled_from(TEXTS),
    st.sampled_from(PARTS),
)


@pytest.mark.parametrize("resource", SENT.values(), ids=SENT.keys())
def test_what_is_sent_is_in_order_at_a_glance(resource: dict[str, Any]) -> None:
    assert is_in_order(resource)
    assert fhir_problems(resource) == []


@pytest.mark.parametrize(
    "resource",
    [
        {},
        {"resourceType": "Nonsense"},
        {"resourceType": "Patient", "gender": 4},
        {"resourceType": "Patient", "nonsense": True},
        {"resourceType": "Patient", "name": [None]},
        {"resourceType": "Patient", "name": {"family": "Prøve"}},
        {"resourceType": "Patient", "birthDate": "2026-02-30"},
        {"resourceType": "Patient", "deceasedBoolean": False, "deceasedDateTime": "2026-11-23"},
        {"resourceType": "Patient", "_birthDate": {}},
        {"resourceType": "QuestionnaireResponse"},
        {"resourceType": "QuestionnaireResponse", "status": "completed", "item": [{}]},
        {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [{"resource": {"resourceType": "Coding"}}],
        },
        {"resourceType": "Patient", "extension": [{"valueString": "no url"}]},
        {"resourceType": "Patient", "photo": [{"url": 4}]},
        {"resourceType": "Patient", "photo": [{"url": []}]},
        # Demanded, and a list.
        {"resourceType": "OperationOutcome", "issue": {"severity": "error", "code": "invalid"}},
    ],
    ids=lambda resource: str(resource)[:60],
)
def test_what_is_wrong_is_not_in_order(resource: dict[str, Any]) -> None:
    assert not is_in_order(resource)
    assert fhir_problems(resource)


def test_what_is_wrong_is_said_by_the_models() -> None:
    answer = deepcopy(SENT["answer"])
    answer["parameter"][0]["resource"]["entry"][0]["resource"]["item"][0]["answer"] = [
        {"valueInteger": "three"}
    ]

    assert [one.rpartition(": ")[0] for one in problems(answer)] == [
        "parameter.0.resource.entry.0.resource.item.0.answer.0.valueInteger"
    ]


def _elements(node: Any) -> Iterator[Any]:
    """The node and everything in it that has parts, or could have."""
    if isinstance(node, dict) or (isinstance(node, list) and node):
        yield node
        for child in node.values() if isinstance(node, dict) else node:
            yield from _elements(child)


@given(st.data())
def test_what_is_in_order_the_models_take(data: st.DataObject) -> None:
    resource = deepcopy(data.draw(st.sampled_from(list(SENT.values()))))
    for _ in range(data.draw(st.integers(min_value=1, max_value=3))):
        element = data.draw(st.sampled_from(list(_elements(resource))))
        there: list[Any] = list(element) if isinstance(element, dict) else list(range(len(element)))
        if data.draw(st.booleans()) and there:
            del element[data.draw(st.sampled_from(there))]
        else:
            places = [*NAMES, *there] if isinstance(element, dict) else there
            element[data.draw(st.sampled_from(places))] = deepcopy(data.draw(VALUES))

    assert not is_in_order(resource) or fhir_problems(resource) == []
