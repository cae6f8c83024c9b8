"""Damage to JSON as people, programs and attackers do it: everything from a lost comma's worth to a hostile pattern."""

from collections.abc import Callable
from random import Random
from typing import Any

Container = dict[str, Any] | list[Any]

ODD_VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**63, 10**30, 0.1, -0.0, 1e308, 1e-308, float("inf"), float("nan"),
    "", " ", "x", "æøå", "\u202e\u0000\ud800", "x" * 5_000, "2026-02-30", "0000", "9999-12-31T23:59:59-14:00",
    "12:60", "#", "#nothing", "http://x|1|2", "-1", "NaN", "<script>", "%resource", "{}", "{x}", "{0.__class__}",
    [], {}, [[]], [{}], {"": ""}, [None], {"resourceType": "Questionnaire"},
)  # fmt: skip

TYPES = (
    "group", "display", "boolean", "decimal", "integer", "date", "dateTime", "time", "string", "text", "url",
    "choice", "open-choice", "attachment", "reference", "quantity", "question", "coding",
)  # fmt: skip

PATTERNS = (
    "^(a|a|aa)+$", "(a+)+$", "(x*)*y", "(?:a{1000}){1000}", "(", "[", "(?P<x>a)(?P=x)", "(?=(a+))\\1b", "\\",
    "matches('(a+)+$')", "matches('", ".{0,99999}", "(?R)", "\\p{L}+",
)  # fmt: skip

EXPRESSIONS = (
    "%resource.item.answer.value", "%resource.repeat(item).answer.value.sum()", "repeat($this)", "1/0", "%nix",
    "%resource.repeat(item).repeat(item).repeat(item).count()", "iif(true, 1, {})", "(((((((((1)))))))))", "'x' + 1",
    "today()", "now() - 1 year", "%resource.descendants().count()", "answer.count() = 3 nix", "''.matches('(a+)+$')",
    "'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!'.matches('^(a|a|aa)+$')", "%x", "weight().sum()", "{}", "$this", "",
    "(1|2|3|4|5|6|7|8|9).select($this + $total)", "%resource.item.aggregate($this + $total)", "'x'.replace('x','xx')",
    "%resource.item.where(linkId = 'nix').answer.value.ordinal()", "9" * 400, "-" * 200 + "1", "@2026-02-30",
    "1 'kg' + 1 'm'", "%questionnaire.item.item.item.answerOption.value.code.join(',')", "%factory.x",
    "conformsTo('x')",
)  # fmt: skip

_SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
EXPRESSION_URLS = (
    f"{_SDC}calculatedExpression", f"{_SDC}enableWhenExpression", f"{_SDC}initialExpression",
    f"{_SDC}answerExpression", "http://hl7.org/fhir/StructureDefinition/variable",
)  # fmt: skip

VALUES = (
    "valueBoolean", "valueDecimal", "valueInteger", "valueDate", "valueDateTime", "valueTime", "valueString",
    "valueUri", "valueCoding", "valueAttachment", "valueReference", "valueQuantity", "valueCodeableConcept",
)  # fmt: skip

ANSWERS: tuple[dict[str, Any], ...] = (
    {"valueBoolean": True}, {"valueInteger": 10**12}, {"valueInteger": 3}, {"valueDecimal": 1e300},
    {"valueDecimal": 0.5}, {"valueString": "a" * 60 + "!"}, {"valueDate": "2026"},
    {"valueDateTime": "0001-01-01T00:00:00+14:00"}, {"valueTime": "23:59"}, {"valueUri": "http://[::1"},
    {"valueCoding": {"code": "x"}}, {"valueCoding": {"display": "x"}},
    {"valueQuantity": {"value": 1, "system": "http://unitsofmeasure.org", "code": "kg.m/s2.{x}"}},
    {"valueQuantity": {"value": 1e18, "code": "10*30.10*30.10*30", "system": "http://unitsofmeasure.org"}},
    {"valueReference": {"reference": "Patient/1"}}, {"valueAttachment": {"data": "===="}},
    {"valueString": "x", "valueInteger": 1}, {}, {"item": []}, {"item": [{"linkId": "1", "answer": [{}]}]},
)  # fmt: skip


def mutated(resource: Any, random: Random, *, others: list[Any]) -> Any:
    """A copy with one to six wounds. `others` are resources to take foreign parts from."""
    result = copied(resource)
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        found = _containers(result)
        random.choice(WOUNDS)(random.choice(found), random, found, others)
    return result


def copied(resource: Any) -> Any:
    """A copy of JSON, however deep: the copy module would recurse."""
    root: list[Any] = [resource]
    waiting: list[Container] = [root]
    while waiting:
        container = waiting.pop()
        places: list[Any] = list(container) if isinstance(container, dict) else list(range(len(container)))
        for place in places:
            value = container[place]
            if isinstance(value, dict | list):
                fresh: Container = dict(value) if isinstance(value, dict) else list(value)
                container[place] = fresh
                waiting.append(fresh)
    return root[0]


def _containers(resource: Any) -> list[Container]:
    """All objects and lists, without recursion; enough of them, for very large ones."""
    found: list[Container] = []
    waiting = [resource]
    while waiting and len(found) < 20_000:
        current = waiting.pop()
        if isinstance(current, dict | list):
            found.append(current)
            waiting.extend(current.values() if isinstance(current, dict) else current)
    return found or [{}]


def _place(container: Container, random: Random) -> Any:
    if isinstance(container, dict):
        return random.choice(list(container)) if container else "x"
    if not container:
        container.append(None)
    return random.randrange(len(container))


def _replace(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    container[_place(container, random)] = copied(random.choice(ODD_VALUES))


def _remove(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    container.pop(_place(container, random), None) if isinstance(container, dict) else (
        container and container.pop()
    )


def _swap(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    other = random.choice(found)
    one, two = _place(container, random), _place(other, random)
    value = copied(other[two]) if two in other or isinstance(other, list) else None
    container[one] = value


def _repeat(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """The same thing many times: duplicates, and long lists."""
    if isinstance(container, list) and container:
        one = random.choice(container)
        container.extend(copied(one) for _ in range(random.choice((1, 2, 30))))


def _shuffle(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    if isinstance(container, list):
        random.shuffle(container)


def _transplant(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """A part of another resource."""
    donor = random.choice(_containers(random.choice(others))[:2_000])
    container[_place(container, random)] = copied(donor)


def _nest(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """Something inside itself inside itself."""
    place = _place(container, random)
    depth = random.choice((2, 25, 120, 400))
    value: Any = copied(container[place]) if isinstance(container, list) or place in container else None
    for _ in range(depth):
        value = random.choice(
            ([value], {"item": [value]}, {"linkId": str(depth), "type": "group", "item": [value]})
        )
    container[place] = value


def _rename(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """A name of the same resource in another place."""
    if isinstance(container, dict) and container:
        other = random.choice([one for one in found if isinstance(one, dict)] or [container])
        container[random.choice(list(other) or ["x"])] = container.pop(random.choice(list(container)))


def _link(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """Link ids, types, conditions, expressions and patterns that cross each other."""
    items = [one for one in found if isinstance(one, dict) and "linkId" in one]
    if not items:
        return
    item, other = random.choice(items), random.choice(items)
    link = str(other.get("linkId"))
    match random.randrange(8):
        case 0:
            item["linkId"] = other["linkId"]
        case 1:
            item["type"] = random.choice(TYPES)
        case 2:
            condition = {"question": link, "operator": random.choice(("=", "!=", "exists", ">", "<=", "?"))}
            value = random.choice(ANSWERS)
            condition.update({name.replace("value", "answer"): one for name, one in value.items()})
            item.setdefault("enableWhen", [])
            if isinstance(item["enableWhen"], list):
                item["enableWhen"].append(condition)
        case 3:
            text = random.choice((*EXPRESSIONS, f"%resource.item.where(linkId = '{link}').answer.value"))
            expression = {"language": "text/fhirpath", "expression": text, "name": "x"}
            _extend(item, {"url": random.choice(EXPRESSION_URLS), "valueExpression": expression})
        case 4:
            pattern = random.choice(PATTERNS)
            _extend(item, {"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": pattern})
        case 5:
            item["repeats"] = random.choice((True, False, None))
            item["required"] = random.choice((True, False))
        case 6:
            item["answer"] = [copied(random.choice(ANSWERS)) for _ in range(random.choice((1, 1, 2, 40)))]
        case _:
            parts = {
                "key": "k",
                "severity": "error",
                "human": "{x}",
                "expression": random.choice(EXPRESSIONS),
            }
            constraint = [{"url": name, "valueString": value} for name, value in parts.items()]
            url = "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint"
            _extend(item, {"url": url, "extension": constraint})


def _extend(item: dict[str, Any], extension: dict[str, Any]) -> None:
    item.setdefault("extension", [])
    if isinstance(item["extension"], list):
        item["extension"].append(extension)


def _retype(container: Container, random: Random, found: list[Container], others: list[Any]) -> None:
    """A value under another type's name."""
    if isinstance(container, dict):
        names = [name for name in container if name.startswith(("value", "answer"))]
        if names:
            name = random.choice(names)
            new = random.choice(VALUES)
            container[new if name.startswith("value") else new.replace("value", "answer")] = container.pop(
                name
            )


Wound = Callable[[Container, Random, list[Container], list[Any]], None]
WOUNDS: tuple[Wound, ...] = (
    _replace, _replace, _remove, _swap, _repeat, _shuffle, _transplant, _nest, _rename, _retype, _link, _link, _link,
)  # fmt: skip
