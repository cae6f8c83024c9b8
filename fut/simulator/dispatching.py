"""NemSMS that go through the platform: from `in-progress` to `completed` or `stopped` (contract §6)."""

from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.communications import is_nemsms
from fut.simulator.records import Records
from fut.simulator.telephones import Telephones

Json = dict[str, Any]

SENDER = "FUT"


def waiting(records: Records) -> list[Json]:
    """Every text message that is to be sent, the oldest first."""
    found = records.store.find("Communication", {"status": ["in-progress"]})
    return [one for one in found if is_nemsms(one)]


def dispatch(records: Records, telephones: Telephones, message: Json) -> Json:
    """Send it and note how that went; the message's next version.

    `recipient-unavailable` where the citizen is not in NemSMS any more, or the telephone takes none.
    """
    patient = records.follow(values_at(message, "recipient.reference")[0], "Patient")
    cpr = next(one["value"] for one in patient["identifier"] if one.get("system") == t.CPR)
    with records.store.transaction():
        if not telephones.takes_messages(cpr):
            coding = {"system": t.CS_NOT_DONE_REASON, "code": "recipient-unavailable"}
            return records.change(
                message | {"status": "stopped", "statusReason": {"coding": [coding]}}, before=message
            )
        telephones.receive(
            message_id=f"Communication/{message['id']}",
            cpr=cpr,
            text=" ".join(values_at(message, "payload.contentString")),
            sender=SENDER,
        )
        return records.change(message | {"status": "completed"}, before=message)
