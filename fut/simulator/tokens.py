"""The token endpoint: client credentials for an opaque token that expires."""

import base64
import binascii
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from fut.simulator.store import Store

Json = dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Gives tokens to the one client it knows. `life` in seconds."""

    store: Store
    client_id: str
    client_secret: str = field(repr=False)
    life: float = 300.0

    def grant(self, form: Mapping[str, str], authorization: str) -> tuple[int, Json]:
        """HTTP status and body as RFC 6749 §5 has them; credentials in the form or as HTTP Basic."""
        client_id, client_secret = _basic(authorization) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if not (_same(client_id, self.client_id) and _same(client_secret, self.client_secret)):
            return 400, {"error": "invalid_client"}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        token = secrets.token_urlsafe(32)
        now = time.time()
        self.store.db.execute("DELETE FROM token WHERE expires_at < ?", (now,))
        self.store.db.execute("INSERT INTO token VALUES (?, ?)", (_digest(token), now + self.life))
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": int(self.life)}

    def accepts(self, authorization: str) -> bool:
        scheme, _, token = authorization.partition(" ")
        row = self.store.db.execute(
            "SELECT 1 FROM token WHERE digest = ? AND expires_at > ?", (_digest(token), time.time())
        ).fetchone()
        return scheme.lower() == "bearer" and row is not None

    def expire_all(self) -> None:
        self.store.db.execute("DELETE FROM token")


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _same(given: str, known: str) -> bool:
    return hmac.compare_digest(given.encode(), known.encode())


def _basic(authorization: str) -> tuple[str, str] | None:
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ("", "")
    return name, secret
