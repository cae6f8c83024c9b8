"""What an answer has to be like: the earliest and latest moment, how texts look, which files. Read and written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from questionnaires.engine.extension_urls import (
    MAX_SIZE,
    MIME_TYPE,
    MIN_VALUES,
    REGEX,
    SHORT_TEXTS,
)
from questionnaires.engine.values import decimal_of, json_number

from . import extensions
from .tree import Json

Item = dict[str, Any]

MEGABYTE = 1024 * 1024

PATTERNS: Mapping[str, str] = {
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "phone": r"(\+45 ?)?\d{2} ?\d{2} ?\d{2} ?\d{2}",
    "postcode": r"\d{4}",
    "digits": r"\d+",
    "letters": r"[A-Za-zÆØÅæøåÉéÜüÖöÄä' .-]+",
}
"""How a text can have to look, by what to call it. A CPR number is none: no questionnaire asks for one."""

FILES: Mapping[str, tuple[str, ...]] = {
    "pictures": ("image/jpeg", "image/png"),
    "documents": ("application/pdf",),
}
"""Which kinds of file may be given; nothing said is both."""

_DENMARK = ZoneInfo("Europe/Copenhagen")


def read_pattern(item: Json) -> str:
    """The name of the pattern; the pattern itself where it is none of ours, "" without one."""
    found = extensions.value(item, REGEX)
    pattern = found if isinstance(found, str) else ""
    return next((name for name, known in PATTERNS.items() if known == pattern), pattern)


def write_pattern(item: Item, name: str) -> Item:
    """What a form offers is a name, or what stood there."""
    pattern = PATTERNS.get(name, name)
    return extensions.with_value(item, REGEX, {"valueString": pattern} if pattern else None)


def read_files(item: Json) -> str:
    """The name of the kinds; the kinds themselves, with commas, where they are others than ours."""
    kinds = tuple(
        str(kind)
        for one in extensions.every(item, MIME_TYPE)
        for name, kind in one.items()
        if name in ("valueCode", "valueString")
    )
    return next((name for name, known in FILES.items() if set(known) == set(kinds)), ",".join(kinds))


def write_files(item: Item, name: str) -> Item:
    """What a form offers is a name, or what stood there."""
    kinds: Sequence[str] = FILES.get(name) or [kind for kind in name.split(",") if kind]
    cleared = extensions.without(item, MIME_TYPE)
    made = [{"url": MIME_TYPE, "valueCode": kind} for kind in kinds]
    return extensions.with_extensions(cleared, [*extensions.extensions_of(cleared), *made])


def read_max_size(item: Json) -> Decimal | None:
    """In megabytes, with one decimal; None where nothing is said."""
    size = decimal_of(extensions.value(item, MAX_SIZE))
    return None if size is None else Decimal(round(size / MEGABYTE, 1))


def write_max_size(item: Item, megabytes: Decimal | None) -> Item:
    """The extension counts bytes."""
    given = {"valueDecimal": json_number(Decimal(int(megabytes * MEGABYTE)))} if megabytes else None
    return extensions.with_value(item, MAX_SIZE, given)


def read_moment(item: Json, urls: tuple[str, ...]) -> str | None:
    """The day of the earliest or latest moment, or the time of day without seconds; None where nothing is said."""
    found = extensions.value(item, *urls)
    if not isinstance(found, str):
        return None
    return found[:5] if item.get("type") == "time" else found[:10]


def write_moment(item: Item, urls: tuple[str, ...], moment: str | None) -> Item:
    """A time of day, or a whole day in Denmark: from its first second, or to its last."""
    if not moment:
        return extensions.without(item, *urls)
    if item.get("type") == "time":
        return extensions.with_value(item, urls, {"valueTime": f"{moment[:5]}:00"})
    of_day = time.min if urls == MIN_VALUES else time(23, 59, 59)
    whole = datetime.combine(date.fromisoformat(moment), of_day, tzinfo=_DENMARK)
    return extensions.with_value(item, urls, {"valueDateTime": whole.isoformat(timespec="seconds")})


def read_short_text(item: Json) -> str:
    """What to call the question where there is no room for it, which some write beside its text."""
    for element in (item, item.get("_text")):
        found = extensions.value(element, *SHORT_TEXTS) if isinstance(element, Mapping) else None
        if isinstance(found, str) and found:
            return found
    return ""


def write_short_text(item: Item, text: str) -> Item:
    """It goes where it stood."""
    given = {"valueString": text} if text else None
    shadow = item.get("_text")
    if isinstance(shadow, Mapping) and any(extensions.every(shadow, *SHORT_TEXTS)):
        plain = extensions.with_value(shadow, SHORT_TEXTS, given)
        rest = {name: part for name, part in item.items() if name != "_text"}
        item = {**rest, "_text": plain} if plain else rest
        if not any(extensions.every(item, *SHORT_TEXTS)):
            return item
    return extensions.with_value(item, SHORT_TEXTS, given)
