"""What the platform's extensions are made of: their values, and the parts of those that have parts (guide 8.0.0)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fut import terminology as t
from fut import value_sets as v

Resource = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Shape:
    """The names its value may have, the codes it is bound to, and its parts, each with how often it may stand.

    `plain`: the same for a `valueCode`. Parts that are not named here are left alone.
    """

    values: tuple[str, ...] = ()
    codes: v.ValueSet | None = None
    plain: frozenset[str] = frozenset()
    parts: Mapping[str, "Part"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Part:
    shape: Shape
    least: int = 1
    most: int | None = 1


REFERENCE = Shape(("valueReference",))
TEXT = Shape(("valueString",))
TRUTH = Shape(("valueBoolean",))
MOMENT = Shape(("valueDateTime",))
PERIOD = Shape(("valuePeriod",))
IDENTIFIER = Shape(("valueIdentifier",))
CONCEPT = Shape(("valueCodeableConcept",))
ANY_ANSWER = Shape(("valueDecimal", "valueInteger", "valueString", "valueCoding", "valueBoolean"))


def _concept(codes: v.ValueSet) -> Shape:
    return Shape(("valueCodeableConcept",), codes=codes)


def _scheduled(statuses: frozenset[str]) -> Shape:
    status = Shape(("valueCode",), plain=statuses)
    return Shape(parts={"status": Part(status), "scheduledTime": Part(MOMENT)})


def _history(name: str, what: Shape) -> Shape:
    return Shape(parts={name: Part(what), "period": Part(PERIOD)})


ANSWER_SIGNIFICANCE = Shape(
    parts={
        t.EXT_ANSWER_CONDITION: Part(
            Shape(
                parts={
                    "value": Part(ANY_ANSWER),
                    "operator": Part(Shape(("valueCode",), plain=v.OPERATORS)),
                }
            ),
            most=2,
        ),
        "significance": Part(Shape(("valueCoding",), codes=v.SIGNIFICANCES)),
    }
)

SHAPES: Mapping[str, Shape] = {
    t.EXT_EPISODE_OF_CARE: REFERENCE,
    t.EXT_CARE_MANAGER_ORGANIZATION: REFERENCE,
    t.EXT_CONSENT_AFFILIATION: REFERENCE,
    t.EXT_RECIPIENT_CARE_TEAM: REFERENCE,
    t.EXT_SENDER_CARE_TEAM: REFERENCE,
    t.EXT_TASK_EPISODE_OF_CARE: REFERENCE,
    t.EXT_TASK_RESPONSIBLE: REFERENCE,
    t.EXT_REFERENCE_CARE_PLAN: REFERENCE,
    t.EXT_CLINICAL_IMPRESSION_CARE_PLAN: REFERENCE,
    t.EXT_INTENDED_AUDIENCE: REFERENCE,
    t.EXT_SHARING_POLICY: _concept(v.SHARING_POLICIES),
    t.EXT_SHARING_APPROVAL_POLICY: _concept(v.SHARING_APPROVALS),
    t.EXT_QUESTIONNAIRE_TYPE: _concept(v.QUESTIONNAIRE_TYPES),
    t.EXT_RESTRICTION_CATEGORY: CONCEPT,
    t.EXT_TASK_CATEGORY: CONCEPT,
    t.EXT_CLINICAL_IMPRESSION_DECISION: CONCEPT,
    t.EXT_SOURCE: CONCEPT,
    t.EXT_SYNCHRONIZATION_STATUS: CONCEPT,
    t.EXT_ADMINISTRATIVE_STATUS: Shape(("valueCoding",), codes=v.ADMINISTRATIVE_STATUSES),
    t.EXT_INCLUDE_AS_EXTRA: TRUTH,
    t.EXT_IS_COPYRIGHT: TRUTH,
    t.EXT_TRIGGER_ENABLEMENT: Shape(("valueCode",), plain=v.TRIGGER_ENABLEMENTS),
    t.EXT_EFFECTIVE_PERIOD: PERIOD,
    t.EXT_EMPLOYEE_TITLE: TEXT,
    t.EXT_USAGE: TEXT,
    t.EXT_SHORT_TEXT: TEXT,
    t.EXT_THREAD_ID: TEXT,
    t.EXT_MUNICIPALITY_CODE: TEXT,
    t.EXT_SLIDER_STEP_DECIMAL: Shape(("valueDecimal",)),
    t.EXT_EXTERNAL_IDENTIFIER: IDENTIFIER,
    t.EXT_BASE: IDENTIFIER,
    t.EXT_BASE_ENVIRONMENT: IDENTIFIER,
    t.EXT_PREDECESSOR: IDENTIFIER,
    t.EXT_MODIFIER_ROLE: Shape(
        parts={"reference": Part(REFERENCE), "role": Part(_concept(v.MODIFIER_ROLES))}
    ),
    t.EXT_RESOLVED_TIMING: Shape(
        parts={
            "serviceRequestVersionId": Part(Shape(("valueId",))),
            "start": Part(MOMENT, least=0),
            "end": Part(MOMENT, least=0),
            "type": Part(_concept(v.RESOLVED_TIMING_TYPES)),
        }
    ),
    t.EXT_QUALITY: Shape(parts={"qualityType": Part(CONCEPT), "qualityCode": Part(CONCEPT)}),
    t.EXT_EPISODE_STATUS_SCHEDULE: _scheduled(v.EPISODE_STATUSES),
    t.EXT_STATUS_SCHEDULE: _scheduled(v.REQUEST_STATUSES),
    t.EXT_SERVICE_REQUEST_STATUS_SCHEDULE: _scheduled(v.REQUEST_STATUSES),
    t.EXT_CARE_PLAN_STATUS_HISTORY: _history("status", CONCEPT),
    t.EXT_SERVICE_REQUEST_STATUS_HISTORY: _history("status", CONCEPT),
    t.EXT_TEAM_HISTORY: _history("careTeam", REFERENCE),
    t.EXT_TEAM_SCHEDULE: Shape(parts={"careteam": Part(REFERENCE), "scheduledTime": Part(MOMENT)}),
    t.EXT_REUSE_CRITERIA: Shape(
        parts={"allowed": Part(TRUTH), "dataActuality": Part(Shape(("valueDuration",)))}
    ),
    t.EXT_FEEDBACK: Shape(
        parts={
            "value": Part(TEXT),
            "min": Part(Shape(("valueInteger",))),
            "max": Part(Shape(("valueInteger",))),
        }
    ),
    t.EXT_IMAGE: Shape(parts={"content": Part(REFERENCE), "terms": Part(TEXT, least=0)}),
    t.EXT_HELP_TEXT: Shape(parts={"text": Part(TEXT), "xhtml": Part(TEXT, least=0)}),
    t.EXT_ANSWER_SIGNIFICANCE: ANSWER_SIGNIFICANCE,
    t.EXT_FINDING_BASIS: Shape(
        parts={
            "linkId": Part(TEXT),
            "value": Part(ANY_ANSWER, least=0),
            "finding": Part(CONCEPT),
            t.EXT_ANSWER_SIGNIFICANCE: Part(ANSWER_SIGNIFICANCE),
        }
    ),
}


def shape_problems(extension: Resource) -> Iterator[str]:
    """What is wrong with one extension, None of it for one that is not the platform's."""
    url = str(extension.get("url", ""))
    if shape := SHAPES.get(url):
        yield from _problems(extension, shape, url.rpartition("/")[2])


def _problems(extension: Resource, shape: Shape, name: str) -> Iterator[str]:
    if shape.values and not any(value in extension for value in shape.values):
        yield f"{name}: must have {' or '.join(shape.values)}"
    if shape.codes is not None:
        yield from _unbound(extension, shape.codes, name)
    if shape.plain and extension.get("valueCode") not in {None, *shape.plain}:
        yield f"{name}: {extension['valueCode']} is none of {', '.join(sorted(shape.plain))}"
    given = [one for one in extension.get("extension", ()) if isinstance(one, Mapping)]
    for url, part in shape.parts.items():
        found = [one for one in given if one.get("url") == url]
        short = url.rpartition("/")[2]
        if len(found) < part.least:
            yield f"{name}: {short} missing"
        if part.most is not None and len(found) > part.most:
            yield f"{name}: {short} more than {part.most} times"
        for one in found:
            yield from _problems(one, part.shape, f"{name}.{short}")


def _unbound(extension: Resource, codes: v.ValueSet, name: str) -> Iterator[str]:
    concept = extension.get("valueCodeableConcept")
    codings = concept.get("coding", []) if isinstance(concept, Mapping) else []
    if isinstance(extension.get("valueCoding"), Mapping):
        codings = [*codings, extension["valueCoding"]]
    if codings and not any(codes(coding) for coding in codings if isinstance(coding, Mapping)):
        shown = ", ".join(f"{one.get('system')}|{one.get('code')}" for one in codings)
        yield f"{name}: {shown} is not in the platform's value set"
