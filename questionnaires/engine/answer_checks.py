"""One answer held against its question: its type, its options, its length, bounds, unit, pattern and file."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from .definition import VALUE_NAMES, AnswerValue, Item, ItemType, Option
from .display import bounds_text
from .issues import Both, Issue, make_issue
from .occurrences import Occurrence
from .options import OPTION_VALUES
from .quantities import is_same_unit
from .ranges import is_comparable, is_outside
from .reading import clean_text
from .references import attachment_problem, reference_problem
from .regexes import PatternTime
from .rows import rows_of
from .values import MAX_INTEGER, are_equal, date_of, date_time_of, decimal_of, time_of, value_of

EXPECTED = {
    ItemType.BOOLEAN: Both("ja eller nej", "yes or no"),
    ItemType.DECIMAL: Both("et tal", "a number"),
    ItemType.INTEGER: Both("et helt tal", "a whole number"),
    ItemType.DATE: Both("en dato", "a date"),
    ItemType.DATE_TIME: Both("dato og klokkeslæt", "a date and time"),
    ItemType.TIME: Both("et klokkeslæt", "a time"),
    ItemType.STRING: Both("en tekst", "a text"),
    ItemType.TEXT: Both("en tekst", "a text"),
    ItemType.URL: Both("en internetadresse", "a web address"),
    ItemType.CHOICE: Both("en af svarmulighederne", "one of the options"),
    ItemType.OPEN_CHOICE: Both("en svarmulighed eller en tekst", "an option or a text"),
    ItemType.ATTACHMENT: Both("en fil", "a file"),
    ItemType.REFERENCE: Both("en henvisning", "a reference"),
    ItemType.QUANTITY: Both("et tal med enhed", "a number with a unit"),
}


@dataclass(slots=True)
class Judge:
    """Judges the answers of one response. `contained`: types of the resources inside it, by their ids."""

    contained: Mapping[str, str] = field(default_factory=dict)
    patterns: PatternTime = field(default_factory=PatternTime)

    def answer_issues(self, occurrence: Occurrence, index: int, answer: AnswerValue) -> Iterator[Issue]:
        """All that is wrong with the answer of this index."""
        item = occurrence.item
        found: tuple[str, Any] = value_of(answer) or ("", "")
        name, value = found
        if not is_of_type(item, name, value):
            yield occurrence_issue("answer.type", occurrence, index, expected=EXPECTED[item.type])
            return
        option_key = option_problem(item, name, value)
        if option_key is not None:
            facts = {"option": _label(item, name, value)} if option_key in _NAMES_OPTION else {}
            yield occurrence_issue(option_key, occurrence, index, **facts)
        if isinstance(value, str) and (item.type.is_text or item.type is ItemType.OPEN_CHOICE):
            yield from self._text_issues(occurrence, index, value)
        elif item.type.is_numeric:
            yield from self._number_issues(occurrence, index, name, value)
        elif item.type in (ItemType.DATE, ItemType.DATE_TIME, ItemType.TIME):
            if is_outside(item, name, value):
                key = "answer.time-bounds" if item.type is ItemType.TIME else "answer.date-bounds"
                yield occurrence_issue(key, occurrence, index, what=bounds_text(item))
        elif item.type in (ItemType.ATTACHMENT, ItemType.REFERENCE):
            problem = (
                attachment_problem(value, item)
                if item.type is ItemType.ATTACHMENT
                else reference_problem(value, item, self.contained)
            )
            if problem is not None:
                yield occurrence_issue(problem[0], occurrence, index, **problem[1])

    def _text_issues(self, occurrence: Occurrence, index: int, text: str) -> Iterator[Issue]:
        item = occurrence.item
        length = len(text)
        if item.max_length is not None and length > item.max_length:
            yield occurrence_issue("answer.too-long", occurrence, index, limit=item.max_length, length=length)
        if item.min_length is not None and length < item.min_length:
            yield occurrence_issue(
                "answer.too-short", occurrence, index, limit=item.min_length, length=length
            )
        if item.type is ItemType.STRING and ("\n" in text or "\r" in text):
            yield occurrence_issue("answer.line-break", occurrence, index)
        yield from self._pattern_issues(occurrence, index, text)

    def _pattern_issues(self, occurrence: Occurrence, index: int, text: str) -> Iterator[Issue]:
        item = occurrence.item
        if not item.regex:
            return
        fits = self.patterns.fits(item.regex, text)
        if fits is None:
            yield occurrence_issue("answer.pattern-slow", occurrence, index)
        elif not fits:
            hint = clean_text(item.entry_format)
            what = Both(f" Skriv det sådan: {hint}", f" Write it like this: {hint}") if hint else ""
            yield occurrence_issue("answer.pattern", occurrence, index, what=what)

    def _number_issues(self, occurrence: Occurrence, index: int, name: str, value: Any) -> Iterator[Issue]:
        item = occurrence.item
        # is_of_type has seen that there is a number.
        number = decimal_of(value.get("value") if isinstance(value, Mapping) else value) or Decimal(0)
        if is_outside(item, name, value):
            yield occurrence_issue("answer.number-bounds", occurrence, index, what=bounds_text(item))
        places = item.max_decimal_places
        digits = -int(number.normalize().as_tuple().exponent)
        if places is not None and digits > places:
            key = "answer.decimals" if places else "answer.no-decimals"
            yield occurrence_issue(key, occurrence, index, limit=places)
        if isinstance(value, Mapping):
            yield from _unit_issues(occurrence, index, value)
            return
        length = len(format(number, "f").lstrip("-"))
        if item.max_length is not None and length > item.max_length:
            yield occurrence_issue("answer.too-long", occurrence, index, limit=item.max_length, length=length)
        if item.type is ItemType.INTEGER:
            yield from self._pattern_issues(occurrence, index, str(value))


def occurrence_issue(key: str, occurrence: Occurrence, index: int | None = None, **facts: object) -> Issue:
    """An issue of the catalogue about an item, or about its answer of this index."""
    item = occurrence.item
    path = occurrence.path if index is None or index >= len(occurrence.paths) else occurrence.paths[index]
    issue = make_issue(key, path, link_id=item.link_id, label=item.label, **facts)
    rows = rows_of(occurrence)
    return replace(issue, rows=rows) if rows else issue


def is_of_type(item: Item, name: str, value: Any) -> bool:
    """Is it an answer of the question's type, well formed?

    A choice takes whatever its options are (R4: Coding, integer, date, time, string or Reference); one whose
    options are codes of a value set takes codes.
    """
    if not item.type.is_choice:
        return name == VALUE_NAMES[item.type] and _is_well_formed(item.type, value)
    if name not in OPTION_VALUES or not _is_well_formed(_OPTION_TYPES[name], value):
        return False
    if item.type is ItemType.OPEN_CHOICE and name == "valueString":
        return True
    if item.options:
        return any(name in option.value for option in item.options)
    return name == "valueCoding" or not item.answer_value_set


_OPTION_TYPES = {
    "valueCoding": ItemType.REFERENCE,  # an object, which is all that is asked of it here
    "valueReference": ItemType.REFERENCE,
    "valueInteger": ItemType.INTEGER,
    "valueDate": ItemType.DATE,
    "valueTime": ItemType.TIME,
    "valueString": ItemType.STRING,
}


def _is_well_formed(item_type: ItemType, value: Any) -> bool:
    match item_type:
        case ItemType.BOOLEAN:
            return isinstance(value, bool)
        case ItemType.INTEGER:
            return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_INTEGER + 1
        case ItemType.DECIMAL:
            return decimal_of(value) is not None
        case ItemType.QUANTITY:
            return isinstance(value, Mapping) and decimal_of(value.get("value")) is not None
        case ItemType.DATE:
            return date_of(value) is not None
        case ItemType.DATE_TIME:
            return date_time_of(value) is not None
        case ItemType.TIME:
            return time_of(value) is not None
        case ItemType.ATTACHMENT | ItemType.REFERENCE:
            return isinstance(value, Mapping)
        case ItemType.URL:
            return isinstance(value, str) and not any(character.isspace() for character in value)
    return isinstance(value, str)


_NAMES_OPTION = frozenset({"answer.other-display", "answer.reworded-display", "answer.option-as-text"})


def option_problem(item: Item, name: str, value: Any) -> str | None:
    """The key of what is wrong with an answer that should be one of the options, or None.

    Codes are compared, not what they display: "Yes" and "Ja" are words for one code. But a display that is another
    option's label leaves it open which of the two was chosen.
    """
    if not item.offers_options:
        return None
    if not item.options:
        own_words = item.type is ItemType.OPEN_CHOICE and name == "valueString"
        return None if own_words else "answer.option-unknown"
    option = _chosen(item, name, value)
    if option is None:
        if item.type is ItemType.OPEN_CHOICE and name == "valueString":
            return "answer.option-as-text" if _labelled(item, value) else None
        return "answer.not-option"
    return _display_problem(item, option, value.get("display")) if isinstance(value, Mapping) else None


def _chosen(item: Item, name: str, value: Any) -> Option | None:
    for option in item.options:
        offered = next(iter(option.value.items()))
        if are_equal(offered, (name, value)):
            return option
        number = decimal_of(offered[1])
        if number is not None and item.type is ItemType.DECIMAL and number == decimal_of(value):
            return option
    return None


def _plain(text: object) -> str:
    return " ".join(clean_text(text).split()).casefold() if isinstance(text, str) else ""


def _labelled(item: Item, text: str) -> Option | None:
    return next((one for one in item.options if _plain(one.label) == _plain(text)), None)


def _display_problem(item: Item, option: Option, display: object) -> str | None:
    given = _plain(display)
    if not given or given in _labels(option):
        return None
    if any(given in _labels(other) for other in item.options):
        return "answer.other-display"
    # An option that is a bare code has no words of its own to hold the answer's against.
    return "answer.reworded-display" if next(iter(option.value.values())).get("display") else None


def _labels(option: Option) -> set[str]:
    offered = next(iter(option.value.values()))
    labels = (
        offered.get("display") if isinstance(offered, Mapping) else None,
        option.label,
        f"{option.prefix} {option.label}",
        *option.translations.values(),
    )
    return {_plain(label) for label in labels if label}


def _label(item: Item, name: str, value: Any) -> str:
    option = _chosen(item, name, value) or (_labelled(item, value) if isinstance(value, str) else None)
    return option.label if option is not None else ""


def _unit_issues(occurrence: Occurrence, index: int, quantity: Mapping[str, Any]) -> Iterator[Issue]:
    """Is the quantity in (one of) the units that the form asks for?

    The very unit, not merely one that can be converted: scores and staff read the number. A quantity that names
    no unit is taken to be in the form's, where there is only one.
    """
    item = occurrence.item
    allowed = [*item.unit_options, *([item.unit_coding] if item.unit_coding else [])]
    if allowed and _is_other_unit(item, quantity, allowed):
        yield occurrence_issue("answer.unit", occurrence, index, unit=_units(allowed))
    elif not is_comparable(item, quantity):
        bounds = [bound for bound in (item.min_quantity, item.max_quantity) if bound]
        yield occurrence_issue("answer.unit", occurrence, index, unit=_units(bounds))
    elif item.unit_value_set and not item.unit_options:
        yield occurrence_issue("answer.unit-unknown", occurrence, index)


def _is_other_unit(item: Item, quantity: Mapping[str, Any], allowed: Sequence[Mapping[str, Any]]) -> bool:
    if any(is_same_unit(quantity, coding) for coding in allowed):
        return False
    if quantity.get("code"):
        return True
    # A name alone may be the form's unit in other words, and no name at all its only one; but not one of several.
    return len(item.unit_options) > (0 if quantity.get("unit") else 1)


def _units(codings: Sequence[Mapping[str, Any]]) -> str:
    names = (coding.get("display") or coding.get("unit") or coding.get("code") for coding in codings)
    return ", ".join(dict.fromkeys(str(name) for name in names if name))
