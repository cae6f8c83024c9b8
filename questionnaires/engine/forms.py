"""Answers as a person gives them: text from form fields to FHIR answers, kindly.

What cannot be read gets a sentence that says what would be, and names the field. Bounds, lengths and options of the
whole answer are `validate`'s. The shapes that are read are in `written.py`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import Any

from .definition import AnswerValue, Item, ItemType, unit_key
from .display import COPENHAGEN, bounds_text, number_text
from .expressions import quantity
from .issues import Both, Issue, make_issue
from .reading import clean_text
from .values import LARGEST_NUMBER, MAX_INTEGER, json_number
from .written import NoSuchDay, NoYear, parse_date, parse_moment, parse_number, parse_time, tidy, tidy_words

LONGEST_TEXT = 100_000
"""Characters of one field that are read; more is refused."""

_ADDRESS = re.compile(r"[\w-]+(?:\.[\w-]+)+(?::\d+)?(?:[/?#].*)?")

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
    answers: list[AnswerValue] = []
    try:
        texts = [text for value in raw if (text := _bounded(clean_text(value))) and tidy(text)]
        if len(texts) > 1 and not item.several_answers:
            raise _NotUnderstood("answer.too-many")
        for text in texts:
            answer = _read(item, text, zone)
            if answer not in answers or (item.type.is_text and not item.options):
                answers.append(answer)
    except _NotUnderstood as refusal:
        return FormReading(
            issue=make_issue(refusal.key, item.path, link_id=item.link_id, label=item.label, **refusal.facts)
        )
    return FormReading(answers=tuple(answers))


def _bounded(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise _NotUnderstood("answer.too-long", limit=LONGEST_TEXT, length=len(text))
    return text


def _read(item: Item, text: str, zone: tzinfo) -> AnswerValue:
    if item.options:
        return _option(item, text)
    if item.type is ItemType.DATE_TIME:
        return _date_time(text, zone)
    read = _READERS.get(item.type)
    if read is None:
        raise _NotUnderstood("form.not-askable")
    return read(item, text)


def _option(item: Item, text: str) -> AnswerValue:
    """By the option's key, as form fields send it, or by what it is called in any of its languages."""
    bare = text.strip()
    for option in item.options:
        if option.key in (text, bare):
            return option.value
    words = tidy(text).casefold()
    for option in item.options:
        if words in {tidy(label).casefold() for label in (option.label, *option.translations.values())}:
            return option.value
    if item.open_choice:
        return {"valueString": tidy_line(text)}
    raise _NotUnderstood("answer.not-option")


def _boolean(item: Item, text: str) -> AnswerValue:
    folded = tidy(text).casefold().rstrip(".!")
    if folded in _YES or folded in _NO:
        return {"valueBoolean": folded in _YES}
    raise _NotUnderstood("form.boolean")


def _number(item: Item, text: str) -> Decimal:
    number = parse_number(text)
    if number is None or abs(number) > LARGEST_NUMBER:
        raise _no_number(item, text)
    return number


def _no_number(item: Item, text: str) -> _NotUnderstood:
    key = "form.integer" if item.type is ItemType.INTEGER else "form.number"
    return _NotUnderstood(key, given=text.strip(), what=bounds_text(item), example=_example(item))


def _example(item: Item) -> Both:
    low = item.min_value if isinstance(item.min_value, Decimal) else Decimal(0)
    high = item.max_value if isinstance(item.max_value, Decimal) else low + 10
    middle = ((low + high) / 2).to_integral_value()
    if item.type is not ItemType.INTEGER and low <= middle + Decimal("0.5") <= high:
        middle += Decimal("0.5")
    return Both(number_text(middle, group=False), number_text(middle, "en", group=False))


def split_unit(item: Item, text: str) -> tuple[str, str]:
    """The text before the unit it ends with, and that unit; the longest name counts, so that "kg" is not "g"."""
    plain = tidy(text)
    for name in sorted(filter(None, _unit_names(item)), key=len, reverse=True):
        if plain.casefold().endswith(name.casefold()):
            return plain[: len(plain) - len(name)].rstrip(), name
    return plain, ""


def _unit_names(item: Item) -> list[str]:
    """What its units are called, in any of its languages."""
    codings = (item.unit_coding or {}, *item.unit_options)
    named = [str(coding.get(part) or "") for coding in codings for part in ("display", "code")]
    return [
        item.unit,
        *named,
        *(name for names in item.unit_translations.values() for name in names.values()),
    ]


def _integer(item: Item, text: str) -> AnswerValue:
    number = _number(item, split_unit(item, text)[0])
    if number != number.to_integral_value() or abs(number) > MAX_INTEGER:
        raise _no_number(item, text)
    return {"valueInteger": int(number)}


def _decimal(item: Item, text: str) -> AnswerValue:
    return {"valueDecimal": json_number(_number(item, split_unit(item, text)[0]))}


def _quantity(item: Item, text: str) -> AnswerValue:
    """A number in the unit that stands behind it, if the form offers it; else in the form's own."""
    bare, unit = split_unit(item, text)
    value = quantity(_number(item, bare), item)
    coding = unit_called(item, unit)
    if coding is None or coding not in item.unit_options:
        return {"valueQuantity": value}
    chosen = {"unit": coding.get("display") or coding.get("code"), **_coded(coding)}
    return {"valueQuantity": {"value": value["value"], **chosen}}


def unit_called(item: Item, name: str) -> Mapping[str, Any] | None:
    """The unit of this name, code, or name in another language, whatever the capitals; None without one."""
    folded = name.casefold()
    codings = [*item.unit_options, *([item.unit_coding] if item.unit_coding is not None else [])]
    for coding in codings if folded else ():
        if folded in {str(coding.get(part) or "").casefold() for part in ("display", "code")}:
            return coding
    for coding in codings if folded else ():
        translated = item.unit_translations.get(unit_key(coding), {})
        if folded in {words.casefold() for words in translated.values()}:
            return coding
    return None


def _coded(coding: Any) -> dict[str, Any]:
    return {name: coding[name] for name in ("system", "code") if coding.get(name)}


def _date(item: Item, text: str) -> AnswerValue:
    _refuse_by_part(text)
    day = _dated(parse_date, text)
    if day is None:
        raise _NotUnderstood("form.date", given=text.strip())
    return {"valueDate": day.isoformat()}


_PARTS_OF_A_DATE = (Both("dagen", "day"), Both("måneden", "month"), Both("året", "year"))


def _refuse_by_part(text: str) -> None:
    """A date in three fields comes as `31-12-2026`: says which of them is empty, or holds no day or month."""
    parts = [part.strip() for part in text.split("-")]
    if len(parts) != 3:
        return
    empty = [name for part, name in zip(parts, _PARTS_OF_A_DATE, strict=True) if not part]
    if empty:
        what = Both(" og ".join(name.da for name in empty), " and ".join(name.en for name in empty))
        raise _NotUnderstood("form.date-missing", what=what)
    day, month, _year = parts
    if len(day) > 2:
        return  # the year may come first
    if day.isdecimal() and not 1 <= int(day) <= 31:
        raise _NotUnderstood("form.date-day", given=day)
    if len(month) <= 2 and month.isdecimal() and not 1 <= int(month) <= 12:
        raise _NotUnderstood("form.date-month", given=month)


def _dated(read: Callable[[str], Any], text: str) -> Any:
    """Read a date, with a sentence of its own for a year of two digits and for days that do not exist."""
    try:
        return read(text)
    except NoYear:
        raise _NotUnderstood("form.date-year") from None
    except NoSuchDay:
        raise _NotUnderstood("form.date-impossible", given=text.strip()) from None


def _date_time(text: str, zone: tzinfo) -> AnswerValue:
    """A FHIR dateTime: the date alone where no time of day is given, else with the zone's offset."""
    moment = _dated(lambda given: parse_moment(given, zone), text)
    if moment is None:
        raise _NotUnderstood("form.date-time", given=text.strip())
    return {"valueDateTime": moment.isoformat()}


def _time(item: Item, text: str) -> AnswerValue:
    clock = parse_time(text)
    if clock is None:
        raise _NotUnderstood("form.time", given=text.strip())
    return {"valueTime": clock.isoformat()}


def tidy_line(text: str) -> str:
    """A text of one line, with single spaces: what people write, dashes and all."""
    return " ".join(tidy_words(text).split())


def _string(item: Item, text: str) -> AnswerValue:
    return {"valueString": tidy_line(text)}


def _text(item: Item, text: str) -> AnswerValue:
    return {"valueString": tidy_words(text)}


def _url(item: Item, text: str) -> AnswerValue:
    bare = tidy_words(text)
    if any(character.isspace() for character in bare):
        raise _NotUnderstood("form.url")
    return {"valueUri": f"https://{bare}" if _ADDRESS.fullmatch(bare) else bare}


_READERS: dict[ItemType, Callable[[Item, str], AnswerValue]] = {
    ItemType.BOOLEAN: _boolean,
    ItemType.CHOICE: _option,
    ItemType.OPEN_CHOICE: _option,
    ItemType.INTEGER: _integer,
    ItemType.DECIMAL: _decimal,
    ItemType.QUANTITY: _quantity,
    ItemType.DATE: _date,
    ItemType.TIME: _time,
    ItemType.STRING: _string,
    ItemType.TEXT: _text,
    ItemType.URL: _url,
}
