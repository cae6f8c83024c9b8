"""Episodes of care: opened with a legal basis, active only with a consent (contract §5 B and C).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from datetime import datetime
from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.clock import instant
from fut.simulator.coexistence import require_treatable, tagged
from fut.simulator.outcomes import broken_rule
from fut.simulator.parameters import parameter
from fut.simulator.records import Records
from fut.simulator.transactions import answer, entries_of, with_addresses

Json = dict[str, Any]

LAWS = frozenset(
    f"http://ehealth.sundhed.dk/policy/dk/{law}" for law in ("sundhedsloven", "serviceloven", "aeldreloven")
)

ORIGIN = {
    "policy": [
        "http://ehealth.sundhed.dk/policy/ehealth/patient-data",
        "http://ehealth.sundhed.dk/policy/eu/general-data-protection-regulation",
    ],
    "reason": [{"coding": [{"system": "http://hl7.org/fhir/v3/ActReason", "code": "PATADMIN"}]}],
    "activity": {"coding": [{"system": "http://hl7.org/fhir/v3/DataOperation", "code": "CREATE"}]},
}


def create_episode_of_care(
    records: Records, caller: Caller, parameters: Json, *, representation: bool
) -> Json:
    """Store a planned episode with its conditions and provenances, and a provenance of our own."""
    entries = entries_of(parameter(parameters, "episodeOfCareAndProvenances").get("resource", {}))
    types = [entry["resource"].get("resourceType") for entry in entries]
    if types.count("EpisodeOfCare") != 1:
        raise broken_rule(
            "EPISODEOFCARE_CREATE_WRONG_EOC_COUNT", "Bundle has to contain only one Episode of Care"
        )
    if set(types) - {"EpisodeOfCare", "Condition", "Provenance"}:
        raise broken_rule(
            "EPISODEOFCARE_CREATE_UNSUPPORTED_RESOURCE_TYPE", "Bundle contains unsupported resource type"
        )
    caller.require_context("patient_id")
    if caller.user_type == "PRACTITIONER":
        caller.require_context("care_team_id")
    with records.store.transaction():
        resources = with_addresses(records, entries)
        episode = resources[types.index("EpisodeOfCare")]
        _check_episode(records, caller, episode, resources)
        stored = [records.create(tagged(one, caller.tags), resource_id=one["id"]) for one in resources]
        stored.append(
            records.keep(
                {
                    "resourceType": "Provenance",
                    "meta": {"profile": [t.PROVENANCE]},
                    "target": [{"reference": records.url(episode)}],
                    "recorded": instant(records.store.clock.now()),
                    "agent": [_author(caller, episode)],
                    **ORIGIN,
                }
            )
        )
    return answer(records, [(resource, True) for resource in stored], representation=representation)


def _author(caller: Caller, episode: Json) -> Json:
    """Who made it, by their token; a system is nobody to refer to, so the data controller stands for it."""
    role = {"system": "http://hl7.org/fhir/v3/ParticipationType", "code": "AUT"}
    is_person = caller.user_id.startswith(("http://", "https://"))
    who = {"reference": caller.user_id} if is_person else episode["managingOrganization"]
    return {"role": [{"coding": [role]}], "who": who}


def _check_episode(records: Records, caller: Caller, episode: Json, resources: list[Json]) -> None:
    address = records.url(episode)
    if episode.get("status") != "planned":
        raise broken_rule(
            "EPISODEOFCARE_CREATE_EPISODE_OF_CARE_IN_NON_PLANNED_STATUS",
            "It is only possible to create an episode of care in status 'Planned'",
        )
    if episode.get("statusHistory"):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_STATUS_HISTORY_NOT_EMPTY",
            "It is not allowed to fill status history manually",
        )
    if any(one.get("url") == t.EXT_TEAM_HISTORY for one in episode.get("extension", ())):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_TEAM_HISTORY_NOT_EMPTY", "It is not allowed to fill team history manually"
        )
    provenances = [one for one in resources if one["resourceType"] == "Provenance"]
    if any(values_at(one, "target.reference") != [address] for one in provenances):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_INCORRECT_PROVENANCE_TARGET", "Provenance has incorrect target"
        )
    if not any(LAWS & set(one.get("policy", ())) for one in provenances):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_NO_REQUIRED_PROVENANCE_POLICIES", "No provenance with required policies"
        )
    patient = values_at(episode, "patient.reference")
    conditions = [one for one in resources if one["resourceType"] == "Condition"]
    if any(values_at(one, "subject.reference") != patient for one in conditions):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_INCORRECT_CONDITION_SUBJECT",
            "EpisodeOfCare and Condition doesn't point to the same Patient",
        )
    require_treatable(caller.tags, conditions)
    for reference in patient:
        _check_patient(records, caller, reference)


def _check_patient(records: Records, caller: Caller, reference: str) -> None:
    mine = caller.context.get("patient_id", local_part(reference))
    if mine != local_part(reference):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_PATIENT_DOESNT_MATCH_CONTEXT",
            "Episode of care patient doesn't match to the context",
        )
    person = records.follow(reference, "Patient")
    if person.get("deceasedBoolean") or person.get("deceasedDateTime"):
        raise broken_rule(
            "EPISODEOFCARE_CREATE_PATIENT_MUST_NOT_BE_DECEASED",
            "Patient.deceased must be false to create episode of care",
        )


def require_consent(records: Records, episode: Json) -> None:
    """An episode becomes active only with a consent to it (`PITEOC`) that is active and in force now."""
    found = records.store.find(
        "Consent",
        {
            "data": [f"EpisodeOfCare/{episode['id']}"],
            "patient": [local_part(episode["patient"]["reference"])],
            "category": [f"{t.CS_CONSENT_CATEGORY}|{t.CONSENT_TO_EPISODE}"],
            "status": ["active"],
        },
    )
    if not any(_is_in_force(consent, records.store.clock.now()) for consent in found):
        raise broken_rule("EPISODEOFCARE_PATCH_NO_CONSENT", "No valid Episode Of Care related consent")


def _is_in_force(consent: Json, now: datetime) -> bool:
    """The guide's “Enforcement of Consent”: an actor, and a period that has not ended.

    One that is to begin shortly counts: clocks differ, and the platform's tolerance is not documented.
    """
    provision = consent.get("provision", {})
    end = provision.get("period", {}).get("end")
    in_force = end is None or datetime.fromisoformat(end) > now
    return bool(provision.get("actor")) and "period" in provision and in_force


def is_context_allowed(records: Records, episode: Json, parameters: Json) -> Json:
    """`$is-context-allowed`: may this patient or this care team take the episode as context?"""
    given = {part["name"]: part for part in parameters.get("parameter", ()) if "name" in part}
    patient = local_part(given.get("patient", {}).get("valueReference", {}).get("reference", ""))
    team = local_part(given.get("careTeam", {}).get("valueReference", {}).get("reference", ""))
    if patient and patient == local_part(episode["patient"]["reference"]):
        return _references(Patient=episode["patient"]["reference"])
    if team:
        plans = records.store.find("CarePlan", {"episodeOfCare": [f"EpisodeOfCare/{episode['id']}"]})
        for resource, element in [(episode, "team"), *((plan, "careTeam") for plan in plans)]:
            for reference in values_at(resource, f"{element}.reference"):
                if local_part(reference) == team:
                    kind = str(resource["resourceType"])
                    return _references(**{"CareTeam": reference, kind: records.url(resource)})
    raise broken_rule(
        "EPISODEOFCARE_IS_CONTEXT_ALLOWED_MATCH_NOT_FOUND",
        "It is not possible to set the Episode Of Care as a context",
    )


def _references(**named: str) -> Json:
    return {
        "resourceType": "Parameters",
        "parameter": [
            {"name": name, "valueReference": {"reference": reference}} for name, reference in named.items()
        ],
    }
