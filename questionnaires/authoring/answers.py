"""What can be chosen: the options of a choice, and the common scale of a matrix.

An option is known by the place of its first writing: its code is made of its first words, and stays when the words
change, so that conditions and answers keep meaning it. Codes belong to the questionnaire (their system is its address);
the same words have the same code in all its questions.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.engine.extension_urls import OPTION_EXCLUSIVE, OPTION_PREFIX, WEIGHTS, XHTML
from questionnaires.engine.value_sets import weight_of
from questionnaires.engine.values import json_number

from . import extensions
from .kinds import CHOICES, Kind, kind_of
from .refusals import CannotDo, Reason
from .tree import Json, Source, changed, find, items_of, link_id_of, name_of, walk

_LONGEST_CODE = 40
_DANISH = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One option as it is edited. `key` names one that is there already; "" makes a new one."""

    label: str
    key: str = ""
    weight: Decimal | None = None
    is_exclusive: bool = False
    is_initial: bool = False
    prefix: str = ""


def answers_of(item: Json) -> tuple[Answer, ...]:
    """The options of a choice, or those that the rows of a matrix share."""
    return tuple(
        Answer(
            label=_label(option),
            key=_key(option),
            weight=weight_of(option, bare, option.get(f"_{name}")),
            is_exclusive=extensions.value(option, OPTION_EXCLUSIVE) is True,
            is_initial=option.get("initialSelected") is True,
            prefix=prefix_of(option),
        )
        for option in _options(_example(item))
        for name, bare in [_value(option)]
    )


def has_own_answers(item: Json) -> bool:
    """Are its options written on it, to be changed here? Those of a list kept elsewhere are not."""
    kind = kind_of(item)
    if kind is Kind.MATRIX:
        return any(kind_of(row) in CHOICES for row in items_of(item) if isinstance(row, Mapping))
    return kind in CHOICES and not item.get("answerValueSet")


def with_answers(source: Source, link_id: str, answers: Sequence[Answer]) -> Source:
    """The document with exactly these options, on every row of a matrix.

    Raises CannotDo where an option goes that a condition asks for.
    """
    item = find(source, link_id)
    if not has_own_answers(item):
        raise CannotDo(Reason.NOT_FOR_THIS)
    holders = _holders(item)
    kept = {answer.key for answer in answers if answer.key}
    for option in _options(_example(item)):
        if _key(option) not in kept and (users := _users(source, holders, option)):
            raise CannotDo(Reason.OPTION_IN_USE, [_label(option), *users])
    written = _written(source, _options(_example(item)), answers)
    for holder in holders:
        source = changed(source, holder, lambda one: _with_options(one, written))
    return source


def scale(url: str, labels: Sequence[str]) -> list[dict[str, Any]]:
    """Options with these words, for a new choice."""
    return _written({"url": url}, [], [Answer(label=label) for label in labels])


def moved_answer(answers: Sequence[Answer], key: str, step: int) -> tuple[Answer, ...]:
    """The same with the one called `key` a step on; as they were where it stands at the end already."""
    order = list(answers)
    place = next((number for number, answer in enumerate(order) if answer.key == key), None)
    if place is None or not 0 <= place + step < len(order):
        return tuple(answers)
    order.insert(place + step, order.pop(place))
    return tuple(order)


def _written(source: Json, known: Sequence[Json], answers: Sequence[Answer]) -> list[dict[str, Any]]:
    before = {_key(option): option for option in known}
    taken = {_code(before[answer.key]) for answer in answers if answer.key in before}
    options = []
    for answer in answers:
        option = before.get(answer.key)
        if option is None:
            code = _new_code(answer.label, taken)
            taken.add(code)
            option = {"valueCoding": {"system": str(source.get("url") or ""), "code": code}}
            if not option["valueCoding"]["system"]:
                del option["valueCoding"]["system"]
        options.append(_set(option, answer))
    return options


def _set(option: Json, answer: Answer) -> dict[str, Any]:
    name, bare = _value(option)
    made: dict[str, Any] = dict(option)
    if answer.label != _label(option) or (isinstance(bare, Mapping) and "display" not in bare):
        made = _relabelled(made, name, bare, answer.label)
    if answer.weight != weight_of(option, bare, option.get(f"_{name}")):
        given = None if answer.weight is None else {"valueDecimal": json_number(answer.weight)}
        made = _without_inner_weights(made, name)
        # FUT and R4 read ordinalValue; SDC 3's itemWeight would be news to them.
        made = extensions.with_value(made, (WEIGHTS[1], *WEIGHTS), given)
    if answer.is_exclusive != (extensions.value(option, OPTION_EXCLUSIVE) is True):
        made = extensions.with_value(
            made, OPTION_EXCLUSIVE, {"valueBoolean": True} if answer.is_exclusive else None
        )
    if answer.is_initial != (option.get("initialSelected") is True):
        made.pop("initialSelected", None)
        if answer.is_initial:
            made["initialSelected"] = True
    return made if answer.prefix == prefix_of(option) else _prefixed(made, name, answer.prefix)


def _prefixed(option: dict[str, Any], name: str, prefix: str) -> dict[str, Any]:
    """What stands before the answer, on the option; some write it on its coding."""
    bare = option.get(name)
    if isinstance(bare, Mapping):
        option = {**option, name: extensions.without(bare, OPTION_PREFIX)}
    return extensions.with_value(option, OPTION_PREFIX, {"valueString": prefix} if prefix else None)


def _relabelled(option: dict[str, Any], name: str, bare: Any, label: str) -> dict[str, Any]:
    if not isinstance(bare, Mapping):
        return {**option, name: label if name == "valueString" else bare}
    coding = {**bare, "display": label}
    shadow = coding.get("_display")
    if isinstance(shadow, Mapping):  # the same words with mark-up would be shown instead
        plain = extensions.without(shadow, XHTML)
        coding = {part: value for part, value in coding.items() if part != "_display"} | (
            {"_display": plain} if plain else {}
        )
    return {**option, name: coding}


def _without_inner_weights(option: dict[str, Any], name: str) -> dict[str, Any]:
    bare, shadow = option.get(name), option.get(f"_{name}")
    if isinstance(bare, Mapping):
        option = {**option, name: extensions.without(bare, *WEIGHTS)}
    if isinstance(shadow, Mapping):
        option = {**option, f"_{name}": extensions.without(shadow, *WEIGHTS)}
    return option


def _with_options(item: dict[str, Any], options: list[dict[str, Any]]) -> dict[str, Any]:
    rest = {name: part for name, part in item.items() if name != "answerOption"}
    return {**rest, "answerOption": options} if options else rest


def _example(item: Json) -> Json:
    if kind_of(item) is not Kind.MATRIX:
        return item
    return next((row for row in items_of(item) if isinstance(row, Mapping) and row.get("answerOption")), {})


def _holders(item: Json) -> list[str]:
    if kind_of(item) is not Kind.MATRIX:
        return [link_id_of(item)]
    return [link_id_of(row) for row in items_of(item) if isinstance(row, Mapping) and kind_of(row) in CHOICES]


def _options(item: Json) -> list[dict[str, Any]]:
    found = item.get("answerOption")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _value(option: Json) -> tuple[str, Any]:
    return next(((name, part) for name, part in option.items() if name.startswith("value")), ("", None))


def _key(option: Json) -> str:
    name, bare = _value(option)
    if isinstance(bare, Mapping):
        return (
            f"{bare.get('system') or ''}|{bare.get('code') or bare.get('display') or bare.get('reference')}"
        )
    return f"{name}|{bare}"


def _code(option: Json) -> str:
    _name, bare = _value(option)
    return str(bare.get("code") or "") if isinstance(bare, Mapping) else ""


def _label(option: Json) -> str:
    _name, bare = _value(option)
    if isinstance(bare, Mapping):
        return str(bare.get("display") or bare.get("code") or bare.get("reference") or "")
    return "" if bare is None else str(bare)


def prefix_of(option: Json) -> str:
    """The letter or number before it: where the engine looks for it (`engine.options`)."""
    _name, bare = _value(option)
    for element in (option, bare):
        found = extensions.value(element, OPTION_PREFIX) if isinstance(element, Mapping) else None
        if isinstance(found, str) and found:
            return found
    return ""


def _new_code(label: str, taken: set[str]) -> str:
    plain = unicodedata.normalize("NFKD", label.lower().translate(_DANISH)).encode("ascii", "ignore").decode()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_CODE].strip("-") or "svar"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code


def _users(source: Source, holders: Sequence[str], option: Json) -> list[str]:
    """The elements with a condition on this option of one of these questions."""
    _name, bare = _value(option)
    found = []
    for _, item in walk(source):
        conditions = item.get("enableWhen")
        for condition in conditions if isinstance(conditions, list) else ():
            if isinstance(condition, Mapping) and condition.get("question") in holders:
                asked = next((part for name, part in condition.items() if name.startswith("answer")), None)
                if _same(asked, bare):
                    found.append(name_of(item))
                    break
    return found


def _same(asked: Any, bare: Any) -> bool:
    if isinstance(asked, Mapping) and isinstance(bare, Mapping) and asked.get("code"):
        system = asked.get("system")
        return asked["code"] == bare.get("code") and system in (None, bare.get("system"))
    return bool(asked == bare and type(asked) is type(bare))
