"""Days and times for pages that write a hundred of them, in the formats of `kommunalpro/formats`.

written(citizen.birth_date, "SHORT_DATE_FORMAT")
"""

from datetime import date
from functools import lru_cache

from django.utils.formats import date_format, get_format
from django.utils.translation import get_language

_STRFTIME = {"d": "%d", "m": "%m", "Y": "%Y", "H": "%H", "i": "%M"}


def written(moment: date, format_name: str) -> str:
    """As Django's `date_format`, which takes its format apart each time. A moment is written in the zone it is in."""
    pattern = strftime_pattern(format_name, get_language())
    return moment.strftime(pattern) if pattern else date_format(moment, format_name)


@lru_cache(maxsize=50)
def strftime_pattern(format_name: str, language: str | None) -> str:
    """The format for `strftime`; empty where it has letters that stand for something else, such as names of months."""
    wanted = str(get_format(format_name, language))
    translated = "".join(_STRFTIME.get(letter, letter) for letter in wanted)
    is_known = all(letter in _STRFTIME or not (letter.isalpha() or letter in "\\%") for letter in wanted)
    return translated if is_known else ""
