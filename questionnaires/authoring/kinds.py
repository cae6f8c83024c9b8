"""The elements in the words of those who build, and how each is written.

A kind is read from what the element is (`kind_of`); nothing is stored for it.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

from questionnaires.engine.extension_urls import ITEM_CONTROL, MAX_VALUES, MIN_VALUES

from . import extensions
from .tree import Json, items_of

CONTROL_SYSTEM = "http://hl7.org/fhir/questionnaire-item-control"
TABLES = frozenset({"table", "htable", "gtable", "atable"})
COMPANIONS = frozenset({"help", "flyover", "unit", "lower", "upper"})


class Kind(StrEnum):
    """What can be added."""

    SECTION = "section"
    TEXT_TO_READ = "text-to-read"
    YES_NO = "yes-no"
    ONE_CHOICE = "one-choice"
    SEVERAL_CHOICES = "several-choices"
    OWN_WORDS = "own-words"
    NUMBER = "number"
    NUMBER_WITH_UNIT = "number-with-unit"
    LINE_TO_10 = "line-to-10"
    LINE_TO_100 = "line-to-100"
    DATE = "date"
    TIME = "time"
    DATE_AND_TIME = "date-and-time"
    SHORT_TEXT = "short-text"
    LONG_TEXT = "long-text"
    LINK = "link"
    FILE = "file"
    ROWS = "rows"
    MATRIX = "matrix"
    OTHER = "other"
    """Only read, never added: a reference."""


ADDABLE = tuple(kind for kind in Kind if kind is not Kind.OTHER)
GROUPS = frozenset({Kind.SECTION, Kind.ROWS, Kind.MATRIX})
CHOICES = frozenset({Kind.ONE_CHOICE, Kind.SEVERAL_CHOICES, Kind.OWN_WORDS})
LINES = frozenset({Kind.LINE_TO_10, Kind.LINE_TO_100})

_OF_TYPE: Mapping[str, Kind] = {
    "display": Kind.TEXT_TO_READ,
    "boolean": Kind.YES_NO,
    "open-choice": Kind.OWN_WORDS,
    "integer": Kind.NUMBER,
    "decimal": Kind.NUMBER,
    "quantity": Kind.NUMBER_WITH_UNIT,
    "date": Kind.DATE,
    "time": Kind.TIME,
    "dateTime": Kind.DATE_AND_TIME,
    "string": Kind.SHORT_TEXT,
    "text": Kind.LONG_TEXT,
    "url": Kind.LINK,
    "attachment": Kind.FILE,
}


def control_of(item: Json) -> str:
    """The code of how the element wants to be shown, "" where it does not say."""
    concept = extensions.value(item, ITEM_CONTROL)
    codings = concept.get("coding") if isinstance(concept, Mapping) else None
    for coding in codings if isinstance(codings, list) else ():
        if isinstance(coding, Mapping) and isinstance(coding.get("code"), str):
            return str(coding["code"])
    return ""


def control(code: str) -> dict[str, Any]:
    """The value of an itemControl extension."""
    return {"valueCodeableConcept": {"coding": [{"system": CONTROL_SYSTEM, "code": code}]}}


def kind_of(item: Json) -> Kind:
    """What the element is to those who build."""
    item_type = item.get("type")
    if item_type == "group":
        if item.get("repeats") is True:
            return Kind.ROWS
        return Kind.MATRIX if control_of(item) in TABLES else Kind.SECTION
    if item_type == "choice":
        return Kind.SEVERAL_CHOICES if item.get("repeats") is True else Kind.ONE_CHOICE
    if item_type in ("integer", "decimal", "quantity") and control_of(item) == "slider":
        return Kind.LINE_TO_100 if (_number(item, MAX_VALUES) or 0) > 10 else Kind.LINE_TO_10
    return _OF_TYPE.get(str(item_type), Kind.OTHER)


def is_companion(item: Json, parent: Json | None) -> bool:
    """Is it the help text, unit or end label of its parent, and so a setting of it rather than an element?"""
    return (
        parent is not None
        and item.get("type") == "display"
        and control_of(item) in COMPANIONS
        and not (item.get("enableWhen") or items_of(item))
    )


def can_hold(kind: Kind) -> bool:
    """Can other elements stand inside it?"""
    return kind in GROUPS


def made(kind: Kind, new_id: Callable[[], str], scale: list[Any]) -> dict[str, Any]:
    """A new element. `scale` are the options that a choice begins with; texts are left for the person to write."""
    item: dict[str, Any] = {"linkId": new_id(), "type": _TYPES[kind]}
    match kind:
        case Kind.SEVERAL_CHOICES | Kind.ROWS:
            item["repeats"] = True
        case Kind.LINE_TO_10 | Kind.LINE_TO_100:
            top = 10 if kind is Kind.LINE_TO_10 else 100
            item["extension"] = [
                {"url": ITEM_CONTROL, **control("slider")},
                {"url": MIN_VALUES[0], "valueInteger": 0},
                {"url": MAX_VALUES[0], "valueInteger": top},
            ]
        case Kind.MATRIX:
            item["extension"] = [{"url": ITEM_CONTROL, **control("gtable")}]
            item["item"] = [made(Kind.ONE_CHOICE, new_id, scale) for _ in range(2)]
    if kind in CHOICES and scale:
        item["answerOption"] = scale
    return item


_TYPES: Mapping[Kind, str] = {
    Kind.SECTION: "group",
    Kind.TEXT_TO_READ: "display",
    Kind.YES_NO: "boolean",
    Kind.ONE_CHOICE: "choice",
    Kind.SEVERAL_CHOICES: "choice",
    Kind.OWN_WORDS: "open-choice",
    Kind.NUMBER: "integer",
    Kind.NUMBER_WITH_UNIT: "quantity",
    Kind.LINE_TO_10: "integer",
    Kind.LINE_TO_100: "integer",
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.DATE_AND_TIME: "dateTime",
    Kind.SHORT_TEXT: "string",
    Kind.LONG_TEXT: "text",
    Kind.LINK: "url",
    Kind.FILE: "attachment",
    Kind.ROWS: "group",
    Kind.MATRIX: "group",
}


def _number(item: Json, urls: tuple[str, ...]) -> float | None:
    found = extensions.value(item, *urls)
    if isinstance(found, Mapping):
        found = found.get("value")
    return found if isinstance(found, int | float) and not isinstance(found, bool) else None
