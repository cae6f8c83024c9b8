"""The table of 98 municipalities: complete, and each one once."""

from collections import Counter

import pytest

from municipalities.national import BY_CODE, MUNICIPALITIES, Region


def test_there_are_98_and_each_once():
    assert len(MUNICIPALITIES) == 98
    for attribute in ("code", "name", "full_name", "cvr"):
        assert len({getattr(each, attribute) for each in MUNICIPALITIES}) == 98, attribute


@pytest.mark.parametrize(
    ("region", "count"),
    [
        (Region.HOVEDSTADEN, 29),
        (Region.SJAELLAND, 17),
        (Region.SYDDANMARK, 22),
        (Region.MIDTJYLLAND, 19),
        (Region.NORDJYLLAND, 11),
    ],
)
def test_each_region_has_its_municipalities(region: Region, count: int):
    assert sum(each.region is region for each in MUNICIPALITIES) == count


def test_wave_four_is_half_the_country():
    waves = Counter(each.wave for each in MUNICIPALITIES)
    assert set(waves) == {1, 2, 3, 4}
    assert waves[4] == 49
    assert {BY_CODE["0101"].wave, BY_CODE["0851"].wave} == {1}


@pytest.mark.parametrize(
    ("code", "full_name"),
    [
        ("0101", "Københavns Kommune"),
        ("0400", "Bornholms Regionskommune"),
        ("0480", "Nordfyns Kommune"),
        ("0751", "Aarhus Kommune"),
    ],
)
def test_an_authority_is_called_what_it_calls_itself(code: str, full_name: str):
    assert BY_CODE[code].full_name == full_name


def test_codes_have_four_digits_and_stand_in_cvr_numbers_eight():
    for each in MUNICIPALITIES:
        assert each.code.isdigit()
        assert len(each.code) == 4
        assert each.cvr.isdigit()
        assert len(each.cvr) == 8
