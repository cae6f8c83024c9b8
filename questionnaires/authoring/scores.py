"""Scores: a sum or a mean of chosen questions, with a weight for each and a rule for missing answers.

A score is a number that is calculated. What is written is plain FHIRPath, in the form that the engine calculates
without the evaluator (`score_expressions`, `engine.direct`), and our extension for missing answers
(`engine.score_rules`). The rule is read back from the expression alone, so that copies and renamed questions keep it;
an expression that says anything else is not ours, and left alone.

Whoever calculates the expression without knowing the extension gets a score only where every question is answered,
or, where missing answers count as 0, where at least one is.
"""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.engine.extension_urls import CALCULATED, CQF_EXPRESSION, FEEDBACK, HIDDEN
from questionnaires.engine.reading import extension, extension_text, extension_value
from questionnaires.engine.score_bands import SCORE_BAND, read_score_bands
from questionnaires.engine.score_rules import SCORE_MISSING, Replacement, read_score_rule
from questionnaires.engine.value_sets import weight_of
from questionnaires.engine.values import decimal_of, json_number

from . import extensions
from .dependencies import dependents_of
from .score_expressions import (
    LARGEST_WEIGHT,
    Calculation,
    Missing,
    Part,
    Said,
    Scoring,
    expression_of,
    read_expression,
)
from .tree import Json, Path, Source, changed, find, link_id_of, node_at, walk

__all__ = [
    "LARGEST_WEIGHT",
    "Band",
    "Calculation",
    "Missing",
    "Part",
    "Scoring",
    "bands_of",
    "can_be_score",
    "is_score",
    "questions_for",
    "said_by",
    "score_rule_of",
    "with_bands",
    "with_score",
    "without_score",
    "written_anew",
]


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
    said = said_by(item)
    if said is None:
        return None
    order = [link_id_of(one) for _, one in walk(source) if link_id_of(one) in said.summed]
    if len(order) != len(said.summed):
        return None
    parts = [Part(one, said.summed[one][1]) for one in order]
    rule = _rule_from(item, parts, is_mean=said.divisor is not None)
    # What is written anew from what was read must say what was read.
    return rule if rule is not None and read_expression(expression_of(source, rule)) == said else None


def said_by(item: Json) -> Said | None:
    """What the element's expression says, where it is in the form of ours."""
    return read_expression(_stored(item) or "")


def written_anew(source: Source, link_id: str) -> Source:
    """The document with the score's expression as it is written where its questions stand now; only one of ours."""
    rule = score_rule_of(source, link_id)
    if rule is None:
        return source
    expression = {"valueExpression": _fhirpath(source, rule)}
    return changed(source, link_id, lambda one: extensions.with_value(one, CALCULATED, expression))


def with_score(source: Source, link_id: str, rule: Scoring) -> Source:
    """The document with the element calculated so: a decimal that nobody answers. Raises ValueError and CannotDo."""
    allowed = {link_id_of(item) for item in questions_for(source, link_id)}
    strange = [part.question for part in rule.parts if part.question not in allowed]
    if strange:
        raise ValueError(f"{', '.join(strange)} cannot count in {link_id}")
    expression = _fhirpath(source, rule)

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


def _fhirpath(source: Json, rule: Scoring) -> dict[str, str]:
    return {"language": "text/fhirpath", "expression": expression_of(source, rule)}


def _stored(item: Json) -> str | None:
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
