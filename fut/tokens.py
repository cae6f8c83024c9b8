"""Our access tokens from the platform, each fetched once for all threads; `fut.grants` says what for.

A token is narrowed to what the call is about, and one narrowed to one citizen is of no use for another (contract §3).
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field

import httpx

from fut.errors import FutAuthenticationFailed, FutUnavailable
from fut.grants import ClientCredentials, Grant, Turn

RENEW_BEFORE = 30.0
"""Seconds before expiry at which a new token is fetched, at most half of its life."""


MOST_TOKENS = 2000
"""Kept at a time; those not used for longest go first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a call is about, as absolute addresses. Empty for what belongs to no citizen."""

    organization: str | None = None
    care_team: str | None = None
    patient: str | None = None
    episode: str | None = None

    def form(self) -> dict[str, str]:
        """The parameters of the token request that narrow it (contract §3)."""
        named = {
            "organization_id": self.organization,
            "care_team_id": self.care_team,
            "patient_id": self.patient,
            "episode_of_care_id": self.episode,
        }
        return {name: url for name, url in named.items() if url is not None}


NOBODY = Context()


@dataclass(frozen=True, slots=True)
class _Token:
    value: str = field(repr=False)
    renew_at: float


class TokenSource:
    """Gives a token that is still good; for each context one thread fetches while the others wait for it."""

    def __init__(
        self,
        http: httpx.Client,
        *,
        token_url: str,
        client_id: str,
        client_secret: str,
        grant: Grant | None = None,
    ) -> None:
        self._http = http
        self._grant = grant or ClientCredentials()
        self._token_url = httpx.URL(token_url)
        self._client_id = client_id
        self._client_secret = client_secret
        self._lock = threading.Lock()
        self._fetching: dict[Context, threading.Lock] = {}
        self._tokens: OrderedDict[Context, _Token] = OrderedDict()

    def token(self, context: Context = NOBODY) -> str:
        """The value of a token for this context.

        Raises `FutAuthenticationFailed` or `FutUnavailable` (never unclear).
        """
        if (token := self._good(context)) is not None:
            return token.value
        with self._lock:
            turn = self._fetching.setdefault(context, threading.Lock())
        with turn:
            token = self._good(context) or self._fetch(context)
            self._keep(context, token)
        return token.value

    def forget(self, value: str, context: Context = NOBODY) -> None:
        """The platform would not take this token: fetch another one next time."""
        with self._lock:
            known = self._tokens.get(context)
            if known is not None and known.value == value:
                del self._tokens[context]

    def _good(self, context: Context) -> _Token | None:
        with self._lock:
            token = self._tokens.get(context)
            if token is None or time.monotonic() >= token.renew_at:
                return None
            self._tokens.move_to_end(context)
            return token

    def _keep(self, context: Context, token: _Token) -> None:
        with self._lock:
            self._tokens[context] = token
            self._tokens.move_to_end(context)
            self._fetching.pop(context, None)
            while len(self._tokens) > MOST_TOKENS:
                self._tokens.popitem(last=False)

    def _fetch(self, context: Context) -> _Token:
        with self._grant.turn() as turn:
            return self._ask(context, turn)

    def _ask(self, context: Context, turn: Turn) -> _Token:
        form = {
            **turn.form,
            "client_id": self._client_id,
            "client_secret": self._client_secret,
            **context.form(),
        }
        asked_at = time.monotonic()
        try:
            answer = self._http.post(self._token_url, data=form)
        except httpx.TransportError as error:
            raise FutUnavailable(
                what="adgangstoken",
                reason=f"ingen forbindelse ({type(error).__name__})",
                unclear=False,
                receiver="",
            ) from error
        if answer.status_code == 429 or answer.status_code >= 500:
            reason = f"svarede {answer.status_code}"
            raise FutUnavailable(what="adgangstoken", reason=reason, unclear=False, receiver="")
        return self._read(answer, asked_at, turn)

    @staticmethod
    def _read(answer: httpx.Response, asked_at: float, turn: Turn) -> _Token:
        try:
            body = answer.json()
        except ValueError as error:
            raise FutAuthenticationFailed(f"svaret ({answer.status_code}) kunne ikke læses") from error
        if answer.is_error or not isinstance(body, dict) or "access_token" not in body:
            reason = body.get("error", "intet token") if isinstance(body, dict) else "intet token"
            raise FutAuthenticationFailed(f"{reason} ({answer.status_code})")
        if rotated := body.get("refresh_token"):
            turn.keep(str(rotated))
        life = float(body.get("expires_in", 60))
        return _Token(str(body["access_token"]), asked_at + life - min(RENEW_BEFORE, life / 2))
