"""Rules between answers: how the answer to a question has to go together with another one.

    Svaret skal ligge efter svaret på »Hvornår blev du syg?«.

The other side is another question, the day on which the citizen answers, or an answer that is written here. A rule is
FHIR's questionnaire-constraint on the question, with the sentence that the citizen is told where it is broken; nobody
is told anything while one of the two answers is missing. What an import brought that is not exactly such a rule (an
expression of its own, a mere warning) stays as it is.
"""

import re
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from questionnaires.engine.display import date_text, is_english, number_text, time_text
from questionnaires.engine.extension_urls import CALCULATED, CONSTRAINTS
from questionnaires.engine.issues import Both
from questionnaires.engine.reading import extension, extension_text, extension_value
from questionnaires.engine.values import date_of, time_of

from . import extensions
from .conditions import Comparison
from .score_expressions import way_to
from .tree import Json, Source, changed, find, link_id_of, name_of, node_at, path_to, walk

LONGEST_WORDS = 500
"""Characters of a sentence to the citizen; the engine repeats no more."""

_NEAR = "repeat(item)"
_SAME = (Comparison.EQUALS, Comparison.NOT_EQUALS)
_ORDERED = (Comparison.GREATER, Comparison.AT_LEAST, Comparison.LESS, Comparison.AT_MOST)
_SORTS: Mapping[str, str] = {
    "integer": "number",
    "decimal": "number",
    "date": "date",
    "time": "time",
    "dateTime": "moment",
    "string": "text",
}
_COMPARISONS: Mapping[str, tuple[Comparison, ...]] = {
    "number": (*_ORDERED, *_SAME),
    "date": (*_ORDERED, *_SAME),
    "time": (*_ORDERED, *_SAME),
    "moment": (Comparison.GREATER, Comparison.LESS),
    "text": _SAME,
}
_EXPRESSION = re.compile(
    r"answer\.value (?P<comparison>[<>]=?|!?=) (?:"
    r"%resource\.(?:repeat\(item\)|descendants\(\))\.where\(linkId = '(?P<other>(?:[^'\\]|\\.)*)'\)\.answer\.value"
    r"|(?P<today>today\(\))|@(?P<date>\d{4}-\d\d-\d\d)|@T(?P<time>\d\d:\d\d:\d\d)|(?P<number>-?\d+(?:\.\d+)?))"
)


@dataclass(frozen=True, slots=True)
class Agreement:
    """One rule. `other` is the link id of a question, `value` a Decimal, a date or a time as FHIR writes it; the day
    of the answer where both are missing. `words` are the citizen's. `place` counts the rules stored; None is a new one.
    """

    comparison: Comparison
    other: str = ""
    value: Decimal | str | None = None
    words: str = ""
    place: int | None = None


@dataclass(frozen=True, slots=True)
class Agreements:
    """The rules of a question that are edited here, and how many others it has."""

    found: tuple[Agreement, ...] = ()
    imported: int = 0


def sort_of(item: Json) -> str:
    """number, date, time, moment or text, of which two can be compared; "" for questions that have no rules."""
    if item.get("repeats") is True or any(extensions.every(item, CALCULATED)):
        return ""
    return _SORTS.get(str(item.get("type")), "")


def comparisons_for(item: Json) -> tuple[Comparison, ...]:
    """What can be asked of its answer."""
    return _COMPARISONS.get(sort_of(item), ())


def knows_today(item: Json) -> bool:
    """Can it be held against the day of the answer?"""
    return sort_of(item) == "date"


def takes_value(item: Json) -> bool:
    """Can it be held against an answer that is written here?"""
    return sort_of(item) in ("number", "date", "time")


def questions_for(source: Json, link_id: str) -> tuple[dict[str, Any], ...]:
    """The questions to hold its answer against: of the same sort, and answered once, so not in rows."""
    sort = sort_of(find(source, link_id))
    return tuple(
        item
        for path, item in walk(source)
        if sort and sort_of(item) == sort and link_id_of(item) not in ("", link_id)
        if not any(node_at(source, path[:end]).get("repeats") is True for end in range(1, len(path)))
    )


def agreements_of(source: Json, link_id: str) -> Agreements:
    """The rules of a question. Raises CannotDo where it is gone."""
    item = find(source, link_id)
    found, imported = [], 0
    for place, element in enumerate(extensions.every(item, *CONSTRAINTS)):
        rule = read_agreement(element, item)
        if rule is None:
            imported += 1
        else:
            found.append(replace(rule, place=place))
    return Agreements(tuple(found), imported)


def with_agreements(source: Source, link_id: str, rules: Sequence[Agreement]) -> Source:
    """The document with exactly these rules on the question, beside those imported that cannot be edited here.

    Raises ValueError where a rule does not fit the question, CannotDo where that is gone.
    """
    item = find(source, link_id)
    for rule in rules:
        _check(rule, source, item)
    known = {rule.place for rule in agreements_of(source, link_id).found}
    given = {rule.place: rule for rule in rules if rule.place is not None}
    kept, place = [], -1
    for one in extensions.extensions_of(item):
        if isinstance(one, Mapping) and one.get("url") in CONSTRAINTS:
            place += 1
            if place in known and place in given:
                kept.append(_rewritten(one, given[place], source, item))
            if place in known:
                continue
        kept.append(one)
    kept += [_written(rule, source) for rule in rules if rule.place is None]
    return changed(source, link_id, lambda one: extensions.with_extensions(one, kept))


def written_anew(source: Source, link_id: str) -> Source:
    """The document in which the question's rules find the others where they stand now."""
    item, there = find(source, link_id), names_in(source)
    found = agreements_of(source, link_id).found
    rules = {rule.place: rule for rule in found if not rule.other or rule.other in there}
    kept, place = [], -1
    for one in extensions.extensions_of(item):
        if isinstance(one, Mapping) and one.get("url") in CONSTRAINTS:
            place += 1
            one = _rewritten(one, rules[place], source, item) if place in rules else one
        kept.append(one)
    return changed(source, link_id, lambda each: extensions.with_extensions(each, kept))


def compared_in(item: Json) -> Iterator[tuple[str, bool]]:
    """The other questions of the element's rules, and whether each is looked for outside of answers only.

    Also where the element is none (any more) that can have rules.
    """
    for element in extensions.every(item, *CONSTRAINTS):
        match = _match(element)
        if match is not None and match["other"]:
            yield _unescaped(match["other"]), _NEAR in match[0]


def _check(rule: Agreement, source: Json, item: Json) -> None:
    others = {link_id_of(one) for one in questions_for(source, link_id_of(item))}
    fits = rule.comparison in comparisons_for(item)
    if rule.other:
        fits = fits and rule.other in others
    elif rule.value is None:
        fits = fits and knows_today(item)
    else:
        fits = fits and takes_value(item) and _fits(rule.value, sort_of(item))
    if not fits or not rule.words:
        raise ValueError("the rule does not fit the question, or says nothing")


def _fits(value: Decimal | str, sort: str) -> bool:
    if isinstance(value, Decimal):
        return sort == "number"
    return (sort == "date" and date_of(value) is not None) or (sort == "time" and time_of(value) is not None)


# --- FHIR ---------------------------------------------------------------------------------------------------------


def read_agreement(element: Json, item: Json) -> Agreement | None:
    """The rule that an extension says, None where it is none of ours."""
    match, words = _match(element), extension_text(element, "human")
    if match is None or not words:
        return None
    comparison, sort = Comparison(match["comparison"]), sort_of(item)
    value: Decimal | str | None = match["date"] or match["time"]
    if match["number"] is not None:
        value = Decimal(match["number"])
    is_fitting = (
        sort == "date"
        if match["today"]
        else bool(match["other"]) or (value is not None and _fits(value, sort))
    )
    if comparison not in comparisons_for(item) or not is_fitting:
        return None
    return Agreement(comparison, _unescaped(match["other"] or ""), value, words)


def _match(element: Json) -> re.Match[str] | None:
    """The expression, where it is one that we write: of an error that is told at the question itself."""
    part = extension(element, "expression")
    text = _expression_of(part) if part is not None else None
    is_error = extension_value(element, "severity", "valueCode") == "error"
    if text is None or not is_error or extension(element, "location") is not None:
        return None
    return _EXPRESSION.fullmatch(text)


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def _expression_of(part: Json) -> str | None:
    value = part.get("valueExpression", part.get("valueString"))
    if isinstance(value, Mapping):
        value = value.get("expression") if value.get("language") == "text/fhirpath" else None
    return value if isinstance(value, str) else None


def _expression(rule: Agreement, source: Json) -> str:
    if rule.other:
        named = rule.other.replace("\\", "\\\\").replace("'", "\\'")
        right = f"{way_to(source, path_to(source, rule.other))}.where(linkId = '{named}').answer.value"
    elif isinstance(rule.value, Decimal):
        right = f"{rule.value:f}"
    elif rule.value is None:
        right = "today()"
    else:
        right = f"@{rule.value}" if date_of(rule.value) is not None else f"@T{rule.value}"
    return f"answer.value {rule.comparison} {right}"


def _written(rule: Agreement, source: Json) -> dict[str, Any]:
    return {
        "url": CONSTRAINTS[0],
        "extension": [
            {"url": "key", "valueId": f"rule-{secrets.token_hex(4)}"},
            {"url": "severity", "valueCode": "error"},
            {"url": "expression", "valueString": _expression(rule, source)},
            {"url": "human", "valueString": rule.words},
        ],
    }


def _rewritten(element: Json, rule: Agreement, source: Json, item: Json) -> dict[str, Any]:
    """What is said anew goes where it stood; the key, and the translations of the sentence, stay."""
    before = read_agreement(element, item)
    stored, expression = (
        _expression_of(extension(element, "expression") or {}) or "",
        _expression(rule, source),
    )
    is_same = before is not None and replace(rule, place=None, words=before.words) == before
    # The other question was moved below an answer, where the way that was written does not reach.
    is_lost = "descendants()" in expression and "descendants()" not in stored
    given = None if is_same and not is_lost else expression
    return {**element, "extension": [_part(part, rule, given) for part in _parts(element)]}


def _part(part: Any, rule: Agreement, expression: str | None) -> Any:
    match part:
        case {"url": "human"}:
            return {**part, "valueString": rule.words}
        case {"url": "expression", "valueExpression": {**value}} if expression is not None:
            return {**part, "valueExpression": {**value, "expression": expression}}
        case {"url": "expression"} if expression is not None:
            return {**part, "valueString": expression}
    return part


def _parts(element: Json) -> list[Any]:
    found = element.get("extension")
    return found if isinstance(found, list) else []


# --- words --------------------------------------------------------------------------------------------------------

_WORDS: Mapping[Comparison, Both] = {
    Comparison.EQUALS: Both("skal være det samme som", "has to be the same as"),
    Comparison.NOT_EQUALS: Both("må ikke være det samme som", "must not be the same as"),
    Comparison.GREATER: Both("skal være større end", "has to be more than"),
    Comparison.AT_LEAST: Both("skal være mindst så stort som", "has to be at least as much as"),
    Comparison.LESS: Both("skal være mindre end", "has to be less than"),
    Comparison.AT_MOST: Both("må ikke være større end", "must not be more than"),
}
_WORDS_OF_TIME: Mapping[Comparison, Both] = {
    **_WORDS,
    Comparison.GREATER: Both("skal ligge efter", "has to be after"),
    Comparison.AT_LEAST: Both("må ikke ligge før", "must not be before"),
    Comparison.LESS: Both("skal ligge før", "has to be before"),
    Comparison.AT_MOST: Both("må ikke ligge efter", "must not be after"),
}
_TODAY = Both("dagen i dag", "today")


def comparison_in_words(comparison: Comparison, item: Json) -> Both:
    """“skal ligge efter”."""
    is_time = sort_of(item) in ("date", "time", "moment")
    return (_WORDS_OF_TIME if is_time else _WORDS)[comparison]


def sentence_of(rule: Agreement, item: Json, names: Mapping[str, str], language: str = "da") -> str:
    """“Svaret skal ligge efter svaret på »Hvornår blev du syg?«.” `names` are the questions' texts by link id."""
    words = comparison_in_words(rule.comparison, item).text(language)
    begin = Both("Svaret", "The answer").text(language)
    return f"{begin} {words} {_right(rule, names, language)}."


def _right(rule: Agreement, names: Mapping[str, str], language: str) -> str:
    if rule.other:
        name = " ".join(names.get(rule.other, rule.other).split()) or "?"
        return f"the answer to “{name}”" if is_english(language) else f"svaret på »{name}«"
    if isinstance(rule.value, Decimal):
        return number_text(rule.value, language)
    if rule.value is None:
        return _TODAY.text(language)
    return date_text(rule.value) if date_of(rule.value) is not None else time_text(rule.value)


def names_in(source: Json) -> dict[str, str]:
    """What the questions are called, by link id."""
    return dict(_names(source))


def _names(source: Json) -> Iterator[tuple[str, str]]:
    for _, item in walk(source):
        yield link_id_of(item), name_of(item)
