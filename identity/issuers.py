"""The issuers of citizens' and staff's logins: their addresses and keys by discovery, and how far they are trusted.

Addresses and keys are kept for an hour, so that a key that was withdrawn is not trusted for ever; older addresses are
used for want of newer ones, older keys never. A token under a key that we do not know has the keys fetched anew: once
a minute at most, since anybody can write such a token. An issuer that does not answer holds up one thread
(`identity/kept.py`).
"""

from __future__ import annotations

import time
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from threading import Lock
from typing import Any, TypeVar

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.django_client import DjangoOAuth2App, OAuth
from cryptography import x509
from django.conf import settings
from joserfc import jwk, jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    InvalidTokenError,
    JoseError,
    MissingClaimError,
    MissingKeyError,
)

from identity.audience import Audience
from identity.kept import Kept
from identity.refusals import LoginRefused, RefusalCode

log = structlog.get_logger(__name__)

T = TypeVar("T")

# To reach the issuer, and for each part of its answer.
TIMEOUT_SECONDS = (2, 5)
KEYS_ANEW_SECONDS = 60
CERTIFICATE_SOON = timedelta(days=60)

# FUT's scopes (its official clients). A citizen's `offline_access` is for apps, not for a browser session.
SCOPES = {Audience.CITIZEN: "openid profile", Audience.STAFF: "openid profile practitioner"}

# With a key pair of the issuer. What anybody could make with what is public, or with our own secret, is no signature.
SIGNATURES = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")

# Without these there is no login (OpenID Connect Discovery 1.0, 3).
_NEEDED = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class WrongIssuer(ValueError):
    """Somebody else answers where the issuer should."""


class IssuerClient(DjangoOAuth2App):  # type: ignore[misc]
    """Authlib's client of one issuer, that looks after how old and how sound its addresses and keys are."""

    def __init__(self, *args: Any, issuer: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.issuer = issuer
        self.server_metadata: dict[str, Any]
        self._addresses: Kept[dict[str, Any]] = Kept(old_will_do=True)
        self._keys: Kept[dict[str, Any]] = Kept(old_will_do=False)
        self._forcing = Lock()
        self._keys_forced_at = float("-inf")

    @property
    def names(self) -> list[str]:
        """The issuer as its tokens may name it."""
        return [self.issuer, f"{self.issuer}/"]

    def load_server_metadata(self) -> dict[str, Any]:
        """What the issuer says of itself. Raises ValueError where it cannot be used, WrongIssuer for another's."""
        self.server_metadata = self._addresses.get(self._fetch_metadata)
        return self.server_metadata

    def _fetch_metadata(self) -> dict[str, Any]:
        metadata = self._fetch(self._server_metadata_url)
        self._check(metadata)
        # Authlib asks for itself where this is missing.
        return metadata | {"_loaded_at": time.time()}

    def _fetch(self, address: str) -> dict[str, Any]:
        with self._get_session() as session:
            answer = session.request("GET", address, withhold_token=True)
            answer.raise_for_status()
            told = answer.json()
        if not isinstance(told, dict):
            raise ValueError("The issuer answered with something else than a JSON object.")
        return told

    def _check(self, metadata: dict[str, Any]) -> None:
        if missing := [name for name in _NEEDED if not metadata.get(name)]:
            raise ValueError(f"The issuer's metadata lack {', '.join(missing)}.")
        if metadata["issuer"] not in self.names:
            raise WrongIssuer(metadata["issuer"])
        offered = metadata.get("id_token_signing_alg_values_supported", ())
        metadata["id_token_signing_alg_values_supported"] = [
            each for each in SIGNATURES if each in offered
        ] or ["RS256"]

    def fetch_jwk_set(self, force: bool = False) -> dict[str, Any]:
        """The issuer's keys for signatures that we can read; `force` asks for newer ones than we have."""
        metadata = self.load_server_metadata()
        keys = self._keys.get(
            lambda: self._fetch_keys(metadata["jwks_uri"]), anew=force and self._may_force(time.time())
        )
        metadata["jwks"] = keys
        return keys

    def _may_force(self, now: float) -> bool:
        with self._forcing:
            is_time = now - self._keys_forced_at >= KEYS_ANEW_SECONDS
            if is_time:
                self._keys_forced_at = now
            return is_time

    def _fetch_keys(self, address: str) -> dict[str, Any]:
        fetched = self._fetch(address)
        return {"keys": [key for key in fetched.get("keys", []) if _is_usable(key)]}

    def parse_id_token(self, *args: Any, **kwargs: Any) -> Any:
        """As Authlib does it, and a second time with newer keys where the signature is none of a key we have."""
        return self.with_newer_keys(lambda: super(IssuerClient, self).parse_id_token(*args, **kwargs))

    def decoded(self, text: str) -> jwt.Token:
        """A token under the issuer's keys."""
        algorithms = self.load_server_metadata()["id_token_signing_alg_values_supported"]
        return self.with_newer_keys(
            lambda: jwt.decode(text, jwk.KeySet.import_key_set(self.fetch_jwk_set()), algorithms=algorithms)  # type: ignore[arg-type]
        )

    def with_newer_keys(self, act: Callable[[], T]) -> T:
        """`act`, and again after the keys were fetched anew where it met an unknown key or a bad signature.

        A bad signature, too: not every issuer names its keys, and some give a new one the old name.
        """
        try:
            return act()
        except (InvalidKeyIdError, MissingKeyError, BadSignatureError):
            self.fetch_jwk_set(force=True)
            return act()


def _is_usable(key: object) -> bool:
    """Whether a published key is one for signatures, of a kind that we know (RFC 7517, 5: ignore others)."""
    if not isinstance(key, dict) or key.get("use", "sig") != "sig":
        return False
    try:
        jwk.import_key(key)
    except (JoseError, ValueError, KeyError, TypeError):
        return False
    return True


@lru_cache(maxsize=8)
def _registered(audience: Audience, issuer: str, client_id: str, client_secret: str) -> IssuerClient:
    client: IssuerClient = OAuth().register(
        name=f"kommunalpro_{audience}",
        client_cls=IssuerClient,
        issuer=issuer,
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPES[audience],
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )
    return client


def issuer_of(audience: Audience) -> str:
    """The address that this audience's tokens come from, without a slash at its end."""
    return str(settings.OIDC[audience]["issuer"]).rstrip("/")


def client_of(audience: Audience) -> IssuerClient:
    """Our client at this audience's issuer."""
    configured = settings.OIDC[audience]
    return _registered(audience, issuer_of(audience), configured["client_id"], configured["client_secret"])


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate of the issuer: until when, and how many days that is (negative: it was)."""

    key_id: str
    expires_at: datetime
    days_left: int

    @property
    def kind(self) -> str:
        """How far it is, as a status to draw."""
        if self.days_left < 0:
            return "failed"
        return "waiting" if self.days_left < CERTIFICATE_SOON.days else "done"


def certificates(audience: Audience, *, now: datetime) -> list[Certificate] | None:
    """The certificates that the issuer publishes with its keys; none where it publishes bare keys.

    None where the issuer cannot be reached.
    """
    try:
        with explained():
            keys = client_of(audience).fetch_jwk_set()["keys"]
    except LoginRefused:
        return None
    found = []
    for key in keys:
        try:
            ends = x509.load_der_x509_certificate(b64decode(key["x5c"][0])).not_valid_after_utc
        except (KeyError, IndexError, TypeError, ValueError):
            continue
        found.append(
            Certificate(key_id=str(key.get("kid", "")), expires_at=ends, days_left=(ends - now).days)
        )
    return sorted(found, key=lambda each: each.expires_at)


@contextmanager
def explained() -> Iterator[None]:
    """Turn what the libraries raise into the refusal that says it to people; the log keeps the detail."""
    try:
        yield
    except MismatchingStateError as error:
        raise LoginRefused(RefusalCode.LOGIN_LOST) from error
    except requests.RequestException as error:
        log.warning("oidc_issuer_unreachable", error=type(error).__name__)
        raise LoginRefused(RefusalCode.ISSUER_UNREACHABLE) from error
    except (AuthlibBaseError, JoseError, ValueError) as error:
        log.warning("oidc_answer_not_trusted", error=type(error).__name__, detail=getattr(error, "error", ""))
        raise LoginRefused(mistrust(error)) from error


def mistrust(error: Exception) -> RefusalCode:
    """Why a token is not to be trusted, of what the libraries raise."""
    match error:
        case WrongIssuer():
            return RefusalCode.WRONG_RECEIVER
        case InvalidKeyIdError() | MissingKeyError():  # raised only after the keys were fetched anew
            return RefusalCode.METADATA_STALE
        case BadSignatureError():
            return RefusalCode.SIGNATURE_INVALID
        case InvalidClaimError(claim="iss" | "aud" | "azp") | MissingClaimError(claim="iss" | "aud" | "azp"):
            return RefusalCode.WRONG_RECEIVER
        case InvalidClaimError(claim="exp" | "iat" | "nbf") | ExpiredTokenError():
            return RefusalCode.CLOCK_SKEW
        case ClaimError():
            return RefusalCode.TOKEN_INVALID
        case InvalidTokenError():  # not valid yet
            return RefusalCode.CLOCK_SKEW
        case _:
            return RefusalCode.TOKEN_INVALID
