"""What a person may do to a channel: pause it, let it go on, send again what was given up. Each is written down."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from django.db import transaction

from municipalities.scope import Scope, within
from outbox import services, waking
from outbox.bookkeeping import dead_by_municipality
from outbox.claims import locked_state
from outbox.models import ChannelName, Delivery, Intervention

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class By:
    """Who does it: an employee, or a person at the command line, who has no id here."""

    name: str
    id: UUID | None = None


@transaction.atomic
def pause(channel: ChannelName, *, by: By, reason: str, at: datetime) -> bool:
    """Let nothing leave until somebody lets it go on; what is under way ends. False where it is paused already.

    A worker in the middle of a batch stops within a second or a delivery, whichever is longer.
    """
    state = locked_state(channel)
    if state.paused_at is not None:
        return False
    state.paused_at, state.paused_by, state.pause_reason = at, by.name, reason
    state.save(update_fields=["paused_at", "paused_by", "pause_reason"])
    _write_down(Intervention.Act.PAUSE, channel, by=by, at=at, reason=reason)
    return True


@transaction.atomic
def resume(channel: ChannelName, *, by: By, at: datetime) -> bool:
    """Let it go on. False where nothing was paused."""
    state = locked_state(channel)
    if state.paused_at is None:
        return False
    state.paused_at, state.paused_by, state.pause_reason = None, "", ""
    state.save(update_fields=["paused_at", "paused_by", "pause_reason"])
    _write_down(Intervention.Act.RESUME, channel, by=by, at=at)
    transaction.on_commit(lambda: waking.nudge(channel))
    return True


@transaction.atomic
def send_again(
    channel: ChannelName,
    *,
    by: By,
    at: datetime,
    reason: str | None = None,
    delivery_id: int | None = None,
) -> int:
    """Give dead deliveries another try: all of a reason, one by its id, or all; gives how many.

    Each is done in the scope of its municipality, where whoever asks reads nothing.
    """
    sent = 0
    for municipality_id, ids in dead_by_municipality(channel, reason=reason, delivery_id=delivery_id).items():
        with within(Scope.municipality(municipality_id)):
            for delivery in Delivery.objects.filter(pk__in=ids).select_related("event"):
                sent += services.send_again(delivery, at=at)
    if sent:
        _write_down(Intervention.Act.SEND_AGAIN, channel, by=by, at=at, reason=reason or "", count=sent)
    return sent


def doubt_what_waits() -> int:
    """After a backup was restored: what waits in it may have been sent since it was taken; how many deliveries wait.

    Each counts as tried before, so that a channel whose receiver does not know our ids by itself looks there first.
    """
    with within(Scope.system()):
        return Delivery.objects.filter(state=Delivery.State.WAITING, attempts=0).update(attempts=1)


def _write_down(
    act: Intervention.Act, channel: ChannelName, *, by: By, at: datetime, reason: str = "", count: int = 0
) -> None:
    Intervention.objects.create(
        at=at, channel=channel, act=act, by=by.name, by_id=by.id, reason=reason, count=count
    )
    log.info(
        "outbox.intervention", act=act.value, channel=channel.value, by_id=by.id and str(by.id), count=count
    )
