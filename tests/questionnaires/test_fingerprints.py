"""A fingerprint is of what a form says, not of how it is written down."""

import json
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.fingerprints import _of_coding, answers_fingerprint, fingerprint

_NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(10**18), 10**18)
_VALUES = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def whole(value: Any) -> Any:
    """As PostgreSQL gives it back: no number has a fraction that it does not need."""
    if isinstance(value, dict):
        return {name: whole(part) for name, part in reversed(value.items())}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return (
        int(repr(value).partition(".")[0])
        if isinstance(value, float) and repr(value).endswith(".0")
        else value
    )


@given(st.dictionaries(st.text(), _VALUES))
def test_the_way_through_the_database_changes_nothing(document: dict[str, Any]) -> None:
    assert fingerprint(whole(document)) == fingerprint(document)
    assert fingerprint(json.loads(json.dumps(document))) == fingerprint(document)


@pytest.mark.parametrize("number", [3, 10**30, -(10**16), 0, 15 * 10**299])
def test_a_whole_number_is_the_same_however_it_is_written(number: int) -> None:
    assert fingerprint({"n": [float(number)]}) == fingerprint({"n": [number]})


def test_a_number_and_its_digits_as_a_text_differ() -> None:
    assert fingerprint({"a": "2.0"}) != fingerprint({"a": 2.0}) != fingerprint({"a": 2.5})
    assert fingerprint({"a": "2.0"}) != fingerprint({"a": "2"})


_CODINGS = st.dictionaries(
    st.sampled_from(["system", "code", "display", "userSelected"]),
    st.text(max_size=3) | st.booleans() | st.integers(0, 1),
)
_ANSWERS = st.lists(
    st.dictionaries(st.just("valueCoding"), _CODINGS)
    | st.dictionaries(st.sampled_from(["valueString", "valueInteger", "item"]), _VALUES, max_size=2),
    max_size=2,
)


@given(_ANSWERS)
def test_the_common_answers_are_named_as_any_others(answers: list[dict[str, Any]]) -> None:
    assert answers_fingerprint(answers) == fingerprint({"answer": answers})[:16]


def test_what_is_long_or_no_code_is_kept_nowhere() -> None:
    _of_coding.cache_clear()
    answers_fingerprint([{"valueCoding": {"display": "Kun ord"}}])
    answers_fingerprint([{"valueCoding": {"code": "1", "display": "Ord " * 100}}])
    assert _of_coding.cache_info().currsize == 0
    answers_fingerprint([{"valueCoding": {"code": "1", "display": "Lidt"}}])
    assert _of_coding.cache_info().currsize == 1


def test_answers_of_whatever_mapping() -> None:
    assert answers_fingerprint([MappingProxyType({"valueDecimal": 2.0})]) == answers_fingerprint(
        [{"valueDecimal": 2}]
    )
    assert len(answers_fingerprint([])) == 16
