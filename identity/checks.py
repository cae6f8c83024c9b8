"""Whether a login is good: a list of checks, by which the login itself is decided and explained.

Pure: claims go in, a Judgement comes out, one row for each check. What the database knows comes in as an argument.
A check that fails does not stop those that do not depend on it: whoever mends one fault should see the next.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.utils.translation import gettext_lazy as _

from identity.actors import CitizenActor
from identity.assurance import REQUIRED, Assurance, read_assurance
from identity.audience import Audience
from identity.claims import (
    CITIZEN_USER_TYPE,
    STAFF_USER_TYPE,
    CitizenFacts,
    ClaimNames,
    Claims,
    StaffFacts,
    Workplace,
    is_user_type,
)
from identity.contexts import StaffContext, merged
from identity.privileges import PrivilegeGroup, read_privileges
from identity.refusals import Explanation, LoginRefused, Note, RefusalCode, explanation_of, masked
from identity.roles import ROLES_OF_OTHER_SYSTEMS, Role, UnknownRole, role_code

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

T = TypeVar("T")
F = TypeVar("F")

_CVR = re.compile(r"\d{8}")


class Step(StrEnum):
    """What is checked, in the order of the page."""

    ANSWER = "answer"
    TRUST = "trust"
    USER_TYPE = "user_type"
    ASSURANCE = "assurance"
    PERSON = "person"
    ENROLLED = "enrolled"
    AUTHORITY = "authority"
    MUNICIPALITY = "municipality"
    PRIVILEGES = "privileges"
    SCOPE = "scope"
    DELIMITATION = "delimitation"
    ROLES = "roles"
    UNITS = "units"
    CONTEXT = "context"
    COLLEAGUE = "colleague"

    @property
    def label(self) -> StrOrPromise:
        """The check as the page names it."""
        return _STEPS[self]


_STEPS: dict[Step, StrOrPromise] = {
    Step.ANSWER: _("Login-tjenesten har svaret"),
    Step.TRUST: _("Underskrift, udsteder og tidspunkt passer"),
    Step.USER_TYPE: _("Den rigtige slags bruger"),
    Step.ASSURANCE: _("Sikringsniveauet er mindst Betydelig"),
    Step.PERSON: _("Svaret siger, hvem du er"),
    Step.ENROLLED: _("Du er oprettet af din kommune"),
    Step.AUTHORITY: _("Svaret siger, hvilken myndighed du arbejder i"),
    Step.MUNICIPALITY: _("Myndigheden er tilsluttet Kommunal PRO"),
    Step.PRIVILEGES: _("Der er roller med, og de kan læses"),
    Step.SCOPE: _("Rollerne gælder din egen myndighed"),
    Step.DELIMITATION: _("Rollerne er afgrænset til netop én slags enhed"),
    Step.ROLES: _("Rollerne er kendt her"),
    Step.UNITS: _("FUT kender enheden og teamet"),
    Step.CONTEXT: _("Én enhed og ét team at arbejde i"),
    Step.COLLEAGUE: _("Har logget ind før"),
}

STEPS: dict[Audience, tuple[Step, ...]] = {
    Audience.CITIZEN: (
        Step.ANSWER,
        Step.TRUST,
        Step.USER_TYPE,
        Step.ASSURANCE,
        Step.PERSON,
        Step.ENROLLED,
    ),
    Audience.STAFF: (
        Step.ANSWER,
        Step.TRUST,
        Step.USER_TYPE,
        Step.ASSURANCE,
        Step.AUTHORITY,
        Step.MUNICIPALITY,
        Step.PRIVILEGES,
        Step.SCOPE,
        Step.DELIMITATION,
        Step.ROLES,
        Step.UNITS,
        Step.CONTEXT,
        Step.COLLEAGUE,
    ),
}

# Refusals that the protocol raises before there are claims; all others come from a check below.
_EARLY: dict[RefusalCode, Step] = {
    RefusalCode.NO_ASSERTION: Step.ANSWER,
    RefusalCode.ISSUER_UNREACHABLE: Step.ANSWER,
    RefusalCode.ISSUER_DENIED: Step.ANSWER,
    RefusalCode.LOGIN_LOST: Step.ANSWER,
    RefusalCode.SIGNATURE_INVALID: Step.TRUST,
    RefusalCode.METADATA_STALE: Step.TRUST,
    RefusalCode.CLOCK_SKEW: Step.TRUST,
    RefusalCode.WRONG_RECEIVER: Step.TRUST,
    RefusalCode.TOKEN_INVALID: Step.TRUST,
}


class Outcome(StrEnum):
    """How a check went; NOTED is passed with something worth knowing."""

    PASSED = "passed"
    NOTED = "noted"
    FAILED = "failed"
    NOT_REACHED = "not_reached"

    @property
    def label(self) -> StrOrPromise:
        """As the page says it."""
        return _OUTCOMES[self]


_OUTCOMES: dict[Outcome, StrOrPromise] = {
    Outcome.PASSED: _("I orden"),
    Outcome.NOTED: _("I orden, men læs"),
    Outcome.FAILED: _("Fejl"),
    Outcome.NOT_REACHED: _("Ikke prøvet"),
}


class Fact(StrEnum):
    """What was received, as the page names it."""

    RECEIVED = "received"
    REQUIRED = "required"
    ROLE = "role"
    NEAREST_ROLE = "nearest_role"
    ROLE_VERSION = "role_version"
    ROLE_OF_OTHER_SYSTEM = "role_of_other_system"
    SCOPE = "scope"
    ORGANISATION_UNIT = "organisation_unit"
    SOR_UNIT = "sor_unit"
    CARE_TEAM = "care_team"
    WARNING = "warning"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    ISSUED_AT = "issued_at"
    EXPIRES_AT = "expires_at"
    CERTIFICATE_EXPIRES = "certificate_expires"
    NAME = "name"

    @property
    def label(self) -> StrOrPromise:
        """The word before the value."""
        return _FACTS[self]


_FACTS: dict[Fact, StrOrPromise] = {
    Fact.RECEIVED: _("Modtaget"),
    Fact.REQUIRED: _("Krævet"),
    Fact.ROLE: _("Rolle"),
    Fact.NEAREST_ROLE: _("Nærmeste kendte rolle"),
    Fact.ROLE_VERSION: _("Kendt version af samme rolle"),
    Fact.ROLE_OF_OTHER_SYSTEM: _("Rolle til et andet system"),
    Fact.SCOPE: _("Rollerne gælder for"),
    Fact.ORGANISATION_UNIT: _("Organisationsenhed (orgUnit)"),
    Fact.SOR_UNIT: _("SOR-enhed"),
    Fact.CARE_TEAM: _("Team"),
    Fact.WARNING: _("FUT melder"),
    Fact.ISSUER: _("Udsteder"),
    Fact.AUDIENCE: _("Modtager"),
    Fact.ISSUED_AT: _("Udstedt"),
    Fact.EXPIRES_AT: _("Udløber"),
    Fact.CERTIFICATE_EXPIRES: _("Certifikatet udløber"),
    Fact.NAME: _("Navn"),
}


@dataclass(frozen=True, slots=True)
class Check:
    """One row: what was checked, how it went, what was received (masked), and the reason if there is one."""

    step: Step
    outcome: Outcome
    code: RefusalCode | Note | None = None
    facts: tuple[tuple[Fact, str], ...] = ()

    def explanation(self, audience: Audience) -> Explanation | None:
        """The words for the reason; None where nothing is to be said."""
        return explanation_of(self.code, audience) if self.code else None

    def to_session(self) -> dict[str, Any]:
        """JSON-ready; `from_session` reads it back."""
        return {"step": self.step, "outcome": self.outcome, "code": self.code or "", "facts": self.facts}

    @classmethod
    def from_session(cls, stored: Mapping[str, Any]) -> Check:
        """Raises KeyError or ValueError when `stored` is not what `to_session` wrote."""
        code: str = stored["code"]
        return cls(
            step=Step(stored["step"]),
            outcome=Outcome(stored["outcome"]),
            code=(RefusalCode(code) if code in set(RefusalCode) else Note(code)) if code else None,
            facts=tuple((Fact(word), str(value)) for word, value in stored["facts"]),
        )


# A real login has come through these two before there are claims to judge.
TRUSTED = (Check(Step.ANSWER, Outcome.PASSED), Check(Step.TRUST, Outcome.PASSED))


@dataclass(frozen=True, slots=True)
class Judgement(Generic[F]):
    """All checks of one login. `facts` is None exactly where `refusal` says why."""

    audience: Audience
    checks: tuple[Check, ...]
    facts: F | None
    refusal: LoginRefused | None

    def accepted(self) -> F:
        """The facts of a login that is good. Raises LoginRefused with the first check that failed."""
        if self.refusal is not None or self.facts is None:
            raise self.refusal or LoginRefused(RefusalCode.TOKEN_INVALID)
        return self.facts


def stopped(audience: Audience, refusal: LoginRefused) -> Judgement[None]:
    """The rows of a login that ended before there were claims to judge."""
    failed = _EARLY[refusal.code]
    facts = ((Fact.RECEIVED, refusal.shown),) if refusal.shown else ()
    before = tuple(Check(step, Outcome.PASSED) for step in STEPS[audience][: STEPS[audience].index(failed)])
    walk = _Walk(audience, (*before, Check(failed, Outcome.FAILED, refusal.code, facts)))
    walk.refusal = refusal
    return walk.judgement(None)


def judge_citizen(
    claims: Mapping[str, Any],
    names: ClaimNames,
    *,
    find_citizen: Callable[[str], CitizenActor | None],
    before: Sequence[Check] = TRUSTED,
) -> Judgement[CitizenFacts]:
    """Whether verified claims let a citizen in. `find_citizen` looks a CPR number up (LoginRefused: unreadable)."""
    told = Claims(claims, names)
    walk = _Walk(Audience.CITIZEN, before)
    right_door = walk.take(Step.USER_TYPE, lambda row: _user_type(row, told, CITIZEN_USER_TYPE))
    assurance = walk.take(Step.ASSURANCE, lambda row: _assurance(row, told), after=right_door)
    cpr = walk.take(Step.PERSON, lambda row: _cpr(row, told), after=right_door)
    # Only who has proved enough of who they are learns whether they are enrolled.
    actor = walk.take(
        Step.ENROLLED, lambda row: _enrolled(cpr or "", find_citizen), after=(right_door, assurance, cpr)
    )
    if actor is None or assurance is None:
        return walk.judgement(None)
    return walk.judgement(CitizenFacts(actor=actor, assurance=assurance))


def judge_staff(
    claims: Mapping[str, Any],
    names: ClaimNames,
    *,
    workplaces: Mapping[str, Workplace],
    has_been_here: Callable[[str, str], bool] | None = None,
    before: Sequence[Check] = TRUSTED,
) -> Judgement[StaffFacts]:
    """Whether verified claims (with `iss` and `sub`) let a member of staff in.

    `workplaces` are those that may log in, by CVR number; `has_been_here(iss, sub)` says whether somebody
    has logged in before. Roles count where they are given for the authority that the person logged in from.
    """
    told = Claims(claims, names)
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    walk = _Walk(Audience.STAFF, before)
    right_door = walk.take(Step.USER_TYPE, lambda row: _user_type(row, told, STAFF_USER_TYPE))
    assurance = walk.take(Step.ASSURANCE, lambda row: _assurance(row, told), after=right_door)
    cvr = walk.take(Step.AUTHORITY, lambda row: _authority(row, told), after=right_door)
    workplace = walk.take(
        Step.MUNICIPALITY, lambda row: _workplace(row, told, cvr or "", workplaces), after=cvr
    )
    groups = walk.take(Step.PRIVILEGES, lambda row: _privileges(told), after=right_door)
    own = walk.take(Step.SCOPE, lambda row: _own(row, groups or (), cvr or ""), after=(groups, cvr))
    bounded = walk.take(Step.DELIMITATION, lambda row: _bounded(row, own or ()), after=own)
    roles = walk.take(Step.ROLES, lambda row: _roles(row, bounded or ()), after=bounded)
    known = walk.take(Step.UNITS, lambda row: _units(row, told), after=roles)
    contexts = walk.take(
        Step.CONTEXT, lambda row: _contexts(row, roles or (), known or {}), after=(roles, known)
    )
    if has_been_here is not None and subject:
        walk.take(
            Step.COLLEAGUE,
            lambda row: row.note(Note.COLLEAGUE_UNSEEN) if not has_been_here(issuer, subject) else None,
            after=right_door,
        )
    if walk.refusal or assurance is None or workplace is None or contexts is None:
        return walk.judgement(None)
    return walk.judgement(
        StaffFacts(
            issuer=issuer,
            subject=subject,
            name=told.text("name"),
            workplace=workplace,
            contexts=contexts,
            assurance=assurance,
        )
    )


# --- how the rows come about ---------------------------------------------------------------------


@dataclass(slots=True)
class _Row:
    """A check while it is made: what was received, and what is to be said though it passes."""

    facts: list[tuple[Fact, str]] = field(default_factory=list)
    code: Note | None = None
    outcome: Outcome = Outcome.PASSED

    def fact(self, word: Fact, value: object) -> None:
        if shown := masked(str(value)):
            self.facts.append((word, shown))

    def note(self, code: Note, outcome: Outcome = Outcome.NOTED) -> None:
        self.code, self.outcome = code, outcome


class _Walk:
    """Collects the rows in order and remembers the first refusal."""

    def __init__(self, audience: Audience, before: Sequence[Check]) -> None:
        self.audience = audience
        self.checks = list(before)
        failed = next((each for each in before if isinstance(each.code, RefusalCode)), None)
        self.refusal = LoginRefused(failed.code) if failed and isinstance(failed.code, RefusalCode) else None

    def take(self, step: Step, act: Callable[[_Row], T], *, after: object = True) -> T | None:
        """Make one check; not if one of those it comes `after` gave nothing. None where it failed."""
        if any(each is None for each in (after if isinstance(after, tuple) else (after,))):
            return None
        row = _Row()
        try:
            result = act(row)
        except LoginRefused as refusal:
            self.refusal = self.refusal or refusal
            if refusal.shown and not row.facts:
                row.fact(Fact.RECEIVED, refusal.shown)
            self.checks.append(Check(step, Outcome.FAILED, refusal.code, tuple(row.facts)))
            return None
        self.checks.append(Check(step, row.outcome, row.code, tuple(row.facts)))
        return result

    def judgement(self, facts: F | None) -> Judgement[F]:
        made = {check.step: check for check in self.checks}
        rows = tuple(
            made.get(step, Check(step, Outcome.NOT_REACHED))
            for step in STEPS[self.audience]
            if step in made or step is not Step.COLLEAGUE
        )
        return Judgement(self.audience, rows, facts, self.refusal)


# --- the checks themselves -----------------------------------------------------------------------


def _user_type(row: _Row, told: Claims, expected: str) -> bool:
    actual = told.text("user_type")
    row.fact(Fact.RECEIVED, actual)
    if not is_user_type(actual, expected):
        raise LoginRefused(RefusalCode.WRONG_USER_TYPE, shown=actual)
    return True


def _assurance(row: _Row, told: Claims) -> Assurance:
    row.fact(Fact.RECEIVED, told.text("loa"))
    row.fact(Fact.REQUIRED, REQUIRED.name.title())
    return read_assurance(told.raw("loa"))


def _cpr(row: _Row, told: Claims) -> str:
    if not (cpr := told.text("cpr")):
        raise LoginRefused(RefusalCode.CPR_MISSING)
    row.fact(Fact.RECEIVED, "••••••-••••")
    return cpr


def _enrolled(cpr: str, find_citizen: Callable[[str], CitizenActor | None]) -> CitizenActor:
    citizen = find_citizen(cpr)
    if citizen is None:
        raise LoginRefused(RefusalCode.CITIZEN_UNKNOWN)
    return citizen


def _authority(row: _Row, told: Claims) -> str:
    cvr = told.text("cvr")
    row.fact(Fact.RECEIVED, cvr)
    row.fact(Fact.NAME, told.text("organisation_name"))
    if not _CVR.fullmatch(cvr):
        raise LoginRefused(RefusalCode.CVR_MISSING, shown=cvr)
    return cvr


def _workplace(row: _Row, told: Claims, cvr: str, workplaces: Mapping[str, Workplace]) -> Workplace:
    row.fact(Fact.RECEIVED, cvr)
    workplace = workplaces.get(cvr)
    if workplace is None:
        raise LoginRefused(RefusalCode.MUNICIPALITY_UNKNOWN, shown=cvr)
    row.fact(Fact.NAME, workplace.name)
    # The system administration is no row here, so its name is the login's.
    told_name = told.text("organisation_name")
    return (
        replace(workplace, name=told_name) if workplace.municipality_id is None and told_name else workplace
    )


def _privileges(told: Claims) -> tuple[PrivilegeGroup, ...]:
    return read_privileges(told.raw("privileges"))


def _own(row: _Row, groups: Iterable[PrivilegeGroup], cvr: str) -> tuple[PrivilegeGroup, ...]:
    """Roles count where they are given for the authority that one logged in from."""
    own: list[PrivilegeGroup] = []
    others: list[PrivilegeGroup] = []
    for group in groups:
        if group.role_uris:
            (own if group.cvr == cvr else others).append(group)
    for scope in dict.fromkeys(group.cvr or group.scope or "?" for group in (*own, *others)):
        row.fact(Fact.SCOPE, scope)
    if not own:
        row.fact(Fact.REQUIRED, cvr)
        raise LoginRefused(
            RefusalCode.FOREIGN_CVR, shown=", ".join(group.cvr or group.scope or "?" for group in others)
        )
    if others:
        row.note(Note.OTHER_AUTHORITIES)
    return tuple(own)


def _bounded(row: _Row, groups: Sequence[PrivilegeGroup]) -> tuple[PrivilegeGroup, ...]:
    """Groups with either an organisation unit or a SOR unit, as FUT demands."""
    for group in groups:
        for unit in group.organisation_units:
            row.fact(Fact.ORGANISATION_UNIT, unit)
        for unit in group.sor_units:
            row.fact(Fact.SOR_UNIT, unit)
    good = tuple(group for group in groups if bool(group.organisation_units) != bool(group.sor_units))
    if not good:
        twofold = any(group.sor_units for group in groups)
        raise LoginRefused(RefusalCode.UNIT_TWOFOLD if twofold else RefusalCode.UNIT_MISSING)
    if len(good) < len(groups):
        row.note(Note.GROUPS_PASSED_OVER)
    return good


def _roles(row: _Row, groups: Iterable[PrivilegeGroup]) -> tuple[tuple[PrivilegeGroup, frozenset[Role]], ...]:
    """Each group with the roles it gives here.

    Roles that FUT gives for its other systems are no fault. One that nobody knows gives nothing; it refuses
    the login only where it leaves nothing.
    """
    found: list[tuple[PrivilegeGroup, frozenset[Role]]] = []
    unknown: list[str] = []
    for group in groups:
        roles = set[Role]()
        for uri in group.role_uris:
            if role_code(uri) in ROLES_OF_OTHER_SYSTEMS:
                row.fact(Fact.ROLE_OF_OTHER_SYSTEM, uri)
                continue
            row.fact(Fact.ROLE, uri)
            try:
                roles.add(Role.from_uri(uri))
            except UnknownRole:
                unknown.append(uri)
                for word, value in hints(uri):
                    row.fact(word, value)
        if roles:
            found.append((group, frozenset(roles)))
    if not found:
        if unknown:
            raise LoginRefused(RefusalCode.ROLE_UNKNOWN, shown=", ".join(unknown))
        raise LoginRefused(RefusalCode.NO_ROLE_HERE)
    if unknown:
        row.note(Note.ROLES_PASSED_OVER)
    return tuple(found)


# From where a run of letters begins, and never back into it: an address of any length is read once.
_LAST_NAME = re.compile(r"(?<![A-Za-z_-])(?P<name>[A-Za-z_-]++)(?:/(?P<version>\d++))?/?$")


def hints(uri: str) -> list[tuple[Fact, str]]:
    """What an unknown role address probably meant: the same role in the version we know, or the nearest."""
    match = _LAST_NAME.search(uri.strip())
    if match is None:
        return []
    name = match["name"].lower().replace("-", "_")
    if name in set(Role) | ROLES_OF_OTHER_SYSTEMS:
        known = f"http://ehealth.seb.dk/roles/usersystemrole/{name}/1"
        return [(Fact.ROLE_VERSION if match["version"] not in {None, "1"} else Fact.NEAREST_ROLE, known)]
    nearest = get_close_matches(name, [*Role, *sorted(ROLES_OF_OTHER_SYSTEMS)], n=1)
    return (
        [(Fact.NEAREST_ROLE, f"http://ehealth.seb.dk/roles/usersystemrole/{nearest[0]}/1")] if nearest else []
    )


def _units(row: _Row, told: Claims) -> Mapping[str, str]:
    """FUT's names of units and care teams by the last part of their address, from its list of contexts.

    The list is `{"care_teams": [{"id", "name", "affiliation": {"id", "name"}}], "organizations": […],
    "warning_details": […]}`. FUT leaves out what it does not know: an empty list means that all is unknown.
    """
    offered = told.raw("contexts")
    if not isinstance(offered, Mapping):
        row.note(Note.UNITS_NOT_TOLD, Outcome.NOT_REACHED)
        return {}
    for warning in _listed(offered, "warning_details"):
        row.fact(Fact.WARNING, warning)
    teams = [each for each in _listed(offered, "care_teams") if isinstance(each, Mapping)]
    units = [each for each in _listed(offered, "organizations") if isinstance(each, Mapping)]
    units += [each["affiliation"] for each in teams if isinstance(each.get("affiliation"), Mapping)]
    if not teams and not units:
        raise LoginRefused(RefusalCode.UNIT_UNKNOWN)
    if row.facts:
        row.note(Note.UNITS_IN_DOUBT)
    return {
        str(each.get("id", "")).rstrip("/").rpartition("/")[2]: str(each.get("name", ""))
        for each in (*units, *teams)
    }


def _listed(offered: Mapping[str, Any], name: str) -> list[Any]:
    value = offered.get(name)
    return value if isinstance(value, list) else []


def _contexts(
    row: _Row, groups: Iterable[tuple[PrivilegeGroup, frozenset[Role]]], names: Mapping[str, str]
) -> tuple[StaffContext, ...]:
    contexts = merged(
        StaffContext(
            roles=roles,
            organisation_unit=unit,
            care_team=team,
            name=names.get(team) or names.get(unit, ""),
        )
        for group, roles in groups
        for unit in (*group.organisation_units, *group.sor_units)
        for team in group.care_teams or ("",)
    )
    for context in contexts:
        row.fact(Fact.CARE_TEAM, context.care_team)
    if len(contexts) > 1:
        row.note(Note.SEVERAL_GROUPS)
    return contexts


def assumed(judgement: Judgement[F], steps: Iterable[Step]) -> Judgement[F]:
    """The same judgement where what was judged could say nothing about `steps`: they count as not tried."""
    silent = set(steps)
    checks = tuple(
        replace(check, outcome=Outcome.NOT_REACHED, code=None, facts=()) if check.step in silent else check
        for check in judgement.checks
    )
    return replace(judgement, checks=checks)
