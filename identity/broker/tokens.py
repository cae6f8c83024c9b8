"""What the provider's tokens say: hooks of django-oidc-provider, named in the settings.

All that is personal comes from the userinfo endpoint. The ID token stays bare, because logging out
puts it into an address.
"""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from oidc_provider.lib.claims import ScopeClaims

from identity.broker.people import everybody

CITIZEN_CLAIMS = ("user_type", "cpr", "name", "loa")
PRACTITIONER_CLAIMS = ("user_type", "name", "loa", "cvr", "org_name", "privileges")


def subject(user: User) -> str:
    """Who this is, the same for ever: the demo person's key."""
    return user.get_username()


class DemoClaims(ScopeClaims):  # type: ignore[misc]
    """The claims of FUT's scopes `profile` and `practitioner`; what is empty is left out."""

    def scope_profile(self) -> dict[str, Any]:
        return self._of_person(CITIZEN_CLAIMS)

    def scope_practitioner(self) -> dict[str, Any]:
        return self._of_person(PRACTITIONER_CLAIMS)

    def _of_person(self, names: tuple[str, ...]) -> dict[str, Any]:
        person = everybody()[self.user.get_username()]
        return {name: person.claims[name] for name in names if name in person.claims}
