"""The web server that citizens meet, asked over HTTP, with the processor time that it and its PostgreSQL take.

    with web_server(servers) as web:
        answer = web.post(address, "a=b", session=key)
        web.seconds()

Gunicorn with one worker, as `docker-compose.yml` starts it; the floor's address (`benchmarks.floor`) is one of its own.
"""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import psutil
import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.pages import ROOT, Servers, seconds_of
from tests.servers import free_port

TOKEN = "b" * 32
"""Of the form and of the cookie: what protects forms is asked for as of anybody."""
SESSION, CSRF = "kommunalpro_session", "kommunalpro_csrf"
STARTS_WITHIN = 60.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    content: bytes


class Web:
    """A connection that stays open, and the processes behind it."""

    def __init__(self, port: int, server: psutil.Process, database: psycopg.Connection) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._server = server
        self._database = database

    def get(self, address: str, *, session: str) -> Answer:
        """A page, as whoever has this session."""
        return self._ask("GET", address, None, {"Cookie": f"{SESSION}={session}"})

    def post(self, address: str, form: str, *, session: str, htmx: bool = False) -> Answer:
        """A form, urlencoded, as whoever has this session."""
        headers = {
            "Cookie": f"{SESSION}={session}; {CSRF}={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
            "X-CSRFToken": TOKEN,
        }
        return self._ask("POST", address, form, headers | ({"HX-Request": "true"} if htmx else {}))

    def _ask(self, method: str, address: str, body: str | None, headers: Mapping[str, str]) -> Answer:
        self._connection.request(method, address, body, {"Host": "testserver", **headers})
        answer = self._connection.getresponse()
        return Answer(answer.status, answer.read())

    def seconds(self) -> float:
        """Of processor time so far: of the server's worker, and of the PostgreSQL backends that work for it."""
        workers = [each.pid for each in self._server.children()]
        clients = "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND usename = 'kommunalpro'"
        backends = [int(pid) for (pid,) in self._database.execute(clients)]
        return sum(seconds_of(pid) for pid in (*workers, *backends))

    def is_there(self) -> bool:
        """Does it answer?"""
        try:
            return self._ask("GET", "/healthz", None, {}).status < 500
        except (ConnectionError, http.client.HTTPException):
            self._connection.close()
            return False


@contextmanager
def web_server(started: Servers) -> Iterator[Web]:
    """The web server over these databases, until the block ends."""
    port = free_port()
    variables = started.variables | {"DJANGO_SETTINGS_MODULE": "benchmarks.floor_settings"}
    command = [
        "-m",
        "gunicorn",
        "--worker-class",
        "gthread",
        "--threads",
        "4",
        "--workers",
        "1",
        "--keep-alive",
        "600",  # longer than the tasks take that are made ready before the first request
    ]
    process = subprocess.Popen(
        [sys.executable, *command, "--no-control-socket", "--bind", f"127.0.0.1:{port}", "kommunalpro.wsgi"],
        cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        # Nobody but PostgreSQL's own user sees what the others' backends are.
        host = conninfo_to_dict(started.owner_url)["host"]
        with psycopg.connect(host=host, user="postgres", dbname="kommunalpro", autocommit=True) as database:
            web = Web(port, psutil.Process(process.pid), database)
            deadline = time.monotonic() + STARTS_WITHIN
            while not web.is_there():
                if time.monotonic() > deadline or process.poll() is not None:
                    raise RuntimeError("The web server does not answer.")
                time.sleep(0.1)
            yield web
    finally:
        process.terminate()
        process.wait(20)
