"""What can be set on an element: each setting says whom it is for, how it is read and how it is written.

Values are what a form holds: texts (Danish plain words, "" for none), booleans, whole numbers, Decimals, None. An
element that was imported may say the same in several ways; what is written goes where it stood.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from questionnaires.engine.extension_urls import (
    CHOICE_ORIENTATION,
    ENTRY_FORMAT,
    HELP_TEXT,
    HIDDEN,
    INSTRUCTION,
    IS_COPYRIGHT,
    ITEM_CONTROL,
    MAX_DECIMALS,
    MAX_OCCURS,
    MAX_VALUES,
    MIN_LENGTH,
    MIN_OCCURS,
    MIN_VALUES,
    OPEN_LABEL,
    SLIDER_STEPS,
    XHTML,
)
from questionnaires.engine.values import decimal_of, json_number

from . import answer_rules, extensions, units
from .initial import read_initial, write_initial
from .kinds import CHOICES, GROUPS, LINES, Kind, control, control_of, is_companion, kind_of
from .reach import kept
from .refusals import CannotDo, Reason
from .tree import Json, Source, changed, find, items_of, link_ids, new_link_id, walk, with_items

Item = dict[str, Any]
Write = Callable[[Item, Any], Item]

NUMBERS = frozenset({Kind.NUMBER, Kind.NUMBER_WITH_UNIT})
WRITTEN = frozenset({Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.LINK})
QUESTIONS = frozenset(Kind) - GROUPS - {Kind.TEXT_TO_READ}
_DATES = frozenset({Kind.DATE, Kind.TIME, Kind.DATE_AND_TIME})
_MOMENTS = frozenset({Kind.TIME, Kind.DATE_AND_TIME})


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that can be set on elements of some kinds; `asks_for` says when it means something."""

    name: str
    kinds: frozenset[Kind]
    read: Callable[[Json], Any]
    write: Write
    asks_for: Callable[[Json], bool] = lambda _item: True


def settings_for(item: Json) -> tuple[Setting, ...]:
    """What can be set on the element."""
    kind = kind_of(item)
    return tuple(setting for setting in SETTINGS.values() if kind in setting.kinds and setting.asks_for(item))


def values_of(item: Json) -> dict[str, Any]:
    """What is set, by the settings' names."""
    return {setting.name: setting.read(item) for setting in settings_for(item)}


def with_setting(source: Source, link_id: str, name: str, value: Any) -> Source:
    """The document with this set on the element. Raises CannotDo where it is not for such an element."""
    item = find(source, link_id)
    setting = SETTINGS.get(name)
    if setting is None or kind_of(item) not in setting.kinds:
        raise CannotDo(Reason.NOT_FOR_THIS)
    made = setting.write(item, value)
    if len(items_of(made)) > len(items_of(item)):
        made = _with_new_companion(made, link_ids(source))
    result = changed(source, link_id, lambda _: made)
    if made.get("type") != item.get("type"):
        result = _with_conditions_on(result, link_id, str(made["type"]))
    return kept(source, result) if name == "repeats" else result


# --- texts ----------------------------------------------------------------------------------------------------


def _text(item: Json, name: str) -> str:
    found = item.get(name)
    return found if isinstance(found, str) else ""


def _write_text(item: Item, text: str, name: str = "text") -> Item:
    """Plain words. The same with mark-up goes: it would be shown instead."""
    made = {part: value for part, value in item.items() if part != name}
    if text:
        made[name] = text
    shadow = item.get(f"_{name}")
    if isinstance(shadow, Mapping):
        plain = extensions.without(shadow, XHTML)
        made.pop(f"_{name}")
        if plain and text:
            made[f"_{name}"] = plain
    return made


def _write_prefix(item: Item, text: str) -> Item:
    return _write_text(item, text, "prefix")


def _companion(item: Json, *codes: str) -> tuple[int, Item] | None:
    for place, below in enumerate(items_of(item)):
        if isinstance(below, dict) and is_companion(below, item) and control_of(below) in codes:
            return place, below
    return None


def _read_companion(item: Json, code: str) -> str:
    found = _companion(item, code)
    return _text(found[1], "text") if found else ""


def _write_companion(item: Item, text: str, code: str) -> Item:
    found, items = _companion(item, code), list(items_of(item))
    if found is None:
        if text:
            extension = [{"url": ITEM_CONTROL, **control(code)}]
            items.append({"linkId": "", "type": "display", "text": text, "extension": extension})
    elif text:
        items[found[0]] = _write_text(found[1], text)
    else:
        del items[found[0]]
    return with_items(item, items)


def _with_new_companion(item: Item, taken: set[str]) -> Item:
    items = [
        {**below, "linkId": new_link_id(taken)}
        if isinstance(below, dict) and below.get("linkId") == ""
        else below
        for below in items_of(item)
    ]
    return with_items(item, items)


def _read_help(item: Json) -> str:
    if (found := _companion(item, "help", "flyover")) is not None:
        return _text(found[1], "text")
    for one in extensions.every(item, HELP_TEXT):
        text = extensions.value(one, "text")
        return text if isinstance(text, str) else ""
    instruction = extensions.value(item, INSTRUCTION)
    return instruction if isinstance(instruction, str) else ""


def _write_help(item: Item, text: str) -> Item:
    if (found := _companion(item, "help", "flyover")) is not None:
        return _write_companion(item, text, control_of(found[1]))
    known = next(iter(extensions.every(item, HELP_TEXT)), None)
    if known is None and any(extensions.every(item, INSTRUCTION)):
        return extensions.with_value(item, INSTRUCTION, {"valueString": text} if text else None)
    if not text:
        return extensions.without(item, HELP_TEXT)
    inner = extensions.without(known or {}, "xhtml")
    inner = extensions.with_value(inner, "text", {"valueString": text})
    return extensions.with_value(item, HELP_TEXT, {"extension": inner["extension"]})


# --- flags and choices ----------------------------------------------------------------------------------------


def _flag(name: str) -> tuple[Callable[[Json], bool], Write]:
    def write(item: Item, on: bool) -> Item:
        rest = {part: value for part, value in item.items() if part != name}
        return {**rest, name: True} if on else rest

    return lambda item: item.get(name) is True, write


def _write_repeats(item: Item, on: bool) -> Item:
    """How many answers there may be means nothing where there is one."""
    made = _flag("repeats")[1](item, on)
    return made if on else extensions.without(made, MIN_OCCURS, MAX_OCCURS)


def _flag_extension(url: str) -> tuple[Callable[[Json], bool], Write]:
    def write(item: Item, on: bool) -> Item:
        return extensions.with_value(item, url, {"valueBoolean": True} if on else None)

    return lambda item: extensions.value(item, url) is True, write


def _extension_text(url: str, name: str = "valueString") -> tuple[Callable[[Json], str], Write]:
    def read(item: Json) -> str:
        found = extensions.value(item, url)
        return found if isinstance(found, str) else ""

    return read, lambda item, text: extensions.with_value(item, url, {name: text} if text else None)


def _extension_count(url: str) -> tuple[Callable[[Json], int | None], Write]:
    def read(item: Json) -> int | None:
        found = extensions.value(item, url)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    return read, lambda item, count: extensions.with_value(
        item, url, {"valueInteger": count} if count else None
    )


def _write_control(item: Item, code: str) -> Item:
    return extensions.with_value(item, ITEM_CONTROL, control(code) if code else None)


# --- numbers --------------------------------------------------------------------------------------------------


def _read_bound(item: Json, urls: tuple[str, ...]) -> Decimal | str | None:
    found = extensions.value(item, *urls)
    if isinstance(found, Mapping):
        found = found.get("value")
    return found if isinstance(found, str) else decimal_of(found)


def _bound(urls: tuple[str, ...]) -> tuple[Callable[[Json], Any], Write]:
    def write(item: Item, bound: Decimal | str | None) -> Item:
        if bound is None or bound == "":
            return extensions.without(item, *urls)
        item_type = item.get("type")
        if isinstance(bound, str):
            name = (
                "valueDate"
                if item_type == "date"
                else "valueTime"
                if item_type == "time"
                else "valueDateTime"
            )
            return extensions.with_value(item, urls, {name: bound})
        if item_type == "quantity":
            return extensions.with_value(item, urls[::-1], {"valueQuantity": {"value": json_number(bound)}})
        name = (
            "valueInteger"
            if item_type == "integer" and bound == bound.to_integral_value()
            else "valueDecimal"
        )
        return extensions.with_value(item, urls, {name: json_number(bound)})

    return lambda item: _read_bound(item, urls), write


def _moment(urls: tuple[str, ...]) -> tuple[Callable[[Json], Any], Write]:
    return lambda item: answer_rules.read_moment(item, urls), lambda item, moment: answer_rules.write_moment(
        item, urls, moment
    )


def _read_decimals(item: Json) -> int:
    found = extensions.value(item, MAX_DECIMALS)
    if isinstance(found, int) and not isinstance(found, bool):
        return found
    return 0 if item.get("type") == "integer" else 2


def _write_decimals(item: Item, places: int) -> Item:
    if item.get("type") == "quantity":
        return extensions.with_value(item, MAX_DECIMALS, {"valueInteger": places})
    if places == 0:
        made = extensions.without({**item, "type": "integer"}, MAX_DECIMALS)
    else:
        made = extensions.with_value({**item, "type": "decimal"}, MAX_DECIMALS, {"valueInteger": places})
    for urls in (MIN_VALUES, MAX_VALUES):
        bound = _read_bound(made, urls)
        if isinstance(bound, Decimal):
            made = _bound(urls)[1](made, bound)
    if isinstance(initial := read_initial(item), Decimal):
        fits = places > 0 or initial == initial.to_integral_value()
        made = write_initial(made, initial if fits else None)
    return made


def _with_conditions_on(source: Source, link_id: str, item_type: str) -> Source:
    """Conditions that compare with a number are written as the question's answers are now."""
    name = {"integer": "answerInteger", "decimal": "answerDecimal"}.get(item_type)
    if name is None:
        return source
    for _, item in list(walk(source)):
        conditions = item.get("enableWhen")
        if not isinstance(conditions, list) or not any(
            isinstance(one, Mapping) and one.get("question") == link_id for one in conditions
        ):
            continue
        written = [_condition_as(one, link_id, name) for one in conditions]
        own = item.get("linkId")
        if isinstance(own, str):
            source = changed(source, own, lambda one, w=written: {**one, "enableWhen": w})  # type: ignore[misc]
    return source


def _condition_as(condition: Any, link_id: str, name: str) -> Any:
    if not isinstance(condition, Mapping) or condition.get("question") != link_id:
        return condition
    asked = condition.get("answerInteger", condition.get("answerDecimal"))
    number = decimal_of(asked)
    if number is None or (name == "answerInteger" and number != number.to_integral_value()):
        return condition
    rest = {part: v for part, v in condition.items() if part not in ("answerInteger", "answerDecimal")}
    return {**rest, name: json_number(number)}


def _read_step(item: Json) -> Decimal | None:
    return decimal_of(extensions.value(item, *SLIDER_STEPS))


def _write_step(item: Item, step: Decimal | None) -> Item:
    whole = step is not None and step == step.to_integral_value()
    if step is None:
        return extensions.without(item, *SLIDER_STEPS)
    urls = SLIDER_STEPS if whole else SLIDER_STEPS[::-1]
    name = "valueInteger" if whole else "valueDecimal"
    return extensions.with_value(item, urls, {name: json_number(step)})


def _read_max_length(item: Json) -> int | None:
    found = item.get("maxLength")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _write_max_length(item: Item, count: int | None) -> Item:
    rest = {part: value for part, value in item.items() if part != "maxLength"}
    return {**rest, "maxLength": count} if count else rest


def _write_units(item: Item, text: str) -> Item:
    """A number that it begins with in the question's own unit is in its own unit thereafter, too."""
    made, initial = units.write_units(item, text), read_initial(item)
    is_in_own = isinstance(initial, Decimal) and write_initial(item, initial) == item
    return write_initial(made, initial) if is_in_own else made


# --- all of them ----------------------------------------------------------------------------------------------

_EVERYTHING = frozenset(Kind)
_REPEATABLE = frozenset({Kind.FILE, Kind.NUMBER, Kind.NUMBER_WITH_UNIT}) | WRITTEN | _DATES
_BEGINS = frozenset({Kind.YES_NO}) | _DATES | WRITTEN | NUMBERS | LINES
_LISTS = frozenset({Kind.ONE_CHOICE, Kind.SEVERAL_CHOICES, Kind.OWN_WORDS})
_COUNTED = frozenset({Kind.ROWS, Kind.SEVERAL_CHOICES}) | _REPEATABLE

SETTINGS: Mapping[str, Setting] = {
    setting.name: setting
    for setting in (
        Setting("text", _EVERYTHING, lambda item: _text(item, "text"), _write_text),
        Setting("help", _EVERYTHING - {Kind.TEXT_TO_READ}, _read_help, _write_help),
        Setting("required", QUESTIONS, *_flag("required")),
        Setting("prefix", _EVERYTHING, lambda item: _text(item, "prefix"), _write_prefix),
        Setting("short_text", QUESTIONS, answer_rules.read_short_text, answer_rules.write_short_text),
        Setting("unit", LINES | {Kind.NUMBER}, units.read_unit, units.write_unit),
        Setting("units", frozenset({Kind.NUMBER_WITH_UNIT}), units.read_units, _write_units),
        Setting("least", NUMBERS | LINES | {Kind.DATE}, *_bound(MIN_VALUES)),
        Setting("most", NUMBERS | LINES | {Kind.DATE}, *_bound(MAX_VALUES)),
        Setting("earliest", _MOMENTS, *_moment(MIN_VALUES)),
        Setting("latest", _MOMENTS, *_moment(MAX_VALUES)),
        Setting("step", LINES, _read_step, _write_step),
        Setting("decimals", NUMBERS, _read_decimals, _write_decimals),
        Setting(
            "lower",
            LINES,
            lambda item: _read_companion(item, "lower"),
            lambda item, text: _write_companion(item, text, "lower"),
        ),
        Setting(
            "upper",
            LINES,
            lambda item: _read_companion(item, "upper"),
            lambda item, text: _write_companion(item, text, "upper"),
        ),
        Setting("pattern", WRITTEN, answer_rules.read_pattern, answer_rules.write_pattern),
        Setting("files", frozenset({Kind.FILE}), answer_rules.read_files, answer_rules.write_files),
        Setting("max_size", frozenset({Kind.FILE}), answer_rules.read_max_size, answer_rules.write_max_size),
        Setting("min_length", WRITTEN, *_extension_count(MIN_LENGTH)),
        Setting("max_length", WRITTEN, _read_max_length, _write_max_length),
        Setting("entry_format", WRITTEN | NUMBERS | _DATES, *_extension_text(ENTRY_FORMAT)),
        Setting("open_label", frozenset({Kind.OWN_WORDS}), *_extension_text(OPEN_LABEL)),
        Setting("control", CHOICES - {Kind.SEVERAL_CHOICES}, control_of, _write_control),
        Setting("orientation", _LISTS, *_extension_text(CHOICE_ORIENTATION, "valueCode")),
        Setting("repeats", _REPEATABLE, _flag("repeats")[0], _write_repeats),
        Setting("min_occurs", _COUNTED, *_extension_count(MIN_OCCURS), asks_for=_flag("repeats")[0]),
        Setting("max_occurs", _COUNTED, *_extension_count(MAX_OCCURS), asks_for=_flag("repeats")[0]),
        Setting("initial", _BEGINS, read_initial, write_initial),
        Setting("read_only", _BEGINS, *_flag("readOnly")),
        Setting("hidden", _EVERYTHING, *_flag_extension(HIDDEN)),
        Setting("is_copyright", frozenset({Kind.TEXT_TO_READ}), *_flag_extension(IS_COPYRIGHT)),
    )
}
"""In the order in which a form shows them."""
