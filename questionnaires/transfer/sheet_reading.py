"""A spreadsheet with our columns becomes a FHIR questionnaire."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.engine import ItemType
from questionnaires.engine import extension_urls as urls
from questionnaires.engine.vocabulary import VALUE_NAMES
from questionnaires.transfer.candidates import Candidate, FileRefused
from questionnaires.transfer.sheet_columns import (
    ANSWERED,
    COLUMN_NAMES,
    FACT_NAMES,
    NO,
    NOT_ANSWERED,
    OPERATORS,
    SEVERAL,
    SLIDER,
    TYPES,
    YES,
    Column,
    Fact,
)

_CONTROLS = "http://hl7.org/fhir/questionnaire-item-control"
_UCUM = "http://unitsofmeasure.org"
_UCUM_CODES = {
    **{code: code for code in ("kg", "g", "mg", "m", "cm", "mm", "l", "ml", "dl", "%", "h", "min", "s", "d")},
    "mmHg": "mm[Hg]",
    "mm[Hg]": "mm[Hg]",
    "°C": "Cel",
    "Cel": "Cel",
    "kg/m2": "kg/m2",
}
"""Units that we can name as UCUM does; any other is a word and nothing more."""
_LETTERS = str.maketrans({"æ": "ae", "ø": "oe", "å": "aa", "é": "e", "ü": "u", "ö": "oe", "ä": "ae"})
# Begins where the spaces do, so that a long row of them is gone through once.
_SPLIT = re.compile(r"(?<!\s)\s+(og|eller)\s+", re.IGNORECASE)
_OPERATION = re.compile("|".join(re.escape(sign) for sign in sorted(OPERATORS, key=len, reverse=True)))
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)?")
_DANISH_DATE = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4})")
MOST_FAULTS = 20


class _Fault(Exception):
    """A cell that says something else than its column may; the message is the sentence about it."""


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: Mapping[Column, str]

    def __getitem__(self, column: Column) -> str:
        return self.cells.get(column, "")


@dataclass(slots=True)
class _Sheet:
    facts: dict[Fact, str] = field(default_factory=dict)
    rows: list[_Row] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def questionnaire_in_rows(rows: list[list[str]], *, name: str, title: str) -> Candidate:
    """The questionnaire that the rows of a spreadsheet say; `title` where they have none.

    Raises FileRefused for a file without our headings. Every wrong cell is told, with its row.
    """
    sheet = _sheet(rows)
    items, faults = _items(sheet.rows)
    if faults:
        told = faults[:MOST_FAULTS]
        if len(faults) > MOST_FAULTS:
            told.append(_("… og %(count)s til") % {"count": len(faults) - MOST_FAULTS})
        return Candidate(name, refusal=" ".join(told))
    document: dict[str, Any] = {"resourceType": "Questionnaire", "status": "draft"}
    facts = {
        "url": sheet.facts.get(Fact.URL, ""),
        "title": sheet.facts.get(Fact.TITLE, "") or title,
        "description": sheet.facts.get(Fact.DESCRIPTION, ""),
        "language": sheet.facts.get(Fact.LANGUAGE, "") or "da",
        "publisher": sheet.facts.get(Fact.PUBLISHER, ""),
        "copyright": sheet.facts.get(Fact.COPYRIGHT, ""),
    }
    document |= {key: value for key, value in facts.items() if value}
    document["item"] = items
    notes: tuple[str, ...] = ()
    if sheet.unknown:
        notes = (_("Kolonner, der ikke er læst: %(names)s.") % {"names": ", ".join(sheet.unknown[:10])},)
    return Candidate(name, document=document, notes=notes)


def _sheet(rows: list[list[str]]) -> _Sheet:
    sheet = _Sheet()
    columns: dict[int, Column] = {}
    for line, cells in enumerate(rows, 1):
        if not any(cells):
            continue
        if columns:
            found = {column: cells[place] for place, column in columns.items() if place < len(cells)}
            if any(found.values()):
                sheet.rows.append(_Row(line, found))
            continue
        columns = _headings(cells)
        if columns:
            sheet.unknown = [cell[:40] for place, cell in enumerate(cells) if cell and place not in columns]
        elif (fact := FACT_NAMES.get(cells[0].lower().rstrip(":"))) is not None and len(cells) > 1:
            sheet.facts[fact] = cells[1]
    if not columns:
        raise FileRefused(
            _(
                "Filen er ikke et spørgeskema, vi kan læse. Et regneark skal have en række med overskrifterne "
                "»Spørgsmål« og »Type«."
            )
        )
    if not sheet.rows:
        raise FileRefused(_("Der er ingen spørgsmål under overskrifterne i regnearket."))
    return sheet


def _headings(cells: list[str]) -> dict[int, Column]:
    """Place → column where the row is the one of headings; the first of two with one name counts."""
    found: dict[int, Column] = {}
    for place, cell in enumerate(cells):
        column = COLUMN_NAMES.get(" ".join(cell.lower().split()))
        if column is not None and column not in found.values():
            found[place] = column
    return found if {Column.QUESTION, Column.TYPE} <= set(found.values()) else {}


def _items(rows: list[_Row]) -> tuple[list[dict[str, Any]], list[str]]:
    items: list[dict[str, Any]] = []
    faults: list[str] = []
    questions: dict[str, dict[str, Any]] = {}
    section: dict[str, Any] | None = None
    for number, row in enumerate(rows, 1):
        if (text := row[Column.SECTION]) and (section is None or section["text"] != text):
            sections = sum(one["type"] == "group" for one in items) + 1
            section = {"linkId": f"afsnit-{sections}", "type": "group", "text": text, "item": []}
            items.append(section)
        try:
            item = _item(row, number, questions)
        except _Fault as fault:
            faults.append(_("Række %(line)s: %(what)s") % {"line": row.line, "what": fault})
            continue
        questions[item["linkId"].casefold()] = item
        (items if section is None else section["item"]).append(item)
    return items, faults


def _item(row: _Row, number: int, questions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    word = " ".join(row[Column.TYPE].lower().split())
    type_ = TYPES.get(word)
    if type_ is None:
        names = ", ".join(f"»{name}«" for name in TYPES)
        raise _Fault(
            _("Typen »%(word)s« kendes ikke. Skriv en af %(names)s.") % {"word": word[:40], "names": names}
        )
    link_id = row[Column.NUMBER] or str(number)
    if link_id.casefold() in questions:
        raise _Fault(_("Nummeret »%(number)s« bruges af to rækker.") % {"number": link_id[:40]})
    if not row[Column.QUESTION]:
        raise _Fault(_("Der mangler en tekst under »Spørgsmål«."))
    item: dict[str, Any] = {"linkId": link_id, "type": type_.value, "text": row[Column.QUESTION]}
    if row[Column.CONDITION]:
        item |= _conditions(row[Column.CONDITION], questions)
    if type_ is ItemType.DISPLAY:
        return item
    if _is_yes(row[Column.REQUIRED], Column.REQUIRED):
        item["required"] = True
    if word == SEVERAL:
        item["repeats"] = True
    extensions = list(_extensions(row, type_, is_slider=word == SLIDER))
    if extensions:
        item["extension"] = extensions
    if type_.is_choice:
        item["answerOption"] = list(_options(row[Column.OPTIONS]))
    elif row[Column.OPTIONS]:
        raise _Fault(_("Kun »valg« kan have svarmuligheder."))
    return item


def _extensions(row: _Row, type_: ItemType, *, is_slider: bool) -> Iterator[dict[str, Any]]:
    if is_slider:
        coding = {"system": _CONTROLS, "code": "slider"}
        yield {"url": urls.ITEM_CONTROL, "valueCodeableConcept": {"coding": [coding]}}
        if not (row[Column.LEAST] and row[Column.MOST]):
            raise _Fault(_("En skala skal have et tal under »Mindst« og et under »Højst«."))
    for column, url in ((Column.LEAST, urls.MIN_VALUES[0]), (Column.MOST, urls.MAX_VALUES[0])):
        if not (text := row[column]):
            continue
        if type_ in (ItemType.STRING, ItemType.TEXT):
            raise _Fault(_("»%(column)s« kan ikke bruges ved tekst.") % {"column": column.value})
        if type_ not in (ItemType.INTEGER, ItemType.DECIMAL, ItemType.QUANTITY, ItemType.DATE):
            raise _Fault(_("»%(column)s« kan kun bruges ved tal og datoer.") % {"column": column.value})
        bound = ItemType.DECIMAL if type_ is ItemType.QUANTITY else type_
        yield {"url": url, VALUE_NAMES[bound]: _value(text, bound)}
    if unit := row[Column.UNIT]:
        if not type_.is_numeric:
            raise _Fault(_("Kun tal kan have en enhed."))
        yield {"url": urls.UNIT, "valueCoding": _unit(unit)}
    if help_text := row[Column.HELP]:
        yield {"url": urls.HELP_TEXT, "extension": [{"url": "text", "valueString": help_text}]}


def _unit(words: str) -> dict[str, str]:
    code = _UCUM_CODES.get(words)
    return {"system": _UCUM, "code": code, "display": words} if code else {"display": words}


def _options(text: str) -> Iterator[dict[str, Any]]:
    labels = [label.strip() for label in text.split("|" if "|" in text else ";") if label.strip()]
    if not labels:
        raise _Fault(_("Skriv svarmulighederne med ; eller | imellem."))
    codes: set[str] = set()
    for label in labels:
        words, weight = _weighed(label)
        code = stem = re.sub(r"[^a-z0-9]+", "-", words.lower().translate(_LETTERS)).strip("-") or "svar"
        copy = 1
        while code in codes:
            copy += 1
            code = f"{stem}-{copy}"
        codes.add(code)
        option: dict[str, Any] = {"valueCoding": {"code": code, "display": words}}
        if weight:
            points = _number(weight, whole=False)
            option["extension"] = [{"url": urls.WEIGHTS[0], "valueDecimal": points}]
        yield option


def _weighed(label: str) -> tuple[str, str]:
    """“Ofte = 2” gives the words and the points; without points the label and nothing."""
    words, _sign, points = (part.strip() for part in label.rpartition("="))
    return (words, points) if words and _NUMBER.fullmatch(points) else (label, "")


def _conditions(text: str, questions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """“1 = Ja og 2 >= 3”: questions by their numbers; all “og” or all “eller”."""
    parts = _SPLIT.split(text)
    words = {word.lower() for word in parts[1::2]}
    if len(words) > 1:
        raise _Fault(_("»Vises når« kan ikke blande »og« med »eller«."))
    behavior = {"enableBehavior": "any" if words == {"eller"} else "all"} if words else {}
    return {"enableWhen": [_condition(part.strip(), questions) for part in parts[::2]], **behavior}


def _condition(text: str, questions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    for words, exists in ((NOT_ANSWERED, False), (ANSWERED, True)):
        if text.lower().endswith(words):
            asked = _asked(text[: -len(words)], questions)
            return {"question": asked["linkId"], "operator": "exists", "answerBoolean": exists}
    sign = _OPERATION.search(text)
    if sign is None:
        raise _Fault(
            _("»Vises når« skal skrives som »1 = Ja«, »2 >= 3« eller »1 er besvaret«, ikke »%(text)s«.")
            % {"text": text[:60]}
        )
    asked = _asked(text[: sign.start()], questions)
    operator, wanted = OPERATORS[sign[0]], text[sign.end() :].strip().strip("»«\"'")
    return {"question": asked["linkId"], "operator": operator, **_wanted(asked, wanted)}


def _asked(number: str, questions: dict[str, dict[str, Any]]) -> dict[str, Any]:
    asked = questions.get(number.strip().strip("»«\"'").casefold())
    if asked is None:
        raise _Fault(
            _("»Vises når« nævner nummer »%(number)s«, som ikke står i en række ovenfor.")
            % {"number": number.strip()[:40]}
        )
    return asked


def _wanted(asked: dict[str, Any], text: str) -> dict[str, Any]:
    type_ = ItemType(asked["type"])
    if type_.is_choice:
        for option in asked["answerOption"]:
            coding = option["valueCoding"]
            if text.casefold() in (coding["display"].casefold(), coding["code"].casefold()):
                return {"answerCoding": coding}
        raise _Fault(
            _("»Vises når« venter svaret »%(text)s«, som ikke er en svarmulighed i »%(question)s«.")
            % {"text": text[:40], "question": asked["text"][:60]}
        )
    if not type_.is_question or type_ is ItemType.ATTACHMENT:
        raise _Fault(_("»Vises når« kan ikke spørge til »%(text)s«.") % {"text": asked["text"][:60]})
    if type_ is ItemType.QUANTITY:
        return {"answerQuantity": {"value": _value(text, ItemType.DECIMAL)}}
    name = VALUE_NAMES[type_].replace("value", "answer")
    return {name if type_ is not ItemType.URL else "answerString": _value(text, type_)}


def _value(text: str, type_: ItemType) -> Any:
    match type_:
        case ItemType.BOOLEAN:
            return _is_yes(text, Column.CONDITION)
        case ItemType.INTEGER | ItemType.DECIMAL:
            return _number(text, whole=type_ is ItemType.INTEGER)
        case ItemType.DATE:
            danish = _DANISH_DATE.fullmatch(text)
            return f"{danish[3]}-{int(danish[2]):02d}-{int(danish[1]):02d}" if danish else text
    return text


def _number(text: str, *, whole: bool) -> int | float:
    if not _NUMBER.fullmatch(text) or len(text) > 30:
        raise _Fault(_("»%(text)s« er ikke et tal.") % {"text": text[:40]})
    value = float(text.replace(",", "."))
    if value.is_integer():
        return int(value)
    if whole:
        raise _Fault(_("»%(text)s« er ikke et helt tal.") % {"text": text[:40]})
    return value


def _is_yes(text: str, column: Column) -> bool:
    word = text.strip().lower()
    if word in YES:
        return True
    if word in NO:
        return False
    raise _Fault(
        _("Skriv ja eller nej under »%(column)s«, ikke »%(text)s«.")
        % {"column": column.value, "text": text[:40]}
    )
