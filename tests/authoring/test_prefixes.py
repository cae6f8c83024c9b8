"""A letter or number before an answer, and before what is read: written, read, shown, told apart, and kept."""

from typing import Any

import pytest
from django.template.loader import render_to_string

from questionnaires import engine
from questionnaires.authoring import answers
from questionnaires.authoring.answer_lists import ListOption, with_list
from questionnaires.authoring.answers import Answer
from questionnaires.authoring.differences import differences
from questionnaires.authoring.tree import Source, find
from questionnaires.engine.extension_urls import OPTION_PREFIX
from questionnaires.rendering import render_page


def before(words: str) -> dict[str, Any]:
    return {"url": OPTION_PREFIX, "valueString": words}


def choice(*options: dict[str, Any], **section: Any) -> Source:
    question = {"linkId": "q", "type": "choice", "text": "Hvordan?", "answerOption": list(options)}
    page = {"linkId": "p", "type": "group", "text": "Siden", "item": [question], **section}
    return {"resourceType": "Questionnaire", "url": "urn:uuid:x", "language": "da", "item": [page]}


def option(code: str, *extension: dict[str, Any], **coding: Any) -> dict[str, Any]:
    made: dict[str, Any] = {"valueCoding": {"code": code, "display": code.title(), **coding}}
    return {**made, "extension": list(extension)} if extension else made


ON_CODING = option("ja", extension=[before("1.")])


def with_prefixes(source: Source, *prefixes: str) -> Source:
    known = answers.answers_of(find(source, "q"))
    changed = [
        Answer(one.label, one.key, one.weight, one.is_exclusive, one.is_initial, prefix)
        for one, prefix in zip(known, prefixes, strict=True)
    ]
    return answers.with_answers(source, "q", changed)


def prefixes(source: Source) -> list[str]:
    return [one.prefix for one in answers.answers_of(find(source, "q"))]


def test_the_engine_reads_what_was_written_and_nothing_when_it_is_taken_away() -> None:
    source = choice(option("ja"), option("nej"))
    made = with_prefixes(source, "a)", "b)")
    definition = engine.compile_questionnaire(made).definition
    assert definition is not None
    assert [one.prefix for one in definition.by_link_id["q"].options] == ["a)", "b)"]
    assert prefixes(made) == ["a)", "b)"]
    assert with_prefixes(made, "", "") == source


def test_one_that_was_imported_on_the_coding_is_read_stays_and_is_changed() -> None:
    source = choice(ON_CODING, option("nej"))
    assert prefixes(source) == ["1.", ""]
    assert with_prefixes(source, "1.", "") == source
    assert find(with_prefixes(source, "2.", ""), "q")["answerOption"][0] == option("ja", before("2."))
    assert find(with_prefixes(source, "", ""), "q")["answerOption"][0] == option("ja")


def test_a_kept_list_leaves_the_letters() -> None:
    source = with_prefixes(choice(option("ja"), option("nej")), "a)", "b)")
    assert prefixes(with_list(source, "q", [ListOption("Nej"), ListOption("Ja")])) == ["b)", "a)"]


def test_the_citizen_sees_letters_and_numbers() -> None:
    text = {"linkId": "t", "type": "display", "text": "Læs først.", "prefix": "A1"}
    source = with_prefixes(choice(option("ja"), option("nej"), prefix="A"), "a)", "b)")
    source["item"][0]["item"].append(text)
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    view = render_page(definition, definition.pages[0], engine.new_response(definition))
    assert view.title == "A Siden"
    html = render_to_string("questionnaires/page.html", {"page_view": view})
    assert "a) Ja" in html
    assert "<p>A1 Læs først.</p>" in html


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (
            choice(option("ja", before("a)"))),
            ["Foran svaret »Ja« i »Hvordan?« står nu »a)« (før: »1.«)."],
        ),
        (choice(option("ja")), ["Foran svaret »Ja« i »Hvordan?« står nu ingenting (før: »1.«)."]),
        (
            choice(option("ja", before("1."))),
            ["Svaret »Ja« i »Hvordan?« tæller eller opfører sig anderledes."],
        ),
        (
            choice({**option("ja", before("a)"), display="Jo"), "initialSelected": True}),
            [
                "Svaret »Ja« hedder nu »Jo« i »Hvordan?«.",
                "Foran svaret »Jo« i »Hvordan?« står nu »a)« (før: »1.«).",
                "Svaret »Jo« i »Hvordan?« tæller eller opfører sig anderledes.",
            ],
        ),
    ],
    ids=["another", "none", "elsewhere", "with other changes"],
)
def test_the_difference_says_what_stands_before_an_answer(after: Source, expected: list[str]) -> None:
    assert [one.text() for one in differences(choice(ON_CODING), after)] == expected
