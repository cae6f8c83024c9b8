"""A questionnaire as the rows of a spreadsheet with our columns: what people plan and comment in.

Texts, types, options with scores, conditions, limits and help come along. What only FHIR can say (calculations,
translations, pictures, groups in groups) does not: the FHIR file is the one that loses nothing.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.engine import Behavior, Definition, EnableWhen, Item, ItemControl, ItemType, Operator
from questionnaires.transfer.sheet_columns import (
    ANSWERED,
    NOT_ANSWERED,
    SEVERAL,
    SLIDER,
    TYPE_NAMES,
    Column,
    Fact,
)


def rows_of(definition: Definition) -> tuple[list[list[str]], int]:
    """The rows, and which of them holds the headings (from 1)."""
    source = definition.source
    facts = {
        Fact.TITLE: definition.title,
        Fact.URL: definition.url,
        Fact.DESCRIPTION: definition.description,
        Fact.LANGUAGE: definition.language,
        Fact.PUBLISHER: _text(source, "publisher"),
        Fact.COPYRIGHT: _text(source, "copyright"),
    }
    rows = [[fact.value, words] for fact, words in facts.items() if words]
    rows.append([])
    rows.append([column.value for column in Column])
    header = len(rows)
    for section, item in _questions(definition.items, ""):
        cells = {Column.SECTION: section, **_cells(item, definition)}
        rows.append([cells.get(column, "") for column in Column])
    return rows, header


def example_rows() -> tuple[list[list[str]], int]:
    """A little questionnaire that shows each column at work, and which row holds the headings."""
    examples: list[dict[Column, str]] = [
        {Column.QUESTION: "Har du haft smerter i denne uge?", Column.TYPE: "ja/nej", Column.REQUIRED: "ja"},
        {
            Column.QUESTION: "Hvor ofte?",
            Column.TYPE: "valg",
            Column.OPTIONS: "Sjældent = 0 | Af og til = 1 | Ofte = 2",
            Column.CONDITION: "1 = ja",
        },
        {
            Column.QUESTION: "Hvor stærke var de?",
            Column.TYPE: SLIDER,
            Column.HELP: "0 er ingen smerter, 10 er de værst tænkelige.",
            Column.CONDITION: "1 = ja og 2 er besvaret",
            Column.LEAST: "0",
            Column.MOST: "10",
        },
        {
            Column.SECTION: "Om dig",
            Column.QUESTION: "Hvad vejer du?",
            Column.TYPE: "tal",
            Column.LEAST: "20",
            Column.MOST: "300",
            Column.UNIT: "kg",
        },
        {Column.SECTION: "Om dig", Column.QUESTION: "Tak for dine svar.", Column.TYPE: "information"},
    ]
    rows = [[Fact.TITLE.value, "Smerter i hverdagen"], [Fact.LANGUAGE.value, "da"], []]
    rows.append([column.value for column in Column])
    header = len(rows)
    for number, cells in enumerate(examples, 1):
        cells = {Column.SECTION: "Smerter", Column.NUMBER: str(number), **cells}
        rows.append([cells.get(column, "") for column in Column])
    return rows, header


def _questions(items: tuple[Item, ...], section: str) -> Iterator[tuple[str, Item]]:
    """Each question with the outermost section that it stands in."""
    for item in items:
        if item.type is ItemType.GROUP:
            yield from _questions(item.items, section or item.text or _("Afsnit"))
        else:
            yield section, item
            yield from _questions(item.items, section)


def _cells(item: Item, definition: Definition) -> dict[Column, str]:
    word = TYPE_NAMES.get(item.type, TYPE_NAMES[ItemType.STRING])
    if item.type is ItemType.CHOICE and item.repeats:
        word = SEVERAL
    if item.type is ItemType.INTEGER and item.control is ItemControl.SLIDER:
        word = SLIDER
    cells = {Column.NUMBER: item.link_id, Column.QUESTION: item.text or item.link_id, Column.TYPE: word}
    if item.type.is_choice:
        cells[Column.OPTIONS] = " | ".join(
            option.label + (f" = {_figure(option.weight)}" if option.weight is not None else "")
            for option in item.options
        )
    if item.required:
        cells[Column.REQUIRED] = "ja"
    cells[Column.HELP] = item.help_text
    join = " eller " if item.enable_behavior is Behavior.ANY else " og "
    cells[Column.CONDITION] = join.join(_condition(one, definition) for one in item.enable_when)
    least = item.min_value if item.min_value is not None else _quantity(item.min_quantity)
    most = item.max_value if item.max_value is not None else _quantity(item.max_quantity)
    cells[Column.LEAST] = "" if least is None else _figure(least)
    cells[Column.MOST] = "" if most is None else _figure(most)
    cells[Column.UNIT] = item.unit or str((item.unit_coding or {}).get("code") or "")
    return cells


def _condition(one: EnableWhen, definition: Definition) -> str:
    if one.operator is Operator.EXISTS:
        return f"{one.question} {ANSWERED if one.value.get('valueBoolean') else NOT_ANSWERED}"
    return f"{one.question} {one.operator.value} {_wanted(one, definition)}"


def _wanted(one: EnableWhen, definition: Definition) -> str:
    ((name, value),) = one.value.items()
    match value:
        case bool():
            return "ja" if value else "nej"
        case Mapping() if name == "valueCoding":
            asked = definition.by_link_id.get(one.question)
            for option in asked.options if asked is not None else ():
                coding = option.value.get("valueCoding", {})
                if coding.get("code") == value.get("code"):
                    return option.label
            return str(value.get("display") or value.get("code") or "")
        case Mapping():
            return _figure(value.get("value", ""))
    return _figure(value)


def _figure(value: object) -> str:
    if isinstance(value, Decimal):
        value = int(value) if value == value.to_integral_value() else value.normalize()
    text = str(value)
    return text.replace(".", ",") if isinstance(value, Decimal | float) else text


def _quantity(quantity: Mapping[str, Any] | None) -> object:
    return None if quantity is None else quantity.get("value")


def _text(source: Mapping[str, Any], name: str) -> str:
    value = source.get(name)
    return value if isinstance(value, str) else ""
