"""What the platform's resources say, as plain values, and what follows from it: pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from fut.mapping.reading import our_id


@dataclass(frozen=True, slots=True)
class Seen:
    """A care plan, a request of one or an answer as it stands there; `our_id` is None where it was made elsewhere.

    `about`: the canonical of the plan or activity, or the questionnaire's address. `happened_at`: when it was authored,
    for answers, and last changed, for the others. `part_of`: our id of the plan that a request belongs to.
    """

    resource_type: str
    our_id: UUID | None
    status: str
    url: str
    version: str = ""
    about: str = ""
    happened_at: datetime | None = None
    part_of: UUID | None = None


class Verdict(StrEnum):
    """What is to be done about something that was seen."""

    SAME = "both sides say the same"
    OURS_IS_NEWER = "the platform has not been told yet, or reconciliation tells it"
    TAKE_OVER = "a person ended it there, and it can end here"
    CONFLICT = "somebody must look"
    ELSEWHERE = "made elsewhere"


ENDED = frozenset({"completed", "revoked"})


def seen(resource: Mapping[str, Any], url: str, *, part_of: UUID | None = None) -> Seen:
    """A CarePlan, ServiceRequest or QuestionnaireResponse read."""
    meta = resource.get("meta") or {}
    is_answer = resource.get("resourceType") == "QuestionnaireResponse"
    canonicals = resource.get("instantiatesCanonical") or [""]
    return Seen(
        resource_type=str(resource.get("resourceType")),
        our_id=our_id(resource),
        status=str(resource.get("status", "")),
        url=url,
        version=str(meta.get("versionId", "")),
        about=str(resource.get("questionnaire", "") if is_answer else canonicals[0]),
        happened_at=moment_of(resource.get("authored") if is_answer else meta.get("lastUpdated")),
        part_of=part_of,
    )


def parts(care_plans: Iterable[Mapping[str, Any]]) -> dict[str, UUID | None]:
    """The requests that care plans name, by their id there, each with our id of its plan."""
    return {
        str(activity.get("reference", {}).get("reference", "")).rpartition("/")[2]: our_id(one)
        for one in care_plans
        for activity in one.get("activity") or ()
    }


def moment_of(text: object) -> datetime | None:
    """A FHIR instant; None where it is missing, or names no time zone."""
    try:
        read = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return read if read.tzinfo else None


def has_nemsms(patient: Mapping[str, Any]) -> bool:
    """Whether the patient takes NemSMS: telecom `{system: other, value: NemSMS}` (contract §4)."""
    return any(
        one.get("system") == "other" and str(one.get("value", "")).casefold() == "nemsms"
        for one in patient.get("telecom") or ()
    )


def verdict(theirs: Seen, *, ours: str | None, waits: bool) -> Verdict:
    """`ours`: our status of it, None where it is not ours. `waits`: news of it have not reached the platform.

    Only an ending is taken over: it says what a person did there, and nothing of ours is lost by it. A request of
    which nothing is open here (`completed`) may stand there as it likes.
    """
    if ours is None:
        return Verdict.ELSEWHERE
    if theirs.status == ours:
        return Verdict.SAME
    if theirs.resource_type == "ServiceRequest":
        if ours != "active":
            return Verdict.SAME
        return Verdict.TAKE_OVER if theirs.status in ENDED and not waits else Verdict.CONFLICT
    if theirs.resource_type == "CarePlan":
        if ours in ENDED and theirs.status not in ENDED | {"entered-in-error"}:
            return Verdict.OURS_IS_NEWER
        if ours in {"active", "on-hold"} and theirs.status in ENDED and not waits:
            return Verdict.TAKE_OVER
    return Verdict.CONFLICT
