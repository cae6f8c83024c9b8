"""Saying whom a page shows. Each view of the Medarbejdermodul does, or its page does not leave.

    seen(request, [citizen.pk], Use(What.CITIZEN), at=now)
    seen_with_its_page(request, citizen.pk, Use(What.HISTORY), at=now)   # a part that the page pulls in by itself
    nobody_seen(request)

`staff.access.municipal_staff` refuses a page whose view said neither: forgetting is a fault, not a hole.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from django.core import signing

from followup import outside
from identity import access_log
from identity.access_log import Action, Purpose, Use
from plans import selectors
from staff.access import MunicipalRequest, OutsideTeams

# What a page pulls in by itself belongs to it for as long as a slow network takes.
OF_ONE_VIEW = timedelta(minutes=1)
PAGE = "side"


def seen(request: MunicipalRequest, citizens: Iterable[UUID], use: Use, *, at: datetime) -> None:
    """The page shows these citizens (ids), or the act was about them: enter it into the access log.

    Raises OutsideTeams where it is about one whom others follow, unless the employee has said why: then the log says
    that. Lists and searches show whom there is, and nothing of their health.
    """
    citizens = tuple(citizens)
    by_reason = _with_reasons(request, citizens, use, at=at)
    for citizen_id, with_reason in by_reason.items():
        access_log.record(use=with_reason, of=[citizen_id], by=request.actor, at=at)
    others = [citizen_id for citizen_id in citizens if citizen_id not in by_reason]
    if others or not by_reason:
        access_log.record(use=use, of=others, by=request.actor, at=at)
    request.is_accounted_for = True


def mark_of_page(request: MunicipalRequest, citizen_id: UUID) -> str:
    """For the address (`?side=`) of what a page about a citizen pulls in, after the page has said whom it shows."""
    return _signer(request, citizen_id).sign(PAGE)


def seen_with_its_page(request: MunicipalRequest, citizen_id: UUID, use: Use, *, at: datetime) -> None:
    """Part of a page: one view of the page is one entry, so what it pulls in by itself makes none of its own.

    Anything else is entered as `seen` does: opened by itself, asked for by a click, or long after the page. The mark
    holds for this employee and citizen only. Raises OutsideTeams as `seen`.
    """
    if not _is_part_of_a_page(request, citizen_id):
        seen(request, [citizen_id], use, at=at)
        return
    _with_reasons(request, (citizen_id,), use, at=at)
    request.is_accounted_for = True


def _is_part_of_a_page(request: MunicipalRequest, citizen_id: UUID) -> bool:
    try:
        _signer(request, citizen_id).unsign(request.GET.get(PAGE, ""), max_age=OF_ONE_VIEW)
    except signing.BadSignature:
        return False
    return bool(request.htmx)


def _signer(request: MunicipalRequest, citizen_id: UUID) -> signing.TimestampSigner:
    whose = f"{request.actor.staff_id}:{request.municipality.pk}:{citizen_id}"
    return signing.TimestampSigner(salt=f"staff.seen:{whose}")


def _with_reasons(
    request: MunicipalRequest, citizens: tuple[UUID, ...], use: Use, *, at: datetime
) -> dict[UUID, Use]:
    """The use of each citizen whom others follow, with the reason that the employee gave."""
    if use.action in {Action.LIST, Action.SEARCH} or use.purpose == Purpose.CONTROL:
        return {}
    found: dict[UUID, Use] = {}
    for citizen_id in selectors.followed_by_others(citizens, request.municipality, request.teams):
        reason = outside.standing_reason(
            actor=request.actor, citizen_id=citizen_id, municipality=request.municipality, at=at
        )
        if not reason:
            raise OutsideTeams(citizen_id)
        found[citizen_id] = replace(use, purpose=Purpose.BREAK_THE_GLASS, reason=reason)
    return found


def nobody_seen(request: MunicipalRequest) -> None:
    """The page shows no citizen."""
    request.is_accounted_for = True
