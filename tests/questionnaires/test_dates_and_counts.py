"""A date in three fields, and how much room a long text has left."""

from typing import Any

import pytest

from questionnaires import engine
from questionnaires.form_reading import form_fields, is_half_a_date
from questionnaires.rendering import ItemView, render_page
from questionnaires.services import apply_fields
from tests.questionnaires.test_rendering import form, posted, question, shown

DATE = form(question("date"))


def read(day: str, month: str, year: str) -> dict[str, list[str]]:
    post = posted(("asked", "q.1"), ("d:q.1", day), ("m:q.1", month), ("y:q.1", year))
    return form_fields(DATE, DATE.pages[0], post)


def view_of(draft: dict[str, Any], **more: Any) -> ItemView:
    (view,) = render_page(DATE, DATE.pages[0], draft, **more).items
    return view


@pytest.mark.parametrize(
    "parts",
    [
        ("31", "12", "2026"),
        ("31", "december", "2026"),
        ("31-12-2026", "", ""),
        ("", "", "31.12.2026"),
        (" 31", "12 ", "2026"),
    ],
)
def test_day_month_and_year_are_a_date(parts: tuple[str, str, str]) -> None:
    draft, issues = apply_fields(DATE, {}, read(*parts))
    assert issues == ()
    assert engine.answers_of(draft, "q.1") == ({"valueDate": "2026-12-31"},)
    assert view_of(draft).date_parts == ("31", "12", "2026")


@pytest.mark.parametrize(
    ("parts", "sentence"),
    [
        (("31", "", "2026"), "Skriv også måneden."),
        (("31", "", ""), "Skriv også måneden og året."),
        (("", "12", "2026"), "Skriv også dagen."),
        (("32", "12", "2026"), "Dagen »32« findes ikke. Skriv et tal fra 1 til 31."),
        (("0", "12", "2026"), "Dagen »0« findes ikke. Skriv et tal fra 1 til 31."),
        (("31", "13", "2026"), "Måneden »13« findes ikke. Skriv et tal fra 1 til 12."),
        (("31", "12", "26"), "Skriv årstallet med fire cifre, fx 31-12-2026."),
        (
            ("31", "2", "2026"),
            "Datoen 31-2-2026 findes ikke i kalenderen. Skriv dag, måned og år, fx 31-12-2026.",
        ),
    ],
)
def test_the_error_names_the_part_and_what_was_typed_stays(
    parts: tuple[str, str, str], sentence: str
) -> None:
    fields = read(*parts)
    draft, issues = apply_fields(DATE, {}, fields)
    view = view_of(draft, problems=issues, raw=fields)
    assert view.error == sentence
    assert view.date_parts == parts


def test_nothing_written_is_no_answer() -> None:
    assert read("", " ", "") == {"q.1": []}


def test_half_a_date_stays_without_an_error_while_it_is_written() -> None:
    fields = read("31", "", "")
    assert is_half_a_date(fields["q.1"])
    assert not is_half_a_date(["31-12-2026"])
    view = view_of({}, raw=fields)
    assert (view.date_parts, view.error) == (("31", "", ""), "")


def test_a_date_without_a_day_is_shown_as_it_is() -> None:
    draft = engine.with_answers(DATE, {}, "q.1", [{"valueDate": "2026-05"}])
    html = shown(DATE, draft)
    assert 'name="a:q.1"' in html
    assert 'name="d:q.1"' not in html


def test_a_whole_date_in_one_field_is_read_as_ever() -> None:
    assert form_fields(DATE, DATE.pages[0], posted(("a:q.1", "31-12-2026"))) == {"q.1": ["31-12-2026"]}
    draft, issues = apply_fields(DATE, {}, {"q.1": ["2026-12-31"]})
    assert (issues, engine.answers_of(draft, "q.1")) == ((), ({"valueDate": "2026-12-31"},))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Tegn tilbage: 10"),
        ("Godt", "Tegn tilbage: 6"),
        ("Meget meget godt", "Tegn for meget: 6"),
        ("a\r\nb", "Tegn tilbage: 7"),
    ],
)
def test_how_much_room_is_left(text: str, says: str) -> None:
    definition = form(question("text", maxLength=10))
    draft, _issues = apply_fields(definition, {}, {"q.1": [text]} if text else {})
    assert says in " ".join(shown(definition, draft).split())
    assert "Tegn" not in shown(form(question("text")))
