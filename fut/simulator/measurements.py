"""Submitting an answer (contract §5 F).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from datetime import datetime
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, resolved_timing_problems, values_at
from fut.simulator import answer_counts, definitions
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller, episodes_of
from fut.simulator.clock import instant
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import Refusal, broken_rule, invalid
from fut.simulator.parameters import parameter
from fut.simulator.records import Records
from fut.simulator.transactions import answer, entries_of, with_addresses

Json = dict[str, Any]

MEASUREMENTS = {"QuestionnaireResponse": "completed", "Media": "completed", "Observation": "final"}
"""What can be submitted, and the status it must have."""


def submit_measurement(
    records: Records, caller: Caller, parameters: Json, *, representation: bool, known_only: bool
) -> tuple[Json, list[Json]]:
    """Store what the citizen measured or answered; the answer, and what was stored.

    All is for one patient, one episode, one active request each. `known_only`: must the activity of the request be
    here? The platform's own are always; a client that brings none of its definitions may be let through.
    """
    entries = entries_of(parameter(parameters, "measurement").get("resource", {}))
    _check_kinds([entry["resource"].get("resourceType") for entry in entries])
    caller.require_context("patient_id", "episode_of_care_id")
    with records.store.transaction():
        resources = with_addresses(records, entries)
        episode = _one_context(records, caller, resources)
        for resource in resources:
            _check_measurement(records, resource, episode, known_only=known_only)
        tags = tags_of(episode)
        stored = [records.create(tagged(one, tags), resource_id=one["id"]) for one in resources]
        records.keep(
            {
                "resourceType": "Provenance",
                "meta": {"profile": [t.PROVENANCE]},
                "target": [{"reference": records.url(one)} for one in stored],
                "recorded": instant(records.store.clock.now()),
                "policy": ["healthcare-act"],
                "agent": [{"who": stored[0]["subject"]}],
            }
        )
    return answer(records, [(one, True) for one in stored], representation=representation), stored


def check_change(before: Json, after: Json) -> None:
    """What was submitted stays as it is; an answer in progress may still be written (recorded).

    Of a Media also its group may change, and the picture of an overlay (the guide's “Update of media”).
    """
    if before.get("status") == "in-progress":
        return
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    kept = changed - {"meta", "status"}
    if before["resourceType"] == "Media":
        modes = [one.get("valueCode") for one in extensions(before, t.EXT_MEDIA_USAGE_MODE)]
        kept -= {"extension", "content"} if "overlay" in modes else {"extension"}
    if kept:
        raise invalid(*(f"{name}: cannot be changed once it is submitted" for name in sorted(kept)))


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


def _one_context(records: Records, caller: Caller, resources: list[Json]) -> Json:
    """The episode: one for all, of one patient, whose it is, and both what the token is narrowed to."""
    patients = {
        local_part(reference) for one in resources for reference in values_at(one, "subject.reference")
    }
    episodes = {
        local_part(reference)
        for one in resources
        for extension in extensions(one, t.EXT_EPISODE_OF_CARE)
        for reference in values_at(extension, "valueReference.reference")
    }
    kinds = "Input resources of type EHealthObservation, EHealthMedia and EHealthQuestionnaireResponse"
    if not patients:
        raise _rule("INPUT_SHOULD_REFERENCE_PATIENT", f"{kinds} should reference a patient.")
    if not episodes:
        raise _rule("INPUT_SHOULD_REFERENCE_EPISODEOFCARE", f"{kinds} should reference an episode of care.")
    if len(patients) > 1:
        raise _rule("INPUT_FOR_DIFFERENT_PATIENTS", "The resources provided are for different patients.")
    if len(episodes) > 1:
        raise _rule(
            "INPUT_NOT_PART_OF_SAME_EPISODEOFCARE",
            "The resources provided are not all part of the same episode of care.",
        )
    caller.require_match("episode_of_care_id", episodes)
    caller.require_match("patient_id", patients)
    episode = records.follow(episodes.pop(), "EpisodeOfCare")
    if local_part(episode["patient"]["reference"]) not in patients:
        raise _rule(
            "DIFFERENT_PATIENT_REFERENCE",
            "The patient referenced by the EpisodeOfCare is different than the patient referenced by the"
            " provided resources",
        )
    return episode


def _check_measurement(records: Records, resource: Json, episode: Json, *, known_only: bool) -> None:
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
    _check_effective_period(resource)
    for reference in values_at(resource, "basedOn.reference"):
        request = records.follow(reference, "ServiceRequest")
        if f"EpisodeOfCare/{episode['id']}" not in map(local_part, episodes_of(request)):
            raise _rule(
                "INPUT_NOT_PART_OF_SAME_EPISODEOFCARE",
                "The resources provided are not all part of the same episode of care.",
            )
        if request["status"] != "active":
            raise _rule(
                "PROCEDURE_REQUEST_IS_NOT_ACTIVE",
                f"Procedure request with id:[{request['id']}] is not active.",
            )
        if kind == "QuestionnaireResponse":
            _check_questionnaire(records, resource, request, known_only=known_only)
    if kind == "QuestionnaireResponse":
        answer_counts.check(records, resource)


def _check_effective_period(resource: Json) -> None:
    for extension in extensions(resource, t.EXT_EFFECTIVE_PERIOD):
        period = extension.get("valuePeriod") or {}
        if not {"start", "end"} & period.keys():
            raise broken_rule(
                "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_EMPTY_PERIOD",
                "QuestionnaireResponse cannot have an effectivePeriod without start or end DateTimeType.",
            )
        moments = {name: _moment(period[name], name) for name in ("start", "end") if name in period}
        if len(moments) == 2 and moments["start"] >= moments["end"]:
            raise broken_rule(
                "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_START_AFTER_END",
                "QuestionnaireResponse has invalid effectivePeriod, effectivePeriod.start must be before"
                " effectivePeriod.end",
            )


def _moment(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        moment = None
    if moment is None or moment.tzinfo is None:
        raise broken_rule(
            "QUESTIONNAIRE_RESPONSE_EFFECTIVE_PERIOD_INVALID_DATETIME",
            f"QuestionnaireResponse has invalid DateTimeType on effectivePeriod.{name}, must have minutes,"
            " seconds or millis precision and must have a timezone.",
        )
    return moment


def _check_questionnaire(records: Records, resource: Json, request: Json, *, known_only: bool) -> None:
    """The questionnaire is the one that the request's activity names."""
    asked = resource.get("questionnaire")
    for canonical in values_at(request, "instantiatesCanonical"):
        activity = definitions.find(records, "ActivityDefinition", canonical)
        if activity is None and known_only:
            raise broken_rule(
                "GENERAL_RESOURCE_NOT_FOUND", f"Resource ActivityDefinition with id {canonical} is not found."
            )
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
