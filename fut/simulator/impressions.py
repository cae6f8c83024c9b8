"""ClinicalImpression: assessments, and `$set-measurement-validity`, which takes a measurement back or takes that back.

Error codes and their words are the implementation guide's (`systematic-error-messages`, ehealth-task).
"""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule
from fut.simulator.parameters import parameter
from fut.simulator.records import Records

Json = dict[str, Any]

INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"
DECISIONS = frozenset({"invalidated-fulfills", "invalidated-is-not-fulfillment"})
MEASUREMENTS = {"QuestionnaireResponse": "completed", "Media": "completed", "Observation": "final"}


def new_impression(records: Records, impression: Json) -> Json:
    """An assessment with its date."""
    _refuse_validity(impression)
    _check_investigation(impression)
    return {"date": records.now(), **impression}


def check_change(before: Json, after: Json) -> None:
    if values_at(before, "finding") != values_at(after, "finding"):
        _refuse_validity(after)


def set_measurement_validity(records: Records, caller: Caller, parameters: Json) -> Json:
    """The impression as it is kept; the measurement is *entered-in-error*, or has its status back."""
    impression = parameter(parameters, "clinicalImpression").get("resource", {})
    finding = _check_shape(impression)
    measurement = _measurement(records, impression)
    caller.require_match("patient_id", values_at(impression, "subject.reference"))
    caller.require_match("episode_of_care_id", _episodes(impression))
    for name, mine, theirs in (
        ("subject", values_at(impression, "subject.reference"), values_at(measurement, "subject.reference")),
        ("episodeOfCare", _episodes(impression), _episodes(measurement)),
    ):
        if set(map(local_part, mine)) != set(map(local_part, theirs)):
            raise _rule(
                "REFERENCE_MISMATCH",
                f"Mismatch between references: {name}({', '.join(mine)}) and {name}({', '.join(theirs)}).",
            )
    episode = records.episode_of(measurement)
    tags = tags_of(episode) if episode else []
    status = "entered-in-error" if finding == INVALIDATED else MEASUREMENTS[measurement["resourceType"]]
    with records.store.transaction():
        _supersede(records, measurement, finding)
        now = records.change({**measurement, "status": status}, before=measurement)
        kept = tagged(_assessed(records, caller, impression, now), tags)
        return records.create(kept)


def _rule(name: str, words: str) -> Exception:
    return broken_rule(f"TASK_MEASUREMENT_VALIDITY_{name}", words)


def _findings(impression: Json) -> list[str]:
    return [str(code) for code in values_at(impression, "finding.itemCodeableConcept.coding.code")]


def _episodes(resource: Json) -> list[str]:
    return [
        reference
        for extension in extensions(resource, t.EXT_EPISODE_OF_CARE)
        for reference in values_at(extension, "valueReference.reference")
    ]


def _refuse_validity(impression: Json) -> None:
    if {INVALIDATED, RETRACTED} & set(_findings(impression)):
        raise broken_rule(
            "CLINICAL_IMPRESSION_VALIDATION_STATE_FINDING_CODE_NOT_ALLOWED",
            "Invalidation/Invalidation Retraction finding code is not allowed for ClinicalImpression outside custom"
            " operation.",
        )


def _check_investigation(impression: Json) -> None:
    """What is investigated is named twice: the version that was seen, and the thing itself."""
    items = values_at(impression, "investigation.item.reference")
    with_version = {one.partition("/_history/")[0] for one in items if "/_history/" in one}
    without = {one for one in items if "/_history/" not in one}
    if with_version != without:
        raise broken_rule(
            "TASK_INVESTIGATION_ITEM_REFERENCES_MUST_HAVE_VERSION_AND_VERSIONLESS",
            "Investigation references must have an item with version and one versionless",
        )


def _check_shape(impression: Json) -> str:
    """The finding, where everything about it is as it must be."""
    findings = _findings(impression)
    if len(findings) != 1 or findings[0] not in {INVALIDATED, RETRACTED}:
        raise _rule(
            "INVALID_FINDING_CODE",
            "ClinicalImpression must contain a single finding, with a single Coding of code"
            f" '{INVALIDATED}' or '{RETRACTED}'.",
        )
    if impression.get("status") != "completed":
        raise _rule(
            "INVALID_INITIAL_STATUS",
            "ClinicalImpression for invalidation/retracted invalidation must be created with 'COMPLETED' status.",
        )
    decisions = [
        code
        for extension in extensions(impression, t.EXT_CLINICAL_IMPRESSION_DECISION)
        for code in values_at(extension, "valueCodeableConcept.coding.code")
    ]
    if findings[0] == INVALIDATED and (len(decisions) != 1 or decisions[0] not in DECISIONS):
        raise _rule(
            "INVALID_DECISION_CODE",
            "ClinicalImpression must contain a single decision, with a single Coding of code"
            " 'invalidated-fulfills' or 'invalidated-is-not-fulfillment'.",
        )
    return findings[0]


def _measurement(records: Records, impression: Json) -> Json:
    items = values_at(impression, "investigation.item.reference")
    names = {local_part(one) for one in items}
    versions = [one for one in items if "/_history/" in one]
    if len(items) != 2 or len(names) != 1 or len(versions) != 1:
        raise _rule(
            "INVALID_MEASUREMENT_REFERENCE",
            "Expecting ClinicalImpression to include a single Investigations. The investigation must contain two"
            " items: one item with an versionless reference and one item with a versioned reference of the"
            " Measurement that is being invalidated or retracted.",
        )
    kind = names.pop().partition("/")[0]
    if kind not in MEASUREMENTS:
        raise _rule(
            "INVALID_INVESTIGATION_ITEM_TYPE",
            "Investigation item type must be of type Media, Observation or QuestionnaireResponse.",
        )
    return records.follow(items[0], kind)


def _supersede(records: Records, measurement: Json, finding: str) -> None:
    """What was said of its validity before counts no more; to take back an invalidation there must be one."""
    name = f"{measurement['resourceType']}/{measurement['id']}"
    found = records.store.find("ClinicalImpression", {"investigation": [name], "status": ["completed"]})
    before = [one for one in found if {INVALIDATED, RETRACTED} & set(_findings(one))]
    if finding == RETRACTED and not before:
        raise _rule(
            "MISSING_PREVIOUS",
            "Unable to find previous ClinicalImpression when trying to retract invalidation.",
        )
    if any(finding in _findings(one) for one in before):
        code = "INVALIDATION_RETRACTION" if finding == INVALIDATED else "INVALIDATION"
        raise _rule(
            f"INVALID_PREVIOUS_EXPECTING_{code}",
            "Previous ClinicalImpression must be of the other type to invalidate a measurement or take that back.",
        )
    for one in before:
        records.change({**one, "status": "entered-in-error"}, before=one)


def _assessed(records: Records, caller: Caller, impression: Json, measurement: Json) -> Json:
    """With who assessed it, and the version that came of it."""
    investigation = {
        "code": {"coding": [{"system": t.CS_INVESTIGATION_ITEM, "code": "item-modified"}]},
        "item": [{"reference": records.versioned_url(measurement)}],
    }
    made = {
        "date": records.now(),
        **impression,
        "investigation": [*impression["investigation"], investigation],
    }
    if caller.user_type == "PRACTITIONER":
        made["assessor"] = {"reference": caller.user_id}
        organization = caller.context.get("organization_id")
        if organization:
            address = records.base.url("organization", *organization.split("/"))
            made["extension"] = [
                *made.get("extension", ()),
                {"url": t.EXT_ASSESSOR_ORGANIZATION, "valueReference": {"reference": address}},
            ]
    if caller.user_type == "PATIENT":
        reference = {"url": t.EXT_ASSESSOR_OTHER, "valueReference": impression["subject"]}
        made["extension"] = [*made.get("extension", ()), reference]
    return made
