"""Every table of the database is behind a wall, or stands here with the reason why it needs none."""

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction

from municipalities.checks import walls_hold, why_walls_do_not_hold
from municipalities.policies import APPLICATION_ROLE, OWNER_ROLE
from municipalities.scope import within

pytestmark = pytest.mark.django_db

NO_WALL = {
    "django_migrations": "which migrations have run; read only",
    "django_content_type": "the names of our models; read only",
    "django_session": "says who is here, so it is read before anybody is; found only by a secret key",
    "identity_usersession": (
        "read before anybody is here, by the hash of a session's key or of the issuer's subject; its own person's "
        "list, end-all and a deletion find it by the actor, which the code alone keeps apart. Hashes, the browser in "
        "two words and times: no name, nothing of health"
    ),
    "identity_spentlogouttoken": "hashes of the issuer's own log-out messages; nobody's data",
}
# Behind a wall for writing; who reads is everybody.
PUBLIC = {"municipalities_municipality": "which municipalities there are is no secret; the login asks"}


def tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND NOT relispartition ORDER BY relname"
        )
        return [name for (name,) in cursor.fetchall()]


def walled() -> set[str]:
    """The tables whose row-level security is on, also for their owner."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        return {name for (name,) in cursor.fetchall()}


def protected_models() -> list[type[models.Model]]:
    return [model for model in apps.get_models() if model._meta.db_table not in NO_WALL | PUBLIC]


by_table = pytest.mark.parametrize("model", protected_models(), ids=lambda model: str(model._meta.db_table))


def test_every_table_has_its_wall_or_a_reason() -> None:
    assert {*tables()} - walled() == {*NO_WALL}
    assert {*PUBLIC} <= walled()


def test_every_model_has_a_table_here() -> None:
    assert {model._meta.db_table for model in apps.get_models()} <= {*tables()}


def test_every_wall_lets_somebody_through() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT tablename FROM pg_policies")
        assert {name for (name,) in cursor.fetchall()} == walled()


@by_table
def test_without_a_scope_nothing_is_seen(model: type[models.Model]) -> None:
    with within(None):
        assert not model._default_manager.exists()


@by_table
def test_without_a_scope_nothing_is_taken(model: type[models.Model]) -> None:
    """Whatever its values are: the wall is asked before them (or the privilege is missing)."""
    table = model._meta.db_table
    columns = {
        field.column: field
        for field in model._meta.concrete_fields
        if not (field.auto_created or field.generated)
    }
    values = ", ".join("NULL" for _ in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        within(None),
        pytest.raises(DatabaseError, match=r"row-level security|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f'INSERT INTO "{table}" ({names}) VALUES ({values})')


def test_the_application_is_bound_by_the_walls() -> None:
    assert why_walls_do_not_hold() == ""
    assert walls_hold(databases=["default"]) == []


@pytest.mark.parametrize(
    "way_out",
    [
        "ALTER TABLE citizens_citizen DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE citizens_citizen NO FORCE ROW LEVEL SECURITY",
        "DROP POLICY municipality ON citizens_citizen",
        "CREATE POLICY mine ON citizens_citizen USING (true)",
        "CREATE OR REPLACE FUNCTION scope_kind() RETURNS text LANGUAGE sql AS $$ SELECT 'system' $$",
        "CREATE TABLE mine AS SELECT * FROM citizens_citizen",
        "CREATE VIEW mine AS SELECT * FROM citizens_citizen",
        f"ALTER TABLE citizens_citizen OWNER TO {APPLICATION_ROLE}",
        f"SET ROLE {OWNER_ROLE}",
        "SET ROLE postgres",
        f"SET SESSION AUTHORIZATION {OWNER_ROLE}",
        f"ALTER ROLE {APPLICATION_ROLE} BYPASSRLS",
        f"GRANT {OWNER_ROLE} TO {APPLICATION_ROLE}",
        "DELETE FROM django_migrations",
    ],
)
def test_the_application_finds_no_way_out(way_out: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"must be|permission denied"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(way_out)


def test_row_security_cannot_be_switched_off() -> None:
    """PostgreSQL then refuses the query rather than showing less."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL row_security = off")
        with pytest.raises(DatabaseError, match="would be affected by row-level security"):
            cursor.execute("SELECT * FROM citizens_citizen")
        transaction.set_rollback(True)
