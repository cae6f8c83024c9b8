"""Questions that many people see alike are drawn once; what somebody wrote is kept nowhere."""

from dataclasses import replace

import pytest
from django.template import Context
from django.utils.safestring import SafeString
from django.utils.translation import override

from questionnaires.rendering import Control, ItemView
from questionnaires.templatetags import questions

RADIOS = ItemView(
    link_id="pain",
    control=Control.RADIOS,
    name="Har du smerter?",
    label="Har du smerter?",
    field_name="a:pain",
    options=(("true", "Ja"), ("false", "Nej")),
)
TEXT = ItemView(
    link_id="note", control=Control.TEXT, name="Er der andet?", label="Er der andet?", field_name="a:note"
)


def question(item: ItemView, **how: bool) -> str:
    return questions.question(Context({"search_url": "/valg/"}), item, **how)


def kept(item: ItemView) -> int:
    assert item.drawings is not None
    return len(item.drawings)


def blank(item: ItemView) -> ItemView:
    """As `blank_view` gives it: what is made of it by an answer shares how it was drawn."""
    return replace(item, drawings={})


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(RADIOS, id="not answered"),
        pytest.param(replace(RADIOS, values=("true",), can_clear=True), id="answered"),
        pytest.param(TEXT, id="an empty text"),
    ],
)
def test_what_is_drawn_again_is_what_was_drawn(item: ItemView) -> None:
    item = blank(item)
    with override("da"):
        first, again = question(item), question(item)
        assert first == again == questions._draw(item, False)
    assert kept(item) == 1


@pytest.mark.parametrize(
    "item",
    [
        pytest.param(replace(TEXT, values=("Min nabo hjælper mig",)), id="a text"),
        pytest.param(replace(RADIOS, is_open=True, own_words="Kun om natten"), id="own words"),
        pytest.param(replace(RADIOS, error="Vælg et svar."), id="with an error"),
        pytest.param(replace(RADIOS, values=("true",), elsewhere="Nej"), id="answered in two places"),
    ],
)
def test_what_somebody_said_is_not_kept(item: ItemView) -> None:
    item = blank(item)
    with override("da"):
        question(item)
        in_a_group = blank(ItemView(link_id="g", control=Control.GROUP, items=(item,)))
        question(in_a_group)
    assert kept(item) == kept(in_a_group) == 0


@pytest.mark.parametrize("text", ["12,5", '"><b>&amp;</b>', "æ ø å", " ", "-", ""])
@pytest.mark.parametrize("control", [Control.LINE, Control.NUMBER, Control.TIME, Control.DATE_TIME])
def test_what_is_written_on_a_line_is_put_into_a_kept_question(control: Control, text: str) -> None:
    line = replace(blank(TEXT), control=control, values=(text,) if text else (), shown="0123456789abcdef")
    with override("da"):
        question(replace(line, values=("noget andet",), shown="fedcba9876543210"))
        assert question(line) == questions._draw(line, False)
    assert kept(line) == (1 if text else 2)


@pytest.mark.parametrize("words", ["12", '"><b>&amp;</b>', "æ ø å"])
def test_so_is_what_was_calculated(words: str) -> None:
    score = blank(ItemView(link_id="score", control=Control.FIXED, address="score", label="Score"))
    figure = replace(score, words=words, shown="0123456789abcdef")
    with override("da"):
        question(replace(score, words="noget andet", shown="fedcba9876543210"))
        assert question(figure) == questions._draw(figure, False)
    assert kept(score) == 1


@pytest.mark.parametrize("date", ["3-10-1950", "3--", "-10-", "--1950", '<b>-"-x', ""])
def test_so_are_the_parts_of_a_date(date: str) -> None:
    view = replace(blank(TEXT), control=Control.DATE, values=(date,) if date else ())
    with override("da"):
        assert question(view) == questions._draw(view, False)
        assert question(replace(view, shown="0123456789abcdef")).count("0123456789abcdef") == 1
    assert kept(view) == 2


def test_answers_and_languages_are_told_apart() -> None:
    answered = replace(blank(RADIOS), values=("true",), can_clear=True)
    other = replace(answered, values=("false",))
    with override("da"):
        danish, no = question(answered), question(other)
    with override("en"):
        english = question(answered)
    assert ("Fjern svar" in danish, "Fjern svar" in english) == (True, False)
    assert len({danish, no, english}) == kept(answered) == 3


def test_there_is_an_end_to_what_is_kept() -> None:
    many = replace(
        blank(RADIOS), control=Control.CHECKBOXES, options=tuple((str(n), f"Nr. {n}") for n in range(8))
    )
    with override("da"):
        for number in range(questions.MOST_KEPT + 5):
            ticked = tuple(str(n) for n in range(8) if number >> n & 1)
            assert question(replace(many, values=ticked)) == questions._draw(
                replace(many, values=ticked), False
            )
    assert kept(many) == questions.MOST_KEPT


def test_what_has_no_blank_is_not_kept() -> None:
    formatted = replace(RADIOS, label=SafeString("<b>Ondt?</b>"))
    with override("da"):
        drawn = [question(replace(RADIOS, label="<b>Ondt?</b>")), question(formatted)]
    assert ["<b>Ondt?</b>" in one for one in drawn] == [False, True]


def test_a_list_that_is_searched_knows_where() -> None:
    search = replace(blank(RADIOS), control=Control.SEARCH)
    with override("da"):
        assert "/valg/" in question(search)
        assert "/valg/" in question(ItemView(link_id="g", control=Control.GROUP, items=(search,)))
    assert kept(search) == 0


def test_out_of_band_says_so() -> None:
    with override("da"):
        assert 'hx-swap-oob="morph"' in question(RADIOS, out_of_band=True)
        assert "hx-swap-oob" not in question(RADIOS)
