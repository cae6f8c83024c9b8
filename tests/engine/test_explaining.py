"""Why a question is shown or not, in a sentence: every operator, met, not met and unanswered."""

from typing import Any

import pytest

from questionnaires.engine import Definition, evaluate
from questionnaires.engine.explaining import explain, rule_in_words
from tests.engine.small_forms import (
    answered,
    choice,
    compiled,
    group,
    inside,
    question,
    response,
    sdc,
    when,
)


def sentences(definition: Definition, *items: dict[str, Any], language: str = "da") -> list[str]:
    document = response(*items)
    return [one.text(language) for one in explain(definition, document, evaluate(definition, document))]


YES, NO = {"valueBoolean": True}, {"valueBoolean": False}
TWO, FIVE = {"valueInteger": 2}, {"valueInteger": 5}
A, B = ({"valueCoding": {"system": "s", "code": code}} for code in "ab")
MAY, JUNE = {"valueDate": "2026-05-01"}, {"valueDate": "2026-06-01"}

MID_MAY = {"answerDate": "2026-05-15"}

TABLE: list[tuple[str, str, dict[str, Any], list[dict[str, Any]], str]] = [
    # type, operator, expected answer, given answers, what follows »q«
    ("boolean", "=", {"answerBoolean": True}, [YES], "vises, fordi »q« er »Ja«."),
    ("boolean", "=", {"answerBoolean": True}, [NO], "vises ikke, fordi »q« er »Nej« og ikke »Ja«."),
    ("boolean", "=", {"answerBoolean": True}, [], "vises ikke, fordi »q« ikke er besvaret."),
    ("boolean", "!=", {"answerBoolean": True}, [NO], "vises, fordi »q« er »Nej« og ikke »Ja«."),
    ("boolean", "!=", {"answerBoolean": True}, [YES], "vises ikke, fordi »q« er »Ja«."),
    ("boolean", "!=", {"answerBoolean": True}, [], "vises, fordi »q« ikke er besvaret."),
    ("boolean", "exists", {"answerBoolean": True}, [NO], "vises, fordi »q« er besvaret."),
    ("boolean", "exists", {"answerBoolean": True}, [], "vises ikke, fordi »q« ikke er besvaret."),
    ("boolean", "exists", {"answerBoolean": False}, [], "vises, fordi »q« ikke er besvaret."),
    ("boolean", "exists", {"answerBoolean": False}, [NO], "vises ikke, fordi »q« er besvaret."),
    ("integer", ">", {"answerInteger": 3}, [FIVE], "vises, fordi »q« er »5«, og det er mere end »3«."),
    ("integer", ">", {"answerInteger": 3}, [TWO], "vises ikke, fordi »q« er »2«, og det er ikke mere end »3«."),
    ("integer", "<", {"answerInteger": 3}, [TWO], "vises, fordi »q« er »2«, og det er mindre end »3«."),
    ("integer", ">=", {"answerInteger": 5}, [FIVE], "vises, fordi »q« er »5«, og det er mindst »5«."),
    ("integer", "<=", {"answerInteger": 3}, [FIVE], "vises ikke, fordi »q« er »5«, og det er ikke højst »3«."),
    ("date", ">", MID_MAY, [JUNE], "vises, fordi »q« er »01-06-2026«, og det er efter »15-05-2026«."),
    ("date", "<=", MID_MAY, [MAY], "vises, fordi »q« er »01-05-2026«, og det er senest »15-05-2026«."),
    ("choice", "=", {"answerCoding": A["valueCoding"]}, [A], "vises, fordi »q« er »A«."),
    ("choice", "=", {"answerCoding": A["valueCoding"]}, [B], "vises ikke, fordi »q« er »B« og ikke »A«."),
    ("choice", "!=", {"answerCoding": A["valueCoding"]}, [B], "vises, fordi »q« er »B« og ikke »A«."),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "operator", "expected", "given", "sentence"), TABLE)
def test_every_operator_says_why(
    kind: str, operator: str, expected: dict[str, Any], given: list[dict[str, Any]], sentence: str
) -> None:
    asked = choice("q", "a", "b") if kind == "choice" else question("q", kind)
    definition = compiled(
        {**asked, "text": "q"}, question("t", text="t", enableWhen=[when("q", operator, **expected)])
    )
    items = [answered("q", *given)] if given else []
    assert sentences(definition, *items) == [f"»t« {sentence}"]


def pair(behavior: str) -> Definition:
    conditions = [when("a", "=", answerBoolean=True), when("b", "=", answerBoolean=True)]
    return compiled(
        question("a", "boolean", text="a"),
        question("b", "boolean", text="b"),
        question("t", text="t", enableWhen=conditions, enableBehavior=behavior),
    )


@pytest.mark.parametrize(
    ("behavior", "a", "b", "sentence"),
    [
        ("all", YES, YES, "»t« vises, fordi »a« er »Ja« og »b« er »Ja«."),
        ("all", YES, NO, "»t« vises ikke, fordi »b« er »Nej« og ikke »Ja«."),
        ("any", YES, NO, "»t« vises, fordi »a« er »Ja«."),
        ("any", NO, NO, "»t« vises ikke, fordi »a« er »Nej« og ikke »Ja« og »b« er »Nej« og ikke »Ja«."),
    ],
)
def test_only_what_tipped_the_scale_is_named(
    behavior: str, a: dict[str, Any], b: dict[str, Any], sentence: str
) -> None:
    assert sentences(pair(behavior), answered("a", a), answered("b", b)) == [sentence]


def test_a_question_that_is_not_shown_itself_is_said_to_be_so() -> None:
    definition = compiled(
        question("a", "boolean", text="a"),
        question("b", "boolean", text="b", enableWhen=[when("a", "=", answerBoolean=True)]),
        question("t", text="t", enableWhen=[when("b", "=", answerBoolean=True)]),
    )
    assert sentences(definition, answered("a", NO), answered("b", YES))[1] == (
        "»t« vises ikke, fordi »b« ikke vises."
    )


def test_what_stands_in_a_hidden_section_says_so() -> None:
    definition = compiled(
        question("a", "boolean", text="a"),
        group(
            "g",
            question("b", text="b", enableWhen=[when("a", "exists", answerBoolean=True)]),
            text="Afsnit",
            enableWhen=[when("a", "=", answerBoolean=True)],
        ),
    )
    assert sentences(definition, answered("a", NO)) == [
        "»Afsnit« vises ikke, fordi »a« er »Nej« og ikke »Ja«.",
        "»b« vises ikke, fordi »Afsnit«, som det hører til, ikke vises.",
    ]


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (FIVE, "»t« vises, fordi en beregnet regel er opfyldt."),
        (TWO, "»t« vises ikke, fordi en beregnet regel ikke er opfyldt."),
    ],
)
def test_an_expression_is_a_calculated_rule(given: dict[str, Any], sentence: str) -> None:
    rule = sdc("enableWhenExpression", "%resource.item.where(linkId='q').answer.value > 3")
    definition = compiled(question("q", "integer", text="q"), question("t", text="t", extension=[rule]))
    assert sentences(definition, answered("q", given)) == [sentence]
    words = rule_in_words(definition, definition.by_link_id["t"])
    assert words is not None
    assert words.da == "Vises efter en beregnet regel."


def test_rows_are_told_apart() -> None:
    definition = compiled(
        group(
            "row",
            question("a", "boolean", text="a"),
            question("t", text="t", enableWhen=[when("a", "=", answerBoolean=True)]),
            repeats=True,
        )
    )
    rows = [inside("row", answered("a", YES)), inside("row", answered("a", NO))]
    assert sentences(definition, *rows) == [
        "»t« (nr. 1) vises, fordi »a« er »Ja«.",
        "»t« (nr. 2) vises ikke, fordi »a« er »Nej« og ikke »Ja«.",
    ]


def test_english_screens_get_english() -> None:
    assert sentences(pair("any"), answered("a", YES), language="en") == [
        "“t” is shown, because “a” is “Yes”."
    ]


@pytest.mark.parametrize(
    ("operator", "expected", "words"),
    [
        ("=", {"answerInteger": 3}, "Vises, når »q« er »3«."),
        ("!=", {"answerInteger": 3}, "Vises, når »q« ikke er »3«."),
        (">=", {"answerInteger": 3}, "Vises, når »q« er mindst »3«."),
        ("exists", {"answerBoolean": True}, "Vises, når »q« er besvaret."),
        ("exists", {"answerBoolean": False}, "Vises, når »q« ikke er besvaret."),
    ],
)
def test_a_rule_before_anybody_has_answered(operator: str, expected: dict[str, Any], words: str) -> None:
    definition = compiled(
        question("q", "integer", text="q"), question("t", enableWhen=[when("q", operator, **expected)])
    )
    rule = rule_in_words(definition, definition.by_link_id["t"])
    assert rule is not None
    assert rule.da == words


def test_a_question_without_a_condition_has_no_rule() -> None:
    definition = compiled(question("q"))
    assert rule_in_words(definition, definition.by_link_id["q"]) is None
    assert sentences(definition) == []
