"""The ways out: each edge registers its channel here when Django starts.

The outbox knows channels only by this protocol, so the domain records news without knowing who listens.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from outbox.models import ChannelName, Delivery, Event


class RetryLater(Exception):
    """The receiver could not be reached or asked us to wait; try again.

    `after`: how long it asked us to wait. `sent`: what we asked of it, in words, with nothing of a citizen in them.
    """

    def __init__(self, reason: str, *, after: timedelta | None = None, sent: str = "") -> None:
        super().__init__(reason)
        self.after = after
        self.sent = sent


class ReceiverAway(RetryLater):
    """Nobody answered, or not as a receiver that works: several in a row leave it alone (outbox/breaker.py).

    `receiver`: which part of the channel it was; "" what everything in it needs, None what the delivery waits for.
    """

    def __init__(
        self, reason: str, *, after: timedelta | None = None, sent: str = "", receiver: str | None = None
    ) -> None:
        super().__init__(reason, after=after, sent=sent)
        self.receiver = receiver


class AskedToWait(RetryLater):
    """Too much at once, says the receiver (429): nothing of the channel leaves before `after` has passed."""


def retry_by_status(status: int, reason: str, *, after: timedelta | None = None) -> RetryLater:
    """The error for an HTTP answer that is to be tried again; `after` is its Retry-After."""
    kind = AskedToWait if status == 429 else ReceiverAway if status >= 500 else RetryLater
    return kind(reason, after=after)


class NotYet(Exception):
    """It may not leave before `until`; found while delivering. No attempt, only another time."""

    def __init__(self, until: datetime) -> None:
        super().__init__(until.isoformat())
        self.until = until


class Refused(Exception):
    """The receiver will never take this as it is; a person has to look. Holds the receiver's words.

    `sent`: as for RetryLater.
    """

    def __init__(self, reason: str, *, sent: str = "") -> None:
        super().__init__(reason)
        self.sent = sent


class Handover(Protocol):
    """Some deliveries of a channel on their way out: looked at together, handed over one by one, noted together.

    Nothing is locked while the receiver thinks: rows are read and written before and after the calls.
    """

    def look(self, deliveries: Sequence[Delivery]) -> None:
        """Read what has to be known of these, which come next, outside any transaction.

        Called before the first of them, and again each second for those that are left: what is decided by is never
        older than that. Where it fails for them together, `deliver` looks at each by itself.
        """

    def deliver(self, delivery: Delivery) -> None:
        """Hand one over, outside any transaction.

        Raises RetryLater, Refused or NotYet; anything else is a fault of ours and retried like RetryLater.
        """

    def note(self) -> None:
        """Write what became of the channel's own rows since the last time.

        Called in the transaction that writes the arrivals, in the scope *system*, which many municipalities share.
        """


@dataclass(frozen=True, slots=True)
class OneByOne:
    """The handover of a channel that looks at each delivery by itself and has nothing of its own to note."""

    hand_over: Callable[[Delivery], None]

    def look(self, deliveries: Sequence[Delivery]) -> None:
        """Each is looked at in its turn."""

    def deliver(self, delivery: Delivery) -> None:
        self.hand_over(delivery)

    def note(self) -> None:
        """Nothing."""


class Channel(Protocol):
    """A way out of the house."""

    name: ChannelName
    # Whether a citizen's deliveries leave one after the other, each waiting until the one before has ended.
    keeps_order: bool
    # Longer than the longest delivery can take: after it, another worker may try.
    lease: timedelta
    # How long news are worth trying again; then a person has to look.
    patience: timedelta

    def wants(self, event: Event) -> bool:
        """Whether this event goes this way. Called in the transaction of the change."""

    @property
    def prepare(self) -> Callable[[Delivery], None] | None:
        """Stores with a delivery what belongs to it, in the transaction of the change; None where nothing does."""

    def receiver(self, event: Event) -> str:
        """Which part of the channel this event goes to, where parts can be away by themselves; else ""."""

    def not_before(self, event: Event, moment: datetime) -> datetime:
        """The first instant at or after `moment` at which this event may leave."""

    def opens(self, moment: datetime) -> datetime:
        """The first instant at or after `moment` at which the channel sends anything at all. Asks no database."""

    def handover(self) -> Handover:
        """A new one, for the deliveries of one claim."""

    def postponed(self, delivery: Delivery, until: datetime) -> None:
        """Note that it was due and waits until `until`. Called in the transaction that moves it."""

    def gave_up(self, delivery: Delivery) -> None:
        """Note that the delivery is dead. Called in the transaction that ends it, in its municipality's scope."""

    def revived(self, delivery: Delivery) -> None:
        """Take that note back. Called in the transaction that sends it again."""


_channels: dict[ChannelName, Channel] = {}


def register(channel: Channel) -> None:
    _channels[channel.name] = channel


def registered() -> tuple[Channel, ...]:
    return tuple(_channels.values())


def named(name: str) -> Channel:
    return _channels[ChannelName(name)]
