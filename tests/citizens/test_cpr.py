"""CPR numbers: read kindly, checked by date and century only, never readable at rest."""

from datetime import date

import pytest

from citizens import cpr
from citizens.models import Citizen
from tests import factories


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("610150-1234", "6101501234"),
        (" 6101501234 ", "6101501234"),
        ("610150 1234", "6101501234"),
        ("0203291wq3", "0203291WQ3"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, number: str) -> None:
    assert cpr.normalise(typed) == number


@pytest.mark.parametrize(
    "typed", ["", "610150", "610150-123", "310250-1234", "001350-1234", "abcdef-ghij", "6101501234567"]
)
def test_what_cannot_be_a_number_is_refused_and_not_repeated(typed: str) -> None:
    with pytest.raises(cpr.InvalidCpr) as refused:
        cpr.normalise(typed)
    assert not typed or typed not in str(refused.value)


@pytest.mark.parametrize(
    ("number", "born"),
    [
        ("0101501234", date(1950, 1, 1)),
        ("6101501234", date(1950, 1, 1)),  # a replacement number
        ("0101364234", date(2036, 1, 1)),
        ("0101374234", date(1937, 1, 1)),
        ("0101575234", date(2057, 1, 1)),
        ("0101585234", date(1858, 1, 1)),
        ("0101374999", date(1937, 1, 1)),
    ],
)
def test_the_century_follows_from_the_seventh_digit(number: str, born: date) -> None:
    assert cpr.birth_date(number) == born


@pytest.mark.django_db
def test_the_column_hides_the_number_and_the_hash_finds_it() -> None:
    citizen = factories.CitizenFactory(cpr_number="610150-9876")
    stored = Citizen.objects.get(pk=citizen.pk)
    assert b"9876" not in bytes(stored.cpr_sealed)
    assert stored.cpr == "6101509876"
    assert stored.masked_cpr == "610150-••••"
    assert Citizen.objects.by_cpr("6101509876").get() == citizen
    assert "9876" not in f"{citizen} {citizen!r}"


def test_the_same_number_is_sealed_differently_each_time() -> None:
    assert cpr.encrypt("6101509876") != cpr.encrypt("6101509876")
