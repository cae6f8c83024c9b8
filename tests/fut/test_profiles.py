"""The platform's profiles: whatever one of them demands, its absence is found before anything leaves the house."""

import copy
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest

from fut import mapping
from fut import terminology as t
from fut.profiles import values_at
from fut.validation import problems

from .people import (
    EPISODE,
    NOON,
    ORGANIZATION,
    PATIENT,
    SERVICE_REQUEST,
    a_care_plan,
    a_plan,
    a_questionnaire,
    a_response,
    an_activity,
    an_episode,
)

Json = dict[str, Any]


def inside(node: Any, resource_type: str) -> Json:
    """The first resource of a kind in what the mapping made."""
    if isinstance(node, dict):
        if node.get("resourceType") == resource_type:
            return node
        node = list(node.values())
    if isinstance(node, list):
        for child in node:
            if found := inside(child, resource_type):
                return found
    return {}


SENT: dict[str, Json] = {
    name: inside(made, name)
    for made, names in (
        (
            mapping.episode_of_care(an_episode(), patient=PATIENT),
            ("EpisodeOfCare", "Condition", "Provenance"),
        ),
        (mapping.consent(an_episode(), patient=PATIENT, reference_to=EPISODE.episode), ("Consent",)),
        (
            mapping.care_plan_bundle(a_care_plan(), patient=PATIENT, episode=EPISODE),
            ("CarePlan", "ServiceRequest"),
        ),
        (
            mapping.submit_measurement(
                a_response(), patient=PATIENT, episode=EPISODE.episode, service_request=SERVICE_REQUEST
            ),
            ("QuestionnaireResponse",),
        ),
        (
            mapping.no_task_messages(UUID(int=1), patient=PATIENT, episode=EPISODE.episode, starts_at=NOON),
            ("CommunicationRequest",),
        ),
        (mapping.definition(a_questionnaire(), owner=ORGANIZATION), ("Questionnaire",)),
        (mapping.definition(an_activity(), owner=ORGANIZATION), ("ActivityDefinition",)),
        (mapping.definition(a_plan(), owner=ORGANIZATION), ("PlanDefinition",)),
    )
    for name in names
}
"""One of each kind that leaves us."""


def without(name: str) -> Callable[[Json], None]:
    return lambda resource: resource.pop(name)


def with_(**elements: Any) -> Callable[[Json], None]:
    return lambda resource: resource.update(elements)


def without_extension(url: str) -> Callable[[Json], None]:
    def spoil(resource: Json) -> None:
        resource["extension"] = [one for one in resource["extension"] if one["url"] != url]

    return spoil


def twice(url: str) -> Callable[[Json], None]:
    return lambda resource: resource["extension"].extend(
        [one for one in resource["extension"] if one["url"] == url]
    )


def instead(url: str, **value: Any) -> Callable[[Json], None]:
    """The extension with another value, or without one."""

    def spoil(resource: Json) -> None:
        resource["extension"] = [
            {"url": url, **value} if one["url"] == url else one for one in resource["extension"]
        ]

    return spoil


def code(path: str, system: str, value: str) -> Callable[[Json], None]:
    concept = {"coding": [{"system": system, "code": value}]}

    def spoil(resource: Json) -> None:
        resource[path] = [concept] if isinstance(resource[path], list) else concept

    return spoil


def concept(system: str, value: str) -> Json:
    return {"coding": [{"system": system, "code": value}]}


ANOTHER = {"reference": "https://careplan.example/fhir/Condition/99"}

DEMANDS: list[tuple[str, Callable[[Json], None], str]] = [
    *((name, with_(meta={"profile": ["http://example.org/other"]}), "meta.profile") for name in SENT),
    ("EpisodeOfCare", without("diagnosis"), "diagnosis.condition: missing"),
    ("EpisodeOfCare", without("managingOrganization"), "managingOrganization: missing"),
    ("EpisodeOfCare", without("period"), "period: missing"),
    ("EpisodeOfCare", without_extension(t.EXT_CARE_MANAGER_ORGANIZATION), "caremanagerOrganization missing"),
    ("EpisodeOfCare", twice(t.EXT_CARE_MANAGER_ORGANIZATION), "only one allowed"),
    ("EpisodeOfCare", instead(t.EXT_CARE_MANAGER_ORGANIZATION, valueString="x"), "must have valueReference"),
    ("EpisodeOfCare", with_(careManager=ANOTHER), "careManager: not allowed"),
    ("EpisodeOfCare", with_(account=[ANOTHER]), "account: not allowed"),
    ("Condition", without("code"), "code: missing"),
    ("Condition", code("code", t.SKS, "DZ509"), "not in the platform's value set"),
    ("Condition", code("code", "http://example.org/icd", "DJ44"), "not in the platform's value set"),
    ("Provenance", without("policy"), "policy: missing"),
    ("Provenance", with_(policy=["http://example.org/law"]), "not in the platform's value set"),
    ("Provenance", with_(agent=[{"type": concept("http://x", "y")}]), "agent.who: missing"),
    ("Consent", without("patient"), "patient: missing"),
    ("Consent", code("scope", t.CS_CONSENT_SCOPE, "other"), "not in the platform's value set"),
    ("Consent", code("category", "http://loinc.org", "59284-0"), "not in the platform's value set"),
    ("Consent", with_(policy=[{"uri": "http://example.org/policy"}]), "policy.uri"),
    ("CarePlan", without("instantiatesCanonical"), "instantiatesCanonical: missing"),
    ("CarePlan", with_(instantiatesCanonical=["http://a/1", "http://a/2"]), "only one allowed"),
    ("CarePlan", without("addresses"), "addresses: missing"),
    ("CarePlan", with_(addresses=[ANOTHER, ANOTHER]), "addresses: only one allowed"),
    ("CarePlan", without("period"), "period: missing"),
    ("CarePlan", with_(basedOn=[ANOTHER]), "basedOn: not allowed"),
    ("CarePlan", with_(replaces=[ANOTHER]), "replaces: not allowed"),
    ("CarePlan", with_(partOf=[ANOTHER, ANOTHER]), "partOf: only one allowed"),
    ("CarePlan", without_extension(t.EXT_EPISODE_OF_CARE), "workflow-episodeOfCare missing"),
    ("CarePlan", twice(t.EXT_EPISODE_OF_CARE), "only one allowed"),
    ("ServiceRequest", without("instantiatesCanonical"), "instantiatesCanonical: missing"),
    ("ServiceRequest", without_extension(t.EXT_EPISODE_OF_CARE), "workflow-episodeOfCare missing"),
    ("ServiceRequest", without_extension(t.EXT_SHARING_POLICY), "sharingPolicy missing"),
    ("ServiceRequest", without_extension(t.EXT_INCLUDE_AS_EXTRA), "include-as-extra missing"),
    ("ServiceRequest", twice(t.EXT_SHARING_APPROVAL_POLICY), "only one allowed"),
    (
        "ServiceRequest",
        instead(t.EXT_SHARING_POLICY, valueCodeableConcept=concept(t.CS_SHARING_POLICIES, "all")),
        "not in the platform's value set",
    ),
    (
        "ServiceRequest",
        instead(
            t.EXT_SHARING_APPROVAL_POLICY,
            valueCodeableConcept=concept(t.CS_SHARING_APPROVAL_POLICIES, "perhaps"),
        ),
        "not in the platform's value set",
    ),
    ("ServiceRequest", instead(t.EXT_INCLUDE_AS_EXTRA, valueString="no"), "must have valueBoolean"),
    ("ServiceRequest", instead(t.EXT_TRIGGER_ENABLEMENT, valueCode="MAYBE"), "MAYBE is none of"),
    ("ServiceRequest", code("code", t.SNOMED, "1"), "not in the platform's value set"),
    ("ServiceRequest", without("occurrenceDateTime"), "occurrence: missing"),
    ("ServiceRequest", with_(basedOn=[ANOTHER]), "basedOn: not allowed"),
    ("QuestionnaireResponse", without("basedOn"), "basedOn: missing"),
    ("QuestionnaireResponse", with_(basedOn=[ANOTHER, ANOTHER]), "basedOn: only one allowed"),
    ("QuestionnaireResponse", without("questionnaire"), "questionnaire: missing"),
    ("QuestionnaireResponse", without("subject"), "subject: missing"),
    ("QuestionnaireResponse", without("authored"), "authored: missing"),
    ("QuestionnaireResponse", without("source"), "source: missing"),
    ("QuestionnaireResponse", without_extension(t.EXT_RESOLVED_TIMING), "resolved-timing missing"),
    ("QuestionnaireResponse", twice(t.EXT_RESOLVED_TIMING), "only one allowed"),
    ("QuestionnaireResponse", instead(t.EXT_RESOLVED_TIMING, extension=[]), "type missing"),
    ("QuestionnaireResponse", twice(t.EXT_EFFECTIVE_PERIOD), "only one allowed"),
    (
        "QuestionnaireResponse",
        instead(t.EXT_EFFECTIVE_PERIOD, valuePeriod={"end": "2026-11-23T12:00:00+01:00"}),
        "start missing",
    ),
    ("QuestionnaireResponse", instead(t.EXT_EFFECTIVE_PERIOD), "must have valuePeriod"),
    ("CommunicationRequest", without("subject"), "subject: missing"),
    ("CommunicationRequest", with_(basedOn=[ANOTHER, ANOTHER]), "basedOn: only one allowed"),
    ("CommunicationRequest", code("category", t.CS_MESSAGE_CATEGORY, "letter"), "not in the platform's"),
    (
        "CommunicationRequest",
        with_(medium=[concept(t.CS_MESSAGE_MEDIUM, "pigeon")]),
        "not in the platform's",
    ),
    ("Questionnaire", without("version"), "version: missing"),
    ("Questionnaire", without_extension(t.EXT_MODIFIER_ROLE), "modifier-role missing"),
    ("Questionnaire", without_extension(t.EXT_QUESTIONNAIRE_TYPE), "questionnaire-type missing"),
    (
        "Questionnaire",
        instead(t.EXT_QUESTIONNAIRE_TYPE, valueCodeableConcept=concept(t.CS_QUESTIONNAIRE_TYPES, "ZZ")),
        "not in the platform's value set",
    ),
    ("Questionnaire", instead(t.EXT_MODIFIER_ROLE, extension=[]), "modifier-role: reference missing"),
    ("ActivityDefinition", without("version"), "version: missing"),
    ("ActivityDefinition", without("topic"), "topic: missing"),
    ("ActivityDefinition", without("code"), "code: missing"),
    ("ActivityDefinition", code("topic", "http://example.org", "x"), "not in the platform's value set"),
    ("ActivityDefinition", without_extension(t.EXT_SHARING_POLICY), "sharingPolicy missing"),
    ("ActivityDefinition", without_extension(t.EXT_MODIFIER_ROLE), "modifier-role missing"),
    ("PlanDefinition", without("version"), "version: missing"),
    ("PlanDefinition", without_extension(t.EXT_MODIFIER_ROLE), "modifier-role missing"),
]


@pytest.mark.parametrize("name", SENT)
def test_what_we_send_keeps_its_profile(name: str) -> None:
    assert SENT[name]
    assert problems(SENT[name]) == []


@pytest.mark.parametrize(
    ("name", "spoil", "words"),
    DEMANDS,
    ids=[f"{number} {name}: {words}" for number, (name, _, words) in enumerate(DEMANDS)],
)
def test_a_breach_of_the_profile_is_found(name: str, spoil: Callable[[Json], None], words: str) -> None:
    resource = copy.deepcopy(SENT[name])
    spoil(resource)

    assert [one for one in problems(resource) if words in one], problems(resource)


# Items of a questionnaire


def form(*items: Json, **elements: Any) -> Json:
    return {**copy.deepcopy(SENT["Questionnaire"]), "item": list(items), **elements}


def question(*extensions: Json, **elements: Any) -> Json:
    return {"linkId": "q", "type": "integer", "text": "Hvor ondt?", "extension": list(extensions), **elements}


def significance(*conditions: Json, colour: str = "red") -> Json:
    coding = {"system": t.CS_SIGNIFICANCE, "code": colour}
    return {
        "url": t.EXT_ANSWER_SIGNIFICANCE,
        "extension": [*conditions, {"url": "significance", "valueCoding": coding}],
    }


def condition(operator: str = ">=", **value: Any) -> Json:
    parts = [{"url": "operator", "valueCode": operator}, {"url": "value", **(value or {"valueInteger": 8})}]
    return {"url": t.EXT_ANSWER_CONDITION, "extension": parts}


def feedback(**parts: Json) -> Json:
    given: dict[str, Json] = {
        "value": {"valueString": "Godt"},
        "min": {"valueInteger": 0},
        "max": {"valueInteger": 3},
        **parts,
    }
    return {"url": t.EXT_FEEDBACK, "extension": [{"url": name, **one} for name, one in given.items() if one]}


def occurs(url: str, number: int) -> Json:
    return {"url": url, "valueInteger": number}


def control(name: str) -> Json:
    return {"url": t.EXT_ITEM_CONTROL, "valueCodeableConcept": concept(t.CS_ITEM_CONTROL, name)}


def image(reference: str = "#1") -> Json:
    return {
        "url": t.EXT_IMAGE,
        "extension": [{"url": "content", "valueReference": {"reference": reference}}],
    }


PNG = {"resourceType": "Binary", "id": "1", "contentType": "image/png", "data": "aGVq"}
COPYRIGHT = {"url": t.EXT_IS_COPYRIGHT, "valueBoolean": True}


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (question(feedback()), None),
        (question(feedback(min={})), "feedback: min missing"),
        (question(feedback(max={"valueDecimal": 3})), "max: must have valueInteger"),
        (question(feedback(value={"valueMarkdown": "x"})), "value: must have valueString"),
        (question(feedback(), feedback()), "feedback more than once"),
        (question(significance(condition())), None),
        (question(significance(condition(), condition("<", valueInteger=9))), None),
        (question(significance(condition("exists", valueBoolean=True)), type="text"), None),
        (question(significance()), "answer-Condition missing"),
        (question(significance(condition(), condition(), condition())), "more than 2 times"),
        (question(significance(condition(), colour="blue")), "not in the platform's value set"),
        (question(significance(condition("~"))), "~ is none of"),
        (question(significance(condition(valueDate="2026-01-01"))), "value: must have valueDecimal"),
        (question(significance(condition()), significance(condition(), colour="green")), None),
        (
            question({"url": t.EXT_HELP_TEXT, "extension": [{"url": "text", "valueString": "Sådan"}]}),
            None,
        ),
        (question({"url": t.EXT_HELP_TEXT, "extension": []}), "helpText: text missing"),
        (question({"url": t.EXT_SHORT_TEXT, "valueCode": "x"}), "must have valueString"),
        (question(occurs(t.EXT_MIN_OCCURS, 2), repeats=True), None),
        (question(occurs(t.EXT_MIN_OCCURS, 2)), "minOccurs needs repeats"),
        (question(occurs(t.EXT_MIN_OCCURS, 1), repeats=True), "minOccurs must be above 1"),
        (question(occurs(t.EXT_MAX_OCCURS, 1), repeats=True), "maxOccurs must be above 1"),
        (question(control("slider")), None),
        (question(control("help")), "itemControl help is not in the value set"),
        (question({"url": t.EXT_SLIDER_STEP_DECIMAL, "valueDecimal": 0.5}, type="decimal"), None),
        (question({"url": t.EXT_SLIDER_STEP_DECIMAL, "valueDecimal": 0.5}), "is for decimals"),
        (question(COPYRIGHT), "isCopyright is for groups and displays"),
        (
            {
                "linkId": "c",
                "type": "group",
                "extension": [COPYRIGHT],
                "item": [{"linkId": "c1", "type": "display", "text": "©", "extension": [COPYRIGHT]}],
            },
            None,
        ),
        (
            {
                "linkId": "g",
                "type": "group",
                "item": [{"linkId": "c1", "type": "display", "text": "©", "extension": [COPYRIGHT]}],
            },
            "needs a root group",
        ),
        (
            {
                "linkId": "g",
                "type": "group",
                "item": [{"linkId": "c", "type": "group", "extension": [COPYRIGHT], "item": [question()]}],
            },
            "is for root groups",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_an_item_keeps_the_profile(item: Json, words: str | None) -> None:
    found = [one for one in problems(form(item)) if "at least one" not in one]

    if words is None:
        assert found == []
    else:
        assert [one for one in found if words in one], found


@pytest.mark.parametrize(
    ("contained", "words"),
    [
        ([PNG], None),
        ([], "no contained Binary"),
        ([{**PNG, "contentType": "image/gif"}], "image/gif"),
        ([{**PNG, "data": "A" * (266 * 1024 + 4)}], "more than 266 kB"),
    ],
    ids=["png", "not there", "gif", "too large"],
)
def test_pictures_are_binaries_that_the_platform_takes(contained: list[Json], words: str | None) -> None:
    for node in (question(image()), question(answerOption=[{"valueString": "x", "extension": [image()]}])):
        found = problems(form(node, **({"contained": contained} if contained else {})))

        assert bool([one for one in found if words and words in one]) is (words is not None), found


@pytest.mark.parametrize(
    "advanced",
    [
        {"extension": [{"url": t.EXT_VARIABLE, "valueExpression": {"language": "text/fhirpath"}}]},
        {"item": [question({"url": t.EXT_CALCULATED, "valueExpression": {"language": "text/fhirpath"}})]},
        {"item": [question({"url": t.EXT_USAGE_MODE, "valueCode": "display"})]},
        {
            "item": [
                question(
                    type="choice",
                    answerOption=[
                        {"valueString": "x", "extension": [{"url": t.EXT_ORDINAL_VALUE, "valueDecimal": 1}]}
                    ],
                )
            ]
        },
    ],
    ids=["variable", "calculated", "usage mode", "ordinal value"],
)
def test_a_form_that_calculates_is_of_another_profile(advanced: Json) -> None:
    resource = mapping.definition(a_questionnaire(source=advanced), owner=ORGANIZATION)

    assert values_at(resource, "meta.profile") == [t.QUESTIONNAIRE_ADVANCED]
    plain = {**resource, "meta": {"profile": [t.QUESTIONNAIRE]}}
    assert [one for one in problems(plain) if "since it calculates" in one]
