"""What the walls around people's data cost: requests a second of the main pages, with them and without, in one run.

    make bench

Each wall is switched off by a context manager in `WALLS`; the pages are asked in turns, with all walls and without
any. A second is one of processor time, of this process and of its PostgreSQL backend together, so that a busy machine
disturbs little. A system of its own is started and thrown away: the demo's data in a real PostgreSQL, the pages drawn
in this process, without a network. Nothing here is a test.
"""

import gc
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING
from unittest.mock import patch

import psycopg

from kommunalpro.embedded.postgres import EmbeddedPostgres
from kommunalpro.embedded.redis import EmbeddedRedis
from tests.servers import environment, free_port

if TYPE_CHECKING:
    from django.test import Client

    from identity.actors import Person

ROOT = Path(__file__).resolve().parent.parent
ROUNDS = 9
SECONDS = 0.5
"""About how long each side of a page is measured, each round."""
GOAL = 0.75
NANOSECONDS = 1e9


@dataclass(frozen=True, slots=True)
class Page:
    """An address, as somebody who has logged in."""

    name: str
    client: "Client"
    address: str

    def rate(self) -> float:
        """Requests a second just now."""
        asked, began = 0, processor_seconds()
        while (took := processor_seconds() - began) < SECONDS:
            if self.client.get(self.address).status_code != 200:
                raise RuntimeError(f"{self.address} does not answer 200: the figures would say nothing.")
            asked += 1
        return asked / took


def processor_seconds() -> float:
    """Of this process, and of the PostgreSQL backend that works for it."""
    from django.db import connection

    connection.ensure_connection()
    return time.process_time() + seconds_of(connection.connection.info.backend_pid)


def seconds_of(pid: int) -> float:
    """Of all threads of a process; Linux counts them in nanoseconds."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / NANOSECONDS


@dataclass(frozen=True, slots=True)
class Servers:
    """The database as its owner and the application reach it, and Redis."""

    owner_url: str
    variables: dict[str, str]


@contextmanager
def servers() -> Iterator[Servers]:
    """PostgreSQL with the demo's data and Redis, in a folder that goes away."""
    folder = Path(tempfile.mkdtemp(prefix="kommunalpro-bench-"))
    folder.chmod(0o711)
    postgres, redis = EmbeddedPostgres(folder / "postgres"), EmbeddedRedis(folder / "redis", free_port())
    try:
        url = postgres.start()
        variables = environment(database_url=url, redis_url=redis.start()) | {
            "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"
        }
        for command, address in (("migrate", postgres.owner_url(url)), ("load_demo_data", url)):
            subprocess.run(
                [sys.executable, "manage.py", command, "--verbosity", "0"],
                cwd=ROOT,
                env={**os.environ, **variables, "DATABASE_URL": address},
                stdout=subprocess.DEVNULL,
                check=True,
            )
        yield Servers(owner_url=postgres.owner_url(url), variables=variables)
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def without_row_level_security(started: Servers) -> Iterator[None]:
    """No policy on any table, and no scope around a request."""
    from identity.middleware import ScopeMiddleware

    scoped = ScopeMiddleware.__call__
    with psycopg.connect(started.owner_url, autocommit=True) as owner:
        walled = "SELECT relname FROM pg_class WHERE relrowsecurity AND relnamespace = 'public'::regnamespace"
        tables = [name for (name,) in owner.execute(walled)]
        try:
            for table in tables:
                owner.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
            ScopeMiddleware.__call__ = lambda self, request: self.get_response(request)  # type: ignore[method-assign]
            yield
        finally:
            ScopeMiddleware.__call__ = scoped  # type: ignore[method-assign]
            for table in tables:
                owner.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')


@contextmanager
def without_access_log(_: Servers) -> Iterator[None]:
    """Nobody writes down who looks."""
    with patch("identity.access_log.record", return_value=0):
        yield


# By the name in the table; each gives a context in which this wall is not there.
WALLS: dict[str, Callable[[Servers], AbstractContextManager[None]]] = {
    "row-level security": without_row_level_security,
    "access log": without_access_log,
}


def pages() -> list[Page]:
    """The pages that are open all day: of a nurse with sixty citizens, and of a citizen in a weekly plan."""
    from django.urls import reverse

    from identity.actors import CitizenActor, StaffActor
    from identity.models import StaffMember
    from identity.roles import Role
    from municipalities.scope import Scope, within
    from plans.models import Task

    with within(Scope.system()):
        nurse = StaffMember.objects.filter(municipality__isnull=False).select_related("municipality")[0]
        # The citizens with a whole year behind them are at the end of the list.
        task = Task.objects.unanswered().filter(municipality=nurse.municipality_id).latest("opens_at")
    staff = _logged_in(
        StaffActor(
            staff_id=nurse.pk,
            name=nurse.name,
            municipality_id=nurse.municipality_id,
            municipality_name=str(nurse.municipality),
            roles=frozenset(Role),
        )
    )
    citizen = _logged_in(CitizenActor(citizen_id=task.citizen_id, name="Borger"))
    return [
        Page("staff: overview", staff, reverse("staff:overview")),
        Page("staff: citizens", staff, reverse("staff:citizens")),
        Page("staff: one citizen", staff, reverse("staff:citizen", args=[task.citizen_id])),
        Page("staff: unanswered", staff, reverse("staff:unanswered")),
        Page("citizen: tasks", citizen, reverse("citizens:tasks")),
        Page("citizen: earlier answers", citizen, reverse("citizens:responses")),
    ]


def _logged_in(actor: "Person") -> "Client":
    from django.test import Client
    from django.utils import timezone

    from identity.middleware import SESSION_ACTOR
    from identity.sessions import SESSION_SEEN_AT

    client = Client()
    session = client.session
    session[SESSION_ACTOR] = actor.to_session()
    session[SESSION_SEEN_AT] = timezone.now().timestamp()
    session.save()
    return client


def rates(started: Servers, page: Page) -> tuple[list[float], list[float]]:
    """Requests a second in each round: with all walls, and without any; who comes first changes."""
    having: list[float] = []
    lacking: list[float] = []

    def without() -> None:
        with ExitStack() as off:
            for wall in WALLS.values():
                off.enter_context(wall(started))
            _warm(page)
            lacking.append(page.rate())

    def with_all() -> None:
        _warm(page)
        having.append(page.rate())

    for number in range(ROUNDS):
        for side in (with_all, without) if number % 2 else (without, with_all):
            side()
    return having, lacking


def _warm(page: Page) -> None:
    """PostgreSQL forgets what it knew of a table whose policies were switched."""
    for _ in range(3):
        page.client.get(page.address)
    gc.collect()


def main() -> None:
    """Measure every page and print the table."""
    with servers() as started:
        os.environ.update(started.variables)
        _set_up()
        print(f"With: {', '.join(WALLS)}. {ROUNDS} rounds; requests a second; the ratio round by round.\n")
        print(f"{'page':<26} {'with':>8} {'without':>8} {'ratio: median':>14} {'least':>6}  goal")
        medians = []
        for page in pages():
            having, lacking = rates(started, page)
            ratios = [ours / other for ours, other in zip(having, lacking, strict=True)]
            medians.append(median(ratios))
            verdict = "met" if medians[-1] >= GOAL else "NOT MET"
            print(
                f"{page.name:<26} {median(having):>8.1f} {median(lacking):>8.1f} {medians[-1]:>14.2f} "
                f"{min(ratios):>6.2f}  at least {GOAL} {verdict}",
                flush=True,
            )
        print(f"{'mean of the medians':<26} {'':>8} {'':>8} {sum(medians) / len(medians):>14.2f}")


def _set_up() -> None:
    import logging

    import django
    from django.conf import settings

    django.setup()
    logging.disable(logging.WARNING)
    # Static files are named plainly: nothing has to be collected first.
    plain = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = {**settings.STORAGES, "staticfiles": plain}
    # What is asked in this process is asked as of a web server: its views loaded, its memory looked through as seldom.
    import kommunalpro.wsgi  # noqa: F401


if __name__ == "__main__":
    main()
