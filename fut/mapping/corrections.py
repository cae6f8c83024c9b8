"""That an answer was corrected: the former one does not count any more (contract §5 H)."""

from uuid import UUID, uuid5

from fut import terminology as t
from fut.errors import MappingInvalid
from fut.facts import Coding, Reference
from fut.mapping.elements import (
    Json,
    concept,
    episode_extension,
    extension,
    identifier,
    parameters,
    profiled,
    reference,
)
from fut.validation import checked

ALREADY = "TASK_MEASUREMENT_VALIDITY_INVALID_PREVIOUS_EXPECTING_INVALIDATION_RETRACTION"
"""What the platform answers where the answer does not count there already."""


def correction_id(response_id: UUID) -> UUID:
    """Our identifier of the impression that says of a former answer that it does not count."""
    return uuid5(response_id, "corrected")


def response_corrected(
    response_id: UUID, *, former: Reference, patient: Reference, episode: Reference
) -> Json:
    """`$set-measurement-validity` of an answer that was corrected: its time is filled by the correction, not by it."""
    if former.version is None:
        raise MappingInvalid("ClinicalImpression", ["investigation: the version of the answer is missing"])
    decision = Coding(t.CS_IMPRESSION_DECISION, "invalidated-is-not-fulfillment")
    impression = profiled(
        "ClinicalImpression",
        t.CLINICAL_IMPRESSION,
        extension=[
            episode_extension(episode),
            extension(t.EXT_CLINICAL_IMPRESSION_DECISION, valueCodeableConcept=concept(decision)),
        ],
        identifier=[identifier(correction_id(response_id))],
        status="completed",
        code=concept(Coding(t.CS_IMPRESSION, "MeasurementValidityUpdate")),
        subject=reference(patient),
        investigation=[
            {
                "code": concept(Coding(t.CS_INVESTIGATION_ITEM, "item-for-investigation")),
                "item": [
                    reference(f"{former.url}/_history/{former.version}"),
                    reference(former),
                ],
            }
        ],
        finding=[
            {"itemCodeableConcept": concept(Coding(t.CS_IMPRESSION_FINDING, "measurement-invalidated"))}
        ],
    )
    return checked(parameters(clinicalImpression={"resource": impression}))
