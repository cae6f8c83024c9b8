"""Submitting an answer (contract §5 F).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, resolved_timing_problems, values_at
from fut.simulator.addresses import local_part
from fut.simulator.outcomes import Refusal, broken_rule
from fut.simulator.parameters import parameter
from fut.simulator.records import Records
from fut.simulator.transactions import answer, entries_of, with_addresses

Json = dict[str, Any]

MEASUREMENTS = {"QuestionnaireResponse": "completed", "Media": "completed", "Observation": "final"}
"""What can be submitted, and the status it must have."""


def submit_measurement(records: Records, parameters: Json, *, representation: bool) -> Json:
    """Store what the citizen measured or answered; all for one patient, one episode, one active request each."""
    entries = entries_of(parameter(parameters, "measurement").get("resource", {}))
    _check_kinds([entry["resource"].get("resourceType") for entry in entries])
    with records.store.transaction():
        resources = with_addresses(records, entries)
        _check_one_context(records, resources)
        for resource in resources:
            _check_measurement(records, resource)
        stored = [records.create(resource, resource_id=resource["id"]) for resource in resources]
        records.create(
            {
                "resourceType": "Provenance",
                "meta": {"profile": [t.PROVENANCE]},
                "target": [{"reference": records.url(one)} for one in stored],
                "recorded": datetime.now(UTC).isoformat(timespec="milliseconds"),
                "policy": ["healthcare-act"],
                "agent": [{"who": stored[0]["subject"]}],
            }
        )
    return answer(records, [(resource, True) for resource in stored], representation=representation)


def _rule(name: str, reason: str) -> Refusal:
    return broken_rule(f"MEASUREMENT_SUBMITMEASUREMENT_{name}", reason)


def _check_kinds(types: list[str | None]) -> None:
    if not types:
        raise _rule("EMPTY_INPUT_BUNDLE", "The input bundle does not contain any resources.")
    if not MEASUREMENTS.keys() & set(types):
        raise _rule(
            "INPUT_BUNDLE_CONTAINS_NONE_OF_EXPECTED_RESOURCES",
            "The input bundle does not contain any resources of type EHealthObservation, EHealthMedia,"
            " EHealthQuestionnaireResponse.",
        )
    if set(types) - MEASUREMENTS.keys():
        raise _rule(
            "INPUT_BUNDLE_CONTAINS_INVALID_RESOURCES",
            "The input bundle contains resources which are not of type EHealthObservation, EHealthMedia,"
            " EHealthQuestionnaireResponse (the simulator takes no EHealthProvenance).",
        )


def _check_one_context(records: Records, resources: list[Json]) -> None:
    """One patient, one episode, and the episode is that patient's."""
    patients = {
        local_part(reference) for one in resources for reference in values_at(one, "subject.reference")
    }
    episodes = {
        local_part(reference)
        for one in resources
        for extension in extensions(one, t.EXT_EPISODE_OF_CARE)
        for reference in values_at(extension, "valueReference.reference")
    }
    if not patients:
        raise _rule("INPUT_SHOULD_REFERENCE_PATIENT", "Input resources should reference a patient.")
    if not episodes:
        raise _rule(
            "INPUT_SHOULD_REFERENCE_EPISODEOFCARE", "Input resources should reference an episode of care."
        )
    if len(patients) > 1:
        raise _rule("INPUT_FOR_DIFFERENT_PATIENTS", "The resources provided are for different patients.")
    if len(episodes) > 1:
        raise _rule(
            "INPUT_NOT_PART_OF_SAME_EPISODEOFCARE",
            "The resources provided are not all part of the same episode of care.",
        )
    episode = records.follow(episodes.pop(), "EpisodeOfCare")
    if local_part(episode["patient"]["reference"]) not in patients:
        raise _rule(
            "DIFFERENT_PATIENT_REFERENCE",
            "The patient referenced by the EpisodeOfCare is different than the patient referenced by the"
            " provided resources",
        )


def _check_measurement(records: Records, resource: Json) -> None:
    kind = resource["resourceType"]
    if resource.get("status") != MEASUREMENTS[kind]:
        raise _rule(
            "INVALID_STATUS",
            f"Measurement status {resource.get('status')} is invalid. Status must be {MEASUREMENTS[kind]}"
            f" for measurement of type {kind}",
        )
    if resolved_timing_problems(resource):
        raise _rule(
            "INVALID_RESOLVED_TIMING",
            "ResolvedTiming must have either type=Resolved and start/end or type=Unresolved/Adhoc/Extra and no"
            " start/end",
        )
    for reference in values_at(resource, "basedOn.reference"):
        request = records.follow(reference, "ServiceRequest")
        if request["status"] != "active":
            raise _rule(
                "PROCEDURE_REQUEST_IS_NOT_ACTIVE",
                f"Procedure request with id:[{request['id']}] is not active.",
            )
        _check_questionnaire(records, resource, request)


def _check_questionnaire(records: Records, resource: Json, request: Json) -> None:
    """The questionnaire is the one that the request's activity names, as far as that activity is stored here."""
    asked = resource.get("questionnaire")
    for canonical in values_at(request, "instantiatesCanonical"):
        activity = _definition(records, "ActivityDefinition", canonical)
        if asked is None or activity is None:
            continue
        related = values_at(activity, "relatedArtifact")
        expected = [one.get("resource") for one in related if one.get("type") == "composed-of"]
        if not expected:
            raise _rule(
                "ACTIVITYDEFINITION_MISSING_QUESTIONNAIRE_REFERENCE",
                f"ActivityDefinition with id {activity['id']} does not contain a relatedArtifact with a"
                " Questionnaire reference",
            )
        if asked not in expected:
            raise _rule(
                "INVALID_QUESTIONNAIRE_REFERENCE",
                f"Questionnaire reference with id {asked} is unexpected. Expected questionnaire reference to match"
                f" questionnaire reference of related ActivityDefinition with id {activity['id']}.",
            )


def _definition(records: Records, resource_type: str, canonical: str) -> Json | None:
    """A definition by its address here, or by its canonical `url|version`."""
    kind, _, resource_id = local_part(canonical).partition("/")
    if kind == resource_type and (found := records.store.read(resource_type, resource_id)):
        return found
    url, _, version = canonical.partition("|")
    criteria: Mapping[str, list[str]] = {"url": [url], **({"version": [version]} if version else {})}
    found_by_url = records.store.search(resource_type, criteria, count=1, offset=0).resources
    return found_by_url[0] if found_by_url else None
