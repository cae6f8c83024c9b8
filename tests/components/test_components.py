"""What the page's pieces promise without being drawn: ids, masking, the number line's marks."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kommunalpro.templatetags.components import html_attributes, masked_cpr
from kommunalpro.templatetags.fields import MOST_MARKS, field_id, number_line, radios


@pytest.mark.parametrize(
    ("cpr", "shown"),
    [
        pytest.param("0101300000", "010130-••••", id="ten digits"),
        pytest.param("010130-0000", "010130-••••", id="with hyphen"),
        pytest.param("0203291WQ3", "020329-••••", id="replacement number"),
        pytest.param("010130-••••", "010130-••••", id="masked already"),
        pytest.param("", "", id="none"),
    ],
)
def test_last_four_characters_of_a_cpr_number_are_never_shown(cpr: str, shown: str) -> None:
    assert masked_cpr(cpr) == shown


@given(st.text(min_size=1))
def test_a_control_id_is_safe_in_links_and_selectors(name: str) -> None:
    assert set(field_id(name)) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


@pytest.mark.parametrize(("one", "other"), [("1.1", "1-1"), ("1.1", "11"), ("a/b", "a b"), ("æ", "ø")])
def test_names_that_differ_have_ids_that_differ(one: str, other: str) -> None:
    assert field_id(one) != field_id(other)


def test_keywords_become_attributes() -> None:
    written = html_attributes({"hx_post": "/gem/?a=1&b=2", "disabled": True, "hidden": False, "title": None})

    assert written == ' hx-post="/gem/?a=1&amp;b=2" disabled'


def test_first_option_has_the_fields_own_id_so_that_an_error_links_to_the_group() -> None:
    context = radios(
        name="well", label="Hvordan går det?", options=[(0, "Godt"), (1, "Skidt", "Ring til os")], value="0"
    )

    assert [option["id"] for option in context["options"]] == [field_id("well"), f"{field_id('well')}-2"]
    assert [option["chosen"] for option in context["options"]] == [True, False]


@pytest.mark.parametrize("untouched", [None, ""])
def test_an_untouched_number_line_is_no_answer(untouched: str | None) -> None:
    assert number_line(name="pain", label="Smerter", value=untouched)["value"] == ""


def test_zero_on_a_number_line_is_an_answer() -> None:
    assert number_line(name="pain", label="Smerter", value=0)["value"] == "0"


@pytest.mark.parametrize(
    ("arguments", "marks"),
    [
        pytest.param({}, [str(mark) for mark in range(11)], id="0 to 10"),
        pytest.param({"maximum": 100}, [str(mark) for mark in range(0, 101, 10)], id="0 to 100"),
        pytest.param({"minimum": -2, "maximum": 2}, ["-2", "-1", "0", "1", "2"], id="below zero"),
        pytest.param({"maximum": 1, "step": "0.5"}, ["0", "0.5", "1"], id="halves"),
        pytest.param({"minimum": 3, "maximum": 3}, ["3"], id="a single value"),
    ],
)
def test_marks_under_a_number_line(arguments: dict[str, Any], marks: list[str]) -> None:
    assert [str(mark) for mark in number_line(name="n", label="N", **arguments)["marks"]] == marks


@given(st.integers(-1000, 1000), st.integers(0, 1000))
def test_a_number_line_has_few_marks_and_both_ends(minimum: int, length: int) -> None:
    marks = number_line(name="n", label="N", minimum=minimum, maximum=minimum + length)["marks"]

    assert len(marks) <= MOST_MARKS
    assert (marks[0], marks[-1]) == (minimum, minimum + length)
