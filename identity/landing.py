"""The module that somebody lands in."""

from __future__ import annotations

from identity.actors import Actor, CitizenActor
from identity.roles import Permission

CITIZENS_HOME, STAFF_HOME, KAM_HOME = "/borger/", "/medarbejder/", "/kam/"
OPERATIONS_HOME = "/drift/"
ASSIST_HOME = "/medarbejder/assisteret/"
CONTROL_HOME = "/medarbejder/adgang/"


def home_of(actor: Actor) -> str:
    """Citizens have their module, and staff theirs. Who sees no citizens lands in what else they may.

    KAM before the control of access, and that before the beginning of an assisted visit.
    """
    if isinstance(actor, CitizenActor):
        return CITIZENS_HOME
    if actor.may(Permission.SEE_CITIZENS):
        return STAFF_HOME
    if actor.may(Permission.SEE_KAM):
        return KAM_HOME
    if actor.may(Permission.CONTROL_ACCESS) and actor.municipality_id is not None:
        return CONTROL_HOME
    if actor.may(Permission.ASSIST_LOGIN) and actor.municipality_id is not None:
        return ASSIST_HOME
    if actor.may(Permission.OPERATE) and actor.municipality_id is None:
        return OPERATIONS_HOME
    return STAFF_HOME
