"""Keys of programs: what can be one, who makes and revokes them, and who comes with one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone

from followup.errands import colleagues_of
from identity import programs
from identity.actors import StaffActor
from identity.models import PROGRAMS, ProgramKey, StaffMember
from identity.roles import PERMISSIONS, Permission, Role
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, copenhagen, staff_actor

pytestmark = pytest.mark.django_db

At = Callable[[str], AbstractContextManager[datetime]]
DAY = timedelta(days=1)


@pytest.fixture
def municipality() -> Municipality:
    made: Municipality = factories.MunicipalityFactory()
    return made


@pytest.fixture
def maker(municipality: Municipality) -> StaffMember:
    made: StaffMember = factories.StaffMemberFactory(municipality=municipality, name="Birgitte")
    return made


@pytest.fixture
def administrator(maker: StaffMember) -> StaffActor:
    return staff_actor(maker, ADMINISTRATOR_ROLES)


def made(by: StaffActor, **more: Any) -> programs.NewKey:
    wanted = {"name": "Udgivelse fra Git", "may_edit": True, "may_publish": True, "lives": 90 * DAY, **more}
    return programs.make_key(by=by, at=timezone.now(), **wanted)


# --- making and revoking ----------------------------------------------------------------------------


def test_a_key_is_kept_by_its_hash_and_writes_in_the_name_of_the_program(
    administrator: StaffActor, maker: StaffMember, municipality: Municipality
) -> None:
    new = made(administrator, name="  Udgivelse   fra Git ")
    kept = ProgramKey.objects.get()
    assert new.secret.startswith("kpro_")
    assert len(new.secret) == 48
    assert new.secret not in str(ProgramKey.objects.values())
    assert (kept.name, kept.made_by, kept.municipality) == ("Udgivelse fra Git", maker, municipality)
    assert new.secret.startswith(kept.hint)
    assert len(new.secret) - len(kept.hint) > 38
    assert (kept.member.is_program, kept.member.name) == (True, "Udgivelse fra Git")
    assert kept.member.shown_name == "Udgivelse fra Git (program)"
    assert maker.shown_name == "Birgitte"


def test_no_two_secrets_are_alike(administrator: StaffActor) -> None:
    assert len({made(administrator, name=f"nr. {number}").secret for number in range(20)}) == 20


@pytest.mark.parametrize(
    ("roles", "wanted", "is_given"),
    [
        ({Role.CLINICAL_ADMINISTRATOR}, {"may_edit": False, "may_publish": True}, True),
        ({Role.CLINICAL_ADMINISTRATOR}, {"may_edit": False, "may_publish": False}, True),
        ({Role.CLINICAL_ADMINISTRATOR}, {"may_edit": True, "may_publish": False}, False),
        ({Role.QUESTIONNAIRE_EDITOR}, {"may_edit": True, "may_publish": False}, False),
        ({Role.MONITORING_ADJUSTER}, {"may_edit": False, "may_publish": False}, False),
        (ADMINISTRATOR_ROLES, {"may_edit": True, "may_publish": True}, True),
    ],
    ids=["publishes", "looks", "writes without the right", "no administrator", "a nurse", "both"],
)
def test_nobody_gives_more_than_they_have(
    roles: set[Role], wanted: dict[str, bool], is_given: bool, maker: StaffMember
) -> None:
    by = staff_actor(maker, frozenset(roles))
    if is_given:
        assert made(by, **wanted).key.permissions <= by.permissions
        return
    with pytest.raises(programs.RightsNotOnesOwn):
        made(by, **wanted)
    assert not ProgramKey.objects.exists()
    assert not StaffMember.objects.filter(issuer=PROGRAMS).exists()


def test_no_key_can_hold_a_right_about_citizens() -> None:
    most = ProgramKey(may_edit=True, may_publish=True).permissions
    assert most == {Permission.SEE_KAM, Permission.EDIT_QUESTIONNAIRE, Permission.PUBLISH_QUESTIONNAIRE}
    with_citizens = {role for role, given in PERMISSIONS.items() if Permission.SEE_CITIZENS in given}
    assert not any(most & PERMISSIONS[role] for role in with_citizens)


def test_a_name_is_one_keys_until_it_is_revoked(administrator: StaffActor, maker: StaffMember) -> None:
    first = made(administrator)
    with pytest.raises(programs.NameTaken):
        made(administrator)
    assert StaffMember.objects.filter(issuer=PROGRAMS).count() == 1
    programs.revoke_key(key=first.key, by=maker, at=timezone.now())
    assert made(administrator).key.member != first.key.member


def test_national_keys_have_names_of_their_own(administrator: StaffActor) -> None:
    made(administrator)
    national = staff_actor(factories.StaffMemberFactory(municipality=None), ADMINISTRATOR_ROLES)
    made(national)
    with pytest.raises(programs.NameTaken):
        made(national)


def test_a_key_is_revoked_once_and_for_good(administrator: StaffActor, maker: StaffMember) -> None:
    key = made(administrator).key
    colleague = factories.StaffMemberFactory(municipality=maker.municipality)
    revoked = programs.revoke_key(key=key, by=colleague, at=timezone.now())
    assert (revoked.is_revoked, revoked.revoked_by) == (True, colleague)
    with pytest.raises(programs.AlreadyRevoked):
        programs.revoke_key(key=key, by=maker, at=timezone.now())
    with pytest.raises(IntegrityError, match="revoked for good"), transaction.atomic():
        ProgramKey.objects.filter(pk=key.pk).update(revoked_at=None, revoked_by=None)


def test_a_program_is_no_colleague(administrator: StaffActor, maker: StaffMember) -> None:
    made(administrator)
    assert maker.municipality is not None
    assert list(colleagues_of(maker.municipality, timezone.now())) == [maker]


# --- what cannot be ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wrong", "by"),
    [
        ({"name": ""}, "program_key_has_a_name"),
        ({"secret_hash": "kpro_secret"}, "program_key_holds_a_hash"),
        ({"expires_at": copenhagen("2026-01-01 12:00")}, "program_key_ends_within_a_year"),
        ({"expires_at": copenhagen("2027-01-01 12:01")}, "program_key_ends_within_a_year"),
        ({"revoked_at": copenhagen("2026-02-01 12:00")}, "who_revoked_program_key_is_known"),
        ({"made_by": None}, "made_by"),
        ({"member": None}, "member"),
        ({"expires_at": None}, "expires_at"),
    ],
    ids=lambda value: value if isinstance(value, str) else next(iter(value)),
)
def test_wrong_keys_cannot_be(wrong: dict[str, Any], by: str) -> None:
    with pytest.raises(DatabaseError, match=by), transaction.atomic():
        factories.ProgramKeyFactory(made_at=copenhagen("2026-01-01 12:00"), **wrong)


def test_a_year_is_the_longest() -> None:
    factories.ProgramKeyFactory(
        made_at=copenhagen("2026-01-01 12:00"), expires_at=copenhagen("2027-01-01 12:00")
    )


def test_only_a_person_of_the_same_owner_answers_for_a_program() -> None:
    other = factories.ProgramKeyFactory()
    someone = factories.StaffMemberFactory()
    national = factories.StaffMemberFactory(municipality=None)
    for wrong in (
        {"made_by": other.member, "municipality": other.municipality},
        {"made_by": someone},
        {"made_by": national},
        {"member": someone, "municipality": someone.municipality},
        {"member": factories.StaffMemberFactory(issuer=PROGRAMS)},
        {"municipality": None, "member__municipality": other.municipality, "made_by": national},
    ):
        with pytest.raises(IntegrityError, match="a person of the same owner"), transaction.atomic():
            factories.ProgramKeyFactory(**wrong)


@pytest.mark.parametrize(
    "change",
    [
        {"secret_hash": "0" * 64},
        {"may_publish": True},
        {"expires_at": timezone.now() + 100 * DAY},
        {"name": "Andet"},
        {"municipality": None},
    ],
    ids=lambda change: next(iter(change)),
)
def test_a_key_never_becomes_another(change: dict[str, Any]) -> None:
    key = factories.ProgramKeyFactory(may_publish=False)
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        ProgramKey.objects.filter(pk=key.pk).update(**change)


def test_a_key_is_never_deleted() -> None:
    key = factories.ProgramKeyFactory()
    with pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        key.delete()


def test_the_wall_shows_a_municipality_its_own_and_a_secret_its_key() -> None:
    mine, _other = factories.ProgramKeyFactory(secret="kpro_mine"), factories.ProgramKeyFactory()
    national = factories.ProgramKeyFactory(municipality=None)

    def seen(scope: Scope | None) -> list[ProgramKey]:
        with within(scope):
            return list(ProgramKey.objects.all())

    assert seen(Scope.municipality(mine.municipality_id)) == [mine]
    assert seen(Scope.national()) == [national]
    assert seen(Scope.login(issuer=PROGRAMS, subject=programs.hash_of("kpro_mine"))) == [mine]
    assert seen(Scope.login(issuer=PROGRAMS, subject=programs.hash_of("kpro_yours"))) == []
    assert seen(Scope.citizen(factories.CitizenFactory(municipality=mine.municipality).pk)) == []
    assert seen(None) == []


# --- who comes with one -----------------------------------------------------------------------------


def test_the_program_acts_for_its_owner_with_its_rights_alone() -> None:
    key = factories.ProgramKeyFactory(secret="kpro_mine", may_publish=False, name="Git")
    actor = programs.actor_with("kpro_mine", now=timezone.now())
    assert (actor.kind, actor.name, actor.id) == ("program", "Git", key.member_id)
    assert (actor.municipality_id, actor.municipality_name) == (
        key.municipality_id,
        key.municipality.authority_name,
    )
    assert actor.permissions == {Permission.SEE_KAM, Permission.EDIT_QUESTIONNAIRE}
    assert (actor.may(Permission.EDIT_QUESTIONNAIRE), actor.may(Permission.PUBLISH_QUESTIONNAIRE)) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    "secret",
    [
        "",
        "kpro_",
        "kpro_yours",
        "mine",
        "KPRO_mine",
        "kpro_mine ",
        "kpro_" + "x" * 10_000,
        "kpro_\udcff",
        "kpro_\0",
    ],
    ids=["none", "empty", "another", "half", "capitals", "a space", "long", "no UTF-8", "NUL"],
)
def test_another_secret_lets_nobody_in(secret: str) -> None:
    factories.ProgramKeyFactory(secret="kpro_mine")
    with pytest.raises(programs.KeyUnknown):
        programs.actor_with(secret, now=timezone.now())


def test_a_key_ends_by_itself_and_by_hand(at: At) -> None:
    key = factories.ProgramKeyFactory(
        secret="kpro_mine", made_at=copenhagen("2026-03-01 12:00"), expires_at=copenhagen("2026-05-30 13:00")
    )
    with at("2026-05-30 12:59") as now:
        assert programs.actor_with("kpro_mine", now=now)
    with at("2026-05-30 13:00") as now, pytest.raises(programs.KeyExpired):
        programs.actor_with("kpro_mine", now=now)
    programs.revoke_key(key=key, by=key.made_by, at=copenhagen("2026-05-01 08:00"))
    with at("2026-05-01 08:01") as now, pytest.raises(programs.KeyRevoked):
        programs.actor_with("kpro_mine", now=now)


def test_use_is_written_down_once_an_hour(at: At, django_assert_num_queries: Any) -> None:
    factories.ProgramKeyFactory(secret="kpro_mine", made_at=copenhagen("2026-03-01 12:00"))

    def last_used() -> Any:
        return ProgramKey.objects.get().last_used_at

    assert last_used() is None
    with at("2026-03-02 09:10") as first:
        programs.actor_with("kpro_mine", now=first)
    assert last_used() == first
    with at("2026-03-02 10:09") as now:
        programs.actor_with("kpro_mine", now=now)
    assert last_used() == first
    with at("2026-03-02 10:10") as later:
        programs.actor_with("kpro_mine", now=later)
    assert last_used() == later


def test_who_answers_for_a_program_is_who_made_its_key(administrator: StaffActor, maker: StaffMember) -> None:
    program = made(administrator).key.member
    assert programs.is_program_of(maker.pk, among=[program.pk])
    assert not programs.is_program_of(maker.pk, among=[maker.pk])
    assert not programs.is_program_of(maker.pk, among=[])
