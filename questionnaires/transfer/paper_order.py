"""The questions of a form in the order of its paper, numbered, with the sentences that stand for conditions.

On a screen a question comes when it is due. On paper it says “Gå til spørgsmål 7, hvis du svarede Nej” after the
question that decides, or “Besvar kun dette, hvis …” where one jump does not say it. Pure: no PDF in here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.engine import Behavior, Definition, EnableWhen, Item, ItemType, Operator, display_value

MOST_NAMED = 3
"""Answers that a jump names one by one; of more it names the one that does not jump."""


@dataclass(slots=True)
class Entry:
    """A heading, a text to read or a question of the paper, with what is written under it."""

    item: Item
    depth: int
    number: int | None = None
    only_if: str = ""
    go_to: str = ""
    conditions: tuple[EnableWhen, ...] = field(default=(), repr=False)
    is_plain: bool = True


def paper_entries(definition: Definition) -> list[Entry]:
    """Everything that people see while they answer; what is hidden or calculated is not on paper."""
    entries = list(_entries(definition.items, 0, (), is_plain=True))
    numbers: dict[str, int] = {}
    for entry in entries:
        if entry.item.is_asked:
            entry.number = numbers[entry.item.link_id] = len(numbers) + 1
    covered = _jumps(entries, definition)
    for entry in entries:
        if entry.item.link_id not in covered:
            entry.only_if = _only_if(entry.item, definition, numbers)
    return entries


def _entries(
    items: tuple[Item, ...], depth: int, above: tuple[EnableWhen, ...], *, is_plain: bool
) -> Iterator[Entry]:
    for item in items:
        if item.is_concealed or (item.type.is_question and not item.is_asked and not item.items):
            continue
        own = item.enable_when
        # What two levels of conditions say together is no single jump.
        plain = is_plain and not (own and above) and item.enable_when_expression is None
        conditions = own or above
        yield Entry(item, depth, conditions=conditions, is_plain=plain)
        yield from _entries(item.items, depth + (item.type is ItemType.GROUP), conditions, is_plain=plain)


def _jumps(entries: list[Entry], definition: Definition) -> set[str]:
    """Write the jumps after the questions that decide; the link ids of what a jump passes over."""
    covered: set[str] = set()
    for place, entry in enumerate(entries):
        if entry.number is None or entry.item.several_answers:
            continue
        wanted = _wanted(entries[place + 1] if place + 1 < len(entries) else None, entry.item)
        others = [label for key, label in _answers(entry.item).items() if key not in wanted] if wanted else []
        if not others:
            continue
        end = place + 1
        while end < len(entries) and _wanted(entries[end], entry.item) == wanted:
            end += 1
        following = next((one.number for one in entries[end:] if one.number is not None), None)
        if len(others) > MOST_NAMED and len(wanted) == 1:
            [stay] = [label for key, label in _answers(entry.item).items() if key in wanted] or [""]
            said = _("andet end »%(answer)s«") % {"answer": stay}
        else:
            said = _joined([f"»{label}«" for label in others], _("eller"))
        if following is None:
            entry.go_to = _("Gå til slutningen, hvis du svarede %(answers)s.") % {"answers": said}
        else:
            entry.go_to = _("Gå til spørgsmål %(number)s, hvis du svarede %(answers)s.") % {
                "number": following,
                "answers": said,
            }
        covered.update(one.item.link_id for one in entries[place + 1 : end])
    return covered


def _wanted(entry: Entry | None, asked: Item) -> frozenset[str]:
    """The answers to `asked` that one of which is enough for the entry; empty where it depends on anything else."""
    if entry is None or not entry.is_plain or not entry.conditions:
        return frozenset()
    if len(entry.conditions) > 1 and _behavior(entry) is Behavior.ALL:
        return frozenset()
    known, found = _answers(asked), set[str]()
    for one in entry.conditions:
        key = _key(one.value)
        if one.question != asked.link_id or one.operator is not Operator.EQUALS or key not in known:
            return frozenset()
        found.add(key)
    return frozenset(found)


def _behavior(entry: Entry) -> Behavior:
    # Conditions from above: the item itself says nothing about them, so several of them are taken for all.
    return entry.item.enable_behavior if entry.item.enable_when else Behavior.ALL


def _answers(item: Item) -> dict[str, str]:
    """Every answer that can be ticked: its key → its words."""
    if item.type is ItemType.BOOLEAN:
        return {"True": _("Ja"), "False": _("Nej")}
    return {_key(option.value): option.label for option in item.options}


def _key(value: Mapping[str, Any]) -> str:
    ((_name, inner),) = value.items()
    return str(inner.get("code") or inner.get("display")) if isinstance(inner, Mapping) else str(inner)


def _only_if(item: Item, definition: Definition, numbers: Mapping[str, int]) -> str:
    if item.enable_when_expression is not None:
        return _("Spørg personalet, om du skal svare på dette.")
    if not item.enable_when:
        return ""
    word = _("eller") if item.enable_behavior is Behavior.ANY else _("og")
    said = [_condition(one, definition, numbers) for one in item.enable_when]
    return _("Besvar kun dette, hvis %(conditions)s.") % {
        "conditions": _joined(list(dict.fromkeys(said)), word)
    }


def _condition(one: EnableWhen, definition: Definition, numbers: Mapping[str, int]) -> str:
    asked = definition.by_link_id[one.question]
    number = numbers.get(one.question)
    which = _("spørgsmål %(number)s") % {"number": number} if number else f"»{asked.label}«"
    if one.operator is Operator.EXISTS:
        words = (
            _("du har svaret på %(which)s")
            if one.value.get("valueBoolean")
            else _("du ikke har svaret på %(which)s")
        )
        return words % {"which": which}
    answer = display_value(asked, one.value, definition.language or "da") or _key(one.value)
    answer = _answers(asked).get(_key(one.value), answer)
    words = {
        Operator.EQUALS: _("du svarede »%(answer)s« til %(which)s"),
        Operator.NOT_EQUALS: _("du svarede andet end »%(answer)s« til %(which)s"),
        Operator.GREATER: _("dit svar til %(which)s er over %(answer)s"),
        Operator.GREATER_OR_EQUAL: _("dit svar til %(which)s er mindst %(answer)s"),
        Operator.LESS: _("dit svar til %(which)s er under %(answer)s"),
        Operator.LESS_OR_EQUAL: _("dit svar til %(which)s er højst %(answer)s"),
    }[one.operator]
    return words % {"answer": answer, "which": which}


def _joined(parts: list[str], word: str) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} {word} {parts[-1]}"
