"""OpenID Connect towards the issuers of citizens' and staff's logins: the protocol and nothing else.

Code flow with PKCE (S256), state and nonce; addresses and keys by discovery. What goes wrong on the way
comes out as LoginRefused.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any

import requests
import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.base_client.errors import MismatchingStateError
from authlib.integrations.django_client import OAuth
from cryptography import x509
from django.conf import settings
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from joserfc import jwt
from joserfc.errors import (
    BadSignatureError,
    ClaimError,
    ExpiredTokenError,
    InvalidClaimError,
    InvalidKeyIdError,
    InvalidTokenError,
    JoseError,
    MissingClaimError,
)
from joserfc.jwk import KeySet

from identity.audience import Audience
from identity.refusals import LoginRefused, RefusalCode

log = structlog.get_logger(__name__)

TIMEOUT_SECONDS = 10


# FUT's scopes (its official clients). A citizen's `offline_access` is for apps, not for a browser session.
SCOPES = {Audience.CITIZEN: "openid profile", Audience.STAFF: "openid profile practitioner"}

# Citizens share computers at libraries and at home: a new login never rides on an earlier one's session
# at the issuer. Staff keep their workplace's single sign-on.
PROMPTS = {Audience.CITIZEN: "login"}


@dataclass(frozen=True, slots=True)
class Login:
    """A login that the issuer has vouched for.

    `claims` are those of the ID token and of userinfo together; `id_token` is what logging out needs.
    """

    claims: Mapping[str, Any] = field(repr=False)
    id_token: str = field(repr=False)


@lru_cache(maxsize=8)
def _registration(audience: Audience, issuer: str, client_id: str, client_secret: str) -> Any:
    """The Authlib client, which keeps the issuer's addresses and keys, and fetches keys it does not know."""
    return OAuth().register(
        name=f"kommunalpro_{audience}",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_kwargs={
            "scope": SCOPES[audience],
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def issuer_of(audience: Audience) -> str:
    """The address that this audience's tokens come from, without a slash at its end."""
    return str(settings.OIDC[audience]["issuer"]).rstrip("/")


def _client(audience: Audience) -> Any:
    configured = settings.OIDC[audience]
    return _registration(audience, issuer_of(audience), configured["client_id"], configured["client_secret"])


def to_issuer(request: HttpRequest, audience: Audience, *, fresh: bool = False) -> HttpResponseRedirect:
    """Send the browser to the issuer. `fresh` asks it to forget who was there: another person's turn."""
    parameters = {}
    if prompt := ("login" if fresh else PROMPTS.get(audience)):
        parameters["prompt"] = prompt
    with _explained():
        response: HttpResponseRedirect = _client(audience).authorize_redirect(
            request, _public(reverse("identity:callback", args=[audience])), **parameters
        )
    return response


def from_issuer(request: HttpRequest, audience: Audience) -> Login:
    """The login that the issuer has just sent the browser back with, verified.

    Raises LoginRefused when it cannot be trusted, was cancelled, or was never started here.
    """
    client = _client(audience)
    with _explained():
        if error := request.GET.get("error"):
            raise denied(error)
        token = client.authorize_access_token(
            request,
            claims_options={
                "iss": {"essential": True, "values": [issuer_of(audience)]},
                "aud": {"essential": True, "values": [client.client_id]},
            },
        )
        verified = token.get("userinfo")
        if not verified:
            raise LoginRefused(RefusalCode.TOKEN_INVALID)
        told = client.userinfo(token=token)
    # OpenID Connect Core 5.3.2: userinfo about somebody else must not be used.
    if told.get("sub") != verified["sub"]:
        raise LoginRefused(RefusalCode.TOKEN_INVALID)
    return Login(claims={**told, **verified}, id_token=token["id_token"])


# OAuth 2.0 (4.1.2.1) and OpenID Connect Core (3.1.2.6). What is none of these, the issuer says when the login
# behind it gave it nobody.
_DENIALS = {
    "access_denied": RefusalCode.ISSUER_DENIED,
    "server_error": RefusalCode.ISSUER_UNREACHABLE,
    "temporarily_unavailable": RefusalCode.ISSUER_UNREACHABLE,
    "invalid_request": RefusalCode.WRONG_RECEIVER,
    "invalid_client": RefusalCode.WRONG_RECEIVER,
    "unauthorized_client": RefusalCode.WRONG_RECEIVER,
    "invalid_scope": RefusalCode.WRONG_RECEIVER,
    "unsupported_response_type": RefusalCode.WRONG_RECEIVER,
}
_ERROR_NAME = re.compile(r"[a-z_]{1,40}")


def denied(error: str) -> LoginRefused:
    """The refusal for the issuer's `error`. Anybody can write that address, so only an error's name is shown."""
    shown = error if _ERROR_NAME.fullmatch(error) else ""
    return LoginRefused(_DENIALS.get(error, RefusalCode.NO_ASSERTION), shown=shown)


def end_session(audience: Audience, *, id_token: str) -> HttpResponseRedirect:
    """Log out at the issuer too, and come back to the front page.

    Raises LoginRefused if the issuer cannot be reached. The address carries the ID token as the standard
    asks; it holds a subject and times, no CPR number.
    """
    with _explained():
        client = _client(audience)
        if "end_session_endpoint" not in client.load_server_metadata():
            return HttpResponseRedirect(_public("/"))
        # No state: nothing here waits for the answer, and it would stay in the front page's address.
        address = client.create_logout_url(
            post_logout_redirect_uri=_public("/"),
            id_token_hint=id_token,
            client_id=client.client_id,
            state="",
        )["url"]
    return HttpResponseRedirect(address)


@dataclass(frozen=True, slots=True)
class Certificate:
    """A signing certificate of the issuer: until when, and how many days that is."""

    key_id: str
    expires_at: datetime
    days_left: int


def certificates(audience: Audience, *, now: datetime) -> list[Certificate] | None:
    """The certificates that the issuer publishes with its keys; none where it publishes bare keys.

    None where the issuer cannot be reached.
    """
    try:
        with _explained():
            keys = _client(audience).fetch_jwk_set().get("keys", [])
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


LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"
LOGOUT_LEEWAY_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Logout:
    """What an issuer says is over: a session of its own, or all of a subject."""

    issuer: str
    subject: str
    issuer_session: str


def read_logout_token(audience: Audience, text: str, *, now: datetime) -> Logout:
    """A logout token, verified by Back-Channel Logout 1.0, 2.6. Raises LoginRefused.

    One that is sent again ends nothing more, so what was seen need not be remembered.
    """
    client = _client(audience)
    with _explained():
        algorithms = [
            each
            for each in client.load_server_metadata().get("id_token_signing_alg_values_supported", ["RS256"])
            if each != "none"
        ]
        token = _decoded(client, text, algorithms)
        claims = token.claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=LOGOUT_LEEWAY_SECONDS,
            iss={"essential": True, "value": issuer_of(audience)},
            aud={"essential": True, "value": client.client_id},
            iat={"essential": True},
            exp={"essential": True},
        ).validate(claims)
    events = claims.get("events")
    subject, issuer_session = claims.get("sub", ""), claims.get("sid", "")
    if (
        not isinstance(events, dict)
        or not isinstance(events.get(LOGOUT_EVENT), dict)
        or "nonce" in claims
        or not isinstance(subject, str)
        or not isinstance(issuer_session, str)
        or not (subject or issuer_session)
    ):
        raise LoginRefused(RefusalCode.TOKEN_INVALID)
    return Logout(issuer=issuer_of(audience), subject=subject, issuer_session=issuer_session)


def _decoded(client: Any, text: str, algorithms: list[str]) -> jwt.Token:
    """A token under the issuer's keys. A key that we do not know has them fetched anew, once."""
    try:
        return jwt.decode(text, KeySet.import_key_set(client.fetch_jwk_set()), algorithms=algorithms)
    except InvalidKeyIdError:
        return jwt.decode(
            text, KeySet.import_key_set(client.fetch_jwk_set(force=True)), algorithms=algorithms
        )


def _public(path: str) -> str:
    return f"{settings.PUBLIC_URL}{path}"


@contextmanager
def _explained() -> Iterator[None]:
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
        case InvalidKeyIdError():  # raised only after the keys were fetched anew
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
