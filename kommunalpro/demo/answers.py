"""What a citizen of the demo answers: any questionnaire, filled in by somebody who feels so and so.

Pure. The answers go through the engine as a citizen's would: in the order of the pages, only to what is
asked, so that branches open and close and scores are true.
"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from kommunalpro.demo.history import DemoPlan
from questionnaires import engine
from questionnaires.engine import AnswerValue, Definition, Item, ItemType, Option

# Whether a high figure means feeling well, for a plan's questionnaire.
HIGH_IS_GOOD: Mapping[DemoPlan, bool] = {
    DemoPlan.WELL_BEING: True,
    DemoPlan.DAILY_LIFE: False,
    DemoPlan.PAIN: False,
}

_WORDS: tuple[tuple[float, Sequence[str]], ...] = (
    # (below this level, what people write)
    (
        0.4,
        (
            "Det er tungt for tiden. Jeg sover dårligt og orker ikke så meget.",
            "Trapperne er blevet svære igen, og jeg går mindre ud.",
            "Jeg vil gerne ringes op, når I har tid.",
        ),
    ),
    (
        0.65,
        (
            "Det går op og ned. Nogle dage er bedre end andre.",
            "Øvelserne hjælper, når jeg får dem gjort.",
            "Jeg mangler lidt overskud om eftermiddagen.",
        ),
    ),
    (
        1.1,
        (
            "Det går fremad. I går gik jeg helt ned til åen og hjem igen.",
            "Jeg er begyndt til gymnastik på biblioteket, og det er dejligt.",
            "Børnebørnene var her i weekenden, og jeg kunne være med.",
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Respondent:
    """Somebody answering on a day. `level` is how they feel, 0 worst to 1 best.

    `person` is what stays the same about them from week to week: whom they live with, what they like.
    """

    person: str
    level: float
    day: date
    high_is_good: bool

    def chance(self, link_id: str) -> random.Random:
        """Chance for one question on the day itself."""
        return random.Random(f"{self.person}:{self.day}:{link_id}")  # noqa: S311 - the same every time

    def habit(self, link_id: str) -> random.Random:
        """The person's own chance for one question, the same each week."""
        return random.Random(f"{self.person}:{link_id}")  # noqa: S311 - the same every time


def filled_in(definition: Definition, respondent: Respondent) -> dict[str, Any]:
    """The draft with an answer to every question that is asked, ready for `engine.finish`."""
    draft = engine.new_response(definition)
    conditional = {
        item.link_id
        for item in definition.walk()
        if any(
            definition.by_link_id[link_id].enable_when
            for link_id in (item.link_id, *definition.ancestors(item.link_id))
        )
    }
    for item in definition.walk():
        if not item.is_asked:
            continue
        if item.link_id in conditional and not engine.evaluate(definition, draft).is_enabled(item.link_id):
            continue
        draft = engine.with_answers(definition, draft, item.link_id, answers_to(item, respondent))
    return draft


def answers_to(item: Item, respondent: Respondent) -> tuple[AnswerValue, ...]:
    """What the respondent answers to one question; nothing to some optional ones."""
    match item.type:
        case ItemType.CHOICE | ItemType.OPEN_CHOICE:
            return _chosen(item, respondent)
        case ItemType.BOOLEAN:
            trouble = respondent.habit(item.link_id).random() > respondent.level + 0.1
            return ({"valueBoolean": trouble},)
        case ItemType.INTEGER:
            return ({"valueInteger": round(_figure(item, respondent))},)
        case ItemType.DECIMAL:
            return ({"valueDecimal": round(_figure(item, respondent), 1)},)
        case ItemType.DATE:
            days_ago = respondent.habit(item.link_id).randrange(5, 90)
            return ({"valueDate": (respondent.day - timedelta(days=days_ago)).isoformat()},)
        case ItemType.STRING | ItemType.TEXT:
            return _written(item, respondent)
        case _:
            raise ValueError(f"The demo has no answers of type {item.type}: add them here, or leave it out.")


def _chosen(item: Item, respondent: Respondent) -> tuple[AnswerValue, ...]:
    if item.repeats:
        several = [option for option in item.options if not option.exclusive]
        wanted = 1 + round((1 - respondent.level) * 2)
        chosen = respondent.habit(item.link_id).sample(several, k=min(wanted, len(several)))
        return tuple(option.value for option in item.options if option in chosen)
    if not item.options:
        return ()
    if any(option.weight is None for option in item.options):
        return (respondent.habit(item.link_id).choice(item.options).value,)
    return (_nearest(item.options, respondent, item.link_id).value,)


def _nearest(options: Sequence[Option], respondent: Respondent, link_id: str) -> Option:
    """Of options that have a figure, the one that lies as high as the respondent feels."""
    weights = [option.weight or Decimal(0) for option in options]
    target = _between(float(min(weights)), float(max(weights)), respondent, link_id)
    return min(options, key=lambda option: abs(float(option.weight or 0) - target))


def _figure(item: Item, respondent: Respondent) -> float:
    low = float(item.min_value) if isinstance(item.min_value, Decimal) else 0.0
    high = float(item.max_value) if isinstance(item.max_value, Decimal) else low + 10.0
    return min(max(_between(low, high, respondent, item.link_id), low), high)


def _between(low: float, high: float, respondent: Respondent, link_id: str) -> float:
    """Where between two figures the respondent is, with the little that every answer differs."""
    # How hard the question is on this person, and what sort of day it was.
    own = respondent.habit(link_id).uniform(-0.1, 0.1) + respondent.chance(link_id).gauss(0, 0.07)
    share = respondent.level if respondent.high_is_good else 1 - respondent.level
    return low + (high - low) * (share + own)


def _written(item: Item, respondent: Respondent) -> tuple[AnswerValue, ...]:
    chance = respondent.chance(item.link_id)
    if not item.required and chance.random() < 0.6:
        return ()
    words = next(words for below, words in _WORDS if respondent.level < below)
    return ({"valueString": chance.choice(words)[: item.max_length]},)
