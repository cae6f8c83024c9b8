"""What the simulator remembers: every version of every resource, and where to find it. SQLite, survives restarts."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

Json = dict[str, Any]

SCHEMA = """
CREATE TABLE IF NOT EXISTS resource (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    type TEXT NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS resource_by_type ON resource (type, id);
CREATE TABLE IF NOT EXISTS version (
    id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (id, version)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS term (
    type TEXT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    id INTEGER NOT NULL,
    PRIMARY KEY (type, name, value, id)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS term_by_resource ON term (id);
CREATE TABLE IF NOT EXISTS token (digest TEXT PRIMARY KEY, expires_at REAL NOT NULL) WITHOUT ROWID;
"""

Terms = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a search, and how many matches there are in all."""

    resources: list[Json]
    total: int


class Store:
    """One connection, used by one thread: the simulator serves one request at a time."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.db = sqlite3.connect(folder / "fut.sqlite3", isolation_level=None, check_same_thread=False)
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.executescript(SCHEMA)

    def close(self) -> None:
        self.db.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing; inside another one it is part of that."""
        if self.db.in_transaction:
            yield
            return
        self.db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.db.execute("ROLLBACK")
            raise
        self.db.execute("COMMIT")

    def reserve(self, resource_type: str) -> str:
        """A fresh id, so that resources of one transaction can name each other before they are stored."""
        cursor = self.db.execute(
            "INSERT INTO resource (type, version, body) VALUES (?, 0, '{}')", (resource_type,)
        )
        return str(cursor.lastrowid)

    def save(self, resource: Json, terms: Terms) -> Json:
        """Store the resource as the next version of its id; gives it back with `meta` as the server sets it."""
        number = int(resource["id"])
        (current,) = self.db.execute("SELECT version FROM resource WHERE id = ?", (number,)).fetchone()
        stored = {
            **resource,
            "meta": {
                **resource.get("meta", {}),
                "versionId": str(current + 1),
                "lastUpdated": datetime.now(UTC).isoformat(timespec="milliseconds"),
            },
        }
        body = json.dumps(stored, ensure_ascii=False)
        self.db.execute("UPDATE resource SET version = ?, body = ? WHERE id = ?", (current + 1, body, number))
        self.db.execute("INSERT INTO version VALUES (?, ?, ?)", (number, current + 1, body))
        self.db.execute("DELETE FROM term WHERE id = ?", (number,))
        self.db.executemany(
            "INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?)",
            [(stored["resourceType"], name, value, number) for name, value in terms],
        )
        return stored

    def read(self, resource_type: str, resource_id: str, version: str | None = None) -> Json | None:
        if not resource_id.isdecimal() or not (version or "1").isdecimal():
            return None
        row = self.db.execute(
            "SELECT v.body FROM resource r JOIN version v ON v.id = r.id AND v.version = coalesce(?, r.version)"
            " WHERE r.id = ? AND r.type = ?",
            (version, int(resource_id), resource_type),
        ).fetchone()
        return json.loads(row[0]) if row else None

    def search(
        self, resource_type: str, criteria: Mapping[str, list[str]], *, count: int, offset: int
    ) -> Page:
        """All criteria must match, each by any of its values; oldest first."""
        clauses, values = ["r.type = ?", "r.version > 0"], [resource_type]
        for name, wanted in criteria.items():
            marks = ", ".join("?" * len(wanted))
            clauses.append(
                f"r.id IN (SELECT id FROM term WHERE type = ? AND name = ? AND value IN ({marks}))"  # noqa: S608 - only question marks
            )
            values += [resource_type, name, *wanted]
        where = " AND ".join(clauses)
        total = self.db.execute(f"SELECT count(*) FROM resource r WHERE {where}", values).fetchone()[0]  # noqa: S608
        rows = self.db.execute(
            f"SELECT r.body FROM resource r WHERE {where} ORDER BY r.id LIMIT ? OFFSET ?",  # noqa: S608
            [*values, count, offset],
        )
        return Page([json.loads(body) for (body,) in rows], total)

    def counts(self) -> dict[str, int]:
        rows = self.db.execute(
            "SELECT type, count(*) FROM resource WHERE version > 0 GROUP BY type ORDER BY type"
        )
        return dict(rows.fetchall())

    def latest(self, limit: int) -> list[Json]:
        rows = self.db.execute(
            "SELECT body FROM resource WHERE version > 0 ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [json.loads(body) for (body,) in rows]

    def forget_everything(self) -> None:
        with self.transaction():
            for table in ("resource", "version", "term"):
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names
