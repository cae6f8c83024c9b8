"""Messages and annotations (contract §6): who may be told what, and what becomes of a NemSMS.

Codes and words are the guide's (`trifork-error-messages`), the rules those of its page on ehealth-message.
"""

from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import home_of
from fut.simulator.clock import instant
from fut.simulator.coexistence import tagged, tags_of
from fut.simulator.outcomes import broken_rule, invalid
from fut.simulator.records import Records

Json = dict[str, Any]

LONGEST_NEMSMS = 160

CATEGORIES = frozenset({"message", "notification", "advice", "note"})
BY_SYSTEM = frozenset({"completed", "stopped"})

PATCHABLE = frozenset(
    {"implicitRules", "contained", "recipient", "basedOn", "partOf", "topic", "about", "context"}
    | {"received", "reasonCode", "reasonReference", "payload", "note", "status", "extension"}
)


def is_nemsms(message: Json) -> bool:
    """Does it go to a telephone?"""
    return any(
        coding.get("system") == t.CS_MESSAGE_MEDIUM and coding.get("code") == t.NEMSMS
        for coding in values_at(message, "medium.coding")
    )


def category_of(message: Json) -> str:
    """The message category; 422 unless there is exactly one."""
    found = [
        coding.get("code")
        for coding in values_at(message, "category.coding")
        if coding.get("system") == t.CS_MESSAGE_CATEGORY
    ]
    if len(found) != 1 or found[0] not in CATEGORIES:
        raise broken_rule(
            "COMMUNICATION_EXACTLY_ONE_MESSAGE_CATEGORY_IS_EXPECTED_ACTUAL",
            f"Exactly one message category is expected. Actual: {found}",
        )
    return str(found[0])


def new_communication(records: Records, resource: Json, *, by_system: bool = False) -> Json:
    """A communication as it is to be stored: checked, and filled in where the platform does that."""
    if (episode := records.episode_of(resource)) is not None:
        resource = tagged(resource, tags_of(episode))
    if home_of(resource) == "measurement":
        return resource
    category_of(resource)
    _check_parties(resource)
    _check_medium(records, resource)
    if not by_system and resource.get("status") in BY_SYSTEM and category_of(resource) != "note":
        raise broken_rule(
            "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT",
            "Communication with status 'COMPLETED' or 'STOPPED' are reserved for system use and cannot be"
            " set directly by the client",
        )
    if "sent" in resource:
        raise broken_rule(
            "COMMUNICATION_SENT_PROP_CANNOT_BE_SET_BY_CLIENT",
            "Communication 'sent' property is managed by the server and cannot be set by the client",
        )
    return _sent(records, _filled_in(resource))


def changed_communication(records: Records, before: Json, after: Json) -> Json:
    """The same for a change of one that is there."""
    if home_of(before) == "measurement":
        return after
    status = before.get("status")
    category = category_of(before)
    if category_of(after) != category:
        raise broken_rule(
            "COMMUNICATION_UPDATE_TO_CATEGORY_IS_NOT_ALLOWED",
            f"Update to category is not allowed: {category_of(after)}",
        )
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} - {
        "meta"
    }
    if changed - PATCHABLE:
        raise invalid(*(f"{name}: cannot be patched" for name in sorted(changed - PATCHABLE)))
    if category == "note":
        return after
    if status in {"in-progress", "stopped"}:
        raise broken_rule(
            "COMMUNICATION_WITH_STATUS_INPROGRESS_OR_STOPPED_CANNOT_BE_UPDATED_BY_CLIENT",
            "Communication with status 'INPROGRESS' or 'STOPPED' cannot be updated by the client",
        )
    if status == "completed":
        _check_change_of_completed(before, changed)
        return after
    if after.get("status") in BY_SYSTEM:
        raise broken_rule(
            "COMMUNICATION_STATUS_COMPLETED_OR_STOPPED_CANNOT_BE_SET_BY_CLIENT",
            "Communication with status 'COMPLETED' or 'STOPPED' are reserved for system use and cannot be"
            " set directly by the client",
        )
    _check_parties(after)
    _check_medium(records, after)
    return _sent(records, after)


def check_removal(message: Json) -> None:
    """What is being sent or was sent stays."""
    if home_of(message) == "measurement" or category_of(message) == "note":
        return
    if message.get("status") in {"in-progress", "completed"}:
        raise invalid(f"status: a message that is {message['status']} cannot be deleted by its sender")


def _check_change_of_completed(before: Json, changed: set[str]) -> None:
    if is_nemsms(before):
        raise broken_rule(
            "COMMUNICATION_NEMSMS_WITH_STATUS_COMPLETED_CANNOT_BE_UPDATED_BY_CLIENT",
            "Communication with medium 'nemsms' and status 'COMPLETED' cannot be updated by the client",
        )
    if changed - {"received", "extension"}:
        raise broken_rule(
            "COMMUNICATION_ONLY_ADMINISTRATIVE_STATUS_AND_RECEIVED_CAN_BE_UPDATED_WHEN_STATUS_IS_COMPLETED",
            "Only administrative-status extension and 'received' propery can be updated when status is"
            " 'COMPLETED'",
        )


def _check_parties(message: Json) -> None:
    recipients = len(message.get("recipient", ())) + len(extensions(message, t.EXT_RECIPIENT_CARE_TEAM))
    if recipients != 1:
        raise broken_rule(
            "COMMUNICATION_EXACTLY_ONE_RECIPIENT_OR_CARE_TEAM_RECIPIENT_MUST_BE_SUPPLIED",
            "Exactly one recipient or CareTeam recipient must be supplied",
        )
    senders = ("sender" in message) + len(extensions(message, t.EXT_SENDER_CARE_TEAM))
    if senders != 1:
        raise broken_rule(
            "COMMUNICATION_EXACTLY_ONE_SENDER_OR_CARE_TEAM_SENDER_MUST_BE_SUPPLIED",
            "Exactly one sender or CareTeam sender must be supplied",
        )


def _check_medium(records: Records, message: Json) -> None:
    media = {
        coding.get("code")
        for coding in values_at(message, "medium.coding")
        if coding.get("system") == t.CS_MESSAGE_MEDIUM
    }
    recipients = values_at(message, "recipient.reference")
    if media & {t.NEMSMS, "eboks"} and not any("Patient/" in one for one in recipients):
        raise broken_rule(
            "COMMUNICATION_MEDIUM_EBOKS_OR_NEMSMS_REQUIRES_PATIENT_RECIPIENT",
            f"A recipient of type Patient is required for this medium: {', '.join(sorted(map(str, media)))}",
        )
    if t.NEMSMS not in media:
        return
    if any(len(text) > LONGEST_NEMSMS for text in values_at(message, "payload.contentString")):
        raise invalid("nemsms-invariant: If communication resource is a NemSMS payload cannot exceed 160")
    if not allows_nemsms(records.follow(recipients[0], "Patient")):
        raise broken_rule(
            "COMMUNICATION_PATIENT_NEMSMS_NOT_ALLOWED", "Patient does not allow telecom medium NemSMS"
        )


def allows_nemsms(patient: Json) -> bool:
    """`telecom {system: other, value: NemSMS}` (contract §4)."""
    return any(
        one.get("system") == "other" and one.get("value") == t.NEMSMS_TELECOM
        for one in patient.get("telecom", ())
    )


def _filled_in(message: Json) -> Json:
    """What the platform assigns by itself: thread and restriction category."""
    added: list[Json] = []
    if not extensions(message, t.EXT_THREAD_ID):
        added.append({"url": t.EXT_THREAD_ID, "valueString": str(uuid4())})
    if not extensions(message, t.EXT_RESTRICTION_CATEGORY):
        none = {"coding": [{"system": t.CS_RESTRICTION_CATEGORY, "code": "None"}]}
        added.append({"url": t.EXT_RESTRICTION_CATEGORY, "valueCodeableConcept": none})
    return {**message, "extension": [*message.get("extension", ()), *added]} if added else message


def _sent(records: Records, message: Json) -> Json:
    """One in progress has a moment of sending; any but a NemSMS is completed in the same breath."""
    if message.get("status") != "in-progress" or category_of(message) == "note":
        return message
    sent = {**message, "sent": instant(records.store.clock.now())}
    return sent if is_nemsms(message) else {**sent, "status": "completed"}
