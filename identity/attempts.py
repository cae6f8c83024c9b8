"""How logins have gone, authority by authority: what a technical meeting starts from. Nothing about persons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import CharField, Count, F, Func, Max, Q

from identity.assurance import Assurance, read_assurance
from identity.audience import Audience
from identity.checks import Fact, Judgement, Step
from identity.models import LoginAttempt
from identity.refusals import Explanation, LoginRefused, RefusalCode, explanation_of
from identity.roles import Role, UnknownRole
from municipalities.models import Municipality
from municipalities.scope import Scope, within

# How far back the pages look.
PERIOD = timedelta(days=30)
# Long enough for a technical meeting about what was before the last one; beat forgets the rest every night.
KEPT = timedelta(days=90)
MOST_ROLES = 30
_CVR = re.compile(r"\d{8}")


def record(judgement: Judgement[Any], *, at: datetime) -> LoginAttempt | None:
    """Remember how an employee's login went. Citizens' logins leave no trace here.

    Nor does an answer to a login that nobody began: anybody can write its address.
    """
    refusal = judgement.refusal
    if judgement.audience is not Audience.STAFF or (refusal and refusal.code is RefusalCode.LOGIN_LOST):
        return None
    received: dict[tuple[Step, Fact], list[str]] = {}
    for check in judgement.checks:
        for word, value in check.facts:
            received.setdefault((check.step, word), []).append(value)
    (cvr,) = received.get((Step.AUTHORITY, Fact.RECEIVED), [""])[:1]
    (level,) = received.get((Step.ASSURANCE, Fact.RECEIVED), [""])[:1]
    roles = [
        *received.get((Step.ROLES, Fact.ROLE), []),
        *received.get((Step.ROLES, Fact.ROLE_OF_OTHER_SYSTEM), []),
    ]
    municipality = Municipality.objects.filter(cvr=cvr).first()
    with within(Scope.national() if municipality is None else Scope.municipality(municipality.pk)):
        return LoginAttempt.objects.create(
            at=at,
            cvr=cvr if _CVR.fullmatch(cvr) else "",
            outcome=refusal.code.value if refusal else LoginAttempt.ACCEPTED,
            assurance=level[:100],
            roles=sorted(set(roles))[:MOST_ROLES],
        )


def forget_old(*, at: datetime) -> int:
    """Delete what is older than KEPT, of every authority. Returns how many there were."""
    with within(Scope.system()):
        deleted, _by_model = LoginAttempt.objects.filter(at__lt=at - KEPT).delete()
    return deleted


@dataclass(frozen=True, slots=True)
class SeenRole:
    """A role's address that has arrived, in how many logins, and the role it is, if it is one."""

    uri: str
    logins: int
    role: Role | None


@dataclass(frozen=True, slots=True)
class SeenLevel:
    """A level of assurance as received, in how many logins, and whether it is enough."""

    text: str
    logins: int
    level: Assurance | None
    is_unknown: bool


@dataclass(frozen=True, slots=True)
class SeenRefusal:
    """A cause of refusals, how often and when last."""

    code: RefusalCode
    explanation: Explanation
    times: int
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Readiness:
    """How far an authority's login is."""

    last_at: datetime | None
    last_accepted_at: datetime | None
    accepted: int
    refused: int
    levels: tuple[SeenLevel, ...]
    roles: tuple[SeenRole, ...]
    missing_roles: tuple[Role, ...]
    refusals: tuple[SeenRefusal, ...]


def readiness_of(cvr: str, *, since: datetime) -> Readiness:
    """What an authority's logins since then tell."""
    logins = LoginAttempt.objects.filter(cvr=cvr, at__gte=since)
    good = Q(outcome=LoginAttempt.ACCEPTED)
    counted = logins.aggregate(
        last_at=Max("at"),
        last_accepted_at=Max("at", filter=good),
        accepted=Count("pk", filter=good),
        refused=Count("pk", filter=~good),
    )
    levels = logins.values_list("assurance").annotate(times=Count("pk")).order_by("-times", "assurance")
    uris = (
        logins.annotate(uri=Func(F("roles"), function="jsonb_array_elements_text", output_field=CharField()))
        .values_list("uri")
        .annotate(times=Count("pk"))
        .order_by("-times", "uri")
    )
    roles = tuple(SeenRole(uri, times, _role(uri)) for uri, times in uris)
    seen = {each.role for each in roles}
    return Readiness(
        **counted,
        levels=tuple(SeenLevel(text, times, _level(text), _is_unknown(text)) for text, times in levels),
        roles=roles,
        missing_roles=tuple(role for role in Role if role not in seen),
        refusals=_refusals(Q(cvr=cvr, at__gte=since)),
    )


def refusals_without_authority(*, since: datetime) -> tuple[SeenRefusal, ...]:
    """Refusals that came before it was known which authority they were from, or of an authority not here."""
    known = [*Municipality.objects.values_list("cvr", flat=True), settings.NATIONAL_CVR]
    return _refusals(Q(at__gte=since) & ~Q(cvr__in=known))


@dataclass(frozen=True, slots=True)
class Line:
    """A municipality in the overview: how far it is, as a status to draw."""

    municipality: Municipality
    accepted: int
    refused: int
    last_at: datetime | None

    @property
    def kind(self) -> str:
        """Ready once somebody has been let in."""
        if self.accepted:
            return "done"
        return "failed" if self.refused else "todo"


def overview(municipalities: Iterable[Municipality], *, since: datetime) -> list[Line]:
    """Every municipality with its logins since then: first those in trouble, then by wave and name."""
    good = Q(outcome=LoginAttempt.ACCEPTED)
    counts = {
        row["cvr"]: row
        for row in LoginAttempt.objects.filter(at__gte=since)
        .values("cvr")
        .annotate(accepted=Count("pk", filter=good), refused=Count("pk", filter=~good), last_at=Max("at"))
    }
    none: dict[str, Any] = {"accepted": 0, "refused": 0, "last_at": None}
    lines = [
        Line(
            municipality=each,
            accepted=row["accepted"],
            refused=row["refused"],
            last_at=row["last_at"],
        )
        for each in municipalities
        for row in [counts.get(each.cvr, none)]
    ]
    order = ["failed", "todo", "done"]
    return sorted(
        lines, key=lambda line: (order.index(line.kind), line.municipality.wave, line.municipality.name)
    )


def _refusals(which: Q) -> tuple[SeenRefusal, ...]:
    rows = (
        LoginAttempt.objects.filter(which)
        .exclude(outcome=LoginAttempt.ACCEPTED)
        .values("outcome")
        .annotate(times=Count("pk"), last_at=Max("at"))
        .order_by("-last_at")
    )
    known = set(RefusalCode)
    return tuple(
        SeenRefusal(
            code=RefusalCode(row["outcome"]),
            explanation=explanation_of(RefusalCode(row["outcome"]), Audience.STAFF),
            times=row["times"],
            last_at=row["last_at"],
        )
        for row in rows
        if row["outcome"] in known
    )


def _role(uri: str) -> Role | None:
    try:
        return Role.from_uri(uri)
    except UnknownRole:
        return None


def _level(text: str) -> Assurance | None:
    try:
        return read_assurance(text)
    except LoginRefused:
        return None


def _is_unknown(text: str) -> bool:
    """Whether the level is one that we cannot read, which may be high enough all the same."""
    try:
        read_assurance(text)
    except LoginRefused as refusal:
        return refusal.code is RefusalCode.LOA_UNKNOWN
    return False
