"""What NemSMS reports of a message that left: taken in as it comes, in any order and any number of times."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import structlog
from django.db.models import F, Value
from django.db.models.functions import Coalesce

from citizens.cpr_pattern import without_cpr
from municipalities.scope import Scope, within
from notifications.models import Message
from notifications.sf1601.receipts import Receipt
from notifications.states import Status

log = structlog.get_logger(__name__)


class Taken(StrEnum):
    """What a receipt changed."""

    CHANGED = "changed"
    KNEW_BETTER = "knew_better"
    """The message is as far already, or further: a receipt that came again or late."""
    NOT_OURS = "not_ours"
    """No message has this id: another system's, or one of ours that is long gone."""
    UNKNOWN_WORD = "unknown_word"


def take(receipt: Receipt, *, at: datetime) -> Taken:
    """Note what became of a message. Harmless for receipts that are late, repeated or about nothing of ours."""
    taken = _take(receipt, at)
    if taken in {Taken.NOT_OURS, Taken.UNKNOWN_WORD}:
        log.warning("nemsms.receipt", taken=taken.value, message=str(receipt.message_id), word=receipt.word)
    else:
        log.info("nemsms.receipt", taken=taken.value, message=str(receipt.message_id), word=receipt.word)
    return taken


def _take(receipt: Receipt, at: datetime) -> Taken:
    if receipt.status is None:
        return Taken.UNKNOWN_WORD
    message = Message.objects.filter(pk=receipt.message_id)
    with within(Scope.system()):
        municipality_id = message.values_list("municipality_id", flat=True).first()
    if municipality_id is None:
        return Taken.NOT_OURS
    # A clock ahead of ours must not say that something happened in the future.
    happened_at = min(receipt.reported_at, at) if receipt.reported_at else at
    facts: dict[str, Any] = {"sent_at": Coalesce(F("sent_at"), Value(happened_at)), "collapsed_into": None}
    if receipt.status == Status.FAILED:
        facts["reason"] = without_cpr(receipt.details or receipt.word)
    with within(Scope.municipality(municipality_id)):
        changed = message.move(receipt.status, at=happened_at, **facts)
    return Taken.CHANGED if changed else Taken.KNEW_BETTER
