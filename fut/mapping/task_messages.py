"""Asking the platform not to send its own task messages: its job runs every second hour, at night too (contract §6)."""

from datetime import datetime
from uuid import UUID, uuid5

from fut import terminology as t
from fut.facts import Coding, Reference
from fut.mapping.elements import (
    Json,
    concept,
    episode_extension,
    identifier,
    moment,
    profiled,
    reference,
)
from fut.validation import checked


def no_task_messages_id(episode_id: UUID) -> UUID:
    """The request's own id follows from the episode's: the same each time it is sent."""
    return uuid5(episode_id, "no task messages")


def no_task_messages(
    episode_id: UUID, *, patient: Reference, episode: Reference, starts_at: datetime
) -> Json:
    """The CommunicationRequest with `doNotPerform` for an episode, in force from `starts_at` until it is revoked."""
    return checked(
        profiled(
            "CommunicationRequest",
            t.COMMUNICATION_REQUEST,
            extension=[episode_extension(episode)],
            identifier=[identifier(no_task_messages_id(episode_id))],
            status="active",
            doNotPerform=True,
            category=[concept(Coding(t.CS_MESSAGE_CATEGORY, "advice"))],
            reasonCode=[concept(Coding(t.CS_MESSAGE_REASON, t.REMINDER_TO_SUBMIT))],
            subject=reference(patient),
            recipient=[reference(patient)],
            occurrencePeriod={"start": moment(starts_at)},
        )
    )
