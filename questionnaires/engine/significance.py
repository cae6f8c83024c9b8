"""How much an answer matters: red, yellow or green, as FUT's extension answerSignificance says.

One condition is an exact answer or an interval open at one end, two are an interval, `exists` is any written
answer (FUT implementation guide, ehealth-questionnaire, "Answer significance").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from .definition import AnswerValue, Colour, Significance, SignificanceCondition
from .occurrences import Occurrences
from .plan import Plan
from .ranges import in_own_unit
from .values import are_equal, decimal_of, order_of, value_of
from .vocabulary import Operator

_MOST_SERIOUS_FIRST = (Colour.RED, Colour.YELLOW, Colour.GREEN)


@dataclass(frozen=True, slots=True)
class AnswerSignificance:
    """The colour of one answer, and the rule that gives it."""

    link_id: str
    answer: AnswerValue
    colour: Colour
    rule: Significance


def rule_for(
    rules: Iterable[Significance], answer: AnswerValue, weight: Decimal | None = None
) -> Significance | None:
    """The rule by which an answer gets its colour: the first of the most serious ones that fit; None where none does.

    `weight` is the answer's score, which numbers in conditions are held against where the answer is no number.
    """
    fitting = [rule for rule in rules if rule.conditions and _fits(rule, answer, weight)]
    return min(fitting, key=lambda rule: _MOST_SERIOUS_FIRST.index(rule.colour), default=None)


def _fits(rule: Significance, answer: AnswerValue, weight: Decimal | None) -> bool:
    return all(_meets(condition, answer, weight) for condition in rule.conditions)


def _meets(condition: SignificanceCondition, answer: AnswerValue, weight: Decimal | None) -> bool:
    given, expected = _comparable(answer), _comparable(condition.value)
    if condition.operator is Operator.EXISTS:
        return (given is not None) is (condition.value.get("valueBoolean") is True)
    if given is None or expected is None:
        return False
    # The extension has no quantities and no dates: numbers compare by value, dates are written as texts.
    if expected[0] == "valueDecimal" and given[0] != "valueDecimal" and weight is not None:
        given = "valueDecimal", weight
    if expected[0] == "valueString" and given[0] in ("valueDate", "valueDateTime", "valueTime"):
        expected = given[0], expected[1]
    match condition.operator:
        case Operator.EQUALS:
            return are_equal(given, expected)
        case Operator.NOT_EQUALS:
            return not are_equal(given, expected)
    order = order_of(given, expected)
    if order is None:
        return False
    match condition.operator:
        case Operator.GREATER:
            return order > 0
        case Operator.LESS:
            return order < 0
        case Operator.GREATER_OR_EQUAL:
            return order >= 0
    return order <= 0


def _comparable(answer: AnswerValue) -> tuple[str, object] | None:
    """A value with numbers as decimals, whatever they were written as."""
    found = value_of(answer)
    if found is None:
        return None
    name, value = found
    if name == "valueQuantity":
        value = value.get("value")
    if name in ("valueInteger", "valueDecimal", "valueQuantity"):
        number = decimal_of(value)
        return None if number is None else ("valueDecimal", number)
    return found


def significances_of(plan: Plan, occurrences: Occurrences) -> tuple[AnswerSignificance, ...]:
    """The colours of all answers that count, in the questionnaire's order."""
    found: list[tuple[int, AnswerSignificance]] = []
    for link_id in plan.significant:
        rules = plan.by_link_id[link_id].item.significance
        for occurrence in occurrences.by_link_id.get(link_id, ()):
            for answer in occurrence.effective if occurrence.enabled else ():
                own = in_own_unit(occurrence.item, answer)
                rule = rule_for(rules, own, occurrence.layout.weigh(answer)) if own is not None else None
                if rule is not None:
                    found.append((occurrence.index, AnswerSignificance(link_id, answer, rule.colour, rule)))
    return tuple(one for _, one in sorted(found, key=lambda each: each[0]))


def most_serious(found: Iterable[AnswerSignificance]) -> Colour | None:
    """The colour of a whole response: that of its most serious answer."""
    colours = {one.colour for one in found}
    return next((colour for colour in _MOST_SERIOUS_FIRST if colour in colours), None)
