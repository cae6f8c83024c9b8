"""Answers as a person gives them: text from form fields to FHIR answers, kindly.

Danish numbers, dates and times in the shapes people write; what cannot be read gets a sentence that says what
would be. Bounds, lengths and options of the whole answer are `validate`'s.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

from .definition import AnswerValue, Item, ItemType
from .display import COPENHAGEN, bounds_text, number_text
from .expressions import quantity
from .issues import Issue, make_issue
from .reading import clean_text
from .values import LARGEST_NUMBER, MAX_INTEGER, json_number

LONGEST_TEXT = 100_000
"""Characters of one field that are read; more is refused."""

_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "januar jan january",
            "februar feb february",
            "marts mar march",
            "april apr",
            "maj may",
            "juni jun june",
            "juli jul july",
            "august aug",
            "september sep sept",
            "oktober okt october oct",
            "november nov",
            "december dec",
        ),
        start=1,
    )
    for name in names.split()
}
_SPACES = re.compile(r"[\s\u00a0\u202f\u2009]+")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:\.\d{3})+(?:,\d+)?", re.ASCII)
_PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
_ISO_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})", re.ASCII)
_DANISH_DATE = re.compile(
    r"(?:den )?(\d{1,2})(?: ?[-./] ?| )(\d{1,2})(?: ?[-./,] ?| )(\d{4}|\d{2})", re.ASCII
)
_WRITTEN_DATE = re.compile(r"(?:den )?(\d{1,2})[. ]{1,2}([a-z]+)[., ]{1,2}(\d{4}|\d{2})", re.ASCII)
_COMPACT_DATE = re.compile(r"(\d{2})(\d{2})(\d{4})", re.ASCII)
_CLOCK = re.compile(r"(?:kl\.? ?)?(\d{1,2})(?:[:. ]?(\d{2}))?(?::(\d{2})(?:\.\d+)?)?", re.ASCII)
_MOMENT = re.compile(r"(.+?\d{4}|\d{4}-\d{1,2}-\d{1,2})(?:T|,? )(.+)", re.ASCII)
_ZONED = re.compile(r"(.+\d)(Z|[+-]\d{2}:\d{2})", re.ASCII)
_ADDRESS = re.compile(r"[\w-]+(?:\.[\w-]+)+(?:[/?#].*)?")

_YES = frozenset({"true", "ja", "yes", "1", "on", "sand"})
_NO = frozenset({"false", "nej", "no", "0", "off", "falsk"})


@dataclass(frozen=True, slots=True)
class FormReading:
    """What was read: the answers, or the issue that says what would be accepted (then there are no answers)."""

    answers: tuple[AnswerValue, ...] = ()
    issue: Issue | None = None

    @property
    def is_readable(self) -> bool:
        """Was everything understood?"""
        return self.issue is None


class _NotUnderstood(Exception):
    """The text is no answer of this type; carries the catalogue key and its facts."""

    def __init__(self, key: str, **facts: object) -> None:
        super().__init__(key)
        self.key = key
        self.facts = facts


def read_form_values(item: Item, raw: Sequence[str], *, zone: tzinfo = COPENHAGEN) -> FormReading:
    """Read what a form sent for the item: one text a field, blank ones count as not given.

    `zone` is where the person's clock is, for dateTime. Choices come as option keys (or the label, as pasted).
    """
    texts = [text for value in raw if (text := clean_text(value).strip(" \t\n\u00a0\u202f\u2009"))]
    answers: list[AnswerValue] = []
    try:
        if len(texts) > 1 and not item.several_answers:
            raise _NotUnderstood("answer.too-many")
        for text in texts:
            if len(text) > LONGEST_TEXT:
                raise _NotUnderstood("answer.too-long", limit=LONGEST_TEXT, length=len(text))
            answer = _read(item, text, zone)
            if answer not in answers or item.type.is_text:
                answers.append(answer)
    except _NotUnderstood as refusal:
        return FormReading(
            issue=make_issue(refusal.key, item.path, link_id=item.link_id, label=item.label, **refusal.facts)
        )
    return FormReading(answers=tuple(answers))


def _read(item: Item, text: str, zone: tzinfo) -> AnswerValue:
    if item.options:
        return _option(item, text)
    if item.type is ItemType.DATE_TIME:
        return {"valueDateTime": _date_time(text, zone)}
    read = _READERS.get(item.type)
    if read is None:
        raise _NotUnderstood("form.not-askable")
    return read(item, text)


def _option(item: Item, text: str) -> AnswerValue:
    folded = text.casefold()
    for option in item.options:
        if option.key == text:
            return option.value
    for option in item.options:
        if option.label.casefold() == folded:
            return option.value
    if item.open_choice:
        return {"valueString": text}
    raise _NotUnderstood("answer.not-option")


def _boolean(item: Item, text: str) -> AnswerValue:
    folded = text.casefold()
    if folded in _YES or folded in _NO:
        return {"valueBoolean": folded in _YES}
    raise _NotUnderstood("form.boolean")


def parse_number(text: str) -> Decimal | None:
    """A number as Danes write it, or None: "3,5", "1.250", "1.250,75", "1 250", "−2", and "3.5".

    A dot before exactly three digits groups thousands; any other dot is a decimal point (as phones give it).
    """
    compact = _SPACES.sub("", text).replace("−", "-").replace("–", "-").replace("'", "")
    if len(compact) > 30:
        return None
    if _GROUPED.fullmatch(compact):
        return Decimal(compact.replace(".", "").replace(",", "."))
    if _PLAIN.fullmatch(compact):
        return Decimal(compact.replace(",", "."))
    return None


def _number(item: Item, text: str) -> Decimal:
    bare = text
    for unit in filter(None, (item.unit, str((item.unit_coding or {}).get("code") or ""))):
        if bare.casefold().endswith(unit.casefold()):
            bare = bare[: len(bare) - len(unit)].strip()
            break
    number = parse_number(bare)
    if number is None or abs(number) > LARGEST_NUMBER:
        key = "form.integer" if item.type is ItemType.INTEGER else "form.number"
        raise _NotUnderstood(key, given=text, what=bounds_text(item), example=_example(item))
    return number


def _example(item: Item) -> str:
    low = item.min_value if isinstance(item.min_value, Decimal) else Decimal(0)
    high = item.max_value if isinstance(item.max_value, Decimal) else low + 10
    middle = ((low + high) / 2).to_integral_value()
    if item.type is not ItemType.INTEGER and low <= middle + Decimal("0.5") <= high:
        middle += Decimal("0.5")
    return number_text(middle, group=False)


def _integer(item: Item, text: str) -> AnswerValue:
    number = _number(item, text)
    if number != number.to_integral_value():
        raise _NotUnderstood("form.integer", given=text, what=bounds_text(item), example=_example(item))
    if abs(number) > MAX_INTEGER:
        raise _NotUnderstood("form.integer", given=text, what=bounds_text(item), example=_example(item))
    return {"valueInteger": int(number)}


def _decimal(item: Item, text: str) -> AnswerValue:
    return {"valueDecimal": json_number(_number(item, text))}


def _quantity(item: Item, text: str) -> AnswerValue:
    return {"valueQuantity": quantity(_number(item, text), item)}


def _plain(text: str) -> str:
    return _SPACES.sub(" ", text).strip(" .").lower()


def parse_date(text: str) -> date:
    """A date as people write it: 31-12-2026, 31.12.2026, 31/12 2026, 31. december 2026, 2026-12-31.

    Raises _NotUnderstood, with another sentence for a year of two digits and for days that do not exist.
    """
    plain = _plain(text)
    iso = _ISO_DATE.fullmatch(plain)
    if iso is not None:
        year, month, day = iso.groups()
        return _existing(year, month, day, text)
    match = _DANISH_DATE.fullmatch(plain) or _COMPACT_DATE.fullmatch(plain)
    if match is None:
        match = _WRITTEN_DATE.fullmatch(plain)
        if match is None or match[2] not in _MONTHS:
            raise _NotUnderstood("form.date", given=text)
    day, month, year = match.groups()
    if len(year) != 4:
        raise _NotUnderstood("form.date-year")
    return _existing(year, str(_MONTHS.get(month, month)), day, text)


def _existing(year: str, month: str, day: str, text: str) -> date:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        raise _NotUnderstood("form.date-impossible", given=text) from None


def _date(item: Item, text: str) -> AnswerValue:
    return {"valueDate": parse_date(text).isoformat()}


def parse_time(text: str) -> time | None:
    """A time of day as people write it, or None: 14:30, 14.30, 1430, kl. 9, 9:05."""
    match = _CLOCK.fullmatch(_plain(text))
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups())
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def _time(item: Item, text: str) -> AnswerValue:
    clock = parse_time(text)
    if clock is None:
        raise _NotUnderstood("form.time", given=text)
    return {"valueTime": clock.isoformat()}


def _date_time(text: str, zone: tzinfo) -> str:
    """A FHIR dateTime: the date alone where no time of day is given, else with the zone's offset."""
    zoned = _ZONED.fullmatch(text)
    parts = _MOMENT.fullmatch(zoned[1] if zoned and ":" in zoned[1] else text)
    if parts is None:
        return parse_date(text).isoformat()
    day, clock = parse_date(parts[1]), parse_time(parts[2])
    if clock is None:
        raise _NotUnderstood("form.date-time", given=text)
    if zoned is not None and ":" in zoned[1]:
        try:
            return datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{zoned[2]}").isoformat()
        except ValueError:
            raise _NotUnderstood("form.date-time", given=text) from None
    return datetime.combine(day, clock, tzinfo=zone).isoformat()


def _string(item: Item, text: str) -> AnswerValue:
    return {"valueString": _SPACES.sub(" ", text)}


def _text(item: Item, text: str) -> AnswerValue:
    return {"valueString": text}


def _url(item: Item, text: str) -> AnswerValue:
    if _SPACES.search(text):
        raise _NotUnderstood("form.url")
    return {"valueUri": f"https://{text}" if _ADDRESS.fullmatch(text) else text}


_READERS: dict[ItemType, Callable[[Item, str], AnswerValue]] = {
    ItemType.CHOICE: _option,
    ItemType.OPEN_CHOICE: _option,
    ItemType.BOOLEAN: _boolean,
    ItemType.INTEGER: _integer,
    ItemType.DECIMAL: _decimal,
    ItemType.QUANTITY: _quantity,
    ItemType.DATE: _date,
    ItemType.TIME: _time,
    ItemType.STRING: _string,
    ItemType.TEXT: _text,
    ItemType.URL: _url,
}
