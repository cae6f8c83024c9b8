"""CPR numbers: checked kindly, encrypted at rest, found again by a keyed hash.

Only date and century are checked. Modulus 11 has not been required since 2007 and would reject real
people; replacement numbers (`erstatnings-CPR`) are accepted in both shapes: six added to the first
digit of the day, and `DDMMYY` followed by century digit, two letters and a digit.
"""

import hashlib
import hmac
import re
import secrets
from datetime import date

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.utils.translation import gettext as _

_SHAPE = re.compile(r"^(\d{2})(\d{2})(\d{2})[-\s]?(\d{4}|[17][A-Z]{2}\d)$")
_NONCE_BYTES = 12


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


def lookup_hash(number: str) -> bytes:
    """The keyed hash by which a normalised number is found; worthless without the key."""
    return hmac.new(settings.CPR_HASH_KEY, number.encode(), hashlib.sha256).digest()


def encrypt(number: str) -> bytes:
    """Nonce and AES-GCM ciphertext of a normalised number."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(settings.CPR_ENCRYPTION_KEY).encrypt(nonce, number.encode(), b"cpr")


def decrypt(sealed: bytes) -> str:
    """The number that `encrypt` sealed."""
    nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
    return AESGCM(settings.CPR_ENCRYPTION_KEY).decrypt(nonce, ciphertext, b"cpr").decode()
