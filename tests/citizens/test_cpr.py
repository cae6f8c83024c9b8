"""CPR numbers: read kindly, checked by date and century only, never readable at rest."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citizens import cpr
from citizens.models import Citizen
from tests import factories


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("610150-1234", "6101501234"),
        (" 6101501234 ", "6101501234"),
        ("610150 1234", "6101501234"),
        pytest.param("0203291wq3", "0203291WQ3", id="national replacement number (X-eCPR), born before 2000"),
        pytest.param("0203297WQ3", "0203297WQ3", id="national replacement number (X-eCPR), born after"),
        pytest.param("0203290AB1", "0203290AB1", id="a region's replacement number (D-eCPR), 0"),
        pytest.param("020329-5AB1", "0203295AB1", id="a region's replacement number (D-eCPR), 5"),
        pytest.param("0203296AB1", "0203296AB1", id="a region's replacement number (D-eCPR), 6"),
        pytest.param("910150-1234", "9101501234", id="sixty added to the 31st"),
    ],
)
def test_a_number_is_read_however_it_is_typed(typed: str, number: str) -> None:
    assert cpr.normalise(typed) == number


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "610150",
        "610150-123",
        "310250-1234",
        "001350-1234",
        "000150-1234",
        "600150-1234",
        "920150-1234",
        "abcdef-ghij",
        "6101501234567",
        "0203292AB1",
        "٠١٠١٥٠١٢٣٤",
    ],
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
        ("0203291WQ3", date(1929, 3, 2)),
        ("0203297WQ3", date(2029, 3, 2)),
        ("9101501234", date(1950, 1, 31)),
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


@given(st.dates(date(1937, 1, 1), date(2036, 12, 31)), st.integers(0, 99))
def test_modulus_11_blocks_nobody(born: date, serial: int) -> None:
    """Of ten numbers that differ in the last digit alone, one at most passes modulus 11: all are accepted."""
    seventh = "0" if born.year < 2000 else "4"
    for control in range(10):
        number = f"{born:%d%m%y}{seventh}{serial:02d}{control}"
        assert cpr.birth_date(cpr.normalise(number)) == born
