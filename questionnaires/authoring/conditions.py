"""When an element is shown: a question, a comparison and an answer, in words; several joined by all or any.

    Vises når »Har du smerter?« er »Ja«

What an import brought that cannot be said so (a FHIRPath expression, an answer that the question does not offer) is
kept as it is, and named in the sentence as an imported rule.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from questionnaires.engine.extension_urls import ENABLE_WHEN_EXPRESSION, UNIT
from questionnaires.engine.issues import Both
from questionnaires.engine.values import date_of, decimal_of, json_number, time_of
from questionnaires.engine.vocabulary import Behavior

from . import extensions
from .dependencies import dependents_of
from .kinds import is_companion
from .tree import Json, Source, changed, find, link_id_of, name_of, node_at, walk


class Comparison(StrEnum):
    """How an answer is held against what the condition says. `exists` and `missing` need no answer."""

    EXISTS = "exists"
    MISSING = "missing"
    EQUALS = "="
    NOT_EQUALS = "!="
    GREATER = ">"
    AT_LEAST = ">="
    LESS = "<"
    AT_MOST = "<="

    @property
    def needs_answer(self) -> bool:
        """Is it held against an answer?"""
        return self not in (Comparison.EXISTS, Comparison.MISSING)


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition. `answer` is FHIR's answer[x] by its bare value: a Coding, a number, a text, a date, a boolean."""

    question: str
    comparison: Comparison
    answer: Any = None


@dataclass(frozen=True, slots=True)
class Rule:
    """All conditions of an element. `imported` are those kept as they are; `has_expression`: FHIRPath decides."""

    conditions: tuple[Condition, ...] = ()
    behavior: Behavior = Behavior.ALL
    imported: tuple[Json, ...] = ()
    has_expression: bool = False

    @property
    def is_empty(self) -> bool:
        """Is the element always shown?"""
        return not (self.conditions or self.imported or self.has_expression)


_ORDERED = (Comparison.GREATER, Comparison.AT_LEAST, Comparison.LESS, Comparison.AT_MOST)
_SAME = (Comparison.EQUALS, Comparison.NOT_EQUALS)
_GIVEN = (Comparison.EXISTS, Comparison.MISSING)
_COMPARISONS: Mapping[str, tuple[Comparison, ...]] = {
    "boolean": (Comparison.EQUALS, *_GIVEN),
    "choice": (*_SAME, *_GIVEN),
    "open-choice": (*_SAME, *_GIVEN),
    "integer": (*_SAME, *_ORDERED, *_GIVEN),
    "decimal": (*_SAME, *_ORDERED, *_GIVEN),
    "quantity": (*_ORDERED, *_GIVEN),
    "date": (*_SAME, *_ORDERED, *_GIVEN),
    "time": (*_SAME, *_ORDERED, *_GIVEN),
    "string": (*_SAME, *_GIVEN),
    "url": _GIVEN,
    "dateTime": _GIVEN,
    "text": _GIVEN,
    "attachment": _GIVEN,
}
_ANSWER_NAMES: Mapping[str, str] = {
    "boolean": "answerBoolean",
    "choice": "answerCoding",
    "open-choice": "answerCoding",
    "integer": "answerInteger",
    "decimal": "answerDecimal",
    "quantity": "answerQuantity",
    "date": "answerDate",
    "time": "answerTime",
    "string": "answerString",
}


def comparisons_for(item: Json) -> tuple[Comparison, ...]:
    """The comparisons that fit the answers of a question; none for what is no question."""
    found = _COMPARISONS.get(str(item.get("type")), ())
    if "answerOption" in item and item.get("type") not in ("choice", "open-choice"):
        return _GIVEN if found else ()  # numbers, dates and texts chosen from a list
    return found


def answers_for(item: Json) -> tuple[tuple[Any, str], ...]:
    """What can be chosen as the answer, with its words; none where it is written."""
    if item.get("type") == "boolean":
        return (True, "Ja"), (False, "Nej")
    options = item.get("answerOption")
    if item.get("type") not in ("choice", "open-choice") or not isinstance(options, list):
        return ()
    found = []
    for option in options:
        coding = option.get("valueCoding") if isinstance(option, Mapping) else None
        if isinstance(coding, Mapping) and coding.get("code"):
            found.append((_identity(coding), str(coding.get("display") or coding["code"])))
    return tuple(found)


def questions_for(source: Json, link_id: str) -> tuple[tuple[dict[str, Any], bool], ...]:
    """The questions that may decide whether the element is shown, each with whether it stands after it.

    Not the element, what is inside it, and what itself depends on one of these: that would be a circle.
    """
    unusable = dependents_of(source, link_id)
    found: list[tuple[dict[str, Any], bool]] = []
    is_after = False
    for path, item in walk(source):
        own = link_id_of(item)
        is_after = is_after or own == link_id
        parent = node_at(source, path[:-1]) if len(path) > 1 else None
        if own and own not in unusable and comparisons_for(item) and not is_companion(item, parent):
            found.append((item, is_after))
    return tuple(sorted(found, key=lambda each: each[1]))


def rule_of(source: Json, link_id: str) -> Rule:
    """The conditions of an element. Raises CannotDo where it is gone."""
    item = find(source, link_id)
    written_ones = _written(item)
    usable = {link_id_of(one): one for one, _ in questions_for(source, link_id)} if written_ones else {}
    found, imported = [], []
    for written in written_ones:
        condition = _read(written, usable)
        if condition is None:
            imported.append(written)
        else:
            found.append(condition)
    all_of_them = item.get("enableBehavior") == "all" or len(found) + len(imported) < 2
    return Rule(
        conditions=tuple(found),
        behavior=Behavior.ALL if all_of_them else Behavior.ANY,
        imported=tuple(imported),
        has_expression=any(extensions.every(item, ENABLE_WHEN_EXPRESSION)),
    )


def with_conditions(
    source: Source, link_id: str, conditions: Sequence[Condition], behavior: Behavior = Behavior.ALL
) -> Source:
    """The document with these conditions on the element, after those imported that cannot be edited here.

    A ValueError says that a condition does not fit its question. Raises CannotDo where the element is gone.
    """
    allowed = {link_id_of(item): item for item, _ in questions_for(source, link_id)}
    kept = list(rule_of(source, link_id).imported)
    for one in conditions:
        if one.question not in allowed:
            raise ValueError(f"{one.question} cannot decide about {link_id}")
        kept.append(_as_fhir(one, allowed[one.question]))

    def change(item: dict[str, Any]) -> dict[str, Any]:
        if not kept:
            return {name: part for name, part in item.items() if name not in ("enableWhen", "enableBehavior")}
        made = {**item, "enableWhen": kept, "enableBehavior": behavior.value}
        if len(kept) == 1:
            del made["enableBehavior"]
        return made

    return changed(source, link_id, change)


def read_answer(item: Json, text: str) -> Any:
    """The answer that a person wrote or chose, as it is compared; None if it is none for this question."""
    match item.get("type"):
        case "boolean":
            return {"true": True, "false": False}.get(text)
        case "choice" | "open-choice":
            return next((coding for coding, _ in answers_for(item) if answer_key(coding) == text), None)
        case "date":
            return text if len(text) == 10 and date_of(text) is not None else None
        case "time":
            full = f"{text}:00" if len(text) == 5 else text
            return full if time_of(full) is not None else None
        case "string":
            return text or None
    return None


def number_answer(item: Json, number: Any) -> Any:
    """A number as the answer to compare with: with the question's unit where it has one, None if it does not fit."""
    if item.get("type") == "integer":
        return int(number) if number == number.to_integral_value() else None
    bare = json_number(number)
    unit = extensions.value(item, UNIT)
    if item.get("type") != "quantity":
        return bare
    if not isinstance(unit, Mapping):
        return {"value": bare}
    parts = {"unit": unit.get("display"), "system": unit.get("system"), "code": unit.get("code")}
    return {"value": bare} | {name: part for name, part in parts.items() if part}


def answer_key(answer: Any) -> str:
    """The answer as the value of a form's control."""
    if isinstance(answer, bool):
        return "true" if answer else "false"
    if isinstance(answer, Mapping):
        if "value" in answer:
            return str(answer["value"])
        return f"{answer.get('system') or ''}|{answer.get('code')}"
    if isinstance(answer, str) and len(answer) == 8 and answer.endswith(":00"):
        return answer[:5]  # a time, as browsers write it
    return "" if answer is None else str(answer)


# --- reading and writing ------------------------------------------------------------------------------------------


def _written(item: Json) -> list[Json]:
    found = item.get("enableWhen")
    return list(found) if isinstance(found, list) else []


def _read(written: Any, usable: Mapping[str, Json]) -> Condition | None:
    """The condition, None where it says something that cannot be chosen here."""
    if not isinstance(written, Mapping) or set(written) - {"question", "operator", *_ANSWER_NAMES.values()}:
        return None
    question, operator = written.get("question"), written.get("operator")
    item = usable.get(question) if isinstance(question, str) else None
    names = [name for name in written if name.startswith("answer")]
    if item is None or not isinstance(question, str) or len(names) != 1:
        return None
    bare = written[names[0]]
    if operator == "exists":
        if names != ["answerBoolean"] or not isinstance(bare, bool) or not comparisons_for(item):
            return None
        return Condition(question, Comparison.EXISTS if bare else Comparison.MISSING)
    fitting = next((one for one in comparisons_for(item) if one == operator and one.needs_answer), None)
    if fitting is None or names != [_ANSWER_NAMES.get(str(item.get("type")), "")]:
        return None
    answer = _known_answer(item, bare)
    return None if answer is None else Condition(question, fitting, answer)


def _known_answer(item: Json, bare: Any) -> Any:
    """The answer if it is one that could be given here; a code without its system is the option it can only mean."""
    match item.get("type"):
        case "choice" | "open-choice":
            fitting = [coding for coding, _ in answers_for(item) if _means(bare, coding)]
            return fitting[0] if len(fitting) == 1 else None
        case "boolean":
            return bare if isinstance(bare, bool) else None
        case "integer" | "decimal":
            number = decimal_of(bare)
            return None if number is None else json_number(number)
        case "quantity":
            number = decimal_of(bare.get("value")) if isinstance(bare, Mapping) else None
            fits = number is not None and dict(bare) == number_answer(item, number)
            return dict(bare) if fits else None
    return read_answer(item, bare) if isinstance(bare, str) else None


def _means(bare: Any, coding: Json) -> bool:
    if not isinstance(bare, Mapping) or bare.get("code") != coding.get("code"):
        return False
    return bare.get("system") in (None, coding.get("system"))


def _identity(coding: Json) -> dict[str, Any]:
    return {name: coding[name] for name in ("system", "code") if coding.get(name)}


def _as_fhir(condition: Condition, item: Json) -> dict[str, Any]:
    if condition.comparison not in comparisons_for(item):
        raise ValueError(f"{condition.comparison} does not fit {condition.question}")
    made: dict[str, Any] = {"question": condition.question}
    if not condition.comparison.needs_answer:
        return made | {"operator": "exists", "answerBoolean": condition.comparison is Comparison.EXISTS}
    if _known_answer(item, condition.answer) is None:
        raise ValueError(f"{condition.answer!r} does not fit {condition.question}")
    name = _ANSWER_NAMES[str(item.get("type"))]
    return made | {"operator": condition.comparison.value, name: condition.answer}


# --- in words -----------------------------------------------------------------------------------------------------

_WORDS: Mapping[Comparison, Both] = {
    Comparison.EXISTS: Both("er besvaret", "is answered"),
    Comparison.MISSING: Both("ikke er besvaret", "is not answered"),
    Comparison.EQUALS: Both("er", "is"),
    Comparison.NOT_EQUALS: Both("ikke er", "is not"),
    Comparison.GREATER: Both("er større end", "is more than"),
    Comparison.AT_LEAST: Both("er mindst", "is at least"),
    Comparison.LESS: Both("er mindre end", "is less than"),
    Comparison.AT_MOST: Both("er højst", "is at most"),
}
_WORDS_OF_TIME: Mapping[Comparison, Both] = {
    Comparison.GREATER: Both("er efter", "is after"),
    Comparison.AT_LEAST: Both("tidligst er", "is no earlier than"),
    Comparison.LESS: Both("er før", "is before"),
    Comparison.AT_MOST: Both("senest er", "is no later than"),
}
_ALWAYS = Both("Vises altid", "Always shown")
_WHEN = Both("Vises når", "Shown when")
_AND, _OR = Both("og", "and"), Both("eller", "or")
_IMPORTED = Both("en regel, som er importeret, er opfyldt", "a rule that was imported is met")


def sentence_of(source: Json, link_id: str, language: str = "da") -> str:
    """When the element is shown, as a sentence: “Vises når »Har du smerter?« er »Ja«”. Raises CannotDo."""
    rule = rule_of(source, link_id)
    if rule.is_empty:
        return _ALWAYS.text(language)
    imported = [_IMPORTED.text(language)]
    if rule.has_expression:
        return f"{_WHEN.text(language)} {imported[0]}"  # it wins over what stands beside it (EW-36)
    by_link_id = {link_id_of(item): item for _, item in walk(source)}
    parts = [condition_in_words(one, by_link_id[one.question], language) for one in rule.conditions]
    parts += imported * bool(rule.imported)
    return f"{_WHEN.text(language)} {_joined(parts, rule.behavior, language)}"


def condition_in_words(condition: Condition, item: Json, language: str = "da") -> str:
    """“»Har du smerter?« er »Ja«”."""
    is_time = item.get("type") in ("date", "time")
    words = (_WORDS_OF_TIME if is_time else {}).get(condition.comparison, _WORDS[condition.comparison])
    question = _quoted(name_of(item) or link_id_of(item), language)
    said = f"{question} {words.text(language)}"
    if not condition.comparison.needs_answer:
        return said
    return f"{said} {_answer_in_words(condition.answer, item, language)}"


def _answer_in_words(answer: Any, item: Json, language: str) -> str:
    if isinstance(answer, bool):
        return _quoted((Both("Ja", "Yes") if answer else Both("Nej", "No")).text(language), language)
    if item.get("type") in ("choice", "open-choice"):
        return _quoted(next((words for one, words in answers_for(item) if one == answer), "?"), language)
    if isinstance(answer, Mapping):
        return f"{_number(answer.get('value'), language)} {answer.get('unit') or ''}".strip()
    if isinstance(answer, int | float):
        return _number(answer, language)
    if item.get("type") == "date":
        year, month, day = str(answer).split("-")
        return f"{int(day)}.{int(month)}.{year}" if not language.startswith("en") else str(answer)
    if item.get("type") == "time":
        return answer_key(answer)
    return _quoted(str(answer), language)


def _number(number: Any, language: str) -> str:
    text = str(number)
    return text if language.startswith("en") else text.replace(".", ",")


def _joined(parts: Sequence[str], behavior: Behavior, language: str) -> str:
    word = (_AND if behavior is Behavior.ALL else _OR).text(language)
    if len(parts) < 2:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} {word} {parts[-1]}"


def _quoted(text: str, language: str) -> str:
    return f"“{text}”" if language.startswith("en") else f"»{text}«"
