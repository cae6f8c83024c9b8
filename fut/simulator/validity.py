"""`ClinicalImpression/$set-measurement-validity`: an answer does not count, or counts again (contract §5 H).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller, episodes_of
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import Refusal, broken_rule
from fut.simulator.parameters import parameter
from fut.simulator.records import Records

Json = dict[str, Any]

CODE = "MeasurementValidityUpdate"
KINDS = frozenset({"Media", "Observation", "QuestionnaireResponse"})
INVALIDATED, RETRACTED = "measurement-invalidated", "measurement-invalidation-retracted"
DECISIONS = frozenset({"invalidated-fulfills", "invalidated-is-not-fulfillment"})
EXT_DECISION = f"{t.EHEALTH}ehealth-clinicalimpression-decision"


def set_measurement_validity(records: Records, caller: Caller, parameters: Json) -> Json:
    """Store the impression that says it; the measurement itself stays as it was submitted."""
    given = parameter(parameters, "clinicalImpression").get("resource") or {}
    _check_what_it_says(given)
    with records.store.transaction():
        measurement = _measurement(records, given)
        caller.require_resource(measurement)
        _check_same(given, measurement)
        _check_previous(records, given, measurement)
        assessor = {"assessor": {"reference": caller.user_id}} if caller.user_type == "PRACTITIONER" else {}
        tags = tags_of(records.episode_of(measurement) or {})
        return records.create(tagged({**given, **assessor}, tags))


def is_invalidated(records: Records, measurement: Json) -> bool:
    """Whether the latest word about the measurement is that it does not count."""
    latest = _said_before(records, measurement)
    return bool(latest) and _finding(latest[-1]) == INVALIDATED


def _rule(name: str, words: str) -> Refusal:
    return broken_rule(f"TASK_MEASUREMENT_VALIDITY_{name}", words)


def _check_what_it_says(given: Json) -> None:
    if given.get("resourceType") != "ClinicalImpression" or values_at(given, "code.coding.code") != [CODE]:
        raise broken_rule(
            "CLINICAL_IMPRESSION_MEASUREMENT_VALIDITY_UPDATED_CODE_REQUIRED",
            "ClinicalImpressions for Invalidation/Invalidation Retraction must have"
            " ClinicalImpression.code=MeasurementValidityUpdated",
        )
    if given.get("status") != "completed":
        raise _rule(
            "INVALID_INITIAL_STATUS",
            "ClinicalImpression for invalidation/retracted invalidation must be created with 'COMPLETED' status.",
        )
    if _finding(given) not in {INVALIDATED, RETRACTED}:
        raise _rule(
            "INVALID_FINDING_CODE",
            "ClinicalImpression must contain a single finding, with a single Coding of code"
            f" '{INVALIDATED}' or '{RETRACTED}'.",
        )
    codes = [
        code
        for each in extensions(given, EXT_DECISION)
        for code in values_at(each, "valueCodeableConcept.coding.code")
    ]
    # What a retraction decides is not said by the guide; one that decides something else is refused all the same.
    wanted = _finding(given) == INVALIDATED or codes
    if wanted and (len(codes) != 1 or codes[0] not in DECISIONS):
        raise _rule(
            "INVALID_DECISION_CODE",
            "ClinicalImpression must contain a single decision, with a single Coding of code"
            " 'invalidated-fulfills' or 'invalidated-is-not-fulfillment'.",
        )


def _finding(impression: Json) -> str:
    """The code of its only finding; "" where it has none or several."""
    codes = values_at(impression, "finding.itemCodeableConcept.coding.code")
    return str(codes[0]) if len(codes) == 1 and len(impression.get("finding", ())) == 1 else ""


def _measurement(records: Records, given: Json) -> Json:
    """What it is about, named once with its version and once without."""
    items = values_at(given, "investigation.item.reference")
    bare = {str(one).partition("/_history/")[0] for one in items}
    versioned = [one for one in items if "/_history/" in str(one)]
    if len(given.get("investigation", ())) != 1 or len(items) != 2 or len(versioned) != 1 or len(bare) != 1:
        raise _rule(
            "INVALID_MEASUREMENT_REFERENCE",
            "Expecting ClinicalImpression to include a single Investigations. The investigation must contain two"
            " items: one item with an versionless reference and one item with a versioned reference of the Measurement"
            " that is being invalidated or retracted.",
        )
    reference = local_part(bare.pop())
    resource_type = reference.partition("/")[0]
    if resource_type not in KINDS:
        raise _rule(
            "INVALID_INVESTIGATION_ITEM_TYPE",
            "Investigation item type must be of type Media, Observation or QuestionnaireResponse.",
        )
    return records.follow(reference, resource_type)


def _check_same(given: Json, measurement: Json) -> None:
    """The impression's citizen and episode are the measurement's."""
    pairs = {
        "subject": (values_at(given, "subject.reference"), values_at(measurement, "subject.reference")),
        "episodeOfCare": (list(episodes_of(given)), list(episodes_of(measurement))),
    }
    for name, (ours, theirs) in pairs.items():
        if [local_part(one) for one in ours] != [local_part(one) for one in theirs]:
            raise _rule(
                "REFERENCE_MISMATCH",
                f"Mismatch between references: ClinicalImpression.{name}({', '.join(ours)}) and"
                f" {measurement['resourceType']}.{name}({', '.join(theirs)}).",
            )


def _said_before(records: Records, measurement: Json) -> list[Json]:
    """The impressions about its validity, the latest last."""
    about = f"{measurement['resourceType']}/{measurement['id']}"
    found = records.store.find("ClinicalImpression", {"investigation": [about]})
    return sorted(
        (one for one in found if values_at(one, "code.coding.code") == [CODE]), key=lambda one: int(one["id"])
    )


def _check_previous(records: Records, given: Json, measurement: Json) -> None:
    before = _said_before(records, measurement)
    if _finding(given) == INVALIDATED:
        if before and _finding(before[-1]) != RETRACTED:
            raise _rule(
                "INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION",
                "Previous ClinicalImpression must be of type invalidation retraction when trying to invalidate"
                " measurement.",
            )
    elif not before:
        raise _rule(
            "MISSING_PREVIOUS",
            "Unable to find previous ClinicalImpression when trying to retract invalidation.",
        )
    elif _finding(before[-1]) != INVALIDATED:
        raise _rule(
            "INVALID_PREVIOUS_EXPECTING_INVALIDATION",
            "Previous ClinicalImpression must be of type invalidation when trying to retract invalidation for"
            " measurement.",
        )
