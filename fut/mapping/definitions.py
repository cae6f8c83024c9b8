"""What citizens' plans stand on: the questionnaires, activities and plans that KAM published (contract §4)."""

from functools import singledispatch

from fut import terminology as t
from fut.facts import ActivityFacts, Coding, Definition, PlanFacts, QuestionnaireFacts, Reference
from fut.mapping.elements import Json, concept, extension, identifier, profiled, reference
from fut.mapping.questionnaires import platform_form, profile_of
from fut.validation import checked

CARRIED = (
    *("name", "title", "derivedFrom", "subjectType", "date", "publisher", "description"),
    *("purpose", "copyright", "approvalDate", "lastReviewDate", "effectivePeriod", "code"),
    *("language", "implicitRules"),
)
"""What travels of an author's form. Its id, narrative, status and jurisdiction are of the system it came from."""


def definition(known: Definition, *, owner: Reference) -> Json:
    """The resource of one published version, active: also where a newer one has retired it here.

    Plans go on with the version they were published with, and the platform lets an active plan name nothing else.
    """
    return checked(_resource(known, owner))


@singledispatch
def _resource(known: Definition, owner: Reference) -> Json:
    raise TypeError(f"{type(known).__name__} is no definition that FUT knows.")


@_resource.register
def _(known: QuestionnaireFacts, owner: Reference) -> Json:
    carried = {name: known.source[name] for name in CARRIED if name in known.source}
    kind = Coding(t.CS_QUESTIONNAIRE_TYPES, t.QUESTIONNAIRE_WITH_RULES)
    ours = {t.EXT_MODIFIER_ROLE, t.EXT_QUESTIONNAIRE_TYPE}
    return profiled(
        "Questionnaire",
        profile_of(known.source),
        **{
            **carried,
            **platform_form(known.source),
            **_identity(known),
            "extension": [
                *(one for one in known.source.get("extension", ()) if one.get("url") not in ours),
                extension(t.EXT_QUESTIONNAIRE_TYPE, valueCodeableConcept=concept(kind)),
                _owned_by(owner),
            ],
        },
    )


@_resource.register
def _(known: ActivityFacts, owner: Reference) -> Json:
    approval = Coding(t.CS_SHARING_APPROVAL_POLICIES, known.sharing_approval)
    return profiled(
        "ActivityDefinition",
        t.ACTIVITY_DEFINITION,
        extension=[
            extension(
                t.EXT_SHARING_POLICY,
                valueCodeableConcept=concept(Coding(t.CS_SHARING_POLICIES, known.sharing)),
            ),
            extension(t.EXT_SHARING_APPROVAL_POLICY, valueCodeableConcept=concept(approval)),
            _owned_by(owner),
        ],
        **_identity(known),
        topic=[concept(Coding(t.CS_TOPIC_TYPE, t.SELF_TREATMENT))],
        relatedArtifact=[{"type": "composed-of", "resource": known.questionnaire}],
        code=concept(known.code),
    )


@_resource.register
def _(known: PlanFacts, owner: Reference) -> Json:
    return profiled(
        "PlanDefinition",
        t.PLAN_DEFINITION,
        extension=[_owned_by(owner)],
        **_identity(known),
        description=known.description or None,
        action=[{"definitionCanonical": activity} for activity in known.activities] or None,
    )


def _identity(known: Definition) -> Json:
    """What it is called, for whom it is, and that it may be used."""
    program = {"coding": [{"system": t.CS_PROGRAM, "code": t.KOMMUNAL_PRO, "display": "Kommunal PRO"}]}
    return {
        "identifier": [identifier(known.id)],
        "url": known.url,
        "version": str(known.version),
        "title": known.title,
        "status": "active",
        "useContext": [
            {"code": {"system": t.CS_USAGE_CONTEXT, "code": "program"}, "valueCodeableConcept": program}
        ],
    }


def _owned_by(organization: Reference) -> Json:
    owner = Coding(t.CS_MODIFIER_ROLE, "owner")
    return extension(
        t.EXT_MODIFIER_ROLE,
        extension=[
            extension("reference", valueReference=reference(organization)),
            extension("role", valueCodeableConcept=concept(owner)),
        ],
    )
