"""The database may end a connection between two requests: when it is restarted, or a proxy has had enough of it."""

import httpx
import pytest
from django.db import connection
from pytest_django.live_server_helper import LiveServer


@pytest.mark.django_db(transaction=True)
def test_nobody_meets_a_connection_that_the_database_has_ended(live_server: LiveServer):
    with httpx.Client(base_url=live_server.url, trust_env=False, timeout=120) as http:
        assert http.get("/healthz").status_code == 200
        assert ended_by_the_database() > 0
        assert http.get("/healthz").status_code == 200


def test_the_pool_does_not_wait_longer_for_the_database_than_a_person_does():
    """It pauses for twice as long after each vain attempt. While it pauses, none is made for who comes next."""
    pool = connection.pool  # type: ignore[attr-defined]
    assert pool.reconnect_timeout <= pool.timeout


def ended_by_the_database() -> int:
    """How many connections to this database there were beside our own; they are ended, and their owners do not know."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user"
        )
        (count,) = cursor.fetchone()
    return int(count)


@pytest.mark.django_db
def test_the_database_knows_that_nothing_turns():
    """Else it sorts all that waits in a large municipality, where an index has the first of it in order."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW random_page_cost")
        assert cursor.fetchone() == ("1.1",)
