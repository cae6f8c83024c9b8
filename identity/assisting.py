"""Assisted visits: an employee helps one citizen to answer, for a while, in the employee's own session.

While a visit is on, the one who acts is the citizen, with the employee as their helper: the database shows the
citizen's rows only, and the pages of staff are closed. Each request asks the database whether the visit is still on.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.db import transaction
from django.db.models import DateTimeField, ExpressionWrapper, F, Q, QuerySet
from django.db.models.functions import Least
from django.utils.translation import gettext as _

from citizens.models import Citizen
from identity import access_log, sessions
from identity.access_log import Action, Use, What
from identity.actors import CitizenActor, HelpedUntil, StaffActor
from identity.models import AssistedVisit
from identity.roles import Permission
from kommunalpro.problems import Problem
from municipalities.scope import Scope, within

SESSION_VISIT = "identity.assisted_visit"

Consent = AssistedVisit.Consent
Checked = AssistedVisit.Checked
Ended = AssistedVisit.Ended


class VisitNotPossible(Problem):
    """The employee cannot help this citizen so; the sentence says why."""

    code = "visit_not_possible"


@transaction.atomic
def begin(
    *,
    citizen: Citizen,
    consent: Consent,
    identity_checked: Checked,
    helper: StaffActor,
    session: SessionBase,
    at: datetime,
) -> AssistedVisit:
    """Begin to help the citizen, in the employee's session, which gets a new key. Raises VisitNotPossible.

    The consent is given at this moment: it is for this visit only.
    """
    if not helper.may(Permission.ASSIST_LOGIN) or helper.municipality_id != citizen.municipality_id:
        raise VisitNotPossible(_("Du kan kun hjælpe borgere, der bor i din kommune."))
    _close(AssistedVisit.objects.filter(municipality=citizen.municipality_id), at)
    if AssistedVisit.objects.filter(session_hash=sessions.key_hash(session), ended_at=None).exists():
        raise VisitNotPossible(_("Du hjælper allerede en borger. Afslut det besøg først."))
    sessions.change_key(session)
    visit = AssistedVisit.objects.create(
        municipality_id=helper.municipality_id,
        citizen=citizen,
        helper_id=helper.staff_id,
        organisation_unit=helper.organisation_unit[:100],
        unit_name=helper.context_name[:200],
        session_hash=sessions.key_hash(session),
        consent=consent,
        consent_at=at,
        identity_checked=identity_checked,
        begun_at=at,
        last_used_at=at,
        ends_at=at + timedelta(seconds=settings.ASSISTED_VISIT_SECONDS),
    )
    session[SESSION_VISIT] = str(visit.pk)
    return visit


def end(*, session: SessionBase, helper: StaffActor, why: Ended, at: datetime) -> AssistedVisit | None:
    """End the session's visit; its key changes, so that nothing of the visit can be sent with it. Twice is as once."""
    stored = session.pop(SESSION_VISIT, None)
    if stored is None or helper.municipality_id is None:
        return None
    with within(Scope.municipality(helper.municipality_id)):
        visit = AssistedVisit.objects.filter(
            pk=stored, helper=helper.staff_id, session_hash=sessions.key_hash(session)
        ).first()
        if visit is not None and visit.ended_at is None:
            visit.ended_at, visit.ended_why = max(at, visit.begun_at), why
            visit.save(update_fields=["ended_at", "ended_why"])
    sessions.change_key(session)
    return visit


def end_those_left_open(*, at: datetime) -> int:
    """Close the visits whose time is up though nobody has come back to them; gives how many.

    They end when their time did. Until then they were of no use either: each request asks.
    """
    with within(Scope.system()):
        found = AssistedVisit.objects.filter(_time_is_up(at), ended_at=None)
        municipalities = sorted(set(found.values_list("municipality_id", flat=True)))
    ended = 0
    for municipality_id in municipalities:
        with within(Scope.municipality(municipality_id)):
            ended += _close(AssistedVisit.objects.filter(municipality=municipality_id), at)
    return ended


def in_place_of(
    helper: StaffActor, session: SessionBase, now: datetime, *, is_use: bool = True
) -> StaffActor | CitizenActor:
    """Who acts in the employee's session: the citizen they help while the visit is on, else they themselves.

    `is_use`: whether it puts off the end of the visit (`sessions.only_asks` does not).
    """
    stored = session.get(SESSION_VISIT)
    if stored is None or helper.municipality_id is None:
        return helper
    with within(Scope.municipality(helper.municipality_id)):
        visit = (
            AssistedVisit.objects.select_related("citizen")
            .filter(
                pk=UUID(stored),
                ended_at=None,
                helper=helper.staff_id,
                municipality=helper.municipality_id,
                citizen__municipality=helper.municipality_id,
                session_hash=sessions.key_hash(session),
            )
            .first()
        )
        if visit is not None and helper.may(Permission.ASSIST_LOGIN) and not _is_up(visit, now):
            if is_use and now - visit.last_used_at >= sessions.PRECISION:
                visit.last_used_at = now
                visit.save(update_fields=["last_used_at"])
            return CitizenActor(
                citizen_id=visit.citizen_id,
                name=visit.citizen.name,
                helper=helper,
                helped_until=HelpedUntil(visit.last_used_at + _idle(), visit.ends_at),
            )
    why = Ended.TIME_UP if visit is not None and _is_up(visit, now) else Ended.NOT_ALLOWED
    end(session=session, helper=helper, why=why, at=now)
    return helper


def account_for(actor: CitizenActor, action: Action, *, at: datetime) -> None:
    """Enter a use during the visit into the access log: the employee as who saw it, the citizen as whom."""
    helper = actor.helper
    if helper is None or helper.municipality_id is None:
        return
    with within(Scope.municipality(helper.municipality_id)):
        access_log.record(use=Use(What.ASSISTED, action), of=[actor.citizen_id], by=helper, at=at)


def _close(visits: QuerySet[AssistedVisit], now: datetime) -> int:
    ended_at = Least("ends_at", ExpressionWrapper(F("last_used_at") + _idle(), DateTimeField()))
    return visits.filter(_time_is_up(now), ended_at=None).update(ended_at=ended_at, ended_why=Ended.TIME_UP)


def _time_is_up(now: datetime) -> Q:
    return Q(ends_at__lte=now) | Q(last_used_at__lte=now - _idle())


def _is_up(visit: AssistedVisit, now: datetime) -> bool:
    return visit.ends_at <= now or visit.last_used_at + _idle() <= now


def _idle() -> timedelta:
    return timedelta(seconds=settings.ASSISTED_VISIT_IDLE_SECONDS)
