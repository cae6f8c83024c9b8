"""What can be read of the outbox: what is free to leave, since when, and what was given up."""

from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from outbox.channels import Channel
from outbox.models import ChannelName, ChannelState, Delivery


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

    Grows old only where no worker takes what is due. A receiver that is down does not show here, nor a channel that
    somebody paused; nor the rest of a night that leaves at the receiver's rate while workers ask for more.
    """
    state = ChannelState.objects.filter(channel=channel.name).first()
    if state is not None and state.is_stopped(now):
        return None
    found: datetime | None = (
        free_to_leave(channel, now).order_by("due_at", "id").values_list("due_at", flat=True).first()
    )
    if found is None or state is None or state.asked_at is None:
        return found
    return max(found, state.asked_at)


def dead_deliveries(channel: ChannelName | None = None) -> QuerySet[Delivery]:
    """What was given up, the oldest first."""
    dead = (
        Delivery.objects.filter(state=Delivery.State.DEAD).select_related("event").order_by("ended_at", "pk")
    )
    return dead.filter(channel=channel) if channel else dead
