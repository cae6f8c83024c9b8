"""Forms and filled responses of any size for the benchmarks, made from a few patterns of real ones."""

from collections.abc import Iterator
from typing import Any

CORE = "http://hl7.org/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"
SYSTEM = "https://example.org/CodeSystem/svar"
GROUP = 20
"""Items to a group, the group itself among them."""

_LABELS = ("Slet ikke", "Lidt", "Noget", "En hel del", "Meget")


def form(items: int) -> dict[str, Any]:
    """A questionnaire with so many items: groups of choices with scores, numbers, texts, dates; each with a score."""
    groups = [_group(number) for number in range(items // GROUP)]
    return {
        "resourceType": "Questionnaire",
        "url": f"https://example.org/Questionnaire/maaling-{items}",
        "version": "1.0",
        "title": f"Måling med {items} spørgsmål",
        "status": "active",
        "item": groups,
    }


def _group(number: int) -> dict[str, Any]:
    name = f"g{number}"
    questions = [_question(name, place) for place in range(1, GROUP - 1)]
    return {
        "linkId": name,
        "type": "group",
        "text": f"Del {number + 1}: hvordan har du haft det i den seneste uge?",
        "item": [*questions, _score(name)],
    }


def _question(group: str, place: int) -> dict[str, Any]:
    link_id = f"{group}.{place}"
    common = {"linkId": link_id, "text": f"Spørgsmål {place}: hvor ofte har du mærket noget til det?"}
    conditions = {"enableWhen": [_condition(group, place)]} if place % 3 == 0 else {}
    match place % 6:
        case 4:
            return {**common, "type": "integer", **conditions, "extension": _bounds()}
        case 5:
            return {**common, "type": "string", "maxLength": 500, **conditions}
        case 0:
            return {**common, "type": "date", **conditions}
    return {**common, "type": "choice", "required": True, "answerOption": _options(), **conditions}


def _condition(group: str, place: int) -> dict[str, Any]:
    """Asked unless the first question of the group is answered with the last option."""
    return {
        "question": f"{group}.1",
        "operator": "!=",
        "answerCoding": {"system": SYSTEM, "code": str(len(_LABELS) - 1)},
    }


def _options() -> list[dict[str, Any]]:
    return [
        {
            "valueCoding": {"system": SYSTEM, "code": str(weight), "display": label},
            "extension": [{"url": f"{CORE}ordinalValue", "valueDecimal": weight}],
        }
        for weight, label in enumerate(_LABELS)
    ]


def _bounds() -> list[dict[str, Any]]:
    return [
        {"url": f"{CORE}minValue", "valueInteger": 0},
        {"url": f"{CORE}maxValue", "valueInteger": 100},
    ]


def _scored(group: str) -> list[str]:
    return [f"{group}.{place}" for place in range(1, GROUP - 1) if place % 6 in (1, 2, 3)]


def _score(group: str) -> dict[str, Any]:
    return {
        "linkId": f"{group}.score",
        "type": "decimal",
        "text": "Samlet score",
        "readOnly": True,
        "extension": [
            {
                "url": f"{SDC}sdc-questionnaire-calculatedExpression",
                "valueExpression": {"language": "text/fhirpath", "expression": score_expression(group)},
            }
        ],
    }


def score_expression(group: str) -> str:
    """The sum of a group's choices, as FHIRPath."""
    links = " | ".join(f"'{link_id}'" for link_id in _scored(group))
    return f"%resource.repeat(item).where(linkId in ({links})).answer.value.weight().sum()"


def filled(items: int) -> dict[str, Any]:
    """A response to `form(items)` with every question answered."""
    groups = []
    for number in range(items // GROUP):
        name = f"g{number}"
        nodes = [
            {"linkId": f"{name}.{place}", "answer": [_answer(number, place)]} for place in range(1, GROUP - 1)
        ]
        groups.append({"linkId": name, "item": nodes})
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"https://example.org/Questionnaire/maaling-{items}|1.0",
        "status": "in-progress",
        "item": groups,
    }


def _answer(number: int, place: int) -> dict[str, Any]:
    match place % 6:
        case 4:
            return {"valueInteger": (number * 7 + place) % 100}
        case 5:
            return {"valueString": "Det går lidt bedre end i sidste uge, men jeg sover stadig dårligt."}
        case 0:
            return {"valueDate": f"2026-10-{place:02}"}
    weight = (number + place) % (len(_LABELS) - 1)
    return {"valueCoding": {"system": SYSTEM, "code": str(weight), "display": _LABELS[weight]}}


def expressions(items: int) -> Iterator[str]:
    """The conditions and scores of `form(items)` as FHIRPath expressions, for an evaluator that knows no forms."""
    for number in range(items // GROUP):
        name = f"g{number}"
        for place in range(1, GROUP - 1):
            if place % 3 == 0:
                code = len(_LABELS) - 1
                yield (
                    f"%resource.item.where(linkId = '{name}').item.where(linkId = '{name}.1')"
                    f".answer.value.where(code = '{code}' and system = '{SYSTEM}').empty()"
                )
        yield score_expression(name)


def chain(items: int) -> dict[str, Any]:
    """A questionnaire in which each question is asked if the one before it is answered yes."""
    return {
        "resourceType": "Questionnaire",
        "url": f"https://example.org/Questionnaire/kaede-{items}",
        "version": "1.0",
        "title": "Kæde",
        "status": "active",
        "item": [
            {
                "linkId": str(number),
                "type": "boolean",
                "text": f"Spørgsmål {number}",
                **(
                    {"enableWhen": [{"question": str(number - 1), "operator": "=", "answerBoolean": True}]}
                    if number
                    else {}
                ),
            }
            for number in range(items)
        ],
    }


def filled_chain(items: int) -> dict[str, Any]:
    """A response that answers yes all along the chain."""
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": f"https://example.org/Questionnaire/kaede-{items}|1.0",
        "status": "in-progress",
        "item": [{"linkId": str(number), "answer": [{"valueBoolean": True}]} for number in range(items)],
    }


def one_page() -> dict[str, Any]:
    """`form(20)` with two more questions on its page: twenty to answer, and a score."""
    made = form(GROUP)
    made["item"][0]["item"] += [_question("g0", place) for place in (GROUP, GROUP + 2)]
    return {**made, "url": "https://example.org/Questionnaire/en-side", "title": "Tyve spørgsmål på en side"}


def one_page_filled(number: int = 0) -> dict[str, Any]:
    """A response to `one_page` with every question answered; another `number` answers otherwise."""
    places = [*range(1, GROUP - 1), GROUP, GROUP + 2]
    nodes = [{"linkId": f"g0.{place}", "answer": [_answer(number, place)]} for place in places]
    return {
        "resourceType": "QuestionnaireResponse",
        "status": "in-progress",
        "item": [{"linkId": "g0", "item": nodes}],
    }
