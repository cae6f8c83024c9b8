"""One item of a questionnaire: from its JSON and extensions to the plain attributes of `Item`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import regex  # type: ignore[import-untyped, unused-ignore]

from .conditions import Tree, read_conditions
from .definition import VALUE_NAMES, AnswerValue, Expression, Item, ItemControl, ItemType, Option, Orientation
from .expressions import ExpressionError, parse
from .options import option_for
from .reading import (
    CALCULATED,
    CHOICE_ORIENTATION,
    CQF_EXPRESSION,
    ENABLE_WHEN_EXPRESSION,
    ENTRY_FORMAT,
    HIDDEN,
    ITEM_CONTROL,
    MAX_DECIMALS,
    MAX_VALUE,
    MIN_LENGTH,
    MIN_VALUE,
    REGEX,
    SHORT_TEXT,
    SLIDER_STEP,
    SLIDER_STEP_DECIMAL,
    UNIT,
    UNIT_OPTION,
    XHTML,
    Json,
    Reader,
    extension,
    extension_text,
    extension_value,
    member,
)
from .values import comparable, decimal_of, only_value

_NOT_ASKABLE = (ItemType.ATTACHMENT, ItemType.REFERENCE)
_TAKES_MAX_LENGTH = frozenset(
    {
        ItemType.BOOLEAN,
        ItemType.DECIMAL,
        ItemType.INTEGER,
        ItemType.STRING,
        ItemType.TEXT,
        ItemType.URL,
        ItemType.OPEN_CHOICE,
    }
)
_COMPANIONS = frozenset(
    {ItemControl.HELP, ItemControl.FLYOVER, ItemControl.UNIT, ItemControl.LOWER, ItemControl.UPPER}
)


@dataclass(frozen=True, slots=True)
class RawItem:
    """An item found in the resource, before it is built."""

    json: Json
    path: str
    link_id: str
    type: ItemType
    parent: str | None
    options: tuple[Option, ...]


def control_of(json: Json) -> tuple[ItemControl | None, str]:
    """The first item control that is known, and the first that is not ("" without one)."""
    concept = extension_value(json, ITEM_CONTROL, "valueCodeableConcept")
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    unknown = ""
    for coding in codings if isinstance(codings, list | tuple) else ():
        code = coding.get("code") if isinstance(coding, Mapping) else None
        control = member(ItemControl, code)
        if control is not None:
            return control, unknown
        unknown = unknown or str(code)
    return None, unknown


def is_companion(item: Item) -> bool:
    """Is it a help text, unit or end label that belongs to its parent rather than stands by itself?

    One with conditions or children of its own stays an item, so that it can come and go.
    """
    return (
        item.type is ItemType.DISPLAY
        and item.control in _COMPANIONS
        and item.parent is not None
        and not (item.enable_when or item.items)
    )


def build_item(raw: RawItem, children: Sequence[Item], *, tree: Tree, reader: Reader) -> Item:
    """The finished item. Its companions among `children` become its help text, unit and end labels."""
    json, path, link_id, item_type = raw.json, raw.path, raw.link_id, raw.type
    companions = {child.control: child for child in reversed(children) if is_companion(child)}
    shown = tuple(child for child in children if not is_companion(child))
    help_item = companions.get(ItemControl.HELP) or companions.get(ItemControl.FLYOVER)
    control, unknown_control = control_of(json)
    if unknown_control and control is None:
        reader.report("item.control-unknown", path, link_id=link_id, control=unknown_control)
    calculated, uncalculable = _calculated(json, path, link_id, item_type, reader)
    minimum, maximum = _bounds(json, path, link_id, item_type, reader)
    initial = _initial(raw, reader)
    enable_when, behavior = read_conditions(json, path, link_id, tree=tree, reader=reader)
    unit, unit_coding = _unit(json, initial)
    hidden = extension_value(json, HIDDEN, "valueBoolean") is True
    item = Item(
        link_id=link_id,
        type=item_type,
        text=reader.text(json, "text", path),
        prefix=reader.text(json, "prefix", path),
        short_text=extension_text(json.get("_text"), SHORT_TEXT) or extension_text(json, SHORT_TEXT),
        help_text=help_item.text if help_item else "",
        xhtml=extension_text(json.get("_text"), XHTML),
        help_xhtml=help_item.xhtml if help_item else "",
        required=reader.flag(json, "required", path) and item_type is not ItemType.DISPLAY,
        repeats=reader.flag(json, "repeats", path) and item_type is not ItemType.DISPLAY,
        read_only=reader.flag(json, "readOnly", path) or uncalculable,
        hidden=hidden,
        control=control,
        orientation=_orientation(json),
        max_length=_max_length(json, path, link_id, item_type, reader),
        min_length=_count(json, MIN_LENGTH),
        regex=_pattern(json, path, link_id, reader),
        entry_format=extension_text(json, ENTRY_FORMAT),
        max_decimal_places=_count(json, MAX_DECIMALS),
        min_value=minimum,
        max_value=maximum,
        step=_step(json),
        unit=unit or (companions[ItemControl.UNIT].text if ItemControl.UNIT in companions else ""),
        unit_coding=unit_coding,
        lower_label=companions[ItemControl.LOWER].text if ItemControl.LOWER in companions else "",
        upper_label=companions[ItemControl.UPPER].text if ItemControl.UPPER in companions else "",
        options=raw.options,
        open_choice=item_type is ItemType.OPEN_CHOICE,
        initial=initial,
        enable_when=enable_when,
        enable_behavior=behavior,
        calculated=calculated,
        codes=tuple(code for _, code in reader.objects(json, "code", path)),
        items=shown,
        parent=raw.parent,
        path=path,
    )
    _check(item, json, children, reader)
    return item


def _check(item: Item, json: Json, children: Sequence[Item], reader: Reader) -> None:
    """The invariants of R4 that a form can break and still be asked (que-1 to que-9)."""

    def say(key: str) -> None:
        reader.report(key, item.path, link_id=item.link_id, label=item.label, type=item.type)

    if item.type in _NOT_ASKABLE and not item.hidden:
        say("item.not-askable")
    if item.type is ItemType.GROUP and not children:
        say("item.empty-group")
    if item.type is ItemType.DISPLAY:
        if children:
            say("item.display-children")
        if item.codes:
            say("item.display-code")
        if json.get("required") is True or json.get("repeats") is True:
            say("item.display-flags")
        if item.read_only:
            say("item.display-read-only")
    if item.is_asked and not (item.text or item.xhtml or item.prefix):
        say("item.no-text")
    if extension(json, ENABLE_WHEN_EXPRESSION) is not None:
        say("condition.expression")
    if item.hidden and item.required and item.type.is_question and not (item.initial or item.calculated):
        say("item.hidden-required")


def _orientation(json: Json) -> Orientation | None:
    return member(Orientation, extension_text(json, CHOICE_ORIENTATION))


def _count(json: Json, url: str) -> int | None:
    value = extension_value(json, url, "valueInteger")
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _max_length(json: Json, path: str, link_id: str, item_type: ItemType, reader: Reader) -> int | None:
    length = reader.whole_number(json, "maxLength", path)
    if length is not None and item_type not in _TAKES_MAX_LENGTH:
        reader.report("item.unexpected-max-length", path, link_id=link_id, type=item_type)
        return None
    return length if length is not None and length > 0 else None


def _pattern(json: Json, path: str, link_id: str, reader: Reader) -> str:
    pattern = extension_text(json, REGEX)
    if pattern:
        try:
            regex.compile(pattern)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            reader.report("item.regex-invalid", path, link_id=link_id, reason=error)
            return ""
    return pattern


def _step(json: Json) -> Decimal | None:
    for url in (SLIDER_STEP, SLIDER_STEP_DECIMAL):
        step = decimal_of(extension_value(json, url, "valueInteger", "valueDecimal"))
        if step is not None and step > 0:
            return step
    return None


def _unit(json: Json, initial: Sequence[AnswerValue]) -> tuple[str, Json | None]:
    coding = extension_value(json, UNIT, "valueCoding") or extension_value(json, UNIT_OPTION, "valueCoding")
    if isinstance(coding, Mapping):
        return str(coding.get("display") or coding.get("code") or ""), coding
    quantity = next((answer["valueQuantity"] for answer in initial if "valueQuantity" in answer), None)
    if isinstance(quantity, Mapping) and isinstance(quantity.get("unit"), str):
        return quantity["unit"], {name: quantity[name] for name in ("system", "code") if name in quantity}
    return "", None


def _bounds(
    json: Json, path: str, link_id: str, item_type: ItemType, reader: Reader
) -> tuple[Decimal | str | None, Decimal | str | None]:
    low, high = _bound(json, MIN_VALUE, item_type), _bound(json, MAX_VALUE, item_type)
    if low is not None and high is not None and type(low) is type(high) and low > high:  # type: ignore[operator]
        reader.report("item.bounds-reversed", path, link_id=link_id)
        return None, None
    return low, high


def _bound(json: Json, url: str, item_type: ItemType) -> Decimal | str | None:
    found = only_value(extension(json, url))
    if found is None:
        return None
    name, value = next(iter(found.items()))
    if item_type.is_numeric:
        return decimal_of(value.get("value") if isinstance(value, Mapping) else value)
    known = comparable(VALUE_NAMES.get(item_type, name), value)
    return value if known is not None and isinstance(value, str) else None


def _calculated(
    json: Json, path: str, link_id: str, item_type: ItemType, reader: Reader
) -> tuple[Expression | None, bool]:
    """The calculation, and whether there is one that cannot be done (then nobody should be asked instead)."""
    found = extension(json, CALCULATED, CQF_EXPRESSION)
    if found is None or not item_type.is_question:
        return None, False
    value = found.get("valueExpression")
    if isinstance(value, Mapping):
        expression = Expression(reader.text(value, "language", path), reader.text(value, "expression", path))
    else:
        # Forms in production write the bare expression as a string (seen in Norway's).
        expression = Expression("text/fhirpath", reader.text(found, "valueString", path))
    if not expression.is_fhirpath:
        reader.report("expression.language", path, link_id=link_id, language=expression.language or "?")
        return None, True
    try:
        parse(expression.text)
    except ExpressionError as error:
        reader.report("expression.invalid", path, link_id=link_id, reason=error)
        return None, True
    return expression, False


def _initial(raw: RawItem, reader: Reader) -> tuple[AnswerValue, ...]:
    """The answers the item starts with: initial, or the options marked initialSelected (que-8, que-11, que-13)."""
    given = list(reader.objects(raw.json, "initial", raw.path))
    if not raw.type.is_question:
        if given:
            reader.report("item.unexpected-initial", raw.path, link_id=raw.link_id)
        return ()
    if given and raw.json.get("answerOption"):
        reader.report("item.initial-with-options", raw.path, link_id=raw.link_id)
    answers = [option.value for option in raw.options if option.initially_selected]
    for path, element in given:
        value = only_value(element)
        if value is None or not _is_answer(value, raw):
            reader.report("item.initial-type", path, link_id=raw.link_id)
        elif value not in answers:
            answers.append(value)
    if len(answers) > 1 and raw.json.get("repeats") is not True:
        reader.report("item.several-initial", raw.path, link_id=raw.link_id)
        answers = answers[:1]
    return tuple(answers)


def _is_answer(value: Mapping[str, Any], raw: RawItem) -> bool:
    if raw.options and option_for(raw.options, value) is not None:
        return True
    if raw.type is ItemType.OPEN_CHOICE and "valueString" in value:
        return True
    return VALUE_NAMES[raw.type] in value and not (raw.options and raw.type is ItemType.CHOICE)
