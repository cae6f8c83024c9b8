"""CPR numbers as people type them: checked kindly. How they are kept is said in `cpr_sealing`.

Only date and century are checked. Modulus 11 has not been required since 2007 and would reject real
people; replacement numbers (`erstatnings-CPR`) are accepted in all their shapes: six added to the first
digit of the day, and `DDMMYY` followed by a digit, two letters and a digit, the seventh character being
1 or 7 in a national one (X-eCPR) and 0, 5 or 6 in a region's own (D-eCPR).
"""

import re
from datetime import date

from django.utils.translation import gettext as _

_SHAPE = re.compile(r"^([0-9]{2})([0-9]{2})([0-9]{2})[-\s]?([0-9]{4}|[01567][A-Z]{2}[0-9])$")


class InvalidCpr(ValueError):
    """What was typed cannot be a CPR number; the message says what is expected and never repeats it."""


def normalise(text: str) -> str:
    """The ten characters of a CPR number typed with or without hyphen and spaces.

    Raises InvalidCpr with a sentence for the screen.
    """
    found = _SHAPE.match(text.strip().upper())
    if not found:
        raise InvalidCpr(_("Et CPR-nummer har ti cifre, for eksempel 010203-1234."))
    number = "".join(found.groups())
    if birth_date(number) is None:
        raise InvalidCpr(_("De første seks cifre i CPR-nummeret skal være en dato: dag, måned og år."))
    return number


def birth_date(number: str) -> date | None:
    """The date in a normalised CPR number, or None where its six digits are no date.

    The century follows from the seventh digit (CPR-kontoret, "Personnummeret i CPR").
    """
    day, month, year = int(number[0:2]), int(number[2:4]), int(number[4:6])
    if day > 60:  # replacement numbers carry six added to the first digit
        day -= 60
    century = _century(seventh=number[6], year=year)
    try:
        return date(century + year, month, day)
    except ValueError:
        return None


def is_male(number: str) -> bool:
    """Whether a normalised number is a man's: its last digit is odd (CPR-kontoret, "Personnummeret i CPR")."""
    return int(number[-1]) % 2 == 1


def _century(*, seventh: str, year: int) -> int:
    if seventh in "0123":
        return 1900
    if seventh in "49":
        return 2000 if year <= 36 else 1900
    return 2000 if year <= 57 else 1800


def masked(number: str) -> str:
    """The number as a screen may show it: the birth date, never the serial; "" for none.

    Takes it with or without a hyphen; a masked one stays as it is.
    """
    return f"{number.replace('-', '').replace(' ', '')[:6]}-••••" if number else ""
