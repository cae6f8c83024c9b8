"""What an import says about expressions: which can be calculated, which need an outside, which go in circles."""

from typing import Any

import pytest

from questionnaires.engine import Severity, compile_questionnaire
from questionnaires.engine.circles import circles
from questionnaires.engine.expression_names import names_in, texts_in
from tests.engine.small_forms import (
    CORE,
    SDC,
    calculated,
    choice,
    compiled,
    form,
    group,
    issue_keys,
    question,
    sdc,
    variable,
    when,
)

Resource = dict[str, Any]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("%a + %b.where(x = '%c')", {"a", "b"}),
        ("%`d e` // %f\n + %'g'", {"d e", "g"}),
        ('/* %h */ %"i"', {"i"}),
        ("%resource.item | %context | %questionnaire | %ucum | %`vs-x` | %'ext-y'", set()),
        ("'it\\'s %a' & %b", {"b"}),
        ("%", set()),
    ],
)
def test_names_are_found_where_they_are_names(text: str, names: set[str]) -> None:
    assert names_in(text) == names


def test_texts_are_found_without_their_escapes() -> None:
    assert texts_in(r"where(linkId = 'a\'b' or linkId in ('c' | 'd')) // 'e'") == {"a'b", "c", "d"}


def test_variables_stand_on_the_questionnaire_and_on_items() -> None:
    definition = compiled(
        group(
            "g",
            question("a", "integer", extension=[calculated("%double + %four")]),
            extension=[variable("four", "%double + %double")],
        ),
        question("outside-g", "integer", extension=[calculated("%four")]),
        extension=[variable("double", "%two * 2"), variable("two", "2")],
    )
    assert [one.name for one in definition.variables] == ["double", "two"]
    assert [one.name for one in definition.by_link_id["g"].variables] == ["four"]
    assert definition.by_link_id["a"].variables == ()
    assert definition.by_link_id["a"].calculated is not None
    assert definition.by_link_id["outside-g"].calculated is None


CONTEXT = {
    "url": SDC + "sdc-questionnaire-launchContext",
    "extension": [{"url": "name", "valueCoding": {"code": "patient"}}],
}


@pytest.mark.parametrize(
    ("item", "key", "attribute"),
    [
        (question("a", "integer", extension=[calculated("%patient.age")]), "expression.outside", "calculated"),
        (question("a", extension=[sdc("initialExpression", "%patient.name")]), "expression.initial-outside",
         "initial_expression"),
        (question("a", extension=[sdc("enableWhenExpression", "%patient.gender = 'x'")]), "condition.outside",
         "enable_when_expression"),
        (choice("a", "x", extension=[sdc("answerExpression", "%patient.x")]), "option.expression-outside",
         "answer_expression"),
        (question("a", "integer", extension=[calculated("%asked.count()")]), "expression.outside", "calculated"),
        (question("a", "integer", extension=[calculated("%unheardOf")]), "expression.outside", "calculated"),
        (question("a", "integer", extension=[calculated("1", "text/cql")]), "expression.language", "calculated"),
        (question("a", extension=[sdc("enableWhenExpression", "x", "text/cql")]), "condition.expression",
         "enable_when_expression"),
        (question("a", "integer", extension=[{"url": CORE + "cqf-expression"}]), "element.extension", "calculated"),
    ],
)  # fmt: skip
def test_what_needs_an_outside_is_left_out_and_told(item: Resource, key: str, attribute: str) -> None:
    query = variable("asked", "Observation?code=x", "application/x-fhir-query")
    compilation = compile_questionnaire(form(item, extension=[CONTEXT, query]))
    assert key in {issue.key for issue in compilation.issues}
    assert compilation.is_usable
    assert compilation.definition is not None
    found = compilation.definition.items[0]
    assert getattr(found, attribute) is None
    # Nobody types in what should have been calculated; anything else is asked as if there were no expression.
    assert found.is_asked is (attribute != "calculated")


def test_a_query_to_a_server_is_a_note_where_nothing_uses_it() -> None:
    query = variable("asked", "Observation?code=x", "application/x-fhir-query")
    issues = compile_questionnaire(form(question("a"), extension=[query])).issues
    assert [(issue.key, issue.severity) for issue in issues] == [("expression.query", Severity.INFORMATION)]


@pytest.mark.parametrize(
    ("variables", "keys"),
    [
        ([variable("a", "%b"), variable("b", "%a")], ["expression.cycle"]),
        ([variable("a", "%a + 1")], ["expression.outside"]),
        ([variable("a", "%nothing"), variable("b", "%a")], ["expression.outside"]),
        ([variable("a", "1"), variable("a", "2")], ["expression.variable-twice"]),
        ([variable("", "1")], ["expression.variable-no-name"]),
        ([variable("a", "1 +")], ["expression.invalid"]),
        ([{"url": CORE + "variable"}], ["element.extension"]),
    ],
)
def test_variables_that_have_no_value_are_told_once(variables: list[Resource], keys: list[str]) -> None:
    compilation = compile_questionnaire(form(question("a"), extension=variables))
    assert [issue.key for issue in compilation.issues] == keys


def test_a_variable_may_build_on_one_of_the_same_name_above() -> None:
    definition = compiled(
        question("q", "integer", extension=[variable("a", "%a + 1"), calculated("%a")]),
        extension=[variable("a", "1")],
    )
    assert definition.items[0].calculated is not None


def links(*names: str) -> str:
    return " + ".join(f"%resource.item.where(linkId = '{name}').answer.value" for name in names)


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([question("a", "integer", extension=[calculated(links("b"))]),
          question("b", "integer", extension=[calculated(links("a"))])], "a, b"),
        ([question("a", "integer", extension=[calculated(links("a"))])], "a"),
        ([question("a", "integer", enableWhen=[when("b", "exists", answerBoolean=True)]),
          question("b", "integer", extension=[calculated(links("a"))])], "a, b"),
        ([question("a", "integer", extension=[sdc("enableWhenExpression", links("b") + " > 1")]),
          question("b", "integer", extension=[sdc("enableWhenExpression", links("a") + " > 1")])], "a, b"),
        ([question("a", "integer", extension=[variable("v", links("b")), calculated("%v")]),
          question("b", "integer", extension=[calculated(links("a"))])], "a, b"),
        ([question("x", "integer"), question("a", "integer", extension=[calculated(links("x"))]),
          question("b", "integer", extension=[calculated(links("a", "x"))])], ""),
        ([question("a", extension=[sdc("enableWhenExpression", "'a' = 'a'")])], ""),
    ],
)  # fmt: skip
def test_circles_through_expressions_are_named(items: list[Resource], said: str) -> None:
    found = [one for one in compile_questionnaire(form(*items)).issues if one.key == "expression.cycle"]
    assert [said in issue.text_en for issue in found] == ([True] if said else [])


def test_two_circles_among_conditions_are_two_issues() -> None:
    def asks(link_id: str, other: str) -> Resource:
        return question(link_id, enableWhen=[when(other, "!=", answerString="x")])

    found = [
        issue
        for issue in compile_questionnaire(
            form(asks("a", "b"), asks("b", "a"), asks("c", "d"), asks("d", "c"), asks("e", "a"))
        ).issues
        if issue.key == "condition.cycle"
    ]
    assert [(issue.link_id, "a, b" in issue.text_da) for issue in found] == [("a", True), ("c", False)]


def test_circles_in_general() -> None:
    assert circles({"a": ["b"], "b": ["c"], "c": ["b"], "d": ["d"], "e": ["x"]}) == [("b", "c"), ("d",)]
    long = {str(n): [str(n + 1)] for n in range(20_000)}
    assert circles(long) == []
    assert len(circles({**long, "20000": ["0"]})[0]) == 20_001


def constraint(**parts: Any) -> Resource:
    values = {
        "key": {"valueId": "c-1"},
        "severity": {"valueCode": "error"},
        "human": {"valueString": "Skal være ens"},
        "expression": {"valueString": "%resource.item.count() = 2"},
    }
    values.update(parts)
    extensions = [{"url": name, **value} for name, value in values.items() if value is not None]
    return {"url": CORE + "questionnaire-constraint", "extension": extensions}


def test_rules_among_answers_come_along() -> None:
    definition = compiled(
        question("a", extension=[constraint()]),
        group("g", question("b")),
        extension=[
            constraint(location={"valueString": "b"}, severity={"valueCode": "warning"}),
            {**constraint(location={"valueString": "Questionnaire.item[1].item[0]"},
                          expression={"valueExpression": {"language": "text/fhirpath", "expression": "true"}}),
             "url": CORE + "targetConstraint"},
        ],
    )  # fmt: skip
    own = definition.by_link_id["a"].constraints[0]
    assert (own.key, own.human, own.link_id, own.targets) == ("c-1", "Skal være ens", "a", ("a",))
    assert own.severity is Severity.ERROR
    assert [(one.severity, one.link_id, one.targets) for one in definition.constraints] == [
        (Severity.WARNING, None, ("b",)),
        (Severity.ERROR, None, ("b",)),
    ]


@pytest.mark.parametrize(
    ("rule", "key", "is_kept"),
    [
        (constraint(expression=None), "constraint.incomplete", False),
        (constraint(expression={"valueString": "1 +"}), "expression.invalid", False),
        (constraint(expression={"valueString": "%patient"}), "constraint.outside", False),
        (constraint(human=None), "constraint.no-words", True),
        (constraint(severity=None), "constraint.severity", True),
        (constraint(location={"valueString": "nowhere"}), "constraint.location", True),
        ({"url": CORE + "questionnaire-constraint", "extension": 5}, "constraint.incomplete", False),
    ],
)
def test_rules_that_cannot_be_used_are_told(rule: Resource, key: str, is_kept: bool) -> None:
    compilation = compile_questionnaire(form(question("a", extension=[rule])))
    assert [issue.key for issue in compilation.issues] == [key]
    assert compilation.definition is not None
    assert bool(compilation.definition.items[0].constraints) is is_kept


def test_issue_keys_of_a_sound_form_with_everything_are_none() -> None:
    assert (
        issue_keys(
            choice("a", "x", "y", weights=(0, 1)),
            question("s", "decimal", readOnly=True, extension=[variable("v", "1"), calculated("%v")]),
            question("b", extension=[sdc("enableWhenExpression", links("s") + " > 0")]),
        )
        == []
    )
