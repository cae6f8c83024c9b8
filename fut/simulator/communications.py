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


def is_sent_by_rule(message: Json) -> bool:
    """Is its status the platform's? So for messages and for all that goes to a telephone.

    The guide has its rules of status for the category `message`; of an `advice` one is recorded that came completed.
    """
    return category_of(message) == "message" or is_nemsms(message)


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
    if not by_system and resource.get("status") in BY_SYSTEM and is_sent_by_rule(resource):
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
    _check_reading(resource)
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
    if category == "note" or not is_sent_by_rule(before):
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
    _check_reading(after)
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
    _check_who_writes_whom(message)
    if t.MISSING_MEASUREMENT in values_at(message, "reasonCode.coding.code"):
        plans = [one for one in values_at(message, "partOf.reference") if "CarePlan/" in one]
        if len(plans) != 1:
            raise broken_rule(
                "COMMUNICATION_EXACTLY_ONE_CAREPLAN_MUST_BE_SUPPLIED_WHEN_REASON_CODE_MISSING_MEASUREMENT_RESOLVING",
                "A message must be part of exaclty one CarePlan when reasonCode 'missing-measurment-resolving' is set",
            )


def _check_who_writes_whom(message: Json) -> None:
    """The profile's invariants: messages go between citizens and teams, or teams; a note is for its writer or a team.

    Those of `notification` and `advice` are not held: the recorded advice comes from a team and not from a device.
    """
    recipients, senders = values_at(message, "recipient.reference"), values_at(message, "sender.reference")
    to_team = bool(extensions(message, t.EXT_RECIPIENT_CARE_TEAM))
    from_team = bool(extensions(message, t.EXT_SENDER_CARE_TEAM))
    match category_of(message):
        case "message":
            to_citizen = any("Patient/" in one for one in recipients)
            from_citizen = any("Patient/" in one for one in senders)
            if not ((to_citizen and from_team) or (to_team and (from_citizen or from_team))):
                raise invalid(
                    "message-invariant: a message goes between a citizen and a team, or between teams"
                )
        case "note" if not to_team and set(recipients) != set(senders):
            raise invalid("note-invariant: a note is for its writer, or is shared with a team")


def _check_reading(message: Json) -> None:
    """Read, done, received: only what has been sent can be."""
    if message.get("status") == "completed" or category_of(message) == "note":
        return
    states = [
        one.get("valueCoding", {}).get("code") for one in extensions(message, t.EXT_ADMINISTRATIVE_STATUS)
    ]
    if any(state != "activate" for state in states):
        raise broken_rule(
            "COMMUNICATION_ONLY_STATUS_COMPLETED_CAN_HAVE_ADMINISTRATIVE_STATUS_OTHER_THAN_ACTIVATE",
            "Only Communication with status 'COMPLETED' can have an administrative-status other than 'activate'",
        )
    if "received" in message:
        raise broken_rule(
            "COMMUNICATION_ONLY_STATUS_COMPLETED_CAN_BE_MARKED_AS_RECEIVED",
            "Only Communication with status 'COMPLETED' can have a 'received' timestamp",
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
