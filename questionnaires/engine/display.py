"""Answers as people read and write them: Danish numbers and dates, option labels, yes and no."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from .definition import AnswerValue, Item, unit_key
from .issues import Both
from .options import option_for
from .quantities import is_same_unit
from .values import date_of, date_time_of, decimal_of, time_of, value_of

COPENHAGEN = ZoneInfo("Europe/Copenhagen")


def is_english(language: str) -> bool:
    """Is it any kind of English? Everything else is written in Danish."""
    return language.lower().startswith("en")


def number_text(number: Decimal, language: str = "da", *, group: bool = True) -> str:
    """A number as people write it: 3,5 and 12.500 in Danish, 3.5 and 12,500 in English."""
    plain = format(number.normalize(), "f") if number else "0"
    sign, digits = ("−" if group else "-", plain[1:]) if plain.startswith("-") else ("", plain)
    whole, _, fraction = digits.partition(".")
    comma, dot = (".", ",") if is_english(language) else (",", ".")
    if group and len(whole) > 4:
        whole = f"{int(whole):,}".replace(",", dot)
    return f"{sign}{whole}{comma}{fraction}" if fraction else f"{sign}{whole}"


def date_text(text: str) -> str:
    """A FHIR date as 31-12-2026 (12-2026 or 2026 where it says no more); unchanged if it is none."""
    day = date_of(text)
    if isinstance(day, date):
        return f"{day.day:02}-{day.month:02}-{day.year:04}"
    return "-".join(f"{part:02}" for part in reversed(day)) if day else text


def date_time_text(text: str) -> str:
    """A FHIR dateTime in Danish time, as 31-12-2026 14:30; unchanged if it is none."""
    moment = date_time_of(text)
    if not isinstance(moment, datetime):
        return date_text(text)
    try:
        local = moment.astimezone(COPENHAGEN) if moment.tzinfo else moment
    except OverflowError:  # within a day of the calendar's ends
        local = moment
    return f"{local.day:02}-{local.month:02}-{local.year:04} {local.hour:02}:{local.minute:02}"


def time_text(text: str) -> str:
    """A FHIR time as 14:30; unchanged if it is none."""
    clock = time_of(text)
    return text if clock is None else f"{clock.hour:02}:{clock.minute:02}"


_MOMENTS = frozenset({"valueDate", "valueDateTime", "valueTime"})


def display_value(item: Item, answer: AnswerValue, language: str = "da") -> str:
    """One answer for people: the option's label, "Ja" or "Nej", "3,5 kg", "31-12-2026"; "" for no answer."""
    found = value_of(answer)
    if found is None:
        return ""
    option = option_for(item.options, answer)
    if option is not None and option.label and not _MOMENTS & answer.keys():
        return option.label
    name, value = found
    if name == "valueBoolean":
        return ("Yes" if value else "No") if is_english(language) else ("Ja" if value else "Nej")
    if name in ("valueInteger", "valueDecimal"):
        number = decimal_of(value)
        return " ".join(
            filter(None, [str(value) if number is None else number_text(number, language), item.unit])
        )
    if isinstance(value, Mapping):
        if name == "valueQuantity" and (unit := _worded_unit(item, value)):
            value = {**value, "unit": unit}
        return _composite_text(name, value, language)
    writers = {"valueDate": date_text, "valueDateTime": date_time_text, "valueTime": time_text}
    return writers[name](value) if name in writers and isinstance(value, str) else str(value)


def _worded_unit(item: Item, quantity: Mapping[str, Any]) -> str:
    """What the quantity's unit is called in the language that the item is worded in, where that is another."""
    if not item.unit_words:
        return ""
    codings = (item.unit_coding or {}, *item.unit_options)
    known = next((one for one in codings if is_same_unit(quantity, one)), None)
    return item.unit_words.get(unit_key(known), "") if known is not None else ""


def _composite_text(name: str, value: Mapping[str, object], language: str) -> str:
    if name == "valueQuantity":
        number = decimal_of(value.get("value"))
        amount = "" if number is None else number_text(number, language)
        return " ".join(filter(None, [amount, str(value.get("unit") or value.get("code") or "")]))
    named = (value.get(part) for part in ("display", "code", "title", "reference", "url", "contentType"))
    return str(next((part for part in named if part), ""))


def form_values(item: Item, answers: Sequence[AnswerValue]) -> tuple[str, ...]:
    """Answers as the text of form fields, which `read_form_values` reads back to the same answers."""
    return tuple(_form_value(item, answer) for answer in answers if value_of(answer) is not None)


def _form_value(item: Item, answer: AnswerValue) -> str:
    option = option_for(item.options, answer)
    if option is not None:
        return option.key
    name, value = value_of(answer) or ("", "")
    if name == "valueBoolean":
        return "true" if value else "false"
    unit = ""
    if name == "valueQuantity" and isinstance(value, Mapping):
        unit = _other_unit(item, value)
        value = value.get("value")
    number = decimal_of(value)
    if number is not None:
        return " ".join(filter(None, [number_text(number, group=False), unit]))
    return display_value(item, answer)


def _other_unit(item: Item, quantity: Mapping[str, Any]) -> str:
    """The unit behind the number where it is not the item's own, but one of those to choose from."""
    if item.unit_coding and is_same_unit(quantity, item.unit_coding):
        return ""
    options = (one for one in item.unit_options if is_same_unit(quantity, one))
    return next((str(one.get("display") or one.get("code") or "") for one in options), "")


def bounds_text(item: Item) -> Both:
    """What the item's bounds add to "Skriv et tal": " mellem 0 og 10", " på mindst 1", " på højst 5", or nothing."""
    low: _Bound = _in_its_unit(item, item.min_value if item.min_value is not None else item.min_quantity)
    high: _Bound = _in_its_unit(item, item.max_value if item.max_value is not None else item.max_quantity)
    if low is not None and high is not None:
        return Both(
            f" mellem {_bound_text(low, 'da')} og {_bound_text(high, 'da')}",
            f" between {_bound_text(low, 'en')} and {_bound_text(high, 'en')}",
        )
    if isinstance(low, str) or isinstance(high, str):
        earliest, bound = (low, low) if low is not None else (None, high)
        words = ("tidligst", "not before") if earliest is not None else ("senest", "not after")
        text = _bound_text(bound, "da") if bound is not None else ""
        return Both(f", {words[0]} {text}", f", {words[1]} {text}")
    if low is not None:
        return Both(f" på mindst {_bound_text(low, 'da')}", f" of at least {_bound_text(low, 'en')}")
    if high is not None:
        return Both(f" på højst {_bound_text(high, 'da')}", f" of at most {_bound_text(high, 'en')}")
    return Both("", "")


_Bound = Decimal | str | Mapping[str, Any] | None


def _in_its_unit(item: Item, bound: _Bound) -> _Bound:
    """Where people choose a unit, a number says which it is in."""
    if item.unit_choices and isinstance(bound, Decimal):
        return {"value": bound, "unit": item.unit}
    return bound


def _bound_text(bound: Decimal | str | Mapping[str, Any], language: str) -> str:
    if isinstance(bound, Mapping):
        return _composite_text("valueQuantity", bound, language)
    if isinstance(bound, Decimal):
        return number_text(bound, language)
    return date_time_text(bound) if date_of(bound[:10]) else time_text(bound)
