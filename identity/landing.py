"""The module that somebody lands in."""

from __future__ import annotations

from identity.actors import Actor, CitizenActor
from identity.roles import Permission

CITIZENS_HOME, STAFF_HOME, KAM_HOME = "/borger/", "/medarbejder/", "/kam/"


def home_of(actor: Actor) -> str:
    """Citizens have their module; of staff, who only build questionnaires and plans land in KAM."""
    if isinstance(actor, CitizenActor):
        return CITIZENS_HOME
    if actor.may(Permission.SEE_KAM) and not actor.may(Permission.SEE_CITIZENS):
        return KAM_HOME
    return STAFF_HOME
