"""Flow F: submit an answer."""

from fut import terminology as t
from fut.errors import MappingInvalid
from fut.facts import Coding, Reference, ResponseFacts, Window
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
    within_bundle,
)
from fut.validation import checked


def submit_measurement(
    response: ResponseFacts, *, patient: Reference, episode: Reference, service_request: Reference
) -> Json:
    """`$submit-measurement` with one completed questionnaire response, answered by the citizen."""
    if service_request.version is None:
        raise MappingInvalid(
            "QuestionnaireResponse", ["basedOn: the version of the service request is missing"]
        )
    resource = profiled(
        "QuestionnaireResponse",
        t.QUESTIONNAIRE_RESPONSE,
        extension=[
            episode_extension(episode),
            resolved_timing(response.window, version=service_request.version),
            *_effective_period(response),
        ],
        identifier=identifier(response.id),
        basedOn=[reference(service_request)],
        questionnaire=response.questionnaire,
        status="completed",
        subject=reference(patient),
        authored=moment(response.authored),
        source=reference(patient),
        item=list(response.items) or None,
    )
    bundle = transaction(posted(resource, within_bundle(response.id)))
    return checked(parameters(measurement={"resource": bundle}))


def resolved_timing(window: Window | None, *, version: str) -> Json:
    """Which slot the answer fills: `Resolved` with the task's window, or `Adhoc` with none."""
    kind = Coding(t.CS_RESOLVED_TIMING_TYPE, "Adhoc" if window is None else "Resolved")
    bounds = period(window.start, window.end) if window else {}
    return extension(
        t.EXT_RESOLVED_TIMING,
        extension=[
            extension("serviceRequestVersionId", valueId=version),
            *(extension(name, valueDateTime=value) for name, value in bounds.items()),
            extension("type", valueCodeableConcept=concept(kind)),
        ],
    )


def _effective_period(response: ResponseFacts) -> list[Json]:
    """From the first answer to the submission; without an end when both fall in the same second.

    KIH's document cannot have an end equal to its start (contract §5 F).
    """
    if response.started_at is None:
        return []
    written = period(response.started_at, response.authored)
    if written["start"] == written["end"]:
        del written["end"]
    return [extension(t.EXT_EFFECTIVE_PERIOD, valuePeriod=written)]
