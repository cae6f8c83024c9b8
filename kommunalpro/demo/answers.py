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
from questionnaires.engine import AnswerValue, Behavior, Definition, Item, ItemType, Option
from questionnaires.engine.enablement import holds

# Whether a high figure means feeling well, for a plan's questionnaire.
HIGH_IS_GOOD: Mapping[DemoPlan, bool] = {
    DemoPlan.WELL_BEING: True,
    DemoPlan.DAILY_LIFE: False,
    DemoPlan.PAIN: False,
}


@dataclass(frozen=True, slots=True)
class Usual:
    """What people usually answer to a question for a figure, which is less than what they may answer."""

    worst: float
    best: float
    step: int = 1


_USUAL: Mapping[str, Usual] = {
    "hjem.fald.antal": Usual(worst=5, best=1),
    "ude.gaa": Usual(worst=0, best=90, step=5),
    # Pain at its worst is always worse than pain right now.
    "smerte.nu": Usual(worst=6, best=0),
    "smerte.vaerst": Usual(worst=10, best=3),
}

# What is so, whatever the week was like. Other options without a figure stand with the best first.
_FACTS = frozenset({"hjem.bor"})

# What is written where only certain words make sense.
_PHRASES: Mapping[str, Sequence[str]] = {
    "smerte.andet": ("Albuen", "Lysken", "Kæben"),
    "fremad.vigtigst": (
        "At kunne gå til stranden og hjem igen uden at holde pause.",
        "Jeg vil gerne kunne handle ind selv.",
        "At sove igennem om natten.",
        "Passe haven og lege med børnebørnene.",
        "At komme tilbage på arbejde, i hvert fald nogle timer.",
    ),
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
    for item in definition.walk():
        if item.is_asked and _is_reached(definition, item, draft):
            answers = answers_to(item, respondent)
            draft = engine.with_answers(definition, draft, item.link_id, answers)
    return draft


def _is_reached(definition: Definition, item: Item, draft: Mapping[str, Any]) -> bool:
    """Whether the answers so far lead to the question.

    `engine.evaluate` says the same, but calculates every score each time it is asked, and a year has many
    answers. Here the draft holds answers to reached questions only, so the conditions alone decide.
    """
    for link_id in (item.link_id, *definition.ancestors(item.link_id)):
        step = definition.by_link_id[link_id]
        outcomes = [holds(each, engine.answers_of(draft, each.question)) for each in step.enable_when]
        wanted = all if step.enable_behavior is Behavior.ALL else any
        if outcomes and not wanted(outcomes):
            return False
    return True


def answers_to(item: Item, respondent: Respondent) -> tuple[AnswerValue, ...]:
    """What the respondent answers to one question; nothing to some optional ones."""
    match item.type:
        case ItemType.CHOICE | ItemType.OPEN_CHOICE:
            return _chosen(item, respondent)
        case ItemType.BOOLEAN:
            trouble = respondent.habit(item.link_id).random() > respondent.level + 0.1
            return ({"valueBoolean": trouble},)
        case ItemType.INTEGER:
            step = _USUAL[item.link_id].step if item.link_id in _USUAL else 1
            return ({"valueInteger": step * round(_figure(item, respondent) / step)},)
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
    if item.link_id in _FACTS:
        return (respondent.habit(item.link_id).choice(item.options).value,)
    if any(option.weight is None for option in item.options):
        position = _between(len(item.options) - 1, 0, respondent, item.link_id)
        return (item.options[min(max(round(position), 0), len(item.options) - 1)].value,)
    return (_nearest(item.options, respondent, item.link_id).value,)


def _nearest(options: Sequence[Option], respondent: Respondent, link_id: str) -> Option:
    """Of options that have a figure, the one that lies as high as the respondent feels."""
    weights = sorted(float(option.weight or 0) for option in options)
    worst, best = _ends(weights[0], weights[-1], respondent)
    target = _between(worst, best, respondent, link_id)
    return min(options, key=lambda option: abs(float(option.weight or 0) - target))


def _figure(item: Item, respondent: Respondent) -> float:
    low = float(item.min_value) if isinstance(item.min_value, Decimal) else 0.0
    high = float(item.max_value) if isinstance(item.max_value, Decimal) else low + 10.0
    worst, best = _ends(low, high, respondent)
    if usual := _USUAL.get(item.link_id):
        worst, best = usual.worst, usual.best
    return min(max(_between(worst, best, respondent, item.link_id), low), high)


def _ends(low: float, high: float, respondent: Respondent) -> tuple[float, float]:
    return (low, high) if respondent.high_is_good else (high, low)


def _between(worst: float, best: float, respondent: Respondent, link_id: str) -> float:
    """Where between two figures the respondent is, with the little that every answer differs."""
    # How hard the question is on this person, and what sort of day it was.
    own = respondent.habit(link_id).uniform(-0.1, 0.1) + respondent.chance(link_id).gauss(0, 0.06)
    return worst + (best - worst) * (respondent.level + own)


def _written(item: Item, respondent: Respondent) -> tuple[AnswerValue, ...]:
    chance = respondent.chance(item.link_id)
    if not item.required and chance.random() < 0.6:
        return ()
    words = _PHRASES.get(item.link_id) or next(words for below, words in _WORDS if respondent.level < below)
    return ({"valueString": chance.choice(words)[: item.max_length]},)
