"""A queue a channel, so that a receiver that hangs holds up nobody else's news.

The worker of a channel takes its queue alone (docs/operations.md); what belongs to no channel is in Celery's own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

TASK = "outbox.tasks.deliver_due"


def queue_of(
    name: str, args: Sequence[Any], kwargs: Mapping[str, Any], options: Mapping[str, Any], **_: Any
) -> dict[str, str] | None:
    """Celery's router: a channel's deliveries go into the queue of its name; None leaves the rest where they go."""
    del kwargs, options
    return {"queue": args[0]} if name == TASK else None
