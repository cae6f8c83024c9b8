"""The two roles of the database in a test run: the owner makes it, the tests are the application."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.signals import connection_created
from pytest_django.plugin import DjangoDbBlocker

from municipalities.policies import APPLICATION_ROLE, OWNER_ROLE
from municipalities.scope import Scope, stay_within

# A request of somebody known: a savepoint with its scope, and back. Without a test's transaction around it,
# PostgreSQL hears two words more (BEGIN, COMMIT) and one query.
QUERIES_OF_A_SCOPE = 4


def become(role: str) -> None:
    """Connect as `role` from here on, in every thread."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]  # of PostgreSQL's
    connection.settings_dict["USER"] = role


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Before the test database is made: its owner makes and migrates it, as on a server."""
    become(OWNER_ROLE)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """After it is made: tests that commit empty the tables in the end, which the application itself may not."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            cursor.execute(f"GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {APPLICATION_ROLE}")
            cursor.execute(f"GRANT INSERT ON django_content_type TO {APPLICATION_ROLE}")
        become(APPLICATION_ROLE)
        yield
        become(OWNER_ROLE)


@pytest.fixture(autouse=True)
def _sees_everything(request: pytest.FixtureRequest, _django_db_marker: None) -> Iterator[None]:
    """A test arranges and looks in the scope *system*; what it tests sets its own, as requests do.

    Only in the test's own thread: other threads are nobody until they say who they are.
    """
    asked_for = {"db", "transactional_db", "live_server"} & {*request.fixturenames}
    if not asked_for and request.node.get_closest_marker("django_db") is None:
        yield
        return
    request.getfixturevalue("_django_db_helper")
    thread = threading.get_ident()

    def again(**_: object) -> None:
        # What a test has set on a connection of the pool goes to no other thread, such as the live server's.
        stay_within(Scope.system() if threading.get_ident() == thread else None)

    connection_created.connect(again)
    stay_within(Scope.system())
    yield
    connection_created.disconnect(again)
    if connection.in_atomic_block:
        connection.kommunalpro_scope = None  # type: ignore[attr-defined]  # the setting is rolled back with the test
    else:
        stay_within(None)
