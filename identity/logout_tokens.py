"""The issuer's word, server to server, that a login is over (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jwt

from identity.audience import Audience
from identity.issuers import client_of, explained, issuer_of
from identity.models import SpentLogoutToken
from identity.refusals import LoginRefused, RefusalCode

EVENT = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY = timedelta(minutes=2)
# A logout token lives for two minutes, says the specification; what lives for days was made for something else.
LONGEST_LIFE = timedelta(hours=1)
TYPES = {None, "jwt", "logout+jwt", "application/logout+jwt"}


@dataclass(frozen=True, slots=True)
class Logout:
    """What an issuer says is over: a session of its own, or all of a subject."""

    issuer: str
    subject: str
    issuer_session: str


def accept(audience: Audience, text: str, *, now: datetime) -> Logout:
    """What a logout token ends, verified by Back-Channel Logout 1.0, 2.6, and good once.

    Raises LoginRefused; also for one that came before: sent again, it would end what was begun since.
    """
    client = client_of(audience)
    with explained():
        token = client.decoded(text)
        claims = token.claims
        jwt.JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=int(LEEWAY.total_seconds()),
            iss={"essential": True, "values": client.names},
            aud={"essential": True, "value": client.client_id},
            iat={"essential": True},
            exp={"essential": True},
            jti={"essential": True},
        ).validate(claims)
    subject, issuer_session = claims.get("sub", ""), claims.get("sid", "")
    if not _is_logout(token.header, claims) or not (subject or issuer_session):
        raise LoginRefused(RefusalCode.TOKEN_INVALID)
    _spend(issuer_of(audience), claims, now=now)
    return Logout(issuer=issuer_of(audience), subject=subject, issuer_session=issuer_session)


def _is_logout(header: dict[str, Any], claims: dict[str, Any]) -> bool:
    """Whether it is a logout token, rather than an ID token or another that the issuer signed."""
    events, kind = claims.get("events"), header.get("typ")
    return (
        (kind.lower() if isinstance(kind, str) else kind) in TYPES
        and isinstance(events, dict)
        and isinstance(events.get(EVENT), dict)
        and "nonce" not in claims
        and all(isinstance(claims.get(name, ""), str) for name in ("sub", "sid", "jti"))
        and claims["exp"] - claims["iat"] <= LONGEST_LIFE.total_seconds()
    )


def _spend(issuer: str, claims: dict[str, Any], *, now: datetime) -> None:
    name = sha256(f"{issuer}\n{claims['jti']}".encode()).hexdigest()
    SpentLogoutToken.objects.filter(forget_at__lt=now).delete()
    forget_at = datetime.fromtimestamp(claims["exp"], tz=UTC) + LEEWAY
    _row, is_new = SpentLogoutToken.objects.get_or_create(name_hash=name, defaults={"forget_at": forget_at})
    if not is_new:
        raise LoginRefused(RefusalCode.TOKEN_INVALID)
