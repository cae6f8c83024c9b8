"""CPR numbers at rest: sealed for one row, found again by a keyed hash, under keys that can be changed.

A sealed number is `version, key id, nonce, ciphertext` (AES-GCM). The id of the citizen's row is its associated
data, so that a sealed number that is moved to another row does not open there. A look-up value is `key id, HMAC`.
Both say under which key they were made, so that the former keys can be counted out (`manage.py rotate_cpr_keys`).

What was written before there were key ids is read as well: `nonce, ciphertext`, bound to no row, and a bare HMAC.
"""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

_VERSION: Final = b"\x01"
_KEY_ID_BYTES: Final = 4
_NONCE_BYTES: Final = 12
# How long a look-up value is that names its key.
LOOKUP_BYTES: Final = _KEY_ID_BYTES + hashlib.sha256().digest_size
_HEAD_BYTES: Final = len(_VERSION) + _KEY_ID_BYTES
# Ten characters and AES-GCM's tag of sixteen bytes: no longer value was ever written without a key id.
_BYTES_WITHOUT_KEY_ID: Final = _NONCE_BYTES + 10 + 16
_PURPOSE: Final = b"cpr"


class Unreadable(Exception):
    """A sealed number that no configured key opens in this row; says which key it wants, and never what it holds."""


def key_id(key: bytes) -> bytes:
    """Four bytes by which a value names its key; they tell nothing of the key."""
    return hashlib.sha256(b"kommunalpro cpr key id" + key).digest()[:_KEY_ID_BYTES]


def seal(number: str, *, owner: UUID) -> bytes:
    """A normalised number, readable under the current key and in the row of the citizen `owner` only."""
    key = settings.CPR_ENCRYPTION_KEY
    nonce = secrets.token_bytes(_NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, number.encode(), _bound_to(owner))
    return _VERSION + key_id(key) + nonce + ciphertext


def unseal(sealed: bytes, *, owner: UUID) -> str:
    """The number that was sealed for the citizen `owner`, under the current key or a former one.

    Raises Unreadable where the key is none of the configured ones, or the value was made for another row.
    """
    if len(sealed) == _BYTES_WITHOUT_KEY_ID:
        return _unseal_unbound(sealed)
    named = sealed[len(_VERSION) : _HEAD_BYTES]
    rest = sealed[_HEAD_BYTES:]
    for key in _encryption_keys():
        if key_id(key) == named:
            try:
                return (
                    AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], _bound_to(owner)).decode()
                )
            except InvalidTag:
                raise Unreadable(
                    f"The CPR number of citizen {owner} is damaged or was sealed for another row."
                ) from None
    raise Unreadable(
        f"The CPR number of citizen {owner} is sealed under the key {named.hex()}, which is not configured: "
        "name it in CPR_FORMER_ENCRYPTION_KEYS until manage.py rotate_cpr_keys has gone through."
    )


def lookup_value(number: str) -> bytes:
    """What a normalised number is found by: worthless without the key."""
    return key_id(settings.CPR_HASH_KEY) + _digest(number, settings.CPR_HASH_KEY)


def lookup_values(number: str) -> list[bytes]:
    """Everything that a normalised number may be found by: under each configured key, with its id and without."""
    digests = [(key_id(key), _digest(number, key)) for key in _hash_keys()]
    return [known + digest for known, digest in digests] + [digest for _, digest in digests]


def current_seal() -> bytes:
    """How each value begins that is sealed under the current key."""
    return _VERSION + key_id(settings.CPR_ENCRYPTION_KEY)


def current_lookup() -> bytes:
    """How each look-up value begins that is made under the current key."""
    return key_id(settings.CPR_HASH_KEY)


def _unseal_unbound(sealed: bytes) -> str:
    for key in _encryption_keys():
        try:
            return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _PURPOSE).decode()
        except InvalidTag:
            continue
    raise Unreadable(
        "A CPR number sealed before keys had ids opens under none of the configured keys: name the key of that time "
        "in CPR_FORMER_ENCRYPTION_KEYS until manage.py rotate_cpr_keys has gone through."
    )


def _bound_to(owner: UUID) -> bytes:
    return _PURPOSE + owner.bytes


def _digest(number: str, key: bytes) -> bytes:
    return hmac.new(key, number.encode(), hashlib.sha256).digest()


def _encryption_keys() -> Iterable[bytes]:
    return dict.fromkeys((settings.CPR_ENCRYPTION_KEY, *settings.CPR_FORMER_ENCRYPTION_KEYS))


def _hash_keys() -> Iterable[bytes]:
    return dict.fromkeys((settings.CPR_HASH_KEY, *settings.CPR_FORMER_HASH_KEYS))
