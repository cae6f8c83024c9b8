"""Patterns of imported forms: what fits them, and that none of them can hang or swell the server."""

import time

import pytest

from questionnaires.engine import validate
from questionnaires.engine.regexes import PatternRefused, PatternTime, read_pattern
from tests.engine.small_forms import calculated, compiled, question, response


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("[0-9]{4}", "2100", True),
        ("[0-9]{4}", "21000", False),
        ("[0-9]{4}", "DK 2100", False),
        ("^[0-9]{4}$", "2100", True),
        ("[æøåÆØÅ]+", "øæ", True),
        (r"\p{L}+", "Ærø", True),
        ("a|ab", "ab", True),
        ("matches('^[0-9]{4}$')", "2100", True),
        ("matches('^[0-9]{4}$')", "210", False),
        ("matches('[0-9]{4}')", "DK 2100", True),
        (" $this.matches( '^[0-9]{4}$' ) ", "2100", True),
        (r"matches('^\\d+$')", "12", True),
        (r"matches('^\d+$')", "12", True),
        (r"matches('^it\'s$')", "it's", True),
        (r"matches('a\nb')", "a\nb", True),
        # Two calls are no call of ours: what stands there is then a pattern, however odd.
        ("matches('a') and matches('b')", "ab", False),
    ],
)
def test_what_fits(pattern: str, text: str, fits: bool) -> None:
    assert read_pattern(pattern).fits(text) is fits
    assert PatternTime().fits(pattern, text) is fits


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "[a",
        "(?:a{1000}){1000}",
        "((a{100}){100}){100}",
        "a{1000000}",
        "a{99999999999999999999}",
        "(" * 5000,
        "(" * 4000 + ")" * 4000,
        "a" * 10_001,
    ],
)
def test_what_cannot_be_used_is_refused_quickly(pattern: str) -> None:
    began = time.perf_counter()
    with pytest.raises(PatternRefused, match=r"."):
        read_pattern(pattern)
    assert time.perf_counter() - began < 1
    assert PatternTime().fits(pattern, "a") is None


@pytest.mark.parametrize("pattern", [r"\{1000000}", "[a-z]{1,60000}", "(ab{3}c){50}", "a{0,100000}", "x{}"])
def test_ordinary_patterns_are_not_too_large(pattern: str) -> None:
    assert read_pattern(pattern).whole


def test_expressions_full_of_slow_patterns_are_given_up_in_time() -> None:
    slow = calculated("('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' + '!').matches('^(a|a|aa)+$')")
    definition = compiled(*(question(f"q{number}", "boolean", extension=[slow]) for number in range(100)))
    began = time.perf_counter()
    issues = validate(definition, response(), draft=False)
    assert {issue.key for issue in issues} == {"expression.failed"}
    assert time.perf_counter() - began < 5


def test_a_response_full_of_slow_patterns_is_given_up_in_time() -> None:
    patterns = PatternTime()
    began = time.perf_counter()
    outcomes = [patterns.fits("^(a|a|aa)+$", "a" * 60 + "!") for _ in range(100)]
    assert set(outcomes) == {None}
    assert time.perf_counter() - began < 5
    assert patterns.fits("a", "a") is None
