"""What a response means right now: which items are asked, what is calculated, how far the citizen has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from .definition import AnswerValue, Definition, Page
from .enablement import decide
from .expressions import ExpressionError, calculate
from .issues import Issue, make_issue
from .occurrences import Occurrences, lay_over
from .result import finished, response_tree
from .score_sums import direct_sum
from .values import decimal_of, value_of

MOST_ROUNDS = 20
"""How often calculations that build on each other are repeated before they count as never settling."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How many questions are asked (enabled, visible, to be answered by a person), and how many are answered."""

    answered: int
    asked: int

    @property
    def percent(self) -> int:
        """Answered of asked, in whole per cent; 100 where nothing is asked."""
        return 100 * self.answered // self.asked if self.asked else 100


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The outcome. `enabled` has the link ids that are enabled in at least one place.

    `calculated` holds the values of calculated items (the first, in repeating groups), `pages` the pages that
    have something to show, `issues` the calculations that could not be done.
    """

    enabled: frozenset[str]
    calculated: Mapping[str, AnswerValue]
    progress: Progress
    pages: tuple[Page, ...]
    issues: tuple[Issue, ...]

    def is_enabled(self, link_id: str) -> bool:
        """Is the item asked or shown, as far as conditions go? (It may still be hidden.)"""
        return link_id in self.enabled


@dataclass(frozen=True, slots=True)
class Score:
    """A calculated number: what it is called, its value, its unit, and the ends of its scale where stated."""

    link_id: str
    name: str
    value: Decimal
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None


def settle(definition: Definition, response: Mapping[str, Any]) -> tuple[Occurrences, tuple[Issue, ...]]:
    """The occurrences with everything decided: conditions and calculations in turn, until nothing changes.

    Calculations see only what is enabled, and conditions may look at what is calculated (EW-39).
    """
    occurrences = lay_over(definition, response)
    calculations = [
        occurrence
        for link_id, item in definition.by_link_id.items()
        if item.calculated is not None
        for occurrence in occurrences.by_link_id.get(link_id, ())
    ]
    for occurrence in calculations:
        occurrence.is_calculated = True
    decide(definition, occurrences)
    issues: dict[str, Issue] = {}
    for _ in range(min(len(calculations), MOST_ROUNDS) + 1 if calculations else 0):
        issues.clear()
        if not _calculate(definition, occurrences, response, issues):
            break
        decide(definition, occurrences)
    else:
        if calculations:
            link_id = calculations[0].item.link_id
            issues[""] = make_issue("expression.unsettled", calculations[0].path, link_id=link_id)
    return occurrences, tuple(issues.values())


def _calculate(
    definition: Definition, occurrences: Occurrences, response: Mapping[str, Any], issues: dict[str, Issue]
) -> bool:
    """Calculate every calculated item once; did any value change?"""
    changed = False
    questionnaire = dict(definition.source)
    tree: dict[str, Any] | None = None
    for link_id, item in definition.by_link_id.items():
        if item.calculated is None:
            continue
        try:
            direct = direct_sum(item, occurrences)
            if direct is not None:
                value = direct.answer
            else:
                if tree is None:
                    items = response_tree(occurrences, for_expressions=True)
                    tree = finished(definition, response, items)
                value = calculate(item.calculated, item, tree, questionnaire)
        except ExpressionError as error:
            value = None
            issues[link_id] = make_issue(
                "expression.failed", item.path, link_id=link_id, label=item.label, reason=error
            )
        except TypeError:
            value = None
            issues[link_id] = make_issue(
                "expression.type", item.path, link_id=link_id, label=item.label, type=item.type
            )
        for occurrence in occurrences.by_link_id.get(link_id, ()):
            if occurrence.calculated != value:
                occurrence.calculated = value
                changed, tree = True, None
    return changed


def evaluate(definition: Definition, response: Mapping[str, Any]) -> Evaluation:
    """Decide a draft or finished response. Takes any JSON; the cost is in proportion to the items."""
    occurrences, issues = settle(definition, response)
    enabled: set[str] = set()
    calculated: dict[str, AnswerValue] = {}
    asked = answered = 0
    hidden: set[int] = set()
    for occurrence in occurrences.walk():
        item, owner = occurrence.item, occurrence.scope.owner
        if item.hidden or (owner is not None and id(owner) in hidden):
            hidden.add(id(occurrence))
        if not occurrence.enabled:
            continue
        enabled.add(item.link_id)
        if occurrence.calculated is not None:
            calculated.setdefault(item.link_id, occurrence.calculated)
        if item.is_asked and id(occurrence) not in hidden:
            asked += 1
            answered += bool(occurrence.answers)
    return Evaluation(
        enabled=frozenset(enabled),
        calculated=MappingProxyType(calculated),
        progress=Progress(answered=answered, asked=asked),
        pages=tuple(page for page in definition.pages if _has_something(page, enabled)),
        issues=issues,
    )


def _has_something(page: Page, enabled: set[str]) -> bool:
    if page.group is not None and not page.items:
        return page.link_id in enabled
    return any(item.link_id in enabled and not item.hidden for item in page.items)


def finish(definition: Definition, response: Mapping[str, Any]) -> dict[str, Any]:
    """The response to send: what is not asked is left out, calculated values and item texts are filled in.

    In the questionnaire's order; status "completed". Finishing twice gives the same as finishing once.
    """
    occurrences, _ = settle(definition, response)
    return finished(definition, response, response_tree(occurrences))


def scores(definition: Definition, response: Mapping[str, Any]) -> tuple[Score, ...]:
    """The calculated numbers of a response, in the questionnaire's order; none for what has no value yet."""
    evaluation = evaluate(definition, response)
    found = []
    for link_id, answer in evaluation.calculated.items():
        item = definition.by_link_id[link_id]
        number = _number(answer)
        if item.type.is_numeric and number is not None:
            low, high = item.min_value, item.max_value
            found.append(
                Score(
                    link_id=link_id,
                    name=item.label,
                    value=number,
                    unit=item.unit,
                    minimum=low if isinstance(low, Decimal) else None,
                    maximum=high if isinstance(high, Decimal) else None,
                )
            )
    return tuple(found)


def _number(answer: AnswerValue) -> Decimal | None:
    _, value = value_of(answer) or ("", None)
    return decimal_of(value.get("value") if isinstance(value, Mapping) else value)
