"""A stand-in for NemSMS: takes one of two texts for a citizen, once for each message id."""

import re
from datetime import UTC, datetime
from typing import Any

from fut.simulator.outcomes import Refusal
from fut.simulator.store import Store

Json = dict[str, Any]

TEXTS = frozenset({"Du har en opgave. Se den i din telemedicinske løsning", "Husk dit spørgeskema"})
"""The only texts that the public agreement allows."""

CPR = re.compile(r"\d{6}(\d{4}|[17][A-Z]{2}\d)")
"""Ten digits, or a replacement number with letters."""

FIELDS = ("messageId", "cpr", "text", "sender")


def receive(store: Store, body: Any) -> tuple[Json, bool]:
    """The message as received and whether it is new. 422 for another text, 409 for an id used for something else."""
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) and body[name] for name in FIELDS
    ):
        raise Refusal(400, [f"A message needs {', '.join(FIELDS)}."], issue_type="required")
    message_id, cpr, text, sender = (body[name] for name in FIELDS)
    if not CPR.fullmatch(cpr):
        raise Refusal(422, ["The CPR number must have ten places."], issue_type="value")
    if text not in TEXTS:
        raise Refusal(422, ["Only the two fixed texts can be sent."], issue_type="business-rule")
    with store.transaction():
        row = store.db.execute(
            "SELECT cpr, text, sender FROM message WHERE message_id = ?", (message_id,)
        ).fetchone()
        if row is None:
            store.db.execute(
                "INSERT INTO message VALUES (?, ?, ?, ?, ?)",
                (message_id, cpr, text, sender, datetime.now(UTC).isoformat(timespec="milliseconds")),
            )
        elif row != (cpr, text, sender):
            raise Refusal(409, ["The message id is used for another message."], issue_type="conflict")
    return {"messageId": message_id, "status": "received"}, row is None


def messages(store: Store) -> list[Json]:
    """All messages, the newest first, CPR numbers masked."""
    rows = store.db.execute(
        "SELECT message_id, cpr, text, sender, received_at FROM message ORDER BY received_at DESC"
    )
    return [
        {
            "messageId": message_id,
            "cpr": masked(cpr),
            "text": text,
            "sender": sender,
            "receivedAt": received_at,
        }
        for message_id, cpr, text, sender, received_at in rows
    ]


def masked(cpr: str) -> str:
    """The birth date stays, the last four digits are hidden."""
    return f"{cpr[:6]}-••••"
