"""Logging in and out: from verified claims to somebody in the session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest
from django.middleware.csrf import rotate_token
from django.utils.translation import gettext as _

from citizens.cpr import InvalidCpr, normalise
from citizens.cpr_sealing import lookup_values
from citizens.models import Citizen
from identity import sessions
from identity.actors import Actor, CitizenActor, Person, StaffActor
from identity.audience import Audience
from identity.checks import TRUSTED, Check, Judgement, Step, assumed, judge_citizen, judge_staff
from identity.claims import CitizenFacts, ClaimNames, StaffFacts, Workplace
from identity.contexts import StaffContext
from identity.middleware import SESSION_ACTOR, actor_of, set_actor
from identity.models import StaffMember
from identity.oidc import Login
from identity.pasted import SILENT_ON, Pasted
from identity.refusals import LoginRefused, RefusalCode
from municipalities.models import Municipality
from municipalities.scope import Scope, within

SESSION_ID_TOKEN = "identity.id_token"  # noqa: S105 - the name of a session key
SESSION_STAFF = "identity.staff"
# Without a dot, because templates read it.
SESSION_CONTEXTS = "identity_contexts"


def judge(
    *, audience: Audience, claims: Mapping[str, Any], before: Sequence[Check] = TRUSTED
) -> Judgement[CitizenFacts] | Judgement[StaffFacts]:
    """Whether these verified claims let somebody in, by what the settings and the database know."""
    names = ClaimNames(**settings.OIDC_CLAIMS)
    if audience is Audience.CITIZEN:
        return judge_citizen(claims, names, find_citizen=find_citizen, before=before)
    return judge_staff(claims, names, workplaces=workplaces(), has_been_here=has_been_here, before=before)


def try_login(
    pasted: Pasted, *, by: StaffActor
) -> tuple[Judgement[CitizenFacts] | Judgement[StaffFacts], tuple[StaffContext, ...]]:
    """What a pasted login would have come to: its checks, and the contexts it would have given.

    Nobody learns here whether a citizen is enrolled, nor whether another municipality's employee has logged in.
    """
    if pasted.is_of_citizen:
        somebody = CitizenActor(citizen_id=UUID(int=0), name="")
        citizen = judge_citizen(
            pasted.claims, pasted.names, find_citizen=lambda cpr: somebody, before=pasted.checks
        )
        return assumed(citizen, (Step.ENROLLED, *SILENT_ON[pasted.kind])), ()
    own = Workplace(municipality_id=by.municipality_id, name="")
    authorities = workplaces()
    at_work = authorities.get(str(pasted.claims.get(pasted.names.cvr, "")), own)
    may_know = by.municipality_id is None or at_work.municipality_id == by.municipality_id
    staff = judge_staff(
        pasted.claims,
        pasted.names,
        workplaces=authorities,
        has_been_here=has_been_here if may_know else None,
        before=pasted.checks,
    )
    contexts = staff.facts.contexts if staff.facts else ()
    return assumed(staff, SILENT_ON[pasted.kind]), contexts


def find_citizen(cpr: str) -> CitizenActor | None:
    """The citizen whom a municipality has enrolled under this number. Raises LoginRefused for no CPR number."""
    try:
        number = normalise(cpr)
        with within(Scope.login(cpr_hashes=lookup_values(number))):
            citizen = Citizen.objects.by_cpr(number).get()
    except InvalidCpr:
        # Not chained: a traceback through here could show the number.
        raise LoginRefused(RefusalCode.CPR_UNREADABLE) from None
    except Citizen.DoesNotExist:
        return None
    return CitizenActor(citizen_id=citizen.pk, name=citizen.name)


def workplaces() -> dict[str, Workplace]:
    """The authorities one may log in from, by CVR number."""
    known = {
        each.cvr: Workplace(municipality_id=each.pk, name=each.authority_name)
        for each in Municipality.objects.all()
    }
    return known | {settings.NATIONAL_CVR: Workplace(municipality_id=None, name=_("Systemadministrationen"))}


def has_been_here(issuer: str, subject: str) -> bool:
    """Whether this employee has logged in before."""
    with within(Scope.login(issuer=issuer, subject=subject)):
        return StaffMember.objects.filter(issuer=issuer, subject=subject).exists()


def log_in(
    *, request: HttpRequest, facts: CitizenFacts | StaffFacts, login: Login, now: datetime
) -> Actor | None:
    """Begin a session for whoever was let in; None while an employee still has to choose a context."""
    if isinstance(facts, CitizenFacts):
        return log_in_citizen(request=request, facts=facts, login=login, now=now)
    return log_in_staff(request=request, facts=facts, login=login, now=now)


def log_in_citizen(*, request: HttpRequest, facts: CitizenFacts, login: Login, now: datetime) -> CitizenActor:
    """Put the citizen into a new session."""
    _begin_session(request, login, facts.actor.kind, facts.actor.id, now)
    _enter(request, facts.actor)
    return facts.actor


def log_in_staff(
    *, request: HttpRequest, facts: StaffFacts, login: Login, now: datetime
) -> StaffActor | None:
    """Begin a session for a member of staff; the first login makes their StaffMember.

    None where their roles are given for several units or teams: nobody is logged in before `choose_context`.
    """
    member = _remember(facts=facts, now=now)
    _begin_session(request, login, StaffActor.kind, member.pk, now)
    request.session[SESSION_STAFF] = {
        "staff_id": str(member.pk),
        "name": facts.name or _("Medarbejder uden navn"),
        "municipality_id": facts.workplace.municipality_id,
        "municipality_name": facts.workplace.name,
    }
    request.session[SESSION_CONTEXTS] = [context.to_session() for context in facts.contexts]
    _end_what_is_granted_no_more(request)
    return _work_in(request, facts.contexts[0]) if len(facts.contexts) == 1 else None


def contexts_of(request: HttpRequest) -> tuple[StaffContext, ...]:
    """What the employee of this session may choose between; empty where no employee has logged in."""
    return tuple(StaffContext.from_session(each) for each in request.session.get(SESSION_CONTEXTS, ()))


def current_context(request: HttpRequest) -> StaffContext | None:
    """The context that the employee works in; None before they chose."""
    actor = actor_of(request)
    if not isinstance(actor, StaffActor):
        return None
    return StaffContext(
        roles=actor.roles,
        organisation_unit=actor.organisation_unit,
        care_team=actor.care_team,
        name=actor.context_name,
    )


def choose_context(*, request: HttpRequest, number: int) -> StaffActor:
    """Let the employee of this session work in one of their contexts. Raises IndexError for another number.

    The session gets a new key: who it is stays the same, what they may do does not.
    """
    if number < 0:
        raise IndexError(number)
    context = contexts_of(request)[number]
    sessions.change_key(request.session)
    rotate_token(request)
    return _work_in(request, context)


def withdraw_access(*, refusal: LoginRefused, login: Login) -> int:
    """End the sessions that an employee has open elsewhere, where the newest token grants nothing. Returns how many.

    Not where this one login was too weak, or came through the wrong door: that says nothing of the others.
    """
    if refusal.code in _SAYS_NOTHING_OF_ACCESS:
        return 0
    claims = login.claims
    return sessions.end_for_issuer(issuer=str(claims.get("iss", "")), subject=str(claims.get("sub", "")))


_SAYS_NOTHING_OF_ACCESS = {
    RefusalCode.WRONG_USER_TYPE,
    RefusalCode.LOA_MISSING,
    RefusalCode.LOA_UNKNOWN,
    RefusalCode.LOA_TOO_LOW,
}


def _end_what_is_granted_no_more(request: HttpRequest) -> None:
    """End the employee's other sessions that hold a context which this, the newest token, does not grant."""
    workplace, granted = request.session[SESSION_STAFF], request.session[SESSION_CONTEXTS]

    def is_granted(stored: Mapping[str, Any]) -> bool:
        return stored.get(SESSION_STAFF, {}).get("municipality_id") == workplace["municipality_id"] and all(
            each in granted for each in stored.get(SESSION_CONTEXTS, ())
        )

    sessions.end_others(
        request.session, kind=StaffActor.kind, actor_id=UUID(workplace["staff_id"]), unless=is_granted
    )


def _work_in(request: HttpRequest, context: StaffContext) -> StaffActor:
    stored = request.session[SESSION_STAFF]
    actor = StaffActor(
        staff_id=UUID(stored["staff_id"]),
        name=stored["name"],
        municipality_id=stored["municipality_id"],
        municipality_name=stored["municipality_name"],
        roles=context.roles,
        organisation_unit=context.organisation_unit,
        care_team=context.care_team,
        context_name=context.name,
    )
    _enter(request, actor)
    return actor


def log_out(*, request: HttpRequest) -> str:
    """End the session. Returns the ID token it was begun with ("" if none was kept), for the issuer's log-out."""
    id_token: str = request.session.get(SESSION_ID_TOKEN, "")
    sessions.end(request.session)
    set_actor(request, None)
    return id_token


def _remember(*, facts: StaffFacts, now: datetime) -> StaffMember:
    """The person's row as this login tells it: names change, and so do workplaces."""
    municipality_id = facts.workplace.municipality_id
    with within(Scope.login(issuer=facts.issuer, subject=facts.subject)):
        member, _created = StaffMember.objects.update_or_create(
            issuer=facts.issuer,
            subject=facts.subject,
            defaults={"name": facts.name, "municipality_id": municipality_id, "last_login_at": now},
            create_defaults={
                "name": facts.name,
                "municipality_id": municipality_id,
                "first_seen_at": now,
                "last_login_at": now,
            },
        )
    return member


def _begin_session(
    request: HttpRequest, login: Login, kind: Literal["citizen", "staff"], actor_id: UUID, now: datetime
) -> None:
    """A new session with a new key: whoever knew the old one, knows nothing."""
    sessions.end(request.session)
    sessions.begin(
        request.session,
        kind=kind,
        actor_id=actor_id,
        claims=login.claims,
        token_end=login.claims.get(settings.OIDC_CLAIMS["session_end"]),
        user_agent=request.headers.get("User-Agent", ""),
        now=now,
    )
    request.session[SESSION_ID_TOKEN] = login.id_token
    rotate_token(request)


def _enter(request: HttpRequest, actor: Person) -> None:
    request.session[SESSION_ACTOR] = actor.to_session()
    set_actor(request, actor)
