"""Flows B and C: open an episode of care, record the consent to it, make it active."""

from uuid import UUID, uuid5

from fut import terminology as t
from fut.facts import Coding, EpisodeFacts, Reference
from fut.mapping.elements import (
    Json,
    concept,
    episode_extension,
    extension,
    identifier,
    moment,
    parameters,
    period,
    posted,
    profiled,
    reference,
    transaction,
    urn,
    within_bundle,
)
from fut.validation import checked


def episode_of_care(episode: EpisodeFacts, *, patient: Reference) -> Json:
    """`$create-episode-of-care`: the planned episode, the condition it treats, the law it rests on."""
    episode_urn, condition_urn = within_bundle(episode.id), within_bundle(condition_id(episode.id))
    provenance = profiled(
        "Provenance",
        t.PROVENANCE,
        target=[reference(episode_urn)],
        recorded=moment(episode.consented_at),
        policy=[episode.law.value],
        agent=[{"who": reference(patient)}],
    )
    planned = profiled(
        "EpisodeOfCare",
        t.EPISODE_OF_CARE,
        extension=[
            extension(t.EXT_CARE_MANAGER_ORGANIZATION, valueReference=reference(episode.organization))
        ],
        identifier=[identifier(episode.id)],
        status="planned",
        diagnosis=[{"condition": reference(condition_urn)}],
        patient=reference(patient),
        managingOrganization=reference(episode.organization),
        period=period(episode.starts_at, episode.ends_at),
        team=[reference(episode.care_team)] if episode.care_team else None,
    )
    condition = profiled(
        "Condition",
        t.CONDITION,
        extension=[episode_extension(episode_urn)],
        identifier=[identifier(condition_id(episode.id))],
        clinicalStatus=concept(Coding(t.CS_CONDITION_CLINICAL, "active")),
        code=concept(episode.diagnosis),
        subject=reference(patient),
    )
    bundle = transaction(
        posted(provenance, urn(uuid5(episode.id, "provenance"))),
        posted(planned, episode_urn),
        posted(condition, condition_urn),
    )
    return checked(parameters(episodeOfCareAndProvenances={"resource": bundle}))


def condition_id(episode_id: UUID) -> UUID:
    """The condition's own id follows from the episode's: the same each time it is sent."""
    return uuid5(episode_id, "condition")


def consent(episode: EpisodeFacts, *, patient: Reference, reference_to: Reference) -> Json:
    """The citizen's consent to the episode (`PITEOC`); without it the episode cannot become active.

    Performers, policy rule, actor and data stand as the platform's reference clients send them.
    """
    return checked(
        profiled(
            "Consent",
            t.CONSENT,
            status="active",
            scope=concept(Coding(t.CS_CONSENT_SCOPE, "patient-privacy")),
            category=[concept(Coding(t.CS_CONSENT_CATEGORY, t.CONSENT_TO_EPISODE))],
            patient=reference(patient),
            dateTime=moment(episode.consented_at),
            performer=[reference(patient), reference(episode.organization)],
            policyRule=concept(Coding(t.RFC_3986, reference_to.url)),
            provision={
                "period": period(episode.consented_at, None),
                "actor": [
                    {
                        "role": concept(Coding(t.CS_CONTRACT_SIGNER, "PRIMAUTH")),
                        "reference": reference(patient),
                    }
                ],
                "data": [{"meaning": "authoredby", "reference": reference(reference_to)}],
            },
        )
    )


def activation() -> list[Json]:
    """The JSON Patch (RFC 6902) that makes an episode active."""
    return [{"op": "replace", "path": "/status", "value": "active"}]
