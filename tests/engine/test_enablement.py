from typing import Any

import pytest

from questionnaires.engine import Definition, evaluate, finish
from tests.engine.small_forms import (
    answered,
    choice,
    coded,
    compiled,
    control,
    group,
    inside,
    question,
    response,
    when,
)


def enabled(definition: Definition, *items: dict[str, Any]) -> set[str]:
    return set(evaluate(definition, response(*items)).enabled)


KG = {"system": "http://unitsofmeasure.org", "code": "kg"}
A, B = coded("a"), coded("b")
OTHER = {"valueCoding": {"system": "other", "code": "a"}}
SHOWN, GONE = True, False
ONE, TWO, THREE = {"valueInteger": 1}, {"valueInteger": 2}, {"valueInteger": 3}

TABLE: list[tuple[str, str, dict[str, Any], list[dict[str, Any]], bool]] = [
    # type, operator, expected answer, given answers, is it asked?
    ("integer", "exists", {"answerBoolean": True}, [ONE], SHOWN),
    ("integer", "exists", {"answerBoolean": True}, [], GONE),
    ("integer", "exists", {"answerBoolean": False}, [ONE], GONE),
    ("integer", "exists", {"answerBoolean": False}, [], SHOWN),
    ("boolean", "exists", {"answerBoolean": True}, [{"valueBoolean": False}], SHOWN),
    ("string", "exists", {"answerBoolean": True}, [{"valueString": " "}], GONE),
    ("choice", "exists", {"answerBoolean": True}, [{"valueCoding": {}}], GONE),
    ("quantity", "exists", {"answerBoolean": True}, [{"valueQuantity": {"unit": "kg"}}], GONE),
    ("integer", "=", {"answerInteger": 2}, [TWO], SHOWN),
    ("integer", "=", {"answerInteger": 2}, [ONE], GONE),
    ("integer", "=", {"answerInteger": 2}, [], GONE),
    ("integer", "=", {"answerInteger": 2}, [ONE, TWO], SHOWN),
    ("integer", "!=", {"answerInteger": 2}, [], SHOWN),
    ("integer", "!=", {"answerInteger": 2}, [ONE], SHOWN),
    ("integer", "!=", {"answerInteger": 2}, [ONE, TWO], GONE),
    ("integer", ">", {"answerInteger": 2}, [THREE], SHOWN),
    ("integer", ">", {"answerInteger": 2}, [TWO], GONE),
    ("integer", ">=", {"answerInteger": 2}, [TWO], SHOWN),
    ("integer", ">=", {"answerInteger": 2}, [ONE], GONE),
    ("integer", "<", {"answerInteger": 2}, [ONE], SHOWN),
    ("integer", "<", {"answerInteger": 2}, [TWO], GONE),
    ("integer", "<=", {"answerInteger": 2}, [TWO], SHOWN),
    ("integer", "<=", {"answerInteger": 2}, [THREE], GONE),
    ("integer", ">", {"answerInteger": 2}, [ONE, THREE], SHOWN),
    ("integer", "<", {"answerInteger": 2}, [], GONE),
    ("integer", "=", {"answerDecimal": 2}, [TWO], GONE),
    ("decimal", "=", {"answerDecimal": 2.0}, [{"valueDecimal": 2}], SHOWN),
    ("decimal", "<", {"answerDecimal": 2.5}, [{"valueDecimal": 2.49}], SHOWN),
    ("decimal", "<", {"answerDecimal": float("inf")}, [{"valueDecimal": 2.49}], GONE),
    ("boolean", "=", {"answerBoolean": False}, [{"valueBoolean": False}], SHOWN),
    ("boolean", "=", {"answerBoolean": True}, [{"valueBoolean": 1}], GONE),
    ("boolean", ">=", {"answerBoolean": True}, [{"valueBoolean": True}], GONE),
    ("string", "=", {"answerString": "ja"}, [{"valueString": "ja"}], SHOWN),
    ("string", "=", {"answerString": "ja"}, [{"valueString": "Ja"}], GONE),
    ("string", "<", {"answerString": "b"}, [{"valueString": "a"}], GONE),
    ("string", "=", {"answerString": ""}, [{"valueString": "a"}], GONE),
    ("url", "=", {"answerString": "http://x"}, [{"valueUri": "http://x"}], SHOWN),
    ("choice", "=", {"answerCoding": A["valueCoding"]}, [A], SHOWN),
    ("choice", "=", {"answerCoding": A["valueCoding"]}, [OTHER], GONE),
    ("choice", "!=", {"answerCoding": A["valueCoding"]}, [OTHER], SHOWN),
    ("choice", "=", {"answerCoding": {**A["valueCoding"], "display": "x"}}, [A], SHOWN),
    ("choice", "=", {"answerCoding": {"display": "x"}}, [{"valueCoding": {"display": "x"}}], SHOWN),
    ("choice", "=", {"answerCoding": {"code": "a"}}, [A], SHOWN),
    ("choice", ">", {"answerCoding": A["valueCoding"]}, [B], GONE),
    ("date", "=", {"answerDate": "2026-11-23"}, [{"valueDate": "2026-11-23"}], SHOWN),
    ("date", ">", {"answerDate": "2026-11-23"}, [{"valueDate": "2026-12-01"}], SHOWN),
    ("date", ">", {"answerDate": "2026"}, [{"valueDate": "2027"}], SHOWN),
    ("date", "<=", {"answerDate": "2026-11"}, [{"valueDate": "2026-11"}], SHOWN),
    ("date", ">", {"answerDate": "2026-11"}, [{"valueDate": "2026-12-01"}], GONE),
    ("date", ">", {"answerDate": "2026-11-31"}, [{"valueDate": "2026-12-01"}], GONE),
    ("dateTime", "=", {"answerDateTime": "2026-11-23T12:00:00+01:00"}, [{"valueDateTime": "2026-11-23T11:00:00Z"}],
     SHOWN),
    ("dateTime", "<", {"answerDateTime": "2026-11-23T12:00:00"}, [{"valueDateTime": "2026-11-23T11:00:00"}], SHOWN),
    ("dateTime", "<", {"answerDateTime": "2026-11-23T12:00:00Z"}, [{"valueDateTime": "2026-11-23T11:00:00"}], GONE),
    ("dateTime", "<", {"answerDateTime": "2026-11-23T25:00:00Z"}, [{"valueDateTime": "2026-11-23T11:00:00Z"}], GONE),
    ("dateTime", "<", {"answerDateTime": "0001-01-01T00:00:00+14:00"}, [{"valueDateTime": "2026-11-23"}], GONE),
    ("time", ">", {"answerTime": "11:15"}, [{"valueTime": "14:00:00"}], SHOWN),
    ("time", "=", {"answerTime": "11:15"}, [{"valueTime": "11:15:00.000"}], SHOWN),
    ("time", ">", {"answerTime": "late"}, [{"valueTime": "14:00:00"}], GONE),
    ("quantity", ">", {"answerQuantity": {"value": 5, **KG}}, [{"valueQuantity": {"value": 6, **KG}}], SHOWN),
    ("quantity", ">", {"answerQuantity": {"value": 5, **KG}}, [{"valueQuantity": {"value": 6, "code": "g"}}], GONE),
    ("quantity", "=", {"answerQuantity": {"value": 5, "unit": "kg"}},
     [{"valueQuantity": {"value": 5.0, "unit": "kg"}}], SHOWN),
    ("reference", "=", {"answerReference": {"reference": "a/1"}}, [{"valueReference": {"reference": "a/1"}}], SHOWN),
    ("reference", "=", {"answerReference": {"display": "x"}}, [{"valueReference": {"display": "x"}}], GONE),
    ("date", "=", {"answerDate": "snart"}, [{"valueDate": "snart"}], SHOWN),
    ("string", "exists", {"answerBoolean": True}, [{"valueString": None}], GONE),
    ("reference", ">", {"answerReference": {"reference": "a/1"}}, [{"valueReference": {"reference": "b/1"}}], GONE),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "operator", "expected", "given", "outcome"), TABLE)
def test_operators(
    type_: str, operator: str, expected: dict[str, Any], given: list[dict[str, Any]], outcome: bool
) -> None:
    source = choice("q", "a", "b", repeats=True) if type_ == "choice" else question("q", type_, repeats=True)
    definition = compiled(source, question("target", enableWhen=[when("q", operator, **expected)]))
    assert ("target" in enabled(definition, answered("q", *given))) is outcome


def test_a_question_missing_from_the_response_is_unanswered() -> None:
    definition = compiled(question("q"), question("t", enableWhen=[when("q", "exists", answerBoolean=False)]))
    assert enabled(definition) == {"q", "t"}


@pytest.mark.parametrize(
    ("behavior", "first", "second", "outcome"),
    [
        ("any", 1, 0, True),
        ("any", 0, 0, False),
        ("all", 1, 0, False),
        ("all", 1, 1, True),
        (None, 1, 0, True),
    ],
)
def test_several_conditions(behavior: str | None, first: int, second: int, outcome: bool) -> None:
    joined = {} if behavior is None else {"enableBehavior": behavior}
    conditions = [when("a", "=", answerInteger=1), when("b", "=", answerInteger=1)]
    definition = compiled(
        question("a", "integer"), question("b", "integer"), question("t", enableWhen=conditions, **joined)
    )
    answers = answered("a", {"valueInteger": first}), answered("b", {"valueInteger": second})
    assert ("t" in enabled(definition, *answers)) is outcome


YES, NO = {"valueBoolean": True}, {"valueBoolean": False}


def test_a_disabled_question_counts_as_unanswered_down_the_chain() -> None:
    definition = compiled(
        question("a", "boolean"),
        question("b", "boolean", enableWhen=[when("a", "=", answerBoolean=True)]),
        question("c", "boolean", enableWhen=[when("b", "=", answerBoolean=True)]),
    )
    assert enabled(definition, answered("a", YES), answered("b", YES)) == {"a", "b", "c"}
    assert enabled(definition, answered("a", NO), answered("b", YES)) == {"a"}


def test_children_of_a_disabled_item_are_disabled_whatever_they_say() -> None:
    definition = compiled(
        question("a", "boolean"),
        group(
            "g",
            question("b", enableWhen=[when("a", "=", answerBoolean=False)]),
            enableWhen=[when("a", "=", answerBoolean=True)],
        ),
    )
    assert enabled(definition, answered("a", NO)) == {"a"}
    assert enabled(definition, answered("a", YES)) == {"a", "g"}


def test_a_condition_may_look_ahead() -> None:
    definition = compiled(
        question("t", enableWhen=[when("q", "=", answerBoolean=True)]), group("g", question("q", "boolean"))
    )
    assert "t" in enabled(definition, inside("g", answered("q", YES)))
    assert "t" not in enabled(definition)


def test_each_instance_of_a_repeating_group_looks_at_itself() -> None:
    definition = compiled(
        group(
            "g",
            question("q", "boolean"),
            question("t", enableWhen=[when("q", "=", answerBoolean=True)]),
            repeats=True,
        )
    )
    text = {"valueString": "x"}
    finished = finish(
        definition,
        response(
            inside("g", answered("q", NO), answered("t", text)),
            inside("g", answered("q", YES), answered("t", text)),
        ),
    )
    assert [[child["linkId"] for child in instance["item"]] for instance in finished["item"]] == [
        ["q"],
        ["q", "t"],
    ]


def test_from_outside_the_nearest_instance_counts() -> None:
    before = group("g", question("q", "boolean"), repeats=True)
    target = question("t", enableWhen=[when("q", "=", answerBoolean=True)])
    instances = inside("g", answered("q", NO)), inside("g", answered("q", YES))
    assert "t" in enabled(compiled(before, target), *instances)  # the last before it
    assert "t" not in enabled(compiled(target, before), *instances)  # the first after it


def test_a_child_of_an_answer_looks_at_the_answer_it_hangs_under() -> None:
    definition = compiled(
        choice("q", "a", "b", repeats=True, item=[
            question("t", enableWhen=[when("q", "=", answerCoding=coded("b")["valueCoding"])]),
            question("s", "boolean"),
            question("u", enableWhen=[when("s", "=", answerBoolean=True)]),
        ])
    )  # fmt: skip
    assert "t" not in enabled(definition)
    assert "t" not in enabled(definition, answered("q", A))
    assert "t" in enabled(definition, answered("q", A, B))
    assert "u" in enabled(definition, answered("q", A, {**B, "item": [answered("s", YES)]}))


def test_a_child_sees_no_answer_of_a_parent_that_is_not_answered() -> None:
    definition = compiled(question("q", item=[question("t", enableWhen=[when("q", "!=", answerString="x")])]))
    assert "t" in enabled(definition)


def test_a_circle_ends_and_counts_what_is_not_decided_yet() -> None:
    definition = compiled(
        question("a", "boolean", enableWhen=[when("b", "!=", answerBoolean=True)]),
        question("b", "boolean", enableWhen=[when("a", "!=", answerBoolean=True)]),
    )
    assert enabled(definition) == {"a", "b"}
    assert enabled(definition, answered("a", YES)) == {"a"}


def test_a_chain_of_two_thousand_is_no_stack_of_two_thousand() -> None:
    chain = [
        question(str(n), "boolean", enableWhen=[when(str(n - 1), "=", answerBoolean=True)] if n else [])
        for n in range(2000)
    ]
    definition = compiled(*reversed(chain))
    assert len(enabled(definition, *(answered(str(n), YES) for n in range(2000)))) == 2000
    assert enabled(definition, *(answered(str(n), YES) for n in range(1, 2000))) == {"0"}


def test_a_condition_on_a_help_text_finds_no_answer() -> None:
    conditions = [when("h", "exists", answerBoolean=True)]
    definition = compiled(
        group("p", group("g", question("h", "display", extension=[control("help")])),
              question("near", enableWhen=conditions)),
        question("far", enableWhen=conditions),
        group("q", question("k", "display", extension=[control("help")]),
              question("beside", enableWhen=[when("k", "exists", answerBoolean=False)])),
    )  # fmt: skip
    assert enabled(definition) == {"p", "g", "q", "beside"}


def test_descent_into_a_group_that_does_not_occur() -> None:
    definition = compiled(
        question("p", item=[group("g", question("q", "boolean"))]),
        question("t", enableWhen=[when("q", "exists", answerBoolean=False)]),
    )
    assert "t" in enabled(definition)
