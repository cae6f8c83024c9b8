"""Keys that can be changed: what is sealed says under which key, opens in its own row only, and is found meanwhile."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from uuid import UUID, uuid4

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import LazySettings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from citizens import cpr_sealing, key_rotation
from citizens.models import Citizen
from kommunalpro.keys import key, keys
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own, wait_until_somebody_waits

NUMBER = "6101501234"
NEW_KEY, NEW_HASH_KEY, LOST_KEY = (bytes([fill]) * 32 for fill in (1, 2, 3))

numbers = st.from_regex(r"\A[0-9]{6}([0-9]{4}|[01567][A-Z]{2}[0-9])\Z")
Change = Callable[[], None]


@pytest.fixture
def keys_change(settings: LazySettings) -> Change:
    """Both keys become former ones, as an operator would set it, and new ones take their place."""

    def change() -> None:
        settings.CPR_FORMER_ENCRYPTION_KEYS = (settings.CPR_ENCRYPTION_KEY,)
        settings.CPR_FORMER_HASH_KEYS = (settings.CPR_HASH_KEY,)
        settings.CPR_ENCRYPTION_KEY, settings.CPR_HASH_KEY = NEW_KEY, NEW_HASH_KEY

    return change


def rotate(*arguments: str) -> tuple[int, str, str]:
    """The command's exit code, what it says, and what it complains of."""
    out, err = StringIO(), StringIO()
    try:
        call_command("rotate_cpr_keys", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def before_keys_had_ids(citizen: Citizen, settings: LazySettings) -> None:
    """Write the number as earlier releases did."""
    nonce = bytes(12)
    sealed = nonce + AESGCM(settings.CPR_ENCRYPTION_KEY).encrypt(nonce, citizen.cpr.encode(), b"cpr")
    bare = bytes(citizen.cpr_hash)[4:]
    Citizen.objects.filter(pk=citizen.pk).update(cpr_sealed=sealed, cpr_hash=bare)


# --- one number ---------------------------------------------------------------------------------


@given(numbers, st.uuids())
def test_what_is_sealed_opens_again_in_its_row_and_shows_nothing(number: str, owner: UUID) -> None:
    sealed = cpr_sealing.seal(number, owner=owner)
    assert cpr_sealing.unseal(sealed, owner=owner) == number
    assert number.encode() not in sealed
    assert sealed.startswith(cpr_sealing.current_seal())


@given(numbers, st.uuids(), st.uuids())
def test_what_was_moved_to_another_row_does_not_open(number: str, owner: UUID, other: UUID) -> None:
    sealed = cpr_sealing.seal(number, owner=owner)
    if owner != other:
        with pytest.raises(cpr_sealing.Unreadable, match="sealed for another row"):
            cpr_sealing.unseal(sealed, owner=other)


@given(st.integers(min_value=0), st.integers(0, 255))
def test_what_was_tampered_with_does_not_open(place: int, other: int) -> None:
    owner = uuid4()
    sealed = bytearray(cpr_sealing.seal(NUMBER, owner=owner))
    place %= len(sealed)
    if sealed[place] == other or place == 0:  # the version is no secret and no seal
        return
    sealed[place] = other
    with pytest.raises(cpr_sealing.Unreadable) as refused:
        cpr_sealing.unseal(bytes(sealed), owner=owner)
    assert NUMBER not in str(refused.value)


def test_the_same_number_is_sealed_differently_each_time() -> None:
    owner = uuid4()
    assert cpr_sealing.seal(NUMBER, owner=owner) != cpr_sealing.seal(NUMBER, owner=owner)


def test_a_number_under_a_lost_key_says_which_key_it_wants(settings: LazySettings) -> None:
    owner = uuid4()
    settings.CPR_ENCRYPTION_KEY = LOST_KEY
    sealed = cpr_sealing.seal(NUMBER, owner=owner)
    settings.CPR_ENCRYPTION_KEY = NEW_KEY
    with pytest.raises(
        cpr_sealing.Unreadable, match=f"under the key {cpr_sealing.key_id(LOST_KEY).hex()}, which is not"
    ):
        cpr_sealing.unseal(sealed, owner=owner)


# --- keys in the settings -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        pytest.param("not base64 !", "CPR_HASH_KEY is no base64.", id="no base64"),
        pytest.param("c2hvcnQ=", "CPR_HASH_KEY is base64 of 5 bytes, expected 32.", id="too short"),
        pytest.param("æøå", "CPR_HASH_KEY is no base64.", id="Danish letters"),
    ],
)
def test_a_key_that_cannot_be_one_is_refused_in_plain_words_and_not_repeated(
    text: str, complaint: str
) -> None:
    with pytest.raises(ImproperlyConfigured, match=re.escape(complaint)) as refused:
        key("CPR_HASH_KEY", text)
    assert text not in str(refused.value)


def test_former_keys_are_told_apart_by_their_place() -> None:
    good = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    assert keys("CPR_FORMER_HASH_KEYS", []) == ()
    assert keys("CPR_FORMER_HASH_KEYS", [good, ""]) == (bytes(32),)
    with pytest.raises(ImproperlyConfigured, match="Key 2 of CPR_FORMER_HASH_KEYS is no base64"):
        keys("CPR_FORMER_HASH_KEYS", [good, "?"])


# --- many numbers ---------------------------------------------------------------------------------


@pytest.mark.django_db
def test_the_command_moves_everybody_to_the_current_keys(settings: LazySettings, keys_change: Change) -> None:
    citizens = factories.CitizenFactory.create_batch(7)
    written = {citizen.pk: citizen.cpr for citizen in citizens}
    before_keys_had_ids(citizens[0], settings)
    keys_change()

    assert Citizen.objects.under_former_keys().count() == 7
    code, said, _ = rotate("--check")
    assert (code, said) == (
        1,
        "7 CPR numbers opened, 0 cannot be read.\n"
        "7 CPR numbers are still under former keys: keep those configured.\n",
    )

    code, said, complaints = rotate("--batch", "3")
    assert (code, complaints) == (0, "")
    assert said.splitlines() == [
        "3 moved …",
        "6 moved …",
        "7 moved …",
        "7 CPR numbers were moved to the current keys.",
        "No CPR number is under a former key: the former keys may go.",
    ]
    settings.CPR_FORMER_ENCRYPTION_KEYS = settings.CPR_FORMER_HASH_KEYS = ()
    assert {citizen.pk: citizen.cpr for citizen in Citizen.objects.all()} == written
    assert all(Citizen.objects.by_cpr(number).get().pk == pk for pk, number in written.items())
    assert rotate("--check")[0] == 0


@pytest.mark.django_db
def test_one_key_can_be_changed_alone(settings: LazySettings) -> None:
    factories.CitizenFactory()
    settings.CPR_FORMER_HASH_KEYS, settings.CPR_HASH_KEY = (settings.CPR_HASH_KEY,), NEW_HASH_KEY
    assert Citizen.objects.under_former_keys().count() == 1
    assert rotate()[0] == 0


@pytest.mark.django_db
def test_numbers_sealed_before_keys_had_ids_are_read_and_found(
    settings: LazySettings, keys_change: Change
) -> None:
    citizen = factories.CitizenFactory(cpr_number=NUMBER)
    before_keys_had_ids(citizen, settings)
    assert Citizen.objects.by_cpr(NUMBER).get().cpr == NUMBER
    assert rotate("--check")[0] == 1  # they name no key yet, so a rotation gives them one
    keys_change()
    assert Citizen.objects.by_cpr(NUMBER).get().cpr == NUMBER


@pytest.mark.django_db
def test_a_rotation_that_was_stopped_goes_on_where_it_stopped(keys_change: Change) -> None:
    factories.CitizenFactory.create_batch(5)
    keys_change()
    rotation = key_rotation.rotate(Citizen.objects.all(), batch=2)
    assert next(rotation).moved == 2
    del rotation  # the operator pressed Ctrl-C
    assert Citizen.objects.under_former_keys().count() == 3
    assert "3 CPR numbers were moved" in rotate()[1]


@pytest.mark.django_db
def test_meanwhile_a_citizen_is_found_under_either_key_and_nobody_is_created_twice(
    keys_change: Change,
) -> None:
    factories.CitizenFactory(cpr_number=NUMBER)
    keys_change()
    newcomer = factories.CitizenFactory(cpr_number="6101509999")
    assert Citizen.objects.by_cpr(NUMBER).get().cpr == NUMBER
    assert Citizen.objects.by_cpr("6101509999").get() == newcomer
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.CitizenFactory(cpr_number=NUMBER)


@pytest.mark.django_db(transaction=True)
def test_a_look_up_while_a_row_is_being_moved_finds_it(keys_change: Change) -> None:
    citizen = factories.CitizenFactory(cpr_number=NUMBER)
    keys_change()
    with ThreadPoolExecutor(max_workers=1) as beside:
        with transaction.atomic():
            Citizen.objects.select_for_update().get(pk=citizen.pk)  # somebody is at work on the row
            rotation = beside.submit(in_a_connection_of_its_own, rotate)
            wait_until_somebody_waits()
            assert Citizen.objects.by_cpr(NUMBER).get() == citizen
        assert rotation.result(timeout=60)[0] == 0
    assert Citizen.objects.by_cpr(NUMBER).get().cpr == NUMBER


@pytest.mark.django_db
def test_a_number_under_a_lost_key_is_left_told_of_and_stops_nobody_else(
    settings: LazySettings, keys_change: Change
) -> None:
    fine = factories.CitizenFactory()
    settings.CPR_ENCRYPTION_KEY, ours = LOST_KEY, settings.CPR_ENCRYPTION_KEY
    lost = factories.CitizenFactory(cpr_number=NUMBER)
    settings.CPR_ENCRYPTION_KEY = ours
    keys_change()

    code, said, complaints = rotate()
    assert code == 1
    assert "1 CPR numbers were moved" in said
    assert "1 CPR numbers are still under former keys" in said
    assert f"The CPR number of citizen {lost.pk} is sealed under the key" in complaints
    assert NUMBER not in said + complaints
    assert Citizen.objects.under_former_keys().get() == lost
    assert Citizen.objects.get(pk=fine.pk).cpr


@pytest.mark.django_db
def test_the_check_finds_a_number_that_nothing_finds_any_more(settings: LazySettings) -> None:
    citizen = factories.CitizenFactory()
    settings.CPR_HASH_KEY = NEW_HASH_KEY  # the former one was forgotten
    code, said, complaints = rotate("--check")
    assert code == 1
    assert "1 cannot be read" in said
    assert f"citizen {citizen.pk} is not found by any configured hash key" in complaints
