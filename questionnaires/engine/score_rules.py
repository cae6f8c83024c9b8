"""When a score counts although questions are unanswered: our own extension, as each instrument states its rule.

FHIR and SDC have no such rule, and an expression that says it is long and hard to check. So beside
`calculatedExpression` an item may have

    {"url": "https://kommunalpro.dk/fhir/StructureDefinition/score-missing", "extension": [
        {"url": "minimumShare", "valueDecimal": 0.8},      answered of all its questions, from 0 to 1; or
        {"url": "minimumAnswered", "valueInteger": 4},     how many must be answered
        {"url": "replacement", "valueCode": "mean"},       what stands in for the others: mean, zero or none
        {"url": "item", "valueString": "q1"}, …            which questions; those its expression uses, if none
    ]}

A question whose answers have no points (“Ved ikke”) is unanswered here, too.
With `mean` each unanswered question counts as answered with the mean of the answered ones; with `zero` as 0; with
`none` (the default) the expression sees the given answers alone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any

from .reading import extension, member
from .values import decimal_of

SCORE_MISSING = "https://kommunalpro.dk/fhir/StructureDefinition/score-missing"


class Replacement(StrEnum):
    """What stands in for an unanswered question."""

    MEAN = "mean"
    ZERO = "zero"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """The rule of one score. `items`: the questions it is about; () for those the expression uses."""

    minimum_share: Decimal = Decimal(0)
    minimum_answered: int = 0
    replacement: Replacement = Replacement.NONE
    items: tuple[str, ...] = ()

    def needed(self, questions: int) -> int:
        """How many of so many questions must be answered."""
        share = (self.minimum_share * questions).to_integral_value(rounding=ROUND_CEILING)
        return max(int(share), self.minimum_answered)


def read_score_rule(json: Mapping[str, Any]) -> ScoreRule | None:
    """The rule of an item's JSON, None where it has none. What cannot be read is as if it were not there."""
    found = extension(json, SCORE_MISSING)
    if found is None:
        return None
    share = decimal_of(_value(found, "minimumShare", "valueDecimal"))
    answered = _value(found, "minimumAnswered", "valueInteger")
    parts = found.get("extension")
    items = [
        part["valueString"]
        for part in (parts if isinstance(parts, list | tuple) else ())
        if isinstance(part, Mapping)
        and part.get("url") == "item"
        and isinstance(part.get("valueString"), str)
    ]
    return ScoreRule(
        minimum_share=min(max(share or Decimal(0), Decimal(0)), Decimal(1)),
        minimum_answered=answered if isinstance(answered, int) and not isinstance(answered, bool) else 0,
        replacement=member(Replacement, _value(found, "replacement", "valueCode")) or Replacement.NONE,
        items=tuple(items),
    )


def _value(found: Mapping[str, Any], url: str, name: str) -> Any:
    part = extension(found, url)
    return None if part is None else part.get(name)
