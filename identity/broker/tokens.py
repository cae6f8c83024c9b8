"""What the provider's tokens say: hooks of django-oidc-provider, named in the settings.

All that is personal comes from the userinfo endpoint. The ID token stays bare, because logging out
puts it into an address.
"""

from __future__ import annotations

from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import User
from oidc_provider.lib.claims import ScopeClaims

from identity.broker.odd import find, taken_apart

CITIZEN_CLAIMS = ("user_type", "cpr", "name", "loa")
PRACTITIONER_CLAIMS = ("user_type", "name", "loa", "cvr", "org_name", "privileges", "contexts")


def subject(user: User) -> str:
    """Who this is, the same for ever: the demo person's key, also where their token is composed to be odd."""
    return taken_apart(user.get_username())[0]


def odd_id_token(id_token: dict[str, Any], user: User, **_: object) -> dict[str, Any]:
    """Hook on the ID token: what is odd about it beside its signature."""
    odd = taken_apart(user.get_username())[1]
    if "expired" in odd:
        id_token |= {"iat": id_token["iat"] - 7200, "exp": id_token["iat"] - 3600}
    if "receiver" in odd:
        id_token |= {"aud": "another-system"}
    if "nonce" in odd:
        id_token |= {"nonce": "of another login"}
    for code in ("key-old", "key-wrong"):
        if code in odd:
            id_token |= {"odd_key": code}
    return id_token


# A key that the broker does not publish: what is signed with it looks as after a change of key.
_UNPUBLISHED = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def signed_oddly(response: dict[str, Any]) -> dict[str, Any]:
    """A token response whose ID token is signed with a key that is not published, where it says so.

    `odd_key` is the claim by which the composition comes along; see `odd_id_token`.
    """
    header = jwt.get_unverified_header(response["id_token"])
    payload = jwt.decode(response["id_token"], options={"verify_signature": False})
    odd_key = payload.pop("odd_key", None)
    if odd_key is None:
        return response
    key_id = header.get("kid", "") if odd_key == "key-wrong" else "udskiftet"
    signed = jwt.encode(payload, _UNPUBLISHED, algorithm="RS256", headers={"kid": key_id})
    return {**response, "id_token": signed}


class DemoClaims(ScopeClaims):  # type: ignore[misc]
    """The claims of FUT's scopes `profile` and `practitioner`; what is empty is left out."""

    def scope_profile(self) -> dict[str, Any]:
        return self._of_person(CITIZEN_CLAIMS)

    def scope_practitioner(self) -> dict[str, Any]:
        return self._of_person(PRACTITIONER_CLAIMS)

    def _of_person(self, names: tuple[str, ...]) -> dict[str, Any]:
        person = find(self.user.get_username())
        return {name: person.claims[name] for name in names if name in person.claims} if person else {}
