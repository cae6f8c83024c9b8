"""What can be read of the outbox: how much waits, since when, and what was given up."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Q, QuerySet

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


def dead_deliveries(channel: ChannelName | None = None) -> QuerySet[Delivery]:
    """What was given up, the oldest first."""
    dead = (
        Delivery.objects.filter(state=Delivery.State.DEAD).select_related("event").order_by("ended_at", "pk")
    )
    return dead.filter(channel=channel) if channel else dead
