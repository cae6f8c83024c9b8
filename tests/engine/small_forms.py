"""Questionnaires and responses in a few words, for the engine's tests."""

from collections.abc import Mapping
from typing import Any

from questionnaires.engine import Definition, compile_questionnaire

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"


def form(*items: Mapping[str, Any], **head: Any) -> dict[str, Any]:
    return {
        "resourceType": "Questionnaire",
        "url": "https://example.org/Questionnaire/test",
        "version": "1",
        "title": "Prøve",
        "status": "active",
        "item": list(items),
        **head,
    }


def compiled(*items: Mapping[str, Any], **head: Any) -> Definition:
    definition = compile_questionnaire(form(*items, **head)).definition
    assert definition is not None
    return definition


def issue_keys(*items: Mapping[str, Any], **head: Any) -> list[str]:
    return [issue.key for issue in compile_questionnaire(form(*items, **head)).issues]


def question(link_id: str, type_: str = "string", **rest: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": type_, "text": f"Spørgsmål {link_id}", **rest}


def group(link_id: str, *items: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "group", "text": f"Gruppe {link_id}", "item": list(items), **rest}


def choice(link_id: str, *codes: str, weights: tuple[float, ...] = (), **rest: Any) -> dict[str, Any]:
    options: list[dict[str, Any]] = [
        {"valueCoding": {"system": "s", "code": code, "display": code.upper()}} for code in codes
    ]
    for option, weight in zip(options, weights, strict=False):
        option["extension"] = [extension("ordinalValue", valueDecimal=weight)]
    return question(link_id, "choice", answerOption=options, **rest)


def coded(code: str) -> dict[str, Any]:
    return {"valueCoding": {"system": "s", "code": code}}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": CORE + name, **value}


def control(code: str) -> dict[str, Any]:
    return extension("questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": code}]})


def sdc(name: str, text: str, language: str = "text/fhirpath", **rest: Any) -> dict[str, Any]:
    value = {"language": language, "expression": text, **rest}
    return {"url": f"{SDC}sdc-questionnaire-{name}", "valueExpression": value}


def variable(name: str, text: str, language: str = "text/fhirpath") -> dict[str, Any]:
    value = {"name": name, "language": language, "expression": text}
    return {"url": CORE + "variable", "valueExpression": value}


def calculated(text: str, language: str = "text/fhirpath") -> dict[str, Any]:
    return {
        "url": SDC + "sdc-questionnaire-calculatedExpression",
        "valueExpression": {"language": language, "expression": text},
    }


def when(question_id: str, operator: str, **answer: Any) -> dict[str, Any]:
    return {"question": question_id, "operator": operator, **answer}


def answered(link_id: str, *values: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    return {"linkId": link_id, "answer": [dict(value) for value in values], **rest}


def inside(link_id: str, *items: Mapping[str, Any]) -> dict[str, Any]:
    return {"linkId": link_id, "item": list(items)}


def response(*items: Mapping[str, Any]) -> dict[str, Any]:
    return {"resourceType": "QuestionnaireResponse", "status": "in-progress", "item": list(items)}
