"""Logging in and out: from verified claims to somebody in the session."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext as _

from citizens.cpr import InvalidCpr
from citizens.models import Citizen
from identity.actors import Actor, CitizenActor, StaffActor
from identity.claims import CitizenFacts, StaffFacts
from identity.middleware import SESSION_ACTOR, set_actor
from identity.models import StaffMember
from identity.refusals import LoginRefused, RefusalCode
from municipalities.models import Municipality

SESSION_ID_TOKEN = "identity.id_token"  # noqa: S105 - the name of a session key


def log_in_citizen(*, request: HttpRequest, facts: CitizenFacts, id_token: str) -> CitizenActor:
    """Put the citizen with this CPR number into a new session.

    Raises LoginRefused when no municipality has enrolled them, or the number is no CPR number.
    """
    try:
        citizen = Citizen.objects.by_cpr(facts.cpr).get()
    except InvalidCpr:
        # Not chained: a traceback through here could show the number.
        raise LoginRefused(RefusalCode.CPR_UNREADABLE) from None
    except Citizen.DoesNotExist:
        raise LoginRefused(RefusalCode.CITIZEN_UNKNOWN) from None
    actor = CitizenActor(citizen_id=citizen.pk, name=citizen.name)
    _begin_session(request, actor, id_token)
    return actor


def log_in_staff(*, request: HttpRequest, facts: StaffFacts, id_token: str, now: datetime) -> StaffActor:
    """Put a member of staff into a new session; the first login makes their StaffMember.

    Raises LoginRefused when their authority is neither a municipality here nor the system administration.
    """
    municipality = _municipality(facts.cvr)
    member = _remember(facts=facts, municipality=municipality, now=now)
    actor = StaffActor(
        staff_id=member.pk,
        name=facts.name or _("Medarbejder uden navn"),
        municipality_id=municipality.pk if municipality else None,
        municipality_name=municipality.authority_name if municipality else facts.organisation_name,
        roles=facts.roles,
    )
    _begin_session(request, actor, id_token)
    return actor


def log_out(*, request: HttpRequest) -> str:
    """End the session. Returns the ID token it was begun with ("" if none), for the issuer's log-out."""
    id_token: str = request.session.get(SESSION_ID_TOKEN, "")
    request.session.flush()
    set_actor(request, None)
    return id_token


def _municipality(cvr: str) -> Municipality | None:
    """The municipality with this CVR number, None for the national system administration."""
    if cvr == settings.NATIONAL_CVR:
        return None
    try:
        return Municipality.objects.get(cvr=cvr)
    except Municipality.DoesNotExist:
        raise LoginRefused(RefusalCode.MUNICIPALITY_UNKNOWN, shown=cvr) from None


@transaction.atomic
def _remember(*, facts: StaffFacts, municipality: Municipality | None, now: datetime) -> StaffMember:
    """The person's row as this login tells it: names change, and so do workplaces."""
    member, _created = StaffMember.objects.update_or_create(
        issuer=facts.issuer,
        subject=facts.subject,
        defaults={"name": facts.name, "municipality": municipality, "last_login_at": now},
        create_defaults={
            "name": facts.name,
            "municipality": municipality,
            "first_seen_at": now,
            "last_login_at": now,
        },
    )
    return member


def _begin_session(request: HttpRequest, actor: Actor, id_token: str) -> None:
    """A new session with a new key: whoever knew the old one, knows nothing."""
    request.session.flush()
    request.session[SESSION_ACTOR] = actor.to_session()
    request.session[SESSION_ID_TOKEN] = id_token
    rotate_token(request)
    set_actor(request, actor)
