"""CommunicationRequest: whether and how the platform may tell a citizen by itself (contract §6)."""

from datetime import datetime
from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import episodes_of
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule
from fut.simulator.records import Records

Json = dict[str, Any]


def within_context(records: Records, resource: Json) -> Json:
    """The request with its episode's tags; 422 where it contradicts the citizen or the service request it names."""
    subject = local_part(next(iter(values_at(resource, "subject.reference")), ""))
    for recipient in values_at(resource, "recipient.reference"):
        if "Patient/" in recipient and local_part(recipient) != subject:
            raise broken_rule(
                "COMMUNICATIONREQUEST_SUBJECT_NOT_MATCHING_RECIPIENT",
                f"Patient recipient: {recipient} does not match the subject: {subject}",
            )
    episode = records.episode_of(resource)
    for reference in values_at(resource, "basedOn.reference"):
        request = records.follow(reference, "ServiceRequest")
        if local_part(request["subject"]["reference"]) != subject:
            raise broken_rule(
                "COMMUNICATIONREQUEST_SUBJECT_NOT_MATCHING_SERVICEREQUEST",
                f"The subject for the CommunicationRequest: {subject} does not match the subject of the"
                f" referenced ServiceRequest: {request['subject']['reference']}",
            )
        theirs = {local_part(one) for one in episodes_of(request)}
        if episode is not None and f"EpisodeOfCare/{episode['id']}" not in theirs:
            raise broken_rule(
                "COMMUNICATIONREQUEST_CONTEXT_NOT_MATCHING_SERVICEREQUEST",
                f"The context for the CommunicationRequest: EpisodeOfCare/{episode['id']} does not match the"
                f" context of the referenced ServiceRequest: {', '.join(sorted(theirs))}",
            )
    if episode is None:
        return resource
    if local_part(episode["patient"]["reference"]) != subject:
        raise broken_rule(
            "CONTEXT_VALIDATION_EPISODEOFCARE_EXCEPTION", "The episode of care is of another patient."
        )
    return tagged(resource, tags_of(episode))


def in_force(records: Records, *, patient: str, episode: str, request: str, at: datetime) -> Json | None:
    """The request that decides about a reminder to submit, None when nobody asked for anything.

    The most recent by `occurrencePeriod.start`; of several as recent, one that says `doNotPerform`.
    `patient`, `episode`, `request` as `Type/id`.
    """
    found = [
        one
        for one in records.store.find("CommunicationRequest", {"patient": [patient], "status": ["active"]})
        if _is_about_reminders(one) and _is_for(one, patient, episode, request) and _holds(one, at)
    ]
    return max(found, key=lambda one: (_start(one), one.get("doNotPerform") is True), default=None)


def _is_about_reminders(one: Json) -> bool:
    categories = {coding.get("code") for coding in values_at(one, "category.coding")}
    reasons = {coding.get("code") for coding in values_at(one, "reasonCode.coding")}
    return "advice" in categories and t.REMINDER_TO_SUBMIT in reasons


def _is_for(one: Json, patient: str, episode: str, request: str) -> bool:
    recipients = set(map(local_part, values_at(one, "recipient.reference")))
    based_on = set(map(local_part, values_at(one, "basedOn.reference")))
    episodes = set(map(local_part, episodes_of(one)))
    return patient in recipients and (request in based_on or (not based_on and episode in episodes))


def _start(one: Json) -> datetime:
    return datetime.fromisoformat(one["occurrencePeriod"]["start"])


def _holds(one: Json, at: datetime) -> bool:
    period = one.get("occurrencePeriod", {})
    if "start" not in period or _start(one) > at:
        return False
    return "end" not in period or datetime.fromisoformat(period["end"]) > at
