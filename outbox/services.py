"""Recording news: rows in the transaction of the change itself."""

from datetime import datetime
from functools import partial
from typing import Any, ClassVar, Protocol
from uuid import UUID

import structlog
from django.db import transaction

from kommunalpro.compiled_queries import insert
from outbox import channels
from outbox.models import ChannelName, Delivery, Event, EventName
from outbox.waking import nudge


class OfMunicipality(Protocol):
    """A row that is a municipality's."""

    pk: UUID
    municipality_id: int
    _meta: ClassVar[Any]


def record(name: EventName, *, subject: OfMunicipality, key: UUID, at: datetime) -> Event:
    """Record that `name` happened to `subject` at `at`, with a delivery for each channel that wants it.

    Must be called inside the transaction that makes the change: nothing is announced that was rolled
    back, nothing committed goes unannounced. `key` is the citizen's id; its deliveries leave in order.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(
            "outbox.record was called outside a transaction: wrap the use case in transaction.atomic."
        )
    event = Event(
        name=name,
        key=key,
        municipality_id=subject.municipality_id,
        subject_model=subject._meta.label,
        subject_id=subject.pk,
        occurred_at=at,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
    )
    insert(event)
    for channel in channels.registered():
        if channel.wants(event):
            due_at = channel.not_before(event, at)
            delivery = Delivery(
                event=event,
                channel=channel.name,
                key=key,
                municipality_id=event.municipality_id,
                due_at=due_at,
                is_held=due_at > at,
                patience_from=due_at,
                receiver=channel.receiver(event),
            )
            insert(delivery, keys=channel.prepare is not None)
            if channel.prepare is not None:
                channel.prepare(delivery)
            transaction.on_commit(partial(nudge, channel.name))
    return event


@transaction.atomic
def send_again(delivery: Delivery, *, at: datetime) -> bool:
    """Give a dead delivery another try, its patience counted anew; False if it is not dead (any more)."""
    revived = Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.DEAD).update(
        state=Delivery.State.WAITING, ended_at=None, due_at=at, patience_from=at
    )
    if revived:
        channels.named(delivery.channel).revived(delivery)
        transaction.on_commit(partial(nudge, ChannelName(delivery.channel)))
    return bool(revived)


@transaction.atomic
def tell_again(delivery: Delivery, *, at: datetime) -> bool:
    """Deliver once more what has ended, whatever came of it; False if it waits already.

    Only for a channel whose receiver is asked first what it has.
    """
    revived = (
        Delivery.objects.filter(pk=delivery.pk)
        .exclude(state=Delivery.State.WAITING)
        .update(state=Delivery.State.WAITING, ended_at=None, due_at=at, patience_from=at)
    )
    if revived:
        channels.named(delivery.channel).revived(delivery)
        transaction.on_commit(partial(nudge, ChannelName(delivery.channel)))
    return bool(revived)
