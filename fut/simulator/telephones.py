"""The citizens' telephones: who is enrolled in NemSMS, what each was sent, and how that is going to end."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from fut.simulator.store import Store

Json = dict[str, Any]

TEXTS = frozenset({"Du har en opgave. Se den i din telemedicinske løsning", "Husk dit spørgeskema"})
"""The only texts that the public agreement allows."""

CPR = re.compile(r"\d{6}(\d{4}|[17][A-Z]{2}\d)")
"""Ten digits, or a replacement number with letters."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS subscriber (
    number INTEGER PRIMARY KEY,
    cpr TEXT NOT NULL UNIQUE,
    enrolled INTEGER NOT NULL,
    fails INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE IF NOT EXISTS text_message (
    message_id TEXT PRIMARY KEY,
    cpr TEXT NOT NULL,
    text TEXT NOT NULL,
    sender TEXT NOT NULL,
    received_at TEXT NOT NULL,
    times INTEGER NOT NULL DEFAULT 1
);
CREATE INDEX IF NOT EXISTS text_message_by_citizen ON text_message (cpr);
"""


class Conflict(ValueError):
    """The message id is used for another message."""


class Telephones:
    """Everybody is enrolled who is not said to be outside. Numbers stand for telephones in addresses, never CPR."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.db.executescript(SCHEMA)

    def enrol(self, cpr: str, *, enrolled: bool = True, fails: bool = False) -> None:
        """Say who gets text messages, and whose telephone takes none: a message to it ends with “Fejlet”."""
        self._store.db.execute(
            "INSERT INTO subscriber (cpr, enrolled, fails) VALUES (?, ?, ?)"
            " ON CONFLICT (cpr) DO UPDATE SET enrolled = excluded.enrolled, fails = excluded.fails",
            (cpr, enrolled, fails),
        )

    def is_enrolled(self, cpr: str) -> bool:
        row = self._store.db.execute("SELECT enrolled FROM subscriber WHERE cpr = ?", (cpr,)).fetchone()
        return bool(row[0]) if row else True

    def takes_messages(self, cpr: str) -> bool:
        """Whether a message to this citizen ends well."""
        row = self._store.db.execute("SELECT fails FROM subscriber WHERE cpr = ?", (cpr,)).fetchone()
        return self.is_enrolled(cpr) and not (row and row[0])

    def receive(self, *, message_id: str, cpr: str, text: str, sender: str) -> bool:
        """Take a message; False where it is one that came before. Raises Conflict for an id of another message."""
        db = self._store.db
        with self._store.transaction():
            row = db.execute(
                "SELECT cpr, text, sender FROM text_message WHERE message_id = ?", (message_id,)
            ).fetchone()
            if row is None:
                db.execute("INSERT OR IGNORE INTO subscriber (cpr, enrolled) VALUES (?, 1)", (cpr,))
                db.execute(
                    "INSERT INTO text_message (message_id, cpr, text, sender, received_at) VALUES (?, ?, ?, ?, ?)",
                    (message_id, cpr, text, sender, datetime.now(UTC).isoformat(timespec="milliseconds")),
                )
                return True
            if row != (cpr, text, sender):
                raise Conflict(f"The message id {message_id} is used for another message.")
            db.execute("UPDATE text_message SET times = times + 1 WHERE message_id = ?", (message_id,))
            return False

    def messages(self) -> list[Json]:
        """All of them, the newest first, CPR numbers masked; `times` counts how often each was sent."""
        rows = self._store.db.execute(
            "SELECT message_id, cpr, text, sender, received_at, times FROM text_message ORDER BY received_at DESC"
        )
        names = ("messageId", "cpr", "text", "sender", "receivedAt", "times")
        return [{**dict(zip(names, row, strict=True)), "cpr": masked(row[1])} for row in rows]

    def telephones(self) -> list[Json]:
        """Those that were sent something or said to be outside: number, masked CPR, enrolled, how many messages."""
        rows = self._store.db.execute(
            "SELECT s.number, s.cpr, s.enrolled, count(m.message_id), max(m.received_at) FROM subscriber s"
            " LEFT JOIN text_message m ON m.cpr = s.cpr"
            " GROUP BY s.number ORDER BY max(m.received_at) DESC, s.number"
        )
        names = ("number", "cpr", "enrolled", "messages", "latest")
        return [{**dict(zip(names, row, strict=True)), "cpr": masked(row[1])} for row in rows]

    def telephone(self, number: int) -> tuple[Mapping[str, Any], list[Json]] | None:
        """One of them with its messages, the oldest first; None where there is none."""
        found = [one for one in self.telephones() if one["number"] == number]
        if not found:
            return None
        rows = self._store.db.execute(
            "SELECT m.text, m.sender, m.received_at FROM text_message m JOIN subscriber s ON s.cpr = m.cpr"
            " WHERE s.number = ? ORDER BY m.received_at",
            (number,),
        )
        names = ("text", "sender", "receivedAt")
        return found[0], [dict(zip(names, row, strict=True)) for row in rows]

    def forget(self) -> None:
        with self._store.transaction():
            for table in ("text_message", "subscriber"):
                self._store.db.execute(f"DELETE FROM {table}")  # noqa: S608 - our own names


def masked(cpr: str) -> str:
    """The birth date stays, the last four digits are hidden."""
    return f"{cpr[:6]}-••••"
