"""Which status may follow which.

The platform's guide gives the rules for episodes (created planned), messages and definitions; for the rest the
state machines of FHIR R4 are taken (“Request”, “Task”), which the guide nowhere widens. A CommunicationRequest may
be taken back and forth: the guide lets its status be adjusted as its effect is wanted. A finished episode can be
taken up again: that is recorded.
"""

from collections.abc import Mapping
from typing import Any

from fut.simulator.outcomes import invalid

ERROR = "entered-in-error"
"""May follow anything."""

REQUEST = {
    "draft": {"active", "on-hold", "revoked"},
    "active": {"on-hold", "completed", "revoked"},
    "on-hold": {"active", "completed", "revoked"},
    "completed": set(),
    "revoked": set(),
    "unknown": {"active", "on-hold", "completed", "revoked"},
}

FOLLOWERS: Mapping[str, Mapping[str, set[str]]] = {
    "EpisodeOfCare": {
        "planned": {"waitlist", "active", "cancelled"},
        "waitlist": {"planned", "active", "cancelled"},
        "active": {"onhold", "finished", "cancelled"},
        "onhold": {"active", "finished", "cancelled"},
        "finished": {"active"},
        "cancelled": set(),
    },
    "CarePlan": REQUEST,
    "ServiceRequest": REQUEST,
    "Consent": {
        "draft": {"proposed", "active", "rejected", "inactive"},
        "proposed": {"active", "rejected", "inactive"},
        "active": {"inactive"},
        "rejected": set(),
        "inactive": set(),
    },
    "Task": {
        "draft": {"requested", "ready", "cancelled"},
        "requested": {"received", "accepted", "rejected", "ready", "in-progress", "completed", "cancelled"},
        "received": {"accepted", "rejected", "ready", "in-progress", "completed", "cancelled"},
        "accepted": {"ready", "in-progress", "completed", "cancelled", "rejected"},
        "ready": {"in-progress", "on-hold", "completed", "failed", "cancelled", "accepted", "requested"},
        "in-progress": {"on-hold", "completed", "failed", "ready", "cancelled"},
        "on-hold": {"in-progress", "ready", "completed", "failed", "cancelled"},
        "rejected": set(),
        "cancelled": set(),
        "completed": set(),
        "failed": set(),
    },
    "Media": {
        **{status: {"stopped"} for status in ("preparation", "in-progress", "on-hold", "completed")},
        "stopped": set(),
    },
    "CareTeam": {
        "proposed": {"active", "suspended", "inactive"},
        "active": {"suspended", "inactive"},
        "suspended": {"active", "inactive"},
        "inactive": set(),
    },
}


def check_follows(before: Mapping[str, Any], after: Mapping[str, Any]) -> None:
    """422 when the status cannot become that one."""
    resource_type = before["resourceType"]
    followers = FOLLOWERS.get(resource_type)
    old, new = str(before.get("status")), str(after.get("status"))
    if followers is None or old == new or new == ERROR:
        return
    if new not in followers.get(old, set()):
        raise invalid(f"status: a {resource_type} that is {old} cannot become {new}")
