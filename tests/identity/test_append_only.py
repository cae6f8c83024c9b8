"""The access log can be added to and read, each its own; nothing else, by the role that web and workers have."""

from collections.abc import Iterator
from dataclasses import replace
from uuid import UUID, uuid4

import psycopg
import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from identity.access_log import Use, What, record, review
from identity.actors import StaffActor
from identity.models import AccessEntry, AccessReview
from municipalities.policies import APPLICATION_ROLE, OWNER_ROLE
from municipalities.scope import Scope, within
from tests.conftest import staff_actor
from tests.factories import MunicipalityFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db

# And the column whose month a row belongs to.
TABLES = {"identity_accessentry": "at", "identity_accessreview": "entry_at"}


@pytest.fixture
def actor() -> StaffActor:
    return staff_actor(StaffMemberFactory())


@pytest.fixture
def entry(actor: StaffActor) -> AccessEntry:
    record(use=Use(What.CITIZEN), of=[uuid4()], by=actor, at=timezone.now())
    found = AccessEntry.objects.get()
    controller = replace(actor, staff_id=uuid4())
    review(entry=found, outcome=AccessReview.Outcome.IN_ORDER, note="", by=controller, at=timezone.now())
    return found


@pytest.fixture
def _as_on_a_server() -> Iterator[None]:
    """Tests that commit empty tables in the end; on a server nobody gives the application that right."""
    parameters = {**connection.get_connection_params(), "user": OWNER_ROLE, "autocommit": True}
    for ours in ("cursor_factory", "context", "prepare_threshold"):
        parameters.pop(ours, None)
    with psycopg.connect(**parameters) as owner:
        for table in TABLES:
            owner.execute(f"REVOKE TRUNCATE ON {table}, {table}_default FROM {APPLICATION_ROLE}")
        try:
            yield
        finally:
            for table in TABLES:
                owner.execute(f"GRANT TRUNCATE ON {table}, {table}_default TO {APPLICATION_ROLE}")


WAYS = (
    "UPDATE {table} SET staff_name = ''",
    "DELETE FROM {table}",
    "TRUNCATE {table}",
    "DROP TABLE {table}",
    "ALTER TABLE {table} DETACH PARTITION {table}_default",
    "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY",
    "CREATE POLICY mine ON {table} USING (true)",
    "CREATE RULE mine AS ON INSERT TO {table} DO INSTEAD NOTHING",
    "CREATE TRIGGER mine BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
    "INSERT INTO {table} SELECT * FROM {table} ON CONFLICT (id, {time}) DO UPDATE SET staff_name = ''",
    "MERGE INTO {table} USING (SELECT 1) AS one ON true WHEN MATCHED THEN DELETE",
    "SELECT * FROM {table} FOR UPDATE",
    # A month itself is nobody's but the owner's.
    "SELECT * FROM {table}_default",
    "INSERT INTO {table}_default SELECT * FROM {table}",
    "UPDATE {table}_default SET staff_name = ''",
    "DELETE FROM {table}_default",
    "TRUNCATE {table}_default",
    "DROP TABLE {table}_default",
    "SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1)",
)


@pytest.mark.usefixtures("_as_on_a_server", "entry")
@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("way", WAYS)
def test_nothing_is_changed_or_taken_away(way: str, table: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(way.format(table=table, time=TABLES[table]))

    assert AccessEntry.objects.exclude(staff_name="").count() == AccessReview.objects.count() == 1


@pytest.mark.usefixtures("entry")
@pytest.mark.parametrize("time", ["infinity", "-infinity"])
@pytest.mark.parametrize(
    ("table", "column"),
    [("identity_accessentry", "at"), ("identity_accessreview", "at"), ("identity_accessreview", "entry_at")],
)
def test_no_use_happens_at_the_end_of_time(table: str, column: str, time: str) -> None:
    """It would lie in no month, and no month could be made any more."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0", [table]
        )
        names = [name for (name,) in cursor.fetchall() if name != "id"]
        values = ", ".join(f"'{time}'" if name == column else name for name in names)
        with pytest.raises(IntegrityError, match=r"times?_(is|are)_finite"), transaction.atomic():
            cursor.execute(f"INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table}")


def test_new_months_are_the_owners_as_well(actor: StaffActor) -> None:
    """A month that is made after anybody gave away rights to all tables there were."""
    record(
        use=Use(What.CITIZEN), of=[uuid4()], by=actor, at=timezone.now().replace(year=2041, month=5, day=1)
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_log_make_months()")
        cursor.execute(
            "SELECT privilege FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) privilege "
            "WHERE has_table_privilege('identity_accessentry_2041_05', privilege)"
        )
        assert cursor.fetchall() == []


@pytest.mark.parametrize(
    "call",
    [
        "SELECT make_month('citizens_citizen', 'created_at', '2020-01-01')",
        "SELECT make_months('citizens_citizen', 'created_at')",
        "SELECT months_past('citizens_citizen', 1)",
        "CREATE OR REPLACE FUNCTION access_log_drop_months(keep_months integer) RETURNS SETOF text LANGUAGE sql "
        "AS 'SELECT NULL'",
        "ALTER FUNCTION access_log_drop_months(integer) RESET ALL",
        "DROP FUNCTION access_log_drop_months(integer)",
    ],
)
def test_the_owners_functions_stay_as_they_are(call: str) -> None:
    with (
        pytest.raises(DatabaseError, match=r"permission denied|must be owner"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(call)


def test_the_owners_functions_look_nothing_up_where_the_caller_says() -> None:
    """Tables of the caller's own that say: here is a month of long ago."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE pg_class (oid oid, relname name)")
        cursor.execute("CREATE TEMPORARY TABLE pg_inherits (inhrelid oid, inhparent oid)")
        cursor.execute("INSERT INTO pg_temp.pg_class VALUES (1, 'citizens_citizen_2000_01')")
        cursor.execute("INSERT INTO pg_temp.pg_inherits VALUES (1, 'public.identity_accessentry'::regclass)")
        cursor.execute("SET LOCAL search_path = pg_temp, public, pg_catalog")
        cursor.execute("SELECT public.access_log_drop_months(6)")
        assert cursor.fetchall() == []


class TestWhoReads:
    @pytest.fixture
    def citizen(self, actor: StaffActor) -> UUID:
        """Somebody whom their own municipality and another have looked at, as has happened to one who moved."""
        person = uuid4()
        for by in (actor, staff_actor(StaffMemberFactory(municipality=MunicipalityFactory()))):
            record(use=Use(What.CITIZEN), of=[person, uuid4()], by=by, at=timezone.now())
        return person

    def test_a_municipality_reads_its_own(self, actor: StaffActor, citizen: UUID) -> None:
        assert actor.municipality_id is not None
        with within(Scope.municipality(actor.municipality_id)):
            assert {each.municipality_id for each in AccessEntry.objects.all()} == {actor.municipality_id}

    def test_a_citizen_reads_what_is_about_them_wherever_it_was(self, citizen: UUID) -> None:
        with within(Scope.citizen(citizen)):
            assert [each.citizen_id for each in AccessEntry.objects.all()] == [citizen, citizen]
            assert not AccessReview.objects.exists()

    @pytest.mark.parametrize("scope", [Scope.national(), Scope.login(subject="somebody"), None])
    def test_nobody_else_reads_anything(self, citizen: UUID, scope: Scope | None) -> None:
        with within(scope):
            assert not AccessEntry.objects.exists()

    def test_a_municipality_writes_in_no_other_name(self, actor: StaffActor) -> None:
        with (
            within(Scope.municipality(MunicipalityFactory().pk)),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            record(use=Use(What.CITIZEN), of=[uuid4()], by=actor, at=timezone.now())

    def test_a_citizen_writes_nothing(self, actor: StaffActor) -> None:
        person = uuid4()
        with (
            within(Scope.citizen(person)),
            pytest.raises(DatabaseError, match="row-level security"),
            transaction.atomic(),
        ):
            record(use=Use(What.CITIZEN), of=[person], by=actor, at=timezone.now())
