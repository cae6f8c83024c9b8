"""What ends or rests: care plans with their requests, episodes, consents. Only the status and the end change."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from fut.errors import FutConflict
from fut.mapping.elements import Json, moment


class Ending(StrEnum):
    """How a plan ended (FHIR request-status)."""

    COMPLETED = "completed"
    REVOKED = "revoked"


class Standing(StrEnum):
    """How a plan that has not ended stands (FHIR request-status)."""

    ACTIVE = "active"
    ON_HOLD = "on-hold"


GOING_ON = frozenset({"draft", "active", "on-hold", "unknown"})
EPISODE_GOING_ON = frozenset({"planned", "waitlist", "active", "onhold"})


def ended(resource: Mapping[str, Any], ending: Ending, *, is_plan: bool) -> Json | None:
    """The care plan or request as it is to stand there, None where nothing is left to do.

    A request that others have ended stays as they left it. A plan that others have ended in another way raises
    `FutConflict`: which of us is right, no program knows.
    """
    theirs = str(resource.get("status"))
    if theirs in GOING_ON:
        return {**resource, "status": ending.value}
    if is_plan and theirs != ending:
        raise FutConflict(resource_type=resource["resourceType"], ours=ending.value, theirs=theirs)
    return None


def standing(resource: Mapping[str, Any], wanted: Standing, *, is_plan: bool) -> Json | None:
    """The care plan or request as it is to stand there, None where it does.

    A request that has ended there stays so. A plan that has raises `FutConflict`, as `ended` does.
    """
    theirs = str(resource.get("status"))
    if theirs in GOING_ON:
        return None if theirs == wanted else {**resource, "status": wanted.value}
    if is_plan:
        raise FutConflict(resource_type=resource["resourceType"], ours=wanted.value, theirs=theirs)
    return None


def episode_finished(episode: Mapping[str, Any], at: datetime) -> list[Json]:
    """The JSON Patch that finishes an episode at `at`; empty where it is. Raises `FutConflict` as `ended` does."""
    theirs = str(episode.get("status"))
    if theirs == "finished":
        return []
    if theirs not in EPISODE_GOING_ON:
        raise FutConflict(resource_type="EpisodeOfCare", ours="finished", theirs=theirs)
    return [
        {"op": "replace", "path": "/status", "value": "finished"},
        {"op": "add", "path": "/period/end", "value": moment(at)},
    ]


def consent_withdrawn(consent: Mapping[str, Any], at: datetime) -> Json | None:
    """The consent as it is to stand there after the citizen took it back at `at`; None where it stands no more.

    Its provision ends then, unless it has an end: so it reads both by its status and by its period.
    """
    if consent.get("status") != "active":
        return None
    changed = {**consent, "status": "inactive"}
    if provision := consent.get("provision"):
        period = {"end": moment(at), **provision.get("period", {})}
        changed["provision"] = {**provision, "period": period}
    return changed
