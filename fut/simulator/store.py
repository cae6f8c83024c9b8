"""What the simulator remembers: every version of every resource, and where to find it. SQLite, survives restarts."""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fut.simulator.clock import Clock, instant
from fut.simulator.schema import FORGOTTEN, SCHEMA

Json = dict[str, Any]
Terms = Callable[[Json], Iterable[tuple[str, str]]]

COMPARISONS = {"eq": "=", "ge": ">=", "gt": ">", "le": "<=", "lt": "<"}
ABSENT = frozenset({"not", "missing"})
LAST = "\U0010ffff"


@dataclass(frozen=True, slots=True)
class Criterion:
    """A search parameter and what it may be: any of `values`, compared as `how` says.

    One of COMPARISONS, `starts` or `contains` (texts), `not` (none of the values), `present` or `missing`.
    """

    name: str
    values: Sequence[str]
    how: str = "eq"


class Store:
    """One connection, used by one thread: the simulator serves one request at a time."""

    def __init__(self, folder: Path, clock: Clock | None = None) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.clock = clock or Clock()
        self.db = sqlite3.connect(
            folder / "fut.sqlite3", isolation_level=None, check_same_thread=False, cached_statements=512
        )
        self.db.execute("PRAGMA journal_mode = WAL")
        self.db.execute("PRAGMA synchronous = NORMAL")
        self.db.execute("PRAGMA cache_size = -65536")
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

    def save(self, resource: Json, terms_of: Terms, *, request_id: str = "") -> Json:
        """Store the resource as the next version of its id; gives it back with `meta` as the server sets it.

        `terms_of` says what it is found by. `request_id` goes into `meta.source`, behind what the client said there.
        """
        number = int(resource["id"])
        (current,) = self.db.execute("SELECT version FROM resource WHERE id = ?", (number,)).fetchone()
        meta = resource.get("meta", {})
        stored = {
            **resource,
            "meta": {
                **meta,
                "versionId": str(current + 1),
                "lastUpdated": instant(self.clock.now()),
                "source": f"{str(meta.get('source', '')).partition('#')[0]}#{request_id}",
            },
        }
        body = json.dumps(stored, ensure_ascii=False)
        self.db.execute("UPDATE resource SET version = ?, body = ? WHERE id = ?", (current + 1, body, number))
        self.db.execute("INSERT INTO version VALUES (?, ?, ?)", (number, current + 1, body))
        if current:
            self.db.execute("DELETE FROM term WHERE id = ?", (number,))
        self.db.executemany(
            "INSERT OR IGNORE INTO term VALUES (?, ?, ?, ?)",
            [(stored["resourceType"], name, value, number) for name, value in terms_of(stored)],
        )
        return stored

    def remove(self, resource: Json) -> None:
        """Delete as FHIR does: gone from searches and reads, its versions stay."""
        number = int(resource["id"])
        self.db.execute("DELETE FROM term WHERE id = ?", (number,))
        self.db.execute("UPDATE resource SET body = '' WHERE id = ?", (number,))

    def read(self, resource_type: str, resource_id: str, version: str | None = None) -> Json | None:
        """The resource, None when there is none; `{}` when it was deleted."""
        if not resource_id.isdecimal() or not (version or "1").isdecimal():
            return None
        if version is None:
            row = self.db.execute(
                "SELECT body FROM resource WHERE id = ? AND type = ? AND version > 0",
                (int(resource_id), resource_type),
            ).fetchone()
        else:
            row = self.db.execute(
                "SELECT v.body FROM resource r JOIN version v ON v.id = r.id AND v.version = ?"
                " WHERE r.id = ? AND r.type = ?",
                (int(version), int(resource_id), resource_type),
            ).fetchone()
        if row is None:
            return None
        return json.loads(row[0]) if row[0] else {}

    def versions(self, resource_type: str, resource_id: str) -> list[Json]:
        """Every version, the newest first."""
        rows = self.db.execute(
            "SELECT v.body FROM resource r JOIN version v ON v.id = r.id WHERE r.id = ? AND r.type = ?"
            " ORDER BY v.version DESC",
            (int(resource_id) if resource_id.isdecimal() else 0, resource_type),
        )
        return [json.loads(body) for (body,) in rows]

    def matches(self, resource_type: str, criteria: Sequence[Criterion]) -> list[int]:
        """The ids that meet all criteria, oldest first. The first criterion leads, so give the sharpest first."""
        leading = next((one for one in criteria if one.how not in ABSENT), None)
        if leading is None:
            sql = "SELECT t.id FROM resource t WHERE t.type = ? AND t.version > 0 AND t.body != ''"
            given: list[str] = [resource_type]
        else:
            where, values = _condition(leading)
            sql = f"SELECT DISTINCT t.id FROM term t WHERE t.type = ? AND {where}"  # noqa: S608 - only question marks
            given = [resource_type, *values]
        for criterion in criteria:
            if criterion is leading:
                continue
            where, values = _condition(criterion)
            exists = "NOT EXISTS" if criterion.how in ABSENT else "EXISTS"
            sql += f" AND {exists} (SELECT 1 FROM term WHERE id = t.id AND {where})"  # noqa: S608 - the same
            given += values
        return [number for (number,) in self.db.execute(f"{sql} ORDER BY t.id", given)]

    def load(self, numbers: Sequence[int]) -> list[Json]:
        """The present versions of these ids, in their order; those deleted meanwhile are left out."""
        found = []
        for number in numbers:
            row = self.db.execute("SELECT body FROM resource WHERE id = ?", (number,)).fetchone()
            if row and row[0]:
                found.append(json.loads(row[0]))
        return found

    def find(self, resource_type: str, criteria: Mapping[str, Sequence[str]]) -> list[Json]:
        """Every resource that meets the criteria, each by any of its values."""
        return self.load(self.matches(resource_type, [Criterion(*one) for one in criteria.items()]))

    def counts(self) -> dict[str, int]:
        rows = self.db.execute(
            "SELECT type, count(*) FROM resource WHERE version > 0 AND body != '' GROUP BY type ORDER BY type"
        )
        return dict(rows.fetchall())

    def latest(self, limit: int) -> list[Json]:
        rows = self.db.execute(
            "SELECT body FROM resource WHERE version > 0 AND body != '' ORDER BY id DESC LIMIT ?", (limit,)
        )
        return [json.loads(body) for (body,) in rows]

    def forget_everything(self) -> None:
        with self.transaction():
            for table in FORGOTTEN:
                self.db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names


def _condition(criterion: Criterion) -> tuple[str, list[str]]:
    name, values = criterion.name, list(criterion.values)
    match criterion.how:
        case "present" | "missing":
            return "name = ?", [name]
        case "starts":
            either = " OR ".join(["value >= ? AND value < ?"] * len(values))
            return f"name = ? AND ({either})", [name, *(end for one in values for end in (one, one + LAST))]
        case "contains":
            either = " OR ".join(["instr(value, ?) > 0"] * len(values))
            return f"name = ? AND ({either})", [name, *values]
        case "eq" | "not":
            return f"name = ? AND value IN ({', '.join('?' * len(values))})", [name, *values]
    return f"name = ? AND value {COMPARISONS[criterion.how]} ?", [name, values[0]]
