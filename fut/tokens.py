"""Our access token from the platform: OAuth 2 client credentials (RFC 6749 §4.4), fetched once for all threads."""

import threading
import time
from dataclasses import dataclass, field

import httpx

from fut.errors import FutAuthenticationFailed, FutUnavailable

RENEW_BEFORE = 30.0
"""Seconds before expiry at which a new token is fetched, at most half of its life."""


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float


class TokenSource:
    """Gives a token that is still good; one thread fetches while the others wait for it."""

    def __init__(self, http: httpx.Client, *, token_url: str, client_id: str, client_secret: str) -> None:
        self._http = http
        self._token_url = token_url
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._token: _Token | None = None

    def token(self) -> str:
        """The token's value. Raises `FutAuthenticationFailed` or `FutUnavailable` (never unclear)."""
        with self._lock:
            if self._token is None or time.monotonic() >= self._token.renew_at:
                self._token = self._fetch()
            return self._token.value

    def forget(self, value: str) -> None:
        """The platform would not take this token: fetch another one next time."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                self._token = None

    def _fetch(self) -> _Token:
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        asked_at = time.monotonic()
        try:
            answer = self._http.post(self._token_url, data=form)
        except httpx.TransportError as error:
            raise FutUnavailable(
                what="adgangstoken", reason=f"ingen forbindelse ({type(error).__name__})", unclear=False
            ) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            raise FutUnavailable(what="adgangstoken", reason=f"svarede {answer.status_code}", unclear=False)
        return self._read(answer, asked_at)

    @staticmethod
    def _read(answer: httpx.Response, asked_at: float) -> _Token:
        try:
            body = answer.json()
        except ValueError as error:
            raise FutAuthenticationFailed(f"svaret ({answer.status_code}) kunne ikke læses") from error
        if answer.is_error or not isinstance(body, dict) or "access_token" not in body:
            reason = body.get("error", "intet token") if isinstance(body, dict) else "intet token"
            raise FutAuthenticationFailed(f"{reason} ({answer.status_code})")
        life = float(body.get("expires_in", 60))
        return _Token(str(body["access_token"]), asked_at + life - min(RENEW_BEFORE, life / 2))
