"""What is different between two editions of an answer, question by question, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.answers import AnsweredItem, answered_items
from questionnaires.engine import Definition


@dataclass(frozen=True, slots=True)
class Change:
    """A question whose answer was corrected. () where it was not answered, or not asked."""

    question: str
    section: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    answer_language: str


def changes(definition: Definition, before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The questions that are answered differently in two finished responses of one version, in its order.

    What the system worked out is left out. Questions that are asked no more come last.
    """
    former, latter = _by_address(definition, before), _by_address(definition, after)
    found = []
    for address in [*latter, *(one for one in former if one not in latter)]:
        item = latter.get(address) or former[address]
        was = former[address].answers if address in former else ()
        now = latter[address].answers if address in latter else ()
        if was != now:
            found.append(Change(item.question, item.section, was, now, item.answer_language))
    return found


def _by_address(definition: Definition, document: Mapping[str, Any]) -> dict[str, AnsweredItem]:
    groups = answered_items(definition, document, with_calculated=False)
    return {item.address: item for group in groups for item in group.items}
