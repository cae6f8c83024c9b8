"""Which rules of the platform stand before a resource is stored, changed or deleted, by its type."""

from typing import Any

from fut.simulator import (
    care_plans,
    communications,
    consents,
    definitions,
    episodes,
    impressions,
    measurements,
    message_requests,
    organizations,
    tasks,
)
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller, episodes_of
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule, invalid
from fut.simulator.records import Records
from fut.simulator.registers import check_patient_change
from fut.simulator.search_terms import identifiers

Json = dict[str, Any]


def as_new(records: Records, caller: Caller, resource: Json) -> Json:
    """The resource as it is to be stored; 422 with the rule it breaks."""
    match resource["resourceType"]:
        case "Communication":
            return communications.new_communication(records, resource)
        case "CommunicationRequest":
            return message_requests.within_context(records, resource)
        case "Consent":
            consents.check_policy(caller, resource)
            return of_one_citizen(records, resource)
        case "Task":
            tasks.check(resource)
            return of_one_citizen(records, resource)
        case "ClinicalImpression":
            return of_one_citizen(records, impressions.new_impression(records, resource))
        case "Condition":
            return of_one_citizen(records, resource)
        case "CarePlan" | "ServiceRequest":
            return care_plans.within_episode(records, resource)
        case "CareTeam":
            _check_team_identifier(resource)
        case "Organization":
            organizations.check_new(records, resource)
        case kind if kind in definitions.TYPES:
            return definitions.new_definition(records, resource)
    return resource


def as_changed(records: Records, caller: Caller, before: Json, after: Json) -> Json:
    """The same for the next version of one that is there."""
    match before["resourceType"]:
        case "EpisodeOfCare":
            if after.get("status") == "active" != before.get("status"):
                episodes.require_consent(records, before)
        case "CarePlan" | "ServiceRequest":
            care_plans.check_change(before, after)
            return care_plans.within_episode(records, after)
        case "Communication":
            return communications.changed_communication(records, before, after)
        case "CommunicationRequest":
            return message_requests.within_context(records, after)
        case "Consent":
            consents.check_policy(caller, before)
            consents.check_policy(caller, after)
            return of_one_citizen(records, after)
        case "Task":
            tasks.check(after)
            # One that came without its citizen keeps its place; so recorded.
            same = all(before.get(name) == after.get(name) for name in ("for", "extension"))
            return after if same else of_one_citizen(records, after)
        case "ClinicalImpression":
            impressions.check_change(before, after)
            return of_one_citizen(records, after)
        case "Condition":
            return of_one_citizen(records, after)
        case "QuestionnaireResponse" | "Observation" | "Media":
            measurements.check_change(before, after)
            return of_one_citizen(records, after)
        case "Organization":
            organizations.check_change(records, before, after)
        case "Patient":
            check_patient_change(before, after)
        case "CareTeam":
            _check_team_identifier(after)
        case kind if kind in definitions.TYPES:
            return definitions.changed_definition(records, before, after)
    return after


def check_removal(resource: Json) -> None:
    match resource["resourceType"]:
        case "Communication":
            communications.check_removal(resource)
        case "Questionnaire":
            definitions.check_removal(resource)


def of_one_citizen(records: Records, resource: Json) -> Json:
    """What names an episode is about its citizen, and carries its tags."""
    about = {"Consent": "patient", "Task": "for"}.get(resource["resourceType"], "subject")
    subject = resource.get(about, {}).get("reference")
    for reference in episodes_of(resource):
        if "EpisodeOfCare/" not in reference:
            continue
        episode = records.follow(reference, "EpisodeOfCare")
        if subject is None or local_part(subject) != local_part(episode["patient"]["reference"]):
            if resource["resourceType"] == "Task":
                raise broken_rule(
                    "TASK_FOR_NOT_SET",
                    "When episode of care is set, the field 'for' must reference the corresponding patient",
                )
            raise broken_rule(
                "CONTEXT_VALIDATION_EPISODEOFCARE_EXCEPTION", "The episode of care is of another patient."
            )
        resource = tagged(resource, tags_of(episode))
    return resource


def _check_team_identifier(team: Json) -> None:
    """A team is known to the login by a UUID (contract §4)."""
    given = [one.partition("|") for one in identifiers()(team) if "|" in one]
    if not any(system == "urn:ietf:rfc:3986" for system, _, _ in given):
        raise broken_rule(
            "CARETEAM_GENERAL_EXTERNAL_SECURITY_TOKEN_CARETEAM_IDENTIFIER_SYSTEM_IS_MISSING",
            'The CareTeam must contain an identifier using system "urn:ietf:rfc:3986"',
        )
    for participant in team.get("participant", ()):
        if not participant.get("role") or not participant.get("member"):
            raise invalid("participant: needs role and member")
