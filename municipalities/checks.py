"""Whether the database's walls hold for the role we are: nobody is kept out of what they own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core import checks
from django.db import connections

from municipalities.policies import OWNER_ROLE

# A member of the owner's role can become it. `public` is where all our tables are.
_ROLE = """
    SELECT current_user, rolsuper, rolbypassrls, rolcreaterole, EXISTS (
        SELECT FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
            AND pg_has_role(current_user, relowner, 'MEMBER')
    )
    FROM pg_roles WHERE rolname = current_user
"""


def why_walls_do_not_hold(alias: str = "default") -> str:
    """Why row-level security does not bind our role, in a sentence; "" where it does. One cheap query."""
    with connections[alias].cursor() as cursor:
        cursor.execute(_ROLE)
        name, is_superuser, bypasses, makes_roles, owns = cursor.fetchone()
    reasons = {
        "is a superuser": is_superuser,
        "has BYPASSRLS": bypasses,
        "has CREATEROLE": makes_roles,
        "owns tables": owns,
    }
    found = " and ".join(reason for reason, holds in reasons.items() if holds)
    return (
        f"The database's role “{name}” {found}, so row-level security keeps it from nothing." if found else ""
    )


@checks.register(checks.Tags.database)
def walls_hold(*, databases: Sequence[str] | None = None, **_: Any) -> list[checks.CheckMessage]:
    """An error where the application's role could pass its walls; the owner's own commands are let through."""
    found: list[checks.CheckMessage] = []
    for alias in databases or ():
        why = why_walls_do_not_hold(alias)
        if why and f"“{OWNER_ROLE}”" not in why:
            hint = (
                "Give the application a role of its own: docs/operations.md, “The two roles of the database”."
            )
            found.append(checks.Error(why, hint=hint, id="municipalities.E001"))
    return found
