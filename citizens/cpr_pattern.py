"""What looks like a CPR number in other people's words, and masking it: the one pattern for logs and errors.

Knows neither Django nor the settings, so that the FUT simulator and the log set-up may use it.
"""

import re
from urllib.parse import unquote_plus

# Birth date and serial, the serial also in the shapes of replacement numbers (letters, then a digit), with what
# people and programs put in between. What stands in front may be percent-encoded (`%7C` before a number in an
# address) or the word “cpr” itself; inside other longer words and numbers, such as the groups of a UUID, nothing is
# a CPR number.
LIKE_CPR = re.compile(
    r"(?:(?<![0-9A-Za-z])|(?<=%[0-9A-Fa-f]{2})|(?<=[Cc][Pp][Rr]))"
    r"\d{6}[-\u2010-\u2015\s]?[0-9A-Za-z]{3}\d"
    r"(?![0-9A-Za-z])"
)
MASK = "••••••-••••"


def without_cpr(text: str) -> str:
    """The text with everything that looks like a CPR number masked whole, the birth date too."""
    return LIKE_CPR.sub(MASK, text)


def address_holds_cpr(address: str) -> bool:
    """Whether somebody typed what looks like a CPR number into an address, which then must not be handed on."""
    return LIKE_CPR.search(unquote_plus(address)) is not None
