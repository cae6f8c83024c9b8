"""Episodes of care: opened with a legal basis, active only with a consent (contract §5 B and C).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from datetime import UTC, datetime
from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.addresses import local_part
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
    "activity": {"coding": [{"system": "http://hl7.org/fhir/v3/DataOperation", "code": "CREATE"}]},
}


def create_episode_of_care(records: Records, parameters: Json, *, representation: bool) -> Json:
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
    with records.store.transaction():
        resources = with_addresses(records, entries)
        episode = resources[types.index("EpisodeOfCare")]
        _check_episode(records, episode, resources)
        stored = [records.create(resource, resource_id=resource["id"]) for resource in resources]
        stored.append(
            records.create(
                {
                    "resourceType": "Provenance",
                    "meta": {"profile": [t.PROVENANCE]},
                    "target": [{"reference": records.url(episode)}],
                    "recorded": datetime.now(UTC).isoformat(timespec="milliseconds"),
                    "agent": [{"who": episode["managingOrganization"]}],
                    **ORIGIN,
                }
            )
        )
    return answer(records, [(resource, True) for resource in stored], representation=representation)


def _check_episode(records: Records, episode: Json, resources: list[Json]) -> None:
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
    for reference in patient:
        records.follow(reference, "Patient")


def require_consent(records: Records, episode: Json) -> None:
    """An episode becomes active only with an active consent to it (`PITEOC`)."""
    address = local_part(records.url(episode))
    found = records.store.search(
        "Consent",
        {
            "data": [address],
            "patient": [local_part(episode["patient"]["reference"])],
            "category": [f"{t.CS_CONSENT_CATEGORY}|{t.CONSENT_TO_EPISODE}"],
            "status": ["active"],
        },
        count=1,
        offset=0,
    )
    if not found.total:
        raise broken_rule("EPISODEOFCARE_PATCH_NO_CONSENT", "No valid Episode Of Care related consent")
