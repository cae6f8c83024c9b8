"""A list of options that is kept and used again: copied into a question, which then is whole by itself."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from . import answers
from .tree import Json, Source, find

MOST_OPTIONS = 100


@dataclass(frozen=True, slots=True)
class ListOption:
    """One option of a list: what it says, and what it counts in a score."""

    label: str
    weight: Decimal | None = None


def options_of(item: Json) -> tuple[ListOption, ...]:
    """The options of a question as a list keeps them."""
    return tuple(ListOption(one.label, one.weight) for one in answers.answers_of(item))


def can_use_list(item: Json) -> bool:
    """Is it a choice whose options stand on it?"""
    return item.get("type") in ("choice", "open-choice") and answers.has_own_answers(item)


def with_list(source: Source, link_id: str, options: Sequence[ListOption]) -> Source:
    """The document with exactly the list's options on a question. Options that say the same stay who they are.

    Raises CannotDo where an option goes that a condition asks for.
    """
    known = {one.label: one for one in reversed(answers.answers_of(find(source, link_id)))}
    chosen = []
    for option in options:
        before = known.pop(option.label, answers.Answer(option.label))
        chosen.append(replace(before, weight=option.weight))
    return answers.with_answers(source, link_id, chosen)
