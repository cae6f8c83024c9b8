"""The scores of a response: calculated numbers with what they are made of, and those that are withheld, with why."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from .definition import AnswerValue
from .issues import Issue, make_issue
from .score_rules import Replacement
from .settling import Settled
from .values import decimal_of, value_of


@dataclass(frozen=True, slots=True)
class Score:
    """A calculated number: what it is called, its value, its unit, and the ends of its scale where stated.

    `items` are the answered questions it was calculated from, `unanswered` the others it looks at; where its rule
    lets something stand in for those, `is_estimated` says so.
    """

    link_id: str
    name: str
    value: Decimal
    unit: str
    minimum: Decimal | None
    maximum: Decimal | None
    items: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class WithheldScore:
    """A score that has no value, and the reason."""

    link_id: str
    name: str
    reason: Issue


def scores_of(settled: Settled) -> tuple[tuple[Score, ...], tuple[WithheldScore, ...]]:
    """The scores in the questionnaire's order, and those withheld. Disabled ones are neither."""
    known = settled.scores
    found: list[Score] = []
    withheld: list[WithheldScore] = []
    for link_id in settled.plan.calculated_in_order:
        if link_id not in known:
            known[link_id] = _score_of(settled, link_id)
        score = known[link_id]
        if isinstance(score, Score):
            found.append(score)
        elif score is not None:
            withheld.append(score)
    return tuple(found), tuple(withheld)


def _score_of(settled: Settled, link_id: str) -> Score | WithheldScore | None:
    plan = settled.plan
    item = plan.by_link_id[link_id].item
    enabled = [one for one in settled.occurrences.by_link_id.get(link_id, ()) if one.enabled]
    if not item.type.is_numeric or not enabled:
        return None
    number = next((value for one in enabled if (value := number_of(one.calculated)) is not None), None)
    if number is None:
        return WithheldScore(link_id, item.label, _reason(settled, link_id))
    rule = plan.score_rules.get(link_id)
    used = plan.used_by.get(link_id, ())
    answered = tuple([one for one in used if _is_answered(settled, one)])
    unanswered = tuple([one for one in used if one not in answered]) if len(answered) < len(used) else ()
    low, high = item.min_value, item.max_value
    return Score(
        link_id=link_id,
        name=item.label,
        value=number,
        unit=item.unit,
        minimum=low if isinstance(low, Decimal) else None,
        maximum=high if isinstance(high, Decimal) else None,
        items=answered,
        unanswered=unanswered,
        is_estimated=rule is not None and rule.replacement is not Replacement.NONE and bool(unanswered),
    )


def _is_answered(settled: Settled, link_id: str) -> bool:
    instances = settled.occurrences.by_link_id.get(link_id, ())
    if len(instances) == 1:
        return instances[0].enabled and bool(instances[0].effective)
    return any(one.enabled and one.effective for one in instances)


def _reason(settled: Settled, link_id: str) -> Issue:
    known = settled.withheld.get(link_id) or settled.issues.get(link_id)
    if known is not None:
        return known
    item = settled.definition.by_link_id[link_id]
    return make_issue("score.no-value", item.path, link_id=link_id, label=item.label)


def number_of(answer: AnswerValue | None) -> Decimal | None:
    """The number in an answer, with or without a unit; None without one."""
    _, value = value_of(answer) or ("", None)
    return decimal_of(value.get("value") if isinstance(value, Mapping) else value)
