"""Numbers, dates and times as people write and paste them, in Danish above all: text in, value out.

Each reader gives None for what it does not understand; the sentences that say what would be accepted are in
`forms.py`. Nothing is guessed that could be read in two ways: "70 5" is no 705, and 26 is no year.
"""

import re
import unicodedata
from datetime import date, datetime, time, tzinfo
from decimal import Decimal

_SPACES = re.compile(r"[\s\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
# Joiners (U+200C and U+200D) belong to the words of some languages.
_INVISIBLE_IN_WORDS = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DASHES = str.maketrans(dict.fromkeys((*range(8208, 8214), 8722, 65112, 65123, 65293), "-"))

_NUMBER = re.compile(
    r"""([+-]?)\ ?(?:
        (?P<danish>\d{1,3}(?:\.\d{3})+(?:\ ?,\ ?\d+)?)           # 1.250 and 1.250,75
      | (?P<english>\d{1,3}(?:,\d{3})+\.\d+)                     # 1,250.75: the dot cannot group after commas
      | (?P<spaced>\d{1,3}(?:[\ ']\d{3})+(?:\ ?[.,]\ ?\d+)?)     # 1 250,75
      | (?P<plain>\d+(?:\ ?[.,]\ ?\d*)?|[.,]\d+)                 # 3,5 and 3.5
    )""",
    re.ASCII | re.VERBOSE,
)
LONGEST_NUMBER = 30

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
_WEEKDAY = re.compile(
    r"(?:mandag|tirsdag|onsdag|torsdag|fredag|lørdag|søndag|monday|tuesday|wednesday|thursday|friday|saturday"
    r"|sunday|man|tirs?|ons|tors?|fre|lør|søn|mon|tue|wed|thu|fri|sat|sun)\.?,? "
)
_ISO_DATE = re.compile(r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})", re.ASCII)
_DATE = re.compile(
    r"(?:den |d\. ?)?(?P<day>\d{1,2})(?: ?[-./] ?| )(?P<month>\d{1,2})(?: ?[-./,] ?| )(?P<year>\d{4}|\d{2})",
    re.ASCII,
)
_COMPACT_DATE = re.compile(r"(?P<day>\d{2})(?P<month>\d{2})(?P<year>\d{4})", re.ASCII)
_WRITTEN_DATE = re.compile(
    r"(?:den |d\. ?|the )?(?P<day>\d{1,2})(?:st|nd|rd|th)?[-. /]{1,2}(?:of )?"
    r"(?P<month>[a-z]+)[-., /]{1,2}(?P<year>\d{4}|\d{2})",
    re.ASCII,
)
_ENGLISH_DATE = re.compile(
    r"(?P<month>[a-z]+)\.? (?P<day>\d{1,2})(?:st|nd|rd|th)?,? (?P<year>\d{4}|\d{2})", re.ASCII
)
_CLOCK = re.compile(
    r"(?:kl\.? ?)?(\d{1,2})(?:(?: ?[:.] ?| )?(\d{2}))?(?:[:.](\d{2})(?:[.,]\d+)?)?(?: ?([ap])\.? ?m\.?)?",
    re.ASCII,
)
_MOMENT = re.compile(r"(.+?\d{4}|\d{4}-\d{1,2}-\d{1,2})(?:T|,? )(?:kl\.? ?)?(.+)", re.ASCII)
_ZONED = re.compile(r"(.+\d)(Z|[+-]\d{2}:\d{2})", re.ASCII)


class NoYear(ValueError):
    """A date whose year has two digits: nobody knows which century."""


class NoSuchDay(ValueError):
    """A date that is not in the calendar."""


def tidy(text: str) -> str:
    """What was meant: composed letters, single spaces, plain dashes; no invisible characters from a paste."""
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text))
    return _SPACES.sub(" ", composed).strip(" ").translate(_DASHES)


def tidy_words(text: str) -> str:
    """A text as it was meant, with its lines, dashes and spaces; no invisible characters from a paste."""
    return unicodedata.normalize("NFC", _INVISIBLE_IN_WORDS.sub("", text)).strip()


def parse_number(text: str) -> Decimal | None:
    """A number as Danes write it: "3,5", "1.250", "1.250,75", "1 250", "−2", and "3.5".

    A dot before exactly three digits groups thousands; any other dot is a decimal point (as phones give it).
    Spaces group thousands too, but do not join just any digits.
    """
    plain = tidy(text).replace("’", "'")
    match = _NUMBER.fullmatch(plain) if len(plain) <= LONGEST_NUMBER else None
    if match is None:
        return None
    found = match.groupdict()
    digits = next(value for value in found.values() if value is not None).replace(" ", "").replace("'", "")
    if found["danish"]:
        digits = digits.replace(".", "")
    elif found["english"]:
        digits = digits.replace(",", "")
    return Decimal(match[1] + digits.replace(",", "."))


def parse_date(text: str) -> date | None:
    """A date as people write it: 31-12-2026, 31.12.2026, 31/12 2026, 31. december 2026, 2026-12-31.

    The day comes first, unless the year does or the month is a word. Raises NoYear or NoSuchDay.
    """
    plain = tidy(text).strip(" .,").lower()
    plain = _WEEKDAY.sub("", plain, count=1) if _WEEKDAY.match(plain) else plain
    for shape in (_ISO_DATE, _DATE, _COMPACT_DATE, _WRITTEN_DATE, _ENGLISH_DATE):
        match = shape.fullmatch(plain)
        if match is not None:
            break
    else:
        return None
    month = _MONTHS.get(match["month"]) if match["month"].isalpha() else int(match["month"])
    if month is None:
        return None
    if len(match["year"]) != 4:
        raise NoYear(text)
    try:
        return date(int(match["year"]), month, int(match["day"]))
    except ValueError:
        raise NoSuchDay(text) from None


def parse_time(text: str) -> time | None:
    """A time of day as people write it: 14:30, 14.30, 8.30, 1430, kl. 9, 9:05, 2:30 pm."""
    match = _CLOCK.fullmatch(tidy(text).strip(" .,").lower())
    if match is None:
        return None
    hour, minute, second = (int(part or 0) for part in match.groups()[:3])
    half = match[4]
    if half is not None:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute, second) if hour < 24 and minute < 60 and second < 60 else None


def parse_moment(text: str, zone: tzinfo) -> date | datetime | None:
    """A date, or a date with a time of day: in `zone`, unless it says its own. Raises NoYear or NoSuchDay.

    An hour that the clocks skip in spring is read with winter's offset, one that comes twice in autumn is the first.
    """
    plain = tidy(text)
    zoned = _ZONED.fullmatch(plain)
    if zoned is not None and ":" not in zoned[1]:
        zoned = None
    parts = _MOMENT.fullmatch(zoned[1] if zoned is not None else plain)
    if parts is None:
        return parse_date(plain)
    day, clock = parse_date(parts[1]), parse_time(parts[2])
    if day is None or clock is None:
        return None
    if zoned is None:
        return datetime.combine(day, clock, tzinfo=zone)
    try:
        return datetime.fromisoformat(f"{day.isoformat()}T{clock.isoformat()}{zoned[2]}")
    except ValueError:
        return None
