import os
import pwd
from pathlib import Path

import environ
import psycopg
import pytest

from kommunalpro.embedded import postgres
from kommunalpro.embedded.errors import SetupError
from kommunalpro.embedded.postgres import EmbeddedPostgres
from tests.embedded.conftest import processes_of


def test_data_survive_a_stop(folder: Path):
    server = EmbeddedPostgres(folder / "postgres")
    with psycopg.connect(server.owner_url(server.start())) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 'æøå' AS word")
        connection.execute("GRANT SELECT ON kept TO kommunalpro")
    server.stop()
    assert processes_of(folder) == []

    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT upper(word) FROM kept").fetchone() == ("ÆØÅ",)
    server.stop()


@pytest.fixture
def server(folder: Path):
    server = EmbeddedPostgres(folder / "postgres", durable=False)
    yield server
    server.stop()


def test_the_application_is_no_superuser_and_owns_nothing(server: EmbeddedPostgres):
    with psycopg.connect(server.start()) as connection:
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("off",)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("CREATE TABLE ours ()")


def test_the_application_makes_no_tables_for_a_while_either(server: EmbeddedPostgres):
    """Also in a database that was made before this was so."""
    application = server.start()
    with psycopg.connect(application.replace("//kommunalpro@", "//postgres@"), autocommit=True) as superuser:
        superuser.execute("GRANT TEMPORARY ON DATABASE kommunalpro TO PUBLIC")
    server.stop()
    with (
        psycopg.connect(server.start()) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute("CREATE TEMPORARY TABLE ours ()")


def test_the_owner_makes_the_tables(server: EmbeddedPostgres):
    with psycopg.connect(server.owner_url(server.start())) as connection:
        assert connection.execute("SELECT current_setting('is_superuser')").fetchone() == ("off",)
        connection.execute("CREATE TABLE ours ()")


def test_a_database_of_an_earlier_version_gets_its_owner(server: EmbeddedPostgres):
    """One role was everything then: it owned the database, and could have passed every wall."""
    application = server.start()
    with psycopg.connect(application.replace("//kommunalpro@", "//postgres@"), autocommit=True) as superuser:
        superuser.execute("REASSIGN OWNED BY kommunalpro_owner TO kommunalpro")
        superuser.execute("ALTER ROLE kommunalpro CREATEDB")
        superuser.execute("DROP OWNED BY kommunalpro_owner")
        superuser.execute("DROP ROLE kommunalpro_owner")
    with psycopg.connect(application) as earlier:
        earlier.execute("CREATE TABLE kept AS SELECT 'æøå' AS word")
    server.stop()

    application = server.start()
    with psycopg.connect(application) as now:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            now.execute("SELECT word FROM kept")
        now.rollback()
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            now.execute("CREATE TABLE ours ()")
        now.rollback()
        assert now.execute("SELECT rolcreatedb FROM pg_roles WHERE rolname = current_user").fetchone() == (
            False,
        )
    with psycopg.connect(server.owner_url(application)) as owner:
        assert owner.execute("SELECT word FROM kept").fetchone() == ("æøå",)
        owner.execute("ALTER TABLE kept ADD COLUMN more text")


def test_what_a_failed_statement_said_of_people_is_not_in_the_log(server: EmbeddedPostgres):
    with psycopg.connect(server.owner_url(server.start()), autocommit=True) as connection:
        connection.execute("CREATE TABLE people (name text, born date CHECK (born > '1900-01-01'))")
        with pytest.raises(psycopg.errors.CheckViolation):
            connection.execute("INSERT INTO people VALUES ('Æblehat', '1850-01-01')")
        with pytest.raises(psycopg.errors.InvalidTextRepresentation):
            connection.execute("SELECT 'Æblehat'::uuid")
    log = (server.folder / "log").read_text()
    assert "ready to accept connections" in log
    assert "Æblehat" not in log


def test_the_address_suits_django(server: EmbeddedPostgres, folder: Path):
    config = environ.Env.db_url_config(server.start())
    assert config["ENGINE"] == "django.db.backends.postgresql"
    assert config["OPTIONS"] == {"host": str(folder / "postgres")}


def test_a_long_path_gets_its_socket_elsewhere(folder: Path):
    server = EmbeddedPostgres(folder / ("long" * 30) / "a, b" / "postgres", durable=False)
    with psycopg.connect(server.start()) as connection:
        sockets = Path(connection.info.host)
        assert sockets.is_dir()
    server.stop()
    assert not sockets.exists()


def test_others_on_the_machine_cannot_reach_the_data(server: EmbeddedPostgres):
    server.start()
    assert server.folder.stat().st_mode & 0o077 == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to be somebody else")
def test_root_lends_the_server_to_nobody(server: EmbeddedPostgres, folder: Path):
    server.start()
    assert {process.info["username"] for process in processes_of(folder)} == {pwd.getpwnam("nobody").pw_name}


def test_a_server_left_by_a_killed_run_is_replaced(server: EmbeddedPostgres, folder: Path):
    abandoned = EmbeddedPostgres(folder / "postgres", durable=False)
    abandoned.start()
    assert abandoned.process is not None
    with psycopg.connect(server.start()):
        assert abandoned.process.exit_code == 0
    abandoned.stop()


def test_a_stale_note_with_a_foreign_process_number_does_no_harm(server: EmbeddedPostgres):
    server.start()
    server.stop()
    (server.cluster / "postmaster.pid").write_text(f"{os.getpid()}\n{server.cluster}\n")
    with psycopg.connect(server.start()):
        assert server.running_url()


@pytest.mark.parametrize(
    ("damage", "expected"),
    [
        (lambda cluster: (cluster / "PG_VERSION").write_text("16\n"), "was made by PostgreSQL 16"),
        (lambda cluster: (cluster / "PG_VERSION").unlink(), "is damaged"),
        (
            lambda cluster: (cluster / "global" / "pg_control").write_bytes(b"no"),
            "does not start with the data",
        ),
    ],
    ids=["other version", "no version", "damaged file"],
)
def test_a_broken_folder_is_explained(server: EmbeddedPostgres, damage, expected: str):
    server.start()
    server.stop()
    damage(server.cluster)
    with pytest.raises(SetupError, match=expected) as raised:
        server.start()
    assert "\n" not in str(raised.value)
    assert f"{server.folder}" in str(raised.value)


def test_an_interrupted_first_start_is_forgotten(server: EmbeddedPostgres):
    half_made = server.folder / "cluster.new"
    half_made.mkdir(parents=True)
    (half_made / "PG_VERSION").write_text(postgres.MAJOR)
    with psycopg.connect(server.start()):
        assert not half_made.exists()
