"""Keys as they stand in environment variables: base64 of 32 bytes, or a plain word about what stands there instead."""

import binascii
from base64 import b64decode
from collections.abc import Sequence

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


def key(name: str, text: str) -> bytes:
    """The 32 bytes that `text`, the value of the variable `name`, stands for in base64.

    Raises ImproperlyConfigured, which says what was expected and never repeats the value.
    """
    try:
        found = b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ImproperlyConfigured(f"{name} is no base64. {_HOW_TO_MAKE_ONE}") from None
    if len(found) != KEY_BYTES:
        raise ImproperlyConfigured(
            f"{name} is base64 of {len(found)} bytes, expected {KEY_BYTES}. {_HOW_TO_MAKE_ONE}"
        )
    return found


def keys(name: str, texts: Sequence[str]) -> tuple[bytes, ...]:
    """The keys of the variable `name`, which holds several with a comma between, or none.

    Raises ImproperlyConfigured, which says which of them cannot be a key.
    """
    given = [text for text in texts if text.strip()]
    return tuple(key(f"Key {place} of {name}", text) for place, text in enumerate(given, start=1))


_HOW_TO_MAKE_ONE = "`openssl rand -base64 32` makes one; docs/configuration.md says what each is for."
