"""Whose rows this transaction may touch: told to PostgreSQL, which shows nothing else (row-level security).

    with within(Scope.municipality(episode.municipality_id)):
        …

The scope lives in settings of the transaction itself and ends with it, so that no connection carries it on.
Without a scope the protected tables are empty. `municipalities/policies.py` holds the tables' side of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

Kind = Literal["citizen", "municipality", "program", "national", "login", "system"]

SETTINGS = (
    "kommunalpro.scope_kind",
    "kommunalpro.scope_municipality",
    "kommunalpro.scope_citizen",
    "kommunalpro.scope_login",
)
_SET = "SELECT " + ", ".join(f"set_config('{name}', %s, %s)" for name in SETTINGS)


@dataclass(frozen=True, slots=True)
class Scope:
    """On whose behalf the database is asked. Made by the class methods, each of which says what it shows."""

    kind: Kind
    municipality_id: int | None = None
    citizen_id: UUID | None = None
    login_key: str = ""

    @classmethod
    def citizen(cls, citizen_id: UUID) -> Scope:
        """One citizen's own rows, and what is published."""
        return cls("citizen", citizen_id=citizen_id)

    @classmethod
    def municipality(cls, municipality_id: int) -> Scope:
        """A municipality's citizens, courses and drafts, and what is published."""
        return cls("municipality", municipality_id=municipality_id)

    @classmethod
    def program(cls, municipality_id: int) -> Scope:
        """What a municipality builds in KAM, who works there, and what is published. No citizen."""
        return cls("program", municipality_id=municipality_id)

    @classmethod
    def national(cls) -> Scope:
        """The system administration: what is national, and how logins go everywhere. No citizen."""
        return cls("national")

    @classmethod
    def login(cls, *, cpr_hashes: Iterable[bytes] = (), issuer: str = "", subject: str = "") -> Scope:
        """Somebody who is not known yet: the citizen of these hashes or the employee of this issuer, nobody else.

        `cpr_hashes`: of one number, under each key that is configured.
        """
        hashes = " ".join(each.hex() for each in cpr_hashes)
        return cls("login", login_key=hashes or f"{issuer}\n{subject}")

    @classmethod
    def system(cls) -> Scope:
        """Everything. Only to find out what is due; the work on it is done in the scope of its municipality."""
        return cls("system")


@contextmanager
def within(scope: Scope | None) -> Iterator[None]:
    """A transaction in which the database shows and takes what `scope` allows; None is nobody, who sees nothing.

    One round trip beside the transaction's own. Inside another scope it is a savepoint, and the outer scope
    holds again afterwards, also where an exception ends it.
    """
    connection = transaction.get_connection()
    outer = current()
    if scope == outer:
        if scope is None:
            yield  # nobody within nobody: nothing to say, so no transaction either
        else:
            with transaction.atomic():
                yield
        return
    with transaction.atomic():
        _say(connection, scope)
        _remember(connection, scope)
        try:
            yield
        finally:
            _remember(connection, outer)
    # The setting outlives a released savepoint; one that was rolled back has taken it back.
    if connection.in_atomic_block and not connection.needs_rollback:
        _say(connection, outer)


def current() -> Scope | None:
    """The scope of the innermost `within` around us, on this thread's connection."""
    scope = getattr(transaction.get_connection(), "kommunalpro_scope", None)
    return scope if isinstance(scope, Scope) else None


def stay_within(scope: Scope | None) -> None:
    """Hold `scope` on this connection until told otherwise: for `migrate`, and for tests around what they test.

    Never while serving people: the connection would carry it on to the next of them.
    """
    connection = transaction.get_connection()
    _say(connection, scope, local=False)
    _remember(connection, scope)


def _remember(connection: BaseDatabaseWrapper, scope: Scope | None) -> None:
    connection.kommunalpro_scope = scope  # type: ignore[attr-defined]


def _say(connection: BaseDatabaseWrapper, scope: Scope | None, *, local: bool = True) -> None:
    """Set what the SQL functions read; `local` until the transaction ends."""
    values: tuple[object, ...] = ("", "", "", "")
    if scope is not None:
        values = (scope.kind, scope.municipality_id, scope.citizen_id, scope.login_key)
    with connection.cursor() as cursor:
        cursor.execute(
            _SET, [word for value in values for word in ("" if value is None else str(value), local)]
        )
