"""Receipts of text messages: PKO_PostStatus in Beskedfordeler's envelope, pushed until the application takes them.

The words are those of Digital Post; a NemSMS's own are not public. What is pushed is kept, so that the control can
have it pushed again, or in another order.
"""

import asyncio
import base64
import re
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4
from xml.sax.saxutils import escape

import httpx

from fut.simulator.store import Store

Json = dict[str, Any]

RECEIVED, DELIVERED, FAILED = "Modtaget Digital Post", "Afleveret Digital Post", "Fejlet"

SCHEMA = """
CREATE TABLE IF NOT EXISTS receipt (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    message_id TEXT NOT NULL,
    word TEXT NOT NULL,
    details TEXT NOT NULL,
    happened_at TEXT NOT NULL,
    taken INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS receipts_to_push ON receipt (id) WHERE NOT taken;
"""

TAKEN = re.compile(r"<(?:\w+:)?StatusKode>\s*20\s*</")
TRY_AGAIN_SECONDS = 1.0
SECONDS = 10.0


class Receipts:
    """Writes receipts down and pushes them to `url`, which may be nowhere; `held` keeps them here for a while."""

    def __init__(self, store: Store, *, url: str = "", secret: str = "") -> None:
        self._store = store
        self._url = url
        self._headers = {"Content-Type": "application/xml; charset=UTF-8"}
        if secret:
            self._headers["Authorization"] = f"Bearer {secret}"
        self._something_new = asyncio.Event()
        self.held = False
        store.db.executescript(SCHEMA)

    def write(self, message_id: str, *, goes_well: bool) -> None:
        """What NemSMS will say of a message that it took."""
        last = (DELIVERED, "") if goes_well else (FAILED, "Modtageren kan ikke modtage NemSMS.")
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._store.db.executemany(
            "INSERT INTO receipt (message_id, word, details, happened_at) VALUES (?, ?, ?, ?)",
            [(message_id, word, details, now) for word, details in ((RECEIVED, ""), last)],
        )
        self._something_new.set()

    def release(self, *, again: bool = False, backwards: bool = False) -> None:
        """Let go what was held; `again` all there ever was, `backwards` with the last receipts first."""
        self.held = False
        db = self._store.db
        if again:
            db.execute("UPDATE receipt SET taken = 0")
        if backwards:
            waiting = db.execute(
                "SELECT message_id, word, details, happened_at FROM receipt WHERE NOT taken ORDER BY id DESC"
            ).fetchall()
            db.execute("DELETE FROM receipt WHERE NOT taken")
            db.executemany(
                "INSERT INTO receipt (message_id, word, details, happened_at) VALUES (?, ?, ?, ?)", waiting
            )
        self._something_new.set()

    def all(self) -> list[Json]:
        rows = self._store.db.execute("SELECT message_id, word, taken FROM receipt ORDER BY id")
        return [{"messageId": one, "word": word, "taken": bool(taken)} for one, word, taken in rows]

    def forget(self) -> None:
        self._store.db.execute("DELETE FROM receipt")

    async def push(self) -> None:
        """Push what is to be pushed, in its order, for as long as the process lives."""
        if not self._url:
            return
        async with httpx.AsyncClient(timeout=SECONDS) as http:
            while True:
                went_well = True
                while went_well and not self.held and (waiting := self._next()):
                    went_well = await self._push_one(http, *waiting)
                try:
                    await asyncio.wait_for(
                        self._something_new.wait(), None if went_well else TRY_AGAIN_SECONDS
                    )
                except TimeoutError:
                    continue
                self._something_new.clear()

    def _next(self) -> tuple[int, bytes] | None:
        row = self._store.db.execute(
            "SELECT id, message_id, word, details, happened_at FROM receipt WHERE NOT taken ORDER BY id LIMIT 1"
        ).fetchone()
        return (row[0], envelope(*row[1:])) if row else None

    async def _push_one(self, http: httpx.AsyncClient, receipt: int, body: bytes) -> bool:
        try:
            answer = await http.post(self._url, content=body, headers=self._headers)
        except httpx.TransportError:
            return False
        if not answer.is_success or not TAKEN.search(answer.text):
            return False
        self._store.db.execute("UPDATE receipt SET taken = 1 WHERE id = ?", (receipt,))
        return True


def envelope(message_id: str, word: str, details: str, happened_at: str) -> bytes:
    """One receipt as Beskedfordeler hands it on: our own reading of public code, not KOMBIT's schema."""
    status = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<PKO_PostStatus xmlns="http://serviceplatformen.dk/xml/print/PKO_PostStatus/1/types">'
        f"<TransmissionId>{uuid4()}</TransmissionId>"
        f"<MessageUUID>{escape(message_id)}</MessageUUID>"
        "<KanalKode>NemSMS</KanalKode>"
        f"<TransaktionsDatoTid>{happened_at}</TransaktionsDatoTid>"
        f"<TransaktionsStatusKode>{escape(word)}</TransaktionsStatusKode>"
        f"<CorrelationId>{uuid4()}</CorrelationId>"
        + (f"<FejlDetaljer><FejlTekst>{escape(details)}</FejlTekst></FejlDetaljer>" if details else "")
        + "</PKO_PostStatus>"
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<ns2:ModtagBeskedInput xmlns:ns2="urn:oio:sts:1.0.0" xmlns:bk="urn:oio:besked:kuvert:1.0">'
        f"<bk:Haendelsesbesked><bk:BeskedId><bk:UUIDIdentifikator>{uuid4()}</bk:UUIDIdentifikator></bk:BeskedId>"
        f"<bk:Beskeddata><bk:Base64>{base64.b64encode(status.encode()).decode()}</bk:Base64></bk:Beskeddata>"
        "</bk:Haendelsesbesked></ns2:ModtagBeskedInput>"
    ).encode()
