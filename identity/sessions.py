"""How long a session lives, and ending it from elsewhere.

It ends after SESSION_COOKIE_AGE seconds without use, at its longest after SESSION_LONGEST_SECONDS or with the
issuer's token, when its person says so in any browser, or when the issuer says so. The server's clock decides.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from math import ceil
from typing import Any, Literal
from uuid import UUID

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.db import transaction
from django.db.models import CharField, F, Func, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse

from identity.actors import Actor, CitizenActor
from identity.models import UserSession

SESSION_SEEN_AT = "identity.seen_at"
SESSION_ENDS_AT = "identity.ends_at"

# Sessions are told apart by the minute: using one costs a write a minute at most.
PRECISION = timedelta(minutes=1)
WARNING = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class TimeLeft:
    """When the session ends and how many seconds that is from now, and whether using it would put that off."""

    seconds: int
    can_be_extended: bool
    until: datetime


def begin(
    session: SessionBase,
    *,
    kind: Literal["citizen", "staff"],
    actor_id: UUID,
    claims: Mapping[str, Any],
    token_end: object,
    user_agent: str,
    now: datetime,
) -> None:
    """Give an empty session its key and its end. `claims` and `token_end` (seconds since 1970) are the token's."""
    ends_at = now + timedelta(seconds=settings.SESSION_LONGEST_SECONDS)
    if isinstance(token_end, int | float) and not isinstance(token_end, bool):
        ends_at = min(ends_at, datetime.fromtimestamp(min(token_end, ends_at.timestamp()), tz=UTC))
    session.create()
    session[SESSION_SEEN_AT] = now.timestamp()
    session[SESSION_ENDS_AT] = ends_at.timestamp()
    UserSession.objects.filter(ends_at__lt=now).delete()
    UserSession.objects.create(
        key_hash=_key_hash(session),
        actor_kind=kind,
        actor_id=actor_id,
        subject_hash=_issuers(claims, "sub"),
        issuer_session_hash=_issuers(claims, "sid"),
        device=device_words(user_agent),
        created_at=now,
        last_seen_at=now,
        ends_at=ends_at,
    )


def change_key(session: SessionBase) -> None:
    """A new key for the same session: what its person may do has changed."""
    row = UserSession.objects.filter(key_hash=_key_hash(session))
    session.cycle_key()
    row.update(key_hash=_key_hash(session))


def end(session: SessionBase) -> None:
    """Empty the session, and forget that it was open."""
    if session.session_key:
        UserSession.objects.filter(key_hash=_key_hash(session)).delete()
    session.flush()


def touch(session: SessionBase, now: datetime) -> None:
    """Count the session as used at `now`; written down where the last time is a minute ago."""
    seen_at = session.get(SESSION_SEEN_AT, 0)
    if now.timestamp() - seen_at < PRECISION.total_seconds():
        return
    session[SESSION_SEEN_AT] = now.timestamp()
    if seen_at:
        UserSession.objects.filter(key_hash=_key_hash(session)).update(last_seen_at=now)


def has_begun(session: SessionBase) -> bool:
    """Whether somebody's login made it: also before an employee has chosen what to work with."""
    return SESSION_ENDS_AT in session


def has_ended(session: SessionBase, now: datetime) -> bool:
    """Whether the session's time is up."""
    return time_left(session, now).seconds <= 0


def time_left(session: SessionBase, now: datetime) -> TimeLeft:
    """How long the session lives from `now` if nobody uses it."""
    unused_until = session.get(SESSION_SEEN_AT, now.timestamp()) + settings.SESSION_COOKIE_AGE
    ends_at = session.get(SESSION_ENDS_AT, float("inf"))
    left = max(0, int(min(unused_until, ends_at) - now.timestamp()))
    return TimeLeft(seconds=left, can_be_extended=unused_until < ends_at, until=now + timedelta(seconds=left))


def time_left_of(actor: Actor | None, session: SessionBase, now: datetime) -> TimeLeft:
    """How long `actor` may go on in the session: an assisted visit ends before the employee's login does."""
    left = time_left(session, now)
    if not isinstance(actor, CitizenActor) or actor.helped_until is None:
        return left
    ends = actor.helped_until
    seconds = max(0, ceil((min(ends.unused, ends.at_the_latest) - now).total_seconds()))
    if left.seconds <= seconds:
        return left
    can_be_extended = ends.unused < ends.at_the_latest
    return TimeLeft(seconds=seconds, can_be_extended=can_be_extended, until=now + timedelta(seconds=seconds))


def only_asks(request: HttpRequest) -> bool:
    """Whether the request is no use of the session: it asks how much time is left, or the page asks by itself.

    A page that brings itself up to date says so (`hx-headers`), or an open window would stay logged in all day.
    """
    by_itself = "X-By-Itself" in request.headers or request.path == reverse("identity:session")
    return request.method == "GET" and by_itself


# --- from elsewhere ---------------------------------------------------------------------------------


def sessions_of(actor: Actor, now: datetime) -> list[UserSession]:
    """The sessions that somebody has open, the last used first."""
    unused_since = now - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    return list(
        UserSession.objects.filter(
            actor_kind=actor.kind, actor_id=actor.id, ends_at__gt=now, last_seen_at__gt=unused_since
        ).order_by("-last_seen_at", "-created_at")
    )


def is_this(row: UserSession, session: SessionBase) -> bool:
    """Whether `row` is the session of this browser."""
    return row.key_hash == _key_hash(session)


def end_all_of(actor: Actor) -> int:
    """End every session of somebody, in every browser. Returns how many there were."""
    return _end(Q(actor_kind=actor.kind, actor_id=actor.id))


def end_others(
    session: SessionBase, *, kind: str, actor_id: UUID, unless: Callable[[Mapping[str, Any]], bool]
) -> int:
    """End somebody's other sessions, but not those whose content is as `unless` says. Returns how many."""
    others = UserSession.objects.filter(actor_kind=kind, actor_id=actor_id)
    hashes = list(others.exclude(key_hash=_key_hash(session)).values_list("key_hash", flat=True))
    if not hashes:
        return 0
    kept = [each.key_hash for each in stored(hashes) if unless(each.get_decoded())]
    return _end(Q(key_hash__in=set(hashes) - set(kept)))


def end_for_issuer(*, issuer: str, subject: str = "", issuer_session: str = "") -> int:
    """End what the issuer says is over: one of its sessions (`sid`), else all of a subject. Returns how many.

    A login that came without a `sid` may be any of its subject's sessions at the issuer, so it ends with each.
    """
    of_subject = Q(subject_hash=_hash(issuer, subject)) if subject else Q(pk__in=[])
    if not issuer_session:
        return _end(of_subject)
    return _end(
        Q(issuer_session_hash=_hash(issuer, issuer_session)) | (of_subject & Q(issuer_session_hash=""))
    )


class _HashOfKey(Func):
    """The hash of a session's key, as `_key_hash` makes it; letters and digits are the same in every encoding.

    Word for word as the index says it (migration `sessions_found_by_hash`).
    """

    template = "encode(sha256(%(expressions)s::bytea), 'hex')"
    output_field = CharField()


def stored(key_hashes: Collection[str]) -> QuerySet[Any]:
    """Django's own rows of the sessions whose keys have these hashes, annotated with `key_hash`."""
    return Session.objects.annotate(key_hash=_HashOfKey(F("session_key"))).filter(key_hash__in=key_hashes)


@transaction.atomic
def _end(which: Q) -> int:
    rows = UserSession.objects.filter(which)
    hashes = list(rows.values_list("key_hash", flat=True))
    stored(hashes).delete()
    rows.filter(key_hash__in=hashes).delete()
    return len(hashes)


def key_hash(session: SessionBase) -> str:
    """What names the session where its key must not stand."""
    return _key_hash(session)


def _key_hash(session: SessionBase) -> str:
    return sha256((session.session_key or "").encode()).hexdigest()


def _issuers(claims: Mapping[str, Any], name: str) -> str:
    return _hash(str(claims.get("iss", "")), str(claims[name])) if claims.get(name) else ""


def _hash(issuer: str, value: str) -> str:
    return sha256(f"{issuer.rstrip('/')}\n{value}".encode()).hexdigest()


# --- what a browser calls itself -------------------------------------------------------------------

# In this order: each calls itself by the names of those after it, too.
_BROWSERS = (
    ("Edge", r"Edg(e|A|iOS)?/"),
    ("Opera", r"OPR/"),
    ("Samsung Internet", r"SamsungBrowser/"),
    ("Firefox", r"Firefox/|FxiOS/"),
    ("Chrome", r"Chrome/|CriOS/"),
    ("Safari", r"Safari/"),
)
_SYSTEMS = (
    ("iPhone", r"iPhone"),
    ("iPad", r"iPad"),
    ("Android", r"Android"),
    ("Windows", r"Windows"),
    ("Mac", r"Macintosh"),
    ("Linux", r"Linux"),
)


def device_words(user_agent: str) -> str:
    """What a browser says it is, as “Chrome, Windows”; "" where it says nothing we know."""
    found = (
        next((name for name, pattern in known if re.search(pattern, user_agent)), "")
        for known in (_BROWSERS, _SYSTEMS)
    )
    return ", ".join(word for word in found if word)
