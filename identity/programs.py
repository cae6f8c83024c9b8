"""Programs that are let in by a key: making one, revoking it, and who comes with it.

    Authorization: Bearer kpro_…

A key is its owner's, not its maker's: it goes on when the maker changes jobs, until it expires, at the latest after a
year, or a colleague revokes it (docs/adr/0024). It is never more than its maker may do on the day it is made.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from http import HTTPStatus
from uuid import UUID, uuid4

import structlog
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext as _

from identity.actors import ProgramActor, StaffActor
from identity.models import PROGRAMS, ProgramKey, StaffMember
from identity.roles import Permission
from kommunalpro.problem_json import is_for_programs
from kommunalpro.problems import Problem
from municipalities.scope import Scope, within

log = structlog.get_logger(__name__)

# So that people, and programs that look for secrets in repositories, know one when they see it.
BEGINNING = "kpro_"
# 256 bits: nobody guesses one, so a plain hash keeps it as well as a slow one would.
SECRET_BYTES = 32
HINT_LENGTH = len(BEGINNING) + 4
# Using a key costs a write an hour at most.
PRECISION = timedelta(hours=1)


class KeyRefused(Problem):
    """The key that came does not let anybody in (RFC 6750, 3.1: `invalid_token`)."""

    status = HTTPStatus.UNAUTHORIZED
    headers = {"WWW-Authenticate": 'Bearer realm="Kommunal PRO", error="invalid_token"'}


class KeyUnknown(KeyRefused):
    """No key of ours."""

    code = "key_unknown"


class KeyExpired(KeyRefused):
    """Its time is over."""

    code = "key_expired"


class KeyRevoked(KeyRefused):
    """Somebody revoked it."""

    code = "key_revoked"


class RightsNotOnesOwn(Problem):
    """Who makes a key gives no more than they have themselves."""

    code = "rights_not_ones_own"
    status = HTTPStatus.FORBIDDEN


class NameTaken(Problem):
    """A key of that name is not revoked yet."""

    code = "key_name_taken"


class AlreadyRevoked(Problem):
    """It was revoked before."""

    code = "key_already_revoked"


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key, and its secret, which nobody can be told again."""

    key: ProgramKey
    secret: str


@transaction.atomic
def make_key(
    *, name: str, may_edit: bool, may_publish: bool, lives: timedelta, by: StaffActor, at: datetime
) -> NewKey:
    """A key for a program, of `by`'s municipality or the system administration, until `at + lives`.

    `lives` is at most ProgramKey.LONGEST. Raises RightsNotOnesOwn or NameTaken.
    """
    wanted = ProgramKey(may_edit=may_edit, may_publish=may_publish).permissions
    if not by.may(Permission.MANAGE_PROGRAMS) or not wanted <= by.permissions:
        raise RightsNotOnesOwn(_("Du kan ikke give et program mere, end du selv må."))
    name = " ".join(name.split())
    secret = BEGINNING + secrets.token_urlsafe(SECRET_BYTES)
    key_id = uuid4()
    member = StaffMember.objects.create(
        issuer=PROGRAMS,
        subject=str(key_id),
        name=name,
        municipality_id=by.municipality_id,
        first_seen_at=at,
        last_login_at=at,
    )
    try:
        with transaction.atomic():
            key = ProgramKey.objects.create(
                id=key_id,
                municipality_id=by.municipality_id,
                member=member,
                name=name,
                secret_hash=hash_of(secret),
                hint=secret[:HINT_LENGTH],
                may_edit=may_edit,
                may_publish=may_publish,
                made_at=at,
                made_by_id=by.staff_id,
                expires_at=at + lives,
            )
    except IntegrityError as refused:
        if "one_program_key_a_name" not in str(refused):
            raise
        raise NameTaken(
            _("Der er allerede en nøgle med det navn. Vælg et andet, eller træk den gamle tilbage først.")
        ) from refused
    return NewKey(key=key, secret=secret)


@transaction.atomic
def revoke_key(*, key: ProgramKey, by: StaffMember, at: datetime) -> ProgramKey:
    """Let nobody in by the key from now on. Raises AlreadyRevoked."""
    key = ProgramKey.objects.select_for_update(of=("self",), no_key=True).get(pk=key.pk)
    if key.is_revoked:
        raise AlreadyRevoked(_("Nøglen er allerede trukket tilbage."))
    key.revoked_at, key.revoked_by = at, by
    key.save(update_fields=["revoked_at", "revoked_by"])
    return key


def is_program_of(person: UUID, *, among: Collection[UUID]) -> bool:
    """Is one of these members a program whose key this person made?

    A program and the person who made its key are never two people.
    """
    return bool(among) and ProgramKey.objects.filter(member__in=among, made_by=person).exists()


# --- who comes with a key ---------------------------------------------------------------------------


def secret_in(request: HttpRequest) -> str | None:
    """What a request to the interface for programs brings as a bearer token (RFC 6750, 2.1); None: nothing.

    Nowhere else is a key looked at: no page lets a program in.
    """
    if not is_for_programs(request):
        return None
    scheme, _space, credentials = request.headers.get("Authorization", "").partition(" ")
    return credentials.strip() if scheme.lower() == "bearer" else None


def hash_of(secret: str) -> str:
    """What is kept of a secret. It is looked up by this, so no comparison here takes time that says anything of it."""
    return sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def actor_with(secret: str, *, now: datetime) -> ProgramActor:
    """The program whose secret it is; its use is written down to the hour. Raises KeyRefused with what to do."""
    hashed = hash_of(secret)
    with within(Scope.login(issuer=PROGRAMS, subject=hashed)):
        key = ProgramKey.objects.select_related("municipality").filter(secret_hash=hashed).first()
        try:
            key = _good(key, now)
        except KeyRefused as refusal:
            log.warning("programs.refused", code=refusal.code, key_id=str(key.pk) if key else "")
            raise
        _count_use(key, now)
    at_work = key.municipality.authority_name if key.municipality else _("Systemadministrationen")
    return ProgramActor(
        key_id=key.pk,
        staff_id=key.member_id,
        name=key.name,
        municipality_id=key.municipality_id,
        municipality_name=at_work,
        permissions=key.permissions,
        ends_at=key.expires_at,
    )


def _good(key: ProgramKey | None, now: datetime) -> ProgramKey:
    if key is None:
        raise KeyUnknown(
            _(
                "Vi kender ikke nøglen. Se efter, at den er sendt helt, som den blev vist: "
                "Authorization: Bearer kpro_…"
            )
        )
    if key.is_revoked:
        raise KeyRevoked(
            _("Nøglen til programmet er trukket tilbage. Bed en administrator i KAM om at lave en ny.")
        )
    if key.has_expired(now):
        raise KeyExpired(_("Nøglen til programmet er udløbet. Bed en administrator i KAM om at lave en ny."))
    return key


def _count_use(key: ProgramKey, now: datetime) -> None:
    if key.last_used_at is not None and now - key.last_used_at < PRECISION:
        return
    long_ago = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - PRECISION)
    ProgramKey.objects.filter(long_ago, pk=key.pk).update(last_used_at=now)
