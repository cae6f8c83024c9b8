"""The token endpoint: opaque access tokens that expire, narrowed to a context (contract §3).

Three ways to one: client credentials (a system), a refresh token, and token exchange of a stored grant.
The last two rotate the grant: the one given last is the only one that works.
"""

import base64
import binascii
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fut.simulator.addresses import local_part
from fut.simulator.callers import DIMENSIONS, Caller
from fut.simulator.outcomes import Refusal
from fut.simulator.roles import EVERYTHING, rights_of
from fut.simulator.store import Store

Json = dict[str, Any]

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
REFRESH_TOKEN_TYPE = "urn:ietf:params:oauth:token-type:refresh_token"  # noqa: S105 - the name of a type


@dataclass(slots=True, kw_only=True)
class Issuer:
    """Gives tokens to the one client it knows. `life` in seconds; `tags` are the coexistence tags of its scope.

    `unbound`: do a system's tokens work without a context? The guide's examples do; what a vendor gets is unknown,
    so the stricter is taken unless it is said otherwise.
    """

    store: Store
    client_id: str
    client_secret: str = field(repr=False)
    life: float = 300.0
    tags: tuple[str, ...] = ("xa",)
    rights: frozenset[str] = EVERYTHING
    unbound: bool = False
    _alive: dict[str, tuple[Caller, float]] = field(default_factory=dict, repr=False)

    def grant(self, form: Mapping[str, str], authorization: str) -> tuple[int, Json]:
        """HTTP status and body as RFC 6749 §5 has them; credentials in the form or as HTTP Basic."""
        client_id, client_secret = _basic(authorization) or (
            form.get("client_id", ""),
            form.get("client_secret", ""),
        )
        if not (_same(client_id, self.client_id) and _same(client_secret, self.client_secret)):
            return 400, {"error": "invalid_client"}
        context = {name: local_part(form[name]) for name in DIMENSIONS if form.get(name)}
        match form.get("grant_type"):
            case "client_credentials":
                user_id = f"client:{client_id}"
                caller = Caller("SYSTEM", user_id, self.rights, context, self.tags, self.unbound)
                return 200, self._token(caller)
            case "refresh_token":
                return self._of_grant(form.get("refresh_token", ""), context)
            case given if given == EXCHANGE:
                return self._of_grant(form.get("subject_token", ""), context)
        return 400, {"error": "unsupported_grant_type"}

    def keep_grant(self, grant: Json) -> str:
        """A refresh token for a login that took place.

        `grant`: user_type, user_id, roles; care_teams (each with its roles) and organizations, or patient.
        """
        token = secrets.token_urlsafe(32)
        self.store.db.execute(
            "INSERT INTO stored_grant VALUES (?, ?)", (_digest(token), json.dumps(grant, ensure_ascii=False))
        )
        return token

    def _of_grant(self, given: str, context: dict[str, str]) -> tuple[int, Json]:
        with self.store.transaction():
            row = self.store.db.execute(
                "SELECT body FROM stored_grant WHERE digest = ?", (_digest(given),)
            ).fetchone()
            if row is None:
                return 400, {"error": "invalid_grant", "error_description": "Session not active"}
            grant = json.loads(row[0])
            caller = self._narrowed(grant, context)
            if caller is None:
                return 400, {"error": "invalid_request", "error_description": "Invalid context"}
            self.store.db.execute("DELETE FROM stored_grant WHERE digest = ?", (_digest(given),))
            rotated = self.keep_grant(grant)
        return 200, {**self._token(caller), "refresh_token": rotated}

    def _narrowed(self, grant: Json, context: dict[str, str]) -> Caller | None:
        """The caller in that context, None when it is not theirs to take."""
        user_type, names = grant["user_type"], frozenset(grant.get("roles", ()))
        if user_type == "PATIENT":
            mine = local_part(grant["patient"])
            if context.setdefault("patient_id", mine) != mine or not self._episode_of(mine, context):
                return None
        elif user_type == "PRACTITIONER":
            teams = {local_part(one): roles for one, roles in grant.get("care_teams", {}).items()}
            team, organization = context.get("care_team_id"), context.get("organization_id")
            organizations = {local_part(one) for one in grant.get("organizations", ())}
            narrow = {"patient_id", "episode_of_care_id"} & context.keys()
            if (team and team not in teams) or (organization and organization not in organizations):
                return None
            if narrow and not team:
                return None
            names |= frozenset(teams.get(team or "", ()))
        return Caller(
            user_type, grant["user_id"], rights_of(names), context, tuple(grant.get("tags", self.tags))
        )

    def _episode_of(self, patient: str, context: Mapping[str, str]) -> bool:
        """Citizens take their own episodes only."""
        wanted = context.get("episode_of_care_id")
        if wanted is None:
            return True
        episode = self.store.read("EpisodeOfCare", wanted.rpartition("/")[2])
        return episode is not None and local_part(episode.get("patient", {}).get("reference", "")) == patient

    def mint(self, caller: Caller) -> str:
        """A token for whatever a test wants to be."""
        return str(self._token(caller)["access_token"])

    def _token(self, caller: Caller) -> Json:
        token, now = secrets.token_urlsafe(32), self.store.clock.seconds()
        if len(self._alive) > 50_000:
            self._alive = {digest: kept for digest, kept in self._alive.items() if kept[1] > now}
        self._alive[token] = caller, now + self.life
        return {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": int(self.life),
            "scope": " ".join(("ehealth", *caller.tags)),
        }

    def caller(self, authorization: str) -> Caller:
        """Who the token speaks for; 401 when nobody."""
        scheme, _, token = authorization.partition(" ")
        caller, ends_at = self._alive.get(token, (None, 0.0))
        if caller is None or scheme.lower() != "bearer" or ends_at <= self.store.clock.seconds():
            raise Refusal(401, ["A valid access token is missing."], issue_type="login")
        return caller

    def expire(self, authorization: str) -> None:
        """End this one token."""
        self._alive.pop(authorization.partition(" ")[2], None)

    def expire_all(self) -> None:
        self._alive.clear()


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
