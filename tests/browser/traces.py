"""Where CPR numbers could leave a trace in a running system, and finding them there in whatever disguise."""

import re
import socket
from base64 import b64encode
from collections.abc import Iterable, Mapping
from threading import Thread
from types import TracebackType
from typing import Self

import psycopg
from django.core import signing
from playwright.sync_api import BrowserContext, Page, Request, Response
from psycopg import sql

from kommunalpro.embedded.environment import read_secrets
from kommunalpro.embedded.postgres import EmbeddedPostgres
from tests.browser.system import System

# With nothing, a hyphen, a dash or a space between, the last three also as addresses and forms write them.
_WRITTEN = re.compile(
    r"(?=([0-9]{6})(?:[-\s+\u2010-\u2015]|%20|%2[dD]|%E2%80%9[0-5]|\\u201[0-5])?([0-9]{4}))", re.IGNORECASE
)


class Numbers:
    """Finds any of these CPR numbers (ten digits each) in a text: plain, with something between, or in base64."""

    def __init__(self, numbers: Iterable[str]) -> None:
        self._numbers = frozenset(numbers)
        self._in_base64 = {
            core: number
            for number in self._numbers
            for text in (number, f"{number[:6]}-{number[6:]}", f"{number[:6]} {number[6:]}")
            for core in _cores(text)
        }

    def in_text(self, text: str) -> set[str]:
        plain = {"".join(found.groups()) for found in _WRITTEN.finditer(text)} & self._numbers
        return plain | {number for core, number in self._in_base64.items() if core in text}

    def in_places(self, places: Mapping[str, str]) -> dict[str, set[str]]:
        """What was found, by place; places without any are left out."""
        found = {place: self.in_text(text) for place, text in places.items()}
        return {place: numbers for place, numbers in found.items() if numbers}


def _cores(text: str) -> list[str]:
    """What base64 makes of `text` wherever it stands in a longer text: without the ends that its neighbours change."""
    cores = []
    for before in range(3):
        encoded = b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
        first, after_last = -(-before * 8 // 6), (before + len(text.encode())) * 8 // 6
        cores.append(encoded[first:after_last])
    return cores


class Trail:
    """Everything browsers asked for and were led to, and the pages that somebody was shown."""

    def __init__(self) -> None:
        self.addresses: list[str] = []
        self.pages: dict[str, str] = {}

    def watch(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("response", self._answered)

    def look(self, page: Page) -> None:
        """Keep what the page shows now."""
        self.pages[f"page {len(self.pages)}: {page.url}"] = page.content()

    def _asked(self, request: Request) -> None:
        self.addresses += [
            request.url,
            request.headers.get("referer", ""),
            request.headers.get("hx-current-url", ""),
        ]

    def _answered(self, response: Response) -> None:
        headers = response.headers
        self.addresses += [
            headers.get(name, "") for name in ("location", "hx-redirect", "hx-push-url", "set-cookie")
        ]


class QueueWatch:
    """Writes down every command that Redis gets while it is open: each task that is queued passes there."""

    def __init__(self, system: System) -> None:
        self._connection = socket.create_connection(("127.0.0.1", system.port + 3))
        password = read_secrets(system.folder)["REDIS_PASSWORD"]
        self._connection.sendall(f"AUTH {password}\r\nMONITOR\r\n".encode())
        self._heard: list[bytes] = []
        self._listener = Thread(target=self._listen, daemon=True)

    def __enter__(self) -> Self:
        self._listener.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._connection.shutdown(socket.SHUT_RDWR)
        self._listener.join(timeout=60)
        self._connection.close()

    def _listen(self) -> None:
        while heard := self._connection.recv(65536):
            self._heard.append(heard)

    @property
    def text(self) -> str:
        return b"".join(self._heard).decode(errors="replace")


def logs(system: System) -> dict[str, str]:
    """Every log of every process, PostgreSQL's and Redis' own among them, and what the terminal showed."""
    files = [
        *system.folder.glob("log/*"),
        system.folder / "postgres" / "log",
        system.folder / "redis" / "log",
        system.folder.parent / "make-run.log",
    ]
    return {f"log {path.name}": path.read_text(errors="replace") for path in files}


def superuser(system: System) -> psycopg.Connection[tuple[object, ...]]:
    """A connection to the system's database that no wall holds back."""
    url = EmbeddedPostgres(system.folder / "postgres").running_url()
    assert url is not None
    return psycopg.connect(url, user="postgres", autocommit=True)


def stored(system: System) -> dict[str, str]:
    """Each table as text, row by row; what sessions hold is read as Django would."""
    found = {}
    with superuser(system) as connection:
        tables = connection.execute(
            "SELECT schemaname, tablename FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        for schema, table in tables:
            rows = connection.execute(
                sql.SQL("SELECT row::text FROM {} AS row").format(sql.Identifier(str(schema), str(table)))
            ).fetchall()
            found[f"table {table}"] = "\n".join(str(row) for (row,) in rows)
        sessions = connection.execute("SELECT session_data FROM django_session").fetchall()
    secret = read_secrets(system.folder)["SECRET_KEY"]
    salt = "django.contrib.sessions.SessionStore"
    found["sessions"] = "\n".join(
        repr(signing.loads(str(data), key=secret, salt=salt)) for (data,) in sessions
    )
    return found
