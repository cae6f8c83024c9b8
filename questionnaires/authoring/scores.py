"""Scores: a sum or a mean of chosen questions, with a weight for each and a rule for missing answers.

A score is a number that is calculated. What is written is plain FHIRPath, in the form that the engine calculates
without the evaluator (`engine.direct`), and our extension for missing answers (`engine.score_rules`). The rule is
read back from the expression alone, so that copies and renamed questions keep it; an expression that says anything
else is not ours, and left alone.

    iif(%resource.repeat(item).where(linkId in ('a' | 'b')).answer.count() = 2,
        (%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()), {})

Whoever calculates the expression without knowing the extension gets a score only where every question is answered,
or, where missing answers count as 0, where at least one is.
"""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from questionnaires.engine.extension_urls import CALCULATED, CQF_EXPRESSION, FEEDBACK, HIDDEN
from questionnaires.engine.reading import extension, extension_text, extension_value
from questionnaires.engine.score_bands import SCORE_BAND, read_score_bands
from questionnaires.engine.score_rules import SCORE_MISSING, Replacement, read_score_rule
from questionnaires.engine.value_sets import weight_of
from questionnaires.engine.values import decimal_of, json_number

from . import extensions
from .dependencies import dependents_of
from .tree import Json, Path, Source, changed, find, link_id_of, node_at, walk

LARGEST_WEIGHT = Decimal(1000)


class Calculation(StrEnum):
    """How the answers become one number."""

    SUM = "sum"
    MEAN = "mean"


class Missing(StrEnum):
    """What happens where an answer is missing."""

    ALL = "all"
    AT_LEAST = "at-least"
    ZERO = "zero"


@dataclass(frozen=True, slots=True)
class Part:
    """A question that counts in a score, so many times."""

    question: str
    weight: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Scoring:
    """The rule of a score. `least`: how many must be answered, for `AT_LEAST`.

    With `AT_LEAST` a missing answer counts as the mean of those given; with `ZERO` as 0, where at least one is given.
    A mean is the weighted one: the sum of all answers times their weights, divided by the sum of the weights.
    """

    parts: tuple[Part, ...]
    calculation: Calculation = Calculation.SUM
    missing: Missing = Missing.ALL
    least: int = 0

    def __post_init__(self) -> None:
        """A rule that nobody could calculate is a mistake of who makes it."""
        if not self.parts or len({part.question for part in self.parts}) < len(self.parts):
            raise ValueError("a score needs questions, each once")
        if any(not 0 < part.weight <= LARGEST_WEIGHT for part in self.parts):
            raise ValueError("a weight is more than 0")
        if (self.missing is Missing.AT_LEAST) is not (1 <= self.least <= len(self.parts)):
            raise ValueError("how many answers are needed is said exactly where it matters")


@dataclass(frozen=True, slots=True)
class Band:
    """An interval of a score, both ends included: what it is called, and what the citizen is told ("" for nothing)."""

    minimum: Decimal
    maximum: Decimal
    name: str = ""
    text: str = ""


def is_score(item: Json) -> bool:
    """Is it a number that is calculated?"""
    return item.get("type") in ("decimal", "integer") and any(
        extensions.every(item, CALCULATED, CQF_EXPRESSION)
    )


def can_be_score(item: Json) -> bool:
    """Can a calculated number be made of it? One that is calculated already can, and one a person would write."""
    return item.get("type") in ("decimal", "integer") and not item.get("answerOption")


def questions_for(source: Json, link_id: str) -> tuple[dict[str, Any], ...]:
    """The questions that can count in the score: numbers and choices with points, each answered in one place."""
    unusable = dependents_of(source, link_id)
    return tuple(
        item
        for path, item in walk(source)
        if _counts(item)
        and link_id_of(item) not in unusable
        and not _is_in_rows(source, path)
        # An import may name a question so that an expression has to escape it, which the direct path does not read.
        and not {"'", "\\"} & set(link_id_of(item))
    )


def score_rule_of(source: Json, link_id: str) -> Scoring | None:
    """The rule that the score was made from; None where its expression is not ours. Raises CannotDo."""
    item = find(source, link_id)
    expression = _expression_of(item)
    if expression is None:
        return None
    found = _FORM.fullmatch(expression)
    if found is None:
        return None
    weights: dict[str, Decimal] = {}
    for term in found["sum"].split(" + "):
        match = _TERM.fullmatch(term)
        if match is None:
            return None
        weight = Decimal(match["weight"] or 1)
        for one in _QUOTED.findall(match["links"]):
            weights[one] = weight
    order = [link_id_of(one) for _, one in walk(source) if link_id_of(one) in weights]
    if len(order) != len(weights):
        return None
    rule = _rule_from(item, [Part(one, weights[one]) for one in order], is_mean=bool(found["divisor"]))
    # What is written anew from what was read must be what was read.
    if rule is None or _expression(source, rule) != expression:
        return None
    return rule


def with_score(source: Source, link_id: str, rule: Scoring) -> Source:
    """The document with the element calculated so: a decimal that nobody answers. Raises ValueError and CannotDo."""
    allowed = {link_id_of(item) for item in questions_for(source, link_id)}
    strange = [part.question for part in rule.parts if part.question not in allowed]
    if strange:
        raise ValueError(f"{', '.join(strange)} cannot count in {link_id}")
    expression = {"language": "text/fhirpath", "expression": _expression(source, rule)}

    def change(item: dict[str, Any]) -> dict[str, Any]:
        is_new = not is_score(item)
        made = {name: part for name, part in item.items() if name not in ("required", "initial")}
        made |= {"type": "decimal", "readOnly": True}
        made = extensions.without(made, CQF_EXPRESSION)
        made = extensions.with_value(made, CALCULATED, {"valueExpression": expression})
        made = extensions.with_value(made, SCORE_MISSING, {"extension": _missing(rule)})
        return extensions.with_value(made, HIDDEN, {"valueBoolean": True}) if is_new else made

    return changed(source, link_id, change)


def without_score(source: Source, link_id: str) -> Source:
    """The document with the element a number that a person writes again; its bands go, too."""

    def change(item: dict[str, Any]) -> dict[str, Any]:
        made = extensions.without(
            item, CALCULATED, CQF_EXPRESSION, SCORE_MISSING, SCORE_BAND, FEEDBACK, HIDDEN
        )
        return {name: part for name, part in made.items() if name != "readOnly"}

    return changed(source, link_id, change)


def bands_of(item: Json) -> tuple[Band, ...]:
    """The bands of a score, the lowest first; what FUT's feedback says of the same interval is the band's text."""
    texts = {(low, high): text for low, high, text in _feedback_of(item)}
    found = [
        Band(one.minimum, one.maximum, one.name, texts.pop((one.minimum, one.maximum), ""))
        for one in read_score_bands(item)
    ]
    found += [Band(low, high, "", text) for (low, high), text in texts.items()]
    return tuple(sorted(found, key=lambda band: (band.minimum, band.maximum)))


def with_bands(source: Source, link_id: str, bands: Sequence[Band]) -> Source:
    """The document with exactly these bands. Raises ValueError where two overlap or one says nothing."""
    ordered = sorted(bands, key=lambda band: band.minimum)
    for band in ordered:
        if band.minimum > band.maximum or not (band.name or band.text):
            raise ValueError("a band goes up and says something")
    for lower, upper in itertools.pairwise(ordered):
        if upper.minimum <= lower.maximum:
            raise ValueError("two bands overlap")

    def change(item: dict[str, Any]) -> dict[str, Any]:
        known = {found: one for one in extensions.every(item, FEEDBACK) if (found := _ends(one)) is not None}
        kept = list(extensions.extensions_of(extensions.without(item, SCORE_BAND, FEEDBACK)))
        for band in ordered:
            ends = [_number_part("min", band.minimum), _number_part("max", band.maximum)]
            if band.name:
                name = {"url": "name", "valueString": band.name}
                kept.append({"url": SCORE_BAND, "extension": [*ends, name]})
            if band.text:
                before = known.get((band.minimum, band.maximum))
                if before is not None and extension_text(before, "value") == band.text:
                    kept.append(dict(before))  # with its translations
                else:
                    value = {"url": "value", "valueString": band.text}
                    kept.append({"url": FEEDBACK, "extension": [value, *ends]})
        return extensions.with_extensions(item, kept)

    return changed(source, link_id, change)


# --- the expression -----------------------------------------------------------------------------------------------

_LINKS = r"'[^'\\]*'(?: \| '[^'\\]*')*"
_WAY = rf"%resource\.(?:repeat\(item\)|descendants\(\))\.where\(linkId in \((?P<links>{_LINKS})\)\)"
_TERM = re.compile(
    rf"{_WAY}\.answer\.value(?:\.weight\(\))?\.sum\(\)(?: \* (?P<weight>\d+(?:\.\d+)?))?", re.DOTALL
)
_FORM = re.compile(
    r"iif\((?P<gate>.+?), \((?P<sum>%resource.+)\)(?: / (?P<divisor>\d+(?:\.\d+)?))?, \{\}\)", re.DOTALL
)
_QUOTED = re.compile(r"'([^'\\]*)'")


def _expression(source: Json, rule: Scoring) -> str:
    """The FHIRPath of a rule. Questions of one weight and kind are summed together, in the form's order."""
    items = {link_id_of(item): (path, item) for path, item in walk(source)}
    order = {link_id: place for place, link_id in enumerate(items)}
    parts = sorted(rule.parts, key=lambda part: order[part.question])
    terms: dict[tuple[str, str, Decimal], list[str]] = {}
    for part in parts:
        path, item = items[part.question]
        function = ".weight()" if item.get("type") in ("choice", "open-choice") else ""
        terms.setdefault((way_to(source, path), function, part.weight), []).append(part.question)
    total = " + ".join(
        f"{_found(way, links)}.answer.value{function}.sum(){_times(weight)}"
        for (way, function, weight), links in terms.items()
    )
    divisor = ""
    if rule.calculation is Calculation.MEAN:
        divisor = f" / {_digits(sum((part.weight for part in parts), Decimal(0)))}"
    return f"iif({_gate(source, rule, parts, items)}, ({total}){divisor}, {{}})"


def _gate(
    source: Json, rule: Scoring, parts: Sequence[Part], items: Mapping[str, tuple[Path, dict[str, Any]]]
) -> str:
    """Whether enough is answered: all questions (those with one answer are counted), or any."""
    counted: dict[str, list[str]] = {}
    several: list[tuple[str, str]] = []
    for part in parts:
        path, item = items[part.question]
        if item.get("repeats") is True:
            several.append((way_to(source, path), part.question))
        else:
            counted.setdefault(way_to(source, path), []).append(part.question)
    if rule.missing is Missing.ZERO:
        tests = [f"{_found(way, links)}.answer.exists()" for way, links in counted.items()]
    else:
        tests = [f"{_found(way, links)}.answer.count() = {len(links)}" for way, links in counted.items()]
    tests += [f"{_found(way, [link_id])}.answer.exists()" for way, link_id in several]
    return (" or " if rule.missing is Missing.ZERO else " and ").join(tests)


def way_to(source: Json, path: Path) -> str:
    """What reaches a question: `repeat(item)` goes down through groups, but not through answers."""
    above = (node_at(source, path[:end]) for end in range(1, len(path)))
    below_an_answer = any(item.get("type") != "group" for item in above)
    return "%resource.descendants()" if below_an_answer else "%resource.repeat(item)"


def _found(way: str, links: Sequence[str]) -> str:
    named = " | ".join(f"'{one}'" for one in links)
    return f"{way}.where(linkId in ({named}))"


def _digits(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _times(weight: Decimal) -> str:
    return "" if weight == 1 else f" * {_digits(weight)}"


def _expression_of(item: Json) -> str | None:
    expression = extension_value(item, CALCULATED, "valueExpression")
    if not isinstance(expression, Mapping) or expression.get("language") != "text/fhirpath":
        return None
    text = expression.get("expression")
    return text if isinstance(text, str) else None


# --- missing answers ----------------------------------------------------------------------------------------------


def _missing(rule: Scoring) -> list[dict[str, Any]]:
    needed, replacement = {
        Missing.ALL: (len(rule.parts), Replacement.NONE),
        Missing.AT_LEAST: (rule.least, Replacement.MEAN),
        Missing.ZERO: (1, Replacement.ZERO),
    }[rule.missing]
    return [
        {"url": "minimumAnswered", "valueInteger": needed},
        {"url": "replacement", "valueCode": replacement.value},
    ]


def _rule_from(item: Json, parts: Sequence[Part], *, is_mean: bool) -> Scoring | None:
    """The rule with what the extension says of missing answers, None where that is none of ours."""
    known = read_score_rule(item)
    if known is None or known.items or known.minimum_share or extension(item, SCORE_MISSING) is None:
        return None
    calculation = Calculation.MEAN if is_mean else Calculation.SUM
    match known.replacement:
        case Replacement.NONE if known.minimum_answered == len(parts):
            return Scoring(tuple(parts), calculation, Missing.ALL)
        case Replacement.ZERO if known.minimum_answered == 1:
            return Scoring(tuple(parts), calculation, Missing.ZERO)
        case Replacement.MEAN if 1 <= known.minimum_answered <= len(parts):
            return Scoring(tuple(parts), calculation, Missing.AT_LEAST, known.minimum_answered)
    return None


# --- questions and bands ------------------------------------------------------------------------------------------


def _counts(item: Json) -> bool:
    if item.get("type") in ("integer", "decimal"):
        return item.get("repeats") is not True
    options = item.get("answerOption")
    if item.get("type") not in ("choice", "open-choice") or not isinstance(options, list):
        return False
    return any(_points(option) is not None for option in options if isinstance(option, Mapping))


def _points(option: Json) -> Decimal | None:
    name, bare = next(((name, part) for name, part in option.items() if name.startswith("value")), ("", None))
    return weight_of(option, bare, option.get(f"_{name}"))


def _is_in_rows(source: Json, path: Path) -> bool:
    """Does it stand in something that is answered several times?"""
    return any(node_at(source, path[:end]).get("repeats") is True for end in range(1, len(path)))


def _feedback_of(item: Json) -> list[tuple[Decimal, Decimal, str]]:
    return [
        (*ends, text)
        for one in extensions.every(item, FEEDBACK)
        if (text := extension_text(one, "value")) and (ends := _ends(one)) is not None
    ]


def _ends(element: Json) -> tuple[Decimal, Decimal] | None:
    low, high = (
        decimal_of(extension_value(element, end, "valueInteger", "valueDecimal")) for end in ("min", "max")
    )
    return None if low is None or high is None or low > high else (low, high)


def _number_part(url: str, number: Decimal) -> dict[str, Any]:
    """A whole number as FUT writes it, else a decimal."""
    bare = json_number(number)
    return {"url": url, "valueInteger" if isinstance(bare, int) else "valueDecimal": bare}
