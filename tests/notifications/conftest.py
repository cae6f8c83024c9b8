"""A gateway for tests of what is decided before it: it keeps what it was given."""

from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import UUID

import pytest

from notifications import sending
from notifications.gateways import Sender, TextMessage
from outbox import channels, dispatcher
from outbox.channels import RetryLater


@dataclass
class Telephones:
    """Out of order when told so; `while_asked` happens while it is asked about a citizen."""

    received: dict[UUID, str] = field(default_factory=dict)
    outside: set[str] = field(default_factory=set)
    out_of_order: bool = False
    while_asked: Callable[[], object] = lambda: None

    def is_enrolled(self, *, cpr: str, sender: Sender) -> bool:
        self.while_asked()
        return cpr not in self.outside

    def send(self, message: TextMessage) -> None:
        assert message.cpr
        assert message.sender.name.endswith("Kommune")
        assert len(message.sender.cvr) == 8
        if self.out_of_order:
            raise RetryLater("out of order")
        self.received[message.id] = message.text


@pytest.fixture
def telephones(monkeypatch: pytest.MonkeyPatch) -> Telephones:
    there = Telephones()
    monkeypatch.setattr(sending, "gateway", lambda: there)
    return there


def deliver_messages() -> None:
    """What the worker does for text messages; there is no platform in these tests."""
    dispatcher.deliver_due(channels.named("nemsms"))
