"""What can be read of the outbox: how much waits, since when, and what was given up."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, Min, OuterRef, Q, QuerySet

from outbox.channels import Channel
from outbox.models import ChannelName, Delivery


@dataclass(frozen=True)
class ChannelState:
    """One channel as of now. `oldest_due_at` is of what could have left already; None where nothing could."""

    channel: ChannelName
    waiting: int
    late: int
    oldest_due_at: datetime | None
    dead: int


def channel_states(now: datetime) -> list[ChannelState]:
    """Every channel, in one query over what is not delivered."""
    due = Q(state=Delivery.State.WAITING, due_at__lte=now)
    counted = (
        Delivery.objects.exclude(state=Delivery.State.DELIVERED)
        .values_list("channel")
        .annotate(
            waiting=Count("pk", filter=Q(state=Delivery.State.WAITING)),
            late=Count("pk", filter=due),
            oldest_due_at=Min("due_at", filter=due),
            dead=Count("pk", filter=Q(state=Delivery.State.DEAD)),
        )
    )
    found = {row[0]: ChannelState(ChannelName(row[0]), *row[1:]) for row in counted}
    return [found.get(channel.value, ChannelState(channel, 0, 0, None, 0)) for channel in ChannelName]


def free_to_leave(channel: Channel, now: datetime) -> QuerySet[Delivery]:
    """The channel's due deliveries that no worker holds.

    Where the channel keeps order, at most the oldest of each citizen, and only once what came before it has
    ended; a row that may not leave yet holds back nobody else's.
    """
    due = Delivery.objects.filter(
        Q(leased_until=None) | Q(leased_until__lt=now),
        channel=channel.name,
        state=Delivery.State.WAITING,
        due_at__lte=now,
    )
    if not channel.keeps_order:
        return due
    earlier = Delivery.objects.filter(
        state=Delivery.State.WAITING,
        channel=channel.name,
        key=OuterRef("key"),
        id__lt=OuterRef("id"),
    )
    return due.filter(~Exists(earlier))


def left_waiting_since(channel: Channel, now: datetime) -> datetime | None:
    """When the oldest delivery that is free to leave could have left; None where none is.

    Grows old only where no worker takes what is due. A receiver that is down does not show here: what is
    tried again is due later, and what waits behind it is not free.
    """
    found: datetime | None = (
        free_to_leave(channel, now).order_by("due_at", "id").values_list("due_at", flat=True).first()
    )
    return found


def dead_deliveries(channel: ChannelName | None = None) -> QuerySet[Delivery]:
    """What was given up, the oldest first."""
    dead = (
        Delivery.objects.filter(state=Delivery.State.DEAD).select_related("event").order_by("ended_at", "pk")
    )
    return dead.filter(channel=channel) if channel else dead
