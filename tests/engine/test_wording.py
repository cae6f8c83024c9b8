"""A questionnaire in another of its languages."""

from typing import Any

import pytest

from questionnaires.engine import (
    answers_of,
    compile_questionnaire,
    display_value,
    languages_of,
    new_response,
    read_form_values,
    validate,
    with_answers,
    worded,
)
from tests.engine.small_forms import choice, compiled, extension, group, question
from tests.translated_form import TRANSLATED, shadow

IN_ARABIC: dict[str, Any] = {"_text": shadow({"ar": "سؤال"})}
ARABIC = {"valueCoding": {"code": "a", "display": "A", "_display": shadow({"ar": "أ"})}}


def hint(text: str, **more: Any) -> dict[str, Any]:
    coding = {"coding": [{"code": "help"}]}
    control = extension("questionnaire-itemControl", valueCodeableConcept=coding)
    return {"linkId": "h", "type": "display", "text": text, "extension": [control], **more}


WHOLE: dict[str, tuple[list[dict[str, Any]], tuple[str, ...]]] = {
    "no translation": ([question("a")], ()),
    "nothing to read": ([question("a", text="")], ()),
    "every text": ([question("a", **IN_ARABIC)], ("ar",)),
    "its own language again": ([question("a", _text=shadow({"da": "Spørgsmål", "ar": "سؤال"}))], ("ar",)),
    "a dialect": ([question("a", _text=shadow({"ar-SY": "سؤال"}))], ("ar-SY",)),
    "one text is missing": ([question("a", **IN_ARABIC), question("b")], ()),
    "the missing one is hidden": (
        [
            question("a", **IN_ARABIC),
            question("b", extension=[extension("questionnaire-hidden", valueBoolean=True)]),
        ],
        ("ar",),
    ),
    "a group's heading is missing": ([group("g", question("a", **IN_ARABIC))], ()),
    "an option is missing": ([choice("a", "x", **IN_ARABIC)], ()),
    "an option is there": ([question("a", "choice", answerOption=[ARABIC], **IN_ARABIC)], ("ar",)),
    "options that are numbers": (
        [question("a", "integer", answerOption=[{"valueInteger": 1}], **IN_ARABIC)],
        ("ar",),
    ),
    "the help is missing": ([question("a", item=[hint("Tænk på i dag")], **IN_ARABIC)], ()),
    "the help is there": (
        [question("a", item=[hint("Tænk på i dag", _text=shadow({"ar": "اليوم"}))], **IN_ARABIC)],
        ("ar",),
    ),
    "a formatted text without a plain one": (
        [
            question("a", **IN_ARABIC),
            {
                "linkId": "d",
                "type": "display",
                "_text": {"extension": [extension("rendering-xhtml", valueString="<b>Hej</b>")]},
            },
        ],
        (),
    ),
}


@pytest.mark.parametrize(("items", "expected"), WHOLE.values(), ids=WHOLE)
def test_a_language_counts_when_nothing_is_missing_in_it(
    items: list[dict[str, Any]], expected: tuple[str, ...]
) -> None:
    assert languages_of(compiled(*items, language="da")) == expected


def test_the_same_form_in_other_words() -> None:
    definition = compile_questionnaire(TRANSLATED).definition
    assert definition is not None
    assert languages_of(definition) == ("ar", "en")
    arabic = worded(definition, "ar")
    assert (arabic.title, arabic.language) == ("عن يومك", "ar")
    assert [page.title for page in arabic.pages] == ["الألم", "أخيرًا"]
    assert [page.number for page in arabic.pages] == [page.number for page in definition.pages]
    assert list(arabic.by_link_id) == list(definition.by_link_id)
    where = arabic.by_link_id["where"]
    assert [option.label for option in where.options] == ["الظهر", "الورك"]
    assert [option.key for option in where.options] == [
        option.key for option in definition.by_link_id["where"].options
    ]
    assert arabic.pages[0].items[1] is where
    assert definition.by_link_id["where"].options[0].label == "Ryg"


def test_an_answer_given_in_arabic_is_stored_as_in_danish() -> None:
    definition = compile_questionnaire(TRANSLATED).definition
    assert definition is not None
    arabic = worded(definition, "ar")
    answers = read_form_values(
        definition.by_link_id["where"], [arabic.by_link_id["where"].options[0].key]
    ).answers
    document = with_answers(definition, new_response(definition), "where", answers)
    (answer,) = answers_of(document, "where")
    assert answer["valueCoding"]["display"] == "Ryg"
    assert display_value(arabic.by_link_id["where"], answer, "ar") == "الظهر"
    assert {issue.key for issue in validate(arabic, document, draft=False)} == {
        issue.key for issue in validate(definition, document, draft=False)
    }


def test_loose_items_and_what_was_formatted() -> None:
    formatted: dict[str, Any] = {
        "_text": {
            "extension": [
                *shadow({"ar": "سؤال"})["extension"],
                extension("rendering-xhtml", valueString="<b>Hej</b>"),
            ]
        }
    }
    plain = worded(compiled(question("a", **formatted), language="da"), "ar")
    assert plain.pages[0].title == ""
    assert (plain.by_link_id["a"].text, plain.by_link_id["a"].xhtml) == ("سؤال", "")


def test_a_feedback_is_read_as_well() -> None:
    feedback: dict[str, Any] = {
        "url": "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-feedback",
        "extension": [
            {"url": "value", "valueString": "Godt", "_valueString": shadow({"ar": "جيد"})},
            {"url": "min", "valueInteger": 0},
            {"url": "max", "valueInteger": 5},
        ],
    }
    told = compiled(question("a", "integer", extension=[feedback], **IN_ARABIC), language="da")
    assert [each.text for each in told.by_link_id["a"].feedback] == ["Godt"]
    assert languages_of(told) == ("ar",)
    assert [each.text for each in worded(told, "ar").by_link_id["a"].feedback] == ["جيد"]
    del feedback["extension"][0]["_valueString"]
    assert languages_of(compiled(question("a", "integer", extension=[feedback], **IN_ARABIC))) == ()
