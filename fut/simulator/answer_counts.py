"""How many answers each question may have, by its `repeats`, `minOccurs` and `maxOccurs` (contract §5 F)."""

from collections.abc import Iterator, Mapping
from typing import Any

from fut import terminology as t
from fut.profiles import extensions
from fut.simulator import definitions
from fut.simulator.outcomes import broken_rule
from fut.simulator.records import Records

Json = Mapping[str, Any]


def check(records: Records, response: Json) -> None:
    """422 for a question with too many answers or, where it is answered, too few. Nothing where no form is here."""
    canonical = response.get("questionnaire")
    form = definitions.find(records, "Questionnaire", canonical) if canonical else None
    if form is None:
        return
    questions = {one["linkId"]: one for one in _items(form)}
    for item in _items(response):
        question = questions.get(item.get("linkId"), {})
        answers, (least, most) = len(item.get("answer", ())), _bounds(question)
        if answers > most:
            raise _wrong("MANY", response, item)
        if 0 < answers < least:
            raise _wrong("FEW", response, item)


def _bounds(question: Json) -> tuple[int, float]:
    if not question.get("repeats"):
        return 0, 1
    least = _number(question, t.EXT_MIN_OCCURS)
    most = _number(question, t.EXT_MAX_OCCURS)
    return least or 0, most or float("inf")


def _number(question: Json, url: str) -> int | None:
    return next(
        (int(one["valueInteger"]) for one in extensions(question, url) if "valueInteger" in one), None
    )


def _items(node: Json) -> Iterator[Json]:
    """Every item, also those below items and answers."""
    for item in node.get("item", ()):
        yield item
        yield from _items(item)
        for answer in item.get("answer", ()):
            yield from _items(answer)


def _wrong(amount: str, response: Json, item: Json) -> Exception:
    return broken_rule(
        f"MEASUREMENT_SUBMITMEASUREMENT_TOO_{amount}_ANSWERS",
        f"QuestionnaireResponse: {response.get('id', '(new)')} has too {amount.lower()} answers for the item with"
        f" linkId: {item.get('linkId')}",
    )
