"""The empty form on paper: where to go on, what to tick, what to write."""

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from questionnaires.engine import Definition
from questionnaires.transfer.paper import empty_form
from questionnaires.transfer.paper_order import paper_entries
from tests.engine.small_forms import calculated, choice, coded, compiled, extension, group, question, when


def jumps(definition: Definition) -> dict[str, tuple[str, str]]:
    """Link id → what is written before and after the question."""
    return {
        entry.item.link_id: (entry.only_if, entry.go_to)
        for entry in paper_entries(definition)
        if entry.only_if or entry.go_to
    }


def yes(link_id: str, **more: bool) -> dict[str, object]:
    return when(link_id, "=", answerBoolean=more.get("is_yes", True))


def test_what_one_answer_opens_is_jumped_over_by_the_other() -> None:
    form = compiled(
        question("a", "boolean"),
        question("b", enableWhen=[yes("a")]),
        question("c", enableWhen=[yes("a")]),
        question("d"),
    )
    assert jumps(form) == {"a": ("", "Gå til spørgsmål 4, hvis du svarede »Nej«.")}


def test_the_last_questions_are_jumped_over_to_the_end() -> None:
    form = compiled(question("a", "boolean"), question("b", enableWhen=[yes("a", is_yes=False)]))
    assert jumps(form) == {"a": ("", "Gå til slutningen, hvis du svarede »Ja«.")}


def test_a_whole_group_is_jumped_over() -> None:
    form = compiled(
        question("a", "boolean"),
        group("g", question("b"), question("c"), enableWhen=[yes("a")]),
        question("d"),
    )
    assert jumps(form) == {"a": ("", "Gå til spørgsmål 4, hvis du svarede »Nej«.")}


def test_of_many_answers_the_one_that_stays_is_named() -> None:
    opens = [{**when("a", "=", answerCoding=coded("e")["valueCoding"])}]
    form = compiled(choice("a", *"abcde"), question("b", enableWhen=opens), question("c"))
    assert jumps(form) == {"a": ("", "Gå til spørgsmål 3, hvis du svarede andet end »E«.")}


def test_two_answers_of_three() -> None:
    either = [when("a", "=", answerCoding=coded(code)["valueCoding"]) for code in "ab"]
    form = compiled(
        choice("a", *"abcd"), question("b", enableWhen=either, enableBehavior="any"), question("c")
    )
    assert jumps(form) == {"a": ("", "Gå til spørgsmål 3, hvis du svarede »C« eller »D«.")}


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        ([when("n", ">=", answerInteger=5)], "dit svar til spørgsmål 2 er mindst 5"),
        ([when("n", "<", answerInteger=5)], "dit svar til spørgsmål 2 er under 5"),
        ([when("n", "exists", answerBoolean=True)], "du har svaret på spørgsmål 2"),
        ([when("n", "exists", answerBoolean=False)], "du ikke har svaret på spørgsmål 2"),
        (
            [yes("a"), when("n", ">", answerInteger=1)],
            "du svarede »Ja« til spørgsmål 1 og dit svar til spørgsmål 2 er over 1",
        ),
    ],
)  # fmt: skip
def test_what_one_jump_cannot_say_is_said_at_the_question(
    conditions: list[dict[str, object]], sentence: str
) -> None:
    form = compiled(
        question("a", "boolean"),
        question("n", "integer"),
        question("b", enableWhen=conditions, enableBehavior="all"),
    )
    assert jumps(form)["b"] == (f"Besvar kun dette, hvis {sentence}.", "")


def test_what_depends_on_an_earlier_question_far_away_is_said_at_it() -> None:
    form = compiled(question("a", "boolean"), question("b"), question("c", enableWhen=[yes("a")]))
    assert jumps(form) == {"c": ("Besvar kun dette, hvis du svarede »Ja« til spørgsmål 1.", "")}


def test_a_question_between_two_conditions_is_not_jumped_over() -> None:
    form = compiled(
        question("a", "boolean"),
        group(
            "g",
            question("b"),
            question("c", enableWhen=[when("b", "exists", answerBoolean=True)]),
            enableWhen=[yes("a")],
        ),
        question("d"),
    )  # fmt: skip
    said = jumps(form)
    assert said["c"][0] == "Besvar kun dette, hvis du har svaret på spørgsmål 2."
    assert "Gå til spørgsmål 3" in said["a"][1]


def test_the_pdf_holds_what_is_asked_and_nothing_that_is_not(caplog: pytest.LogCaptureFixture) -> None:
    form = compiled(
        group(
            "g",
            question("a", "boolean", required=True),
            question("n", "decimal", extension=[extension("minValue", valueDecimal=0.5)]),
            question("h", extension=[extension("questionnaire-hidden", valueBoolean=True)]),
            question("s", "integer", extension=[calculated("1")]),
            *[question(f"t{number}", "text") for number in range(20)],
            text="Æbler og søvn på øen",
        ),
        copyright="© Testby",
    )
    caplog.set_level("INFO")
    reader = PdfReader(BytesIO(empty_form(form, title="Prøve på ø", language="da", number=3)))
    assert caplog.records == []
    text = "\n".join(page.extract_text() for page in reader.pages)
    expected = [
        "Prøve på ø",
        "Version 3",
        "Æbler og søvn på øen",
        "1. Spørgsmål a",
        "Ja",
        "Nej",
        "Mindst 0,5:",
    ]
    for words in (*expected, "22. Spørgsmål t19", "© Testby"):
        assert words in text
    assert "Spørgsmål h" not in text
    assert "Spørgsmål s" not in text
    assert len(reader.pages) > 2
    catalogue: Any = reader.trailer["/Root"]
    assert (catalogue["/Lang"], catalogue["/MarkInfo"]["/Marked"]) == ("da", True)
