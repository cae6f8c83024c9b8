"""Whatever looks like a CPR number is masked, in every shape it comes in; what only resembles one stays."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from citizens.cpr_pattern import MASK, without_cpr

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize(
    "number",
    [
        pytest.param("0101300000", id="ten digits"),
        pytest.param("010130-0000", id="with hyphen"),
        pytest.param("010130 0000", id="with space"),
        pytest.param("010130\u20110000", id="with a hyphen that does not break"),
        pytest.param("010130\u20130000", id="with a dash"),
        pytest.param("6101500000", id="replacement number, six added to the day"),
        pytest.param("0203291WQ3", id="replacement number with letters"),
        pytest.param("020329-1wq3", id="replacement number in small letters"),
    ],
)
@pytest.mark.parametrize(
    "words",
    [
        "{}",
        "CPR {}.",
        "“{}”",
        '{{"cpr": "{}"}}',
        "cpr={}&x",
        "Patient?identifier=urn%3Aoid%3A1.2%7C{}",
        "a_{}_b",
        "CPR{}",
    ],
)
def test_a_number_is_masked_whole(words: str, number: str) -> None:
    assert without_cpr(words.format(number)) == words.format(MASK)


@pytest.mark.parametrize(
    "text",
    [
        "23-11-2026 kl. 10.12",
        "2026-11-23T16:50:23.788384Z",
        "2026-11-23T16:50:23.788384+00:00",
        "telefon 99 31 31 31",
        "CVR 29189420",
        "123456789012 bytes",
    ],
)
def test_dates_times_and_other_numbers_stay(text: str) -> None:
    assert without_cpr(text) == text


@given(st.uuids())
def test_ids_stay_whole(number: UUID) -> None:
    assert without_cpr(f"urn:uuid:{number}") == f"urn:uuid:{number}"


def test_errors_of_the_platform_need_no_django() -> None:
    code = "import sys, fut.errors; sys.exit(any(name in sys.modules for name in ('django', 'celery', 'environ')))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
