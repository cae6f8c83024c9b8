from typing import Any

import pytest

from questionnaires.engine import Definition, Severity, compile_questionnaire, finish, validate
from tests.engine.small_forms import (
    answered,
    calculated,
    choice,
    coded,
    compiled,
    extension,
    form,
    group,
    inside,
    question,
    response,
    when,
)


def keys(definition: Definition, *items: Any, draft: bool = False) -> list[str]:
    return [issue.key for issue in validate(definition, response(*items), draft=draft)]


X, YES, NO = {"valueString": "x"}, {"valueBoolean": True}, {"valueBoolean": False}


def with_bounds(low: Any, high: Any, name: str) -> dict[str, Any]:
    return {"extension": [extension("minValue", **{name: low}), extension("maxValue", **{name: high})]}


UNIT = extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kg"})
RULES: list[tuple[dict[str, Any], list[dict[str, Any]], list[str]]] = [
    # question, answers, the rules they break
    (question("q"), [X], []),
    (question("q"), [{"valueInteger": 1}], ["answer.type"]),
    (question("q"), [{"valueString": 1}], ["answer.type"]),
    (question("q"), [X, X], ["answer.too-many"]),
    (question("q", repeats=True), [X, X], []),
    (question("q", maxLength=3), [{"valueString": "abcd"}], ["answer.too-long"]),
    (question("q", extension=[extension("minLength", valueInteger=3)]), [X], ["answer.too-short"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+"), extension("entryFormat", valueString="123")]),
     [X], ["answer.pattern"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+")]), [X], ["answer.pattern"]),
    (question("q", extension=[extension("regex", valueString="[0-9]+")]), [{"valueString": "12"}], []),
    (question("q", extension=[extension("regex", valueString="^(a|a|aa)+$")]), [{"valueString": "a" * 60 + "!"}],
     ["answer.pattern-slow"]),
    (question("q", "text"), [X], []),
    (question("q", "url"), [{"valueUri": "http://x"}], []),
    (question("q", "boolean"), [NO], []),
    (question("q", "boolean"), [{"valueBoolean": "true"}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": 3}], []),
    (question("q", "integer"), [{"valueInteger": 3.5}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": True}], ["answer.type"]),
    (question("q", "integer"), [{"valueInteger": 2**31 + 1}], ["answer.type"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": 11}], ["answer.number-bounds"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": -1}], ["answer.number-bounds"]),
    (question("q", "integer", **with_bounds(0, 10, "valueInteger")), [{"valueInteger": 10}], []),
    (question("q", "decimal"), [{"valueDecimal": "3"}], ["answer.type"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]), [{"valueDecimal": 1.25}],
     ["answer.decimals"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=0)]), [{"valueDecimal": 1.5}],
     ["answer.no-decimals"]),
    (question("q", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]), [{"valueDecimal": 100}], []),
    (question("q", "quantity", extension=[UNIT]), [{"valueQuantity": {"value": 1, "code": "kg"}}], []),
    (question("q", "quantity", extension=[UNIT]), [{"valueQuantity": {"value": 1, "code": "g"}}], ["answer.unit"]),
    (question("q", "quantity"), [{"valueQuantity": {"value": "1"}}], ["answer.type"]),
    (question("q", "quantity"), [{"valueQuantity": 1}], ["answer.type"]),
    (question("q", "date"), [{"valueDate": "2026-02-30"}], ["answer.type"]),
    (question("q", "date", **with_bounds("2026-01-01", "2026-12-31", "valueDate")), [{"valueDate": "2027-01-01"}],
     ["answer.date-bounds"]),
    (question("q", "date", **with_bounds("2026-01-01", "2026-12-31", "valueDate")), [{"valueDate": "2026-05-01"}], []),
    (question("q", "dateTime"), [{"valueDateTime": "2026-05-01T10:00:00Z"}], []),
    (question("q", "time", **with_bounds("08:00:00", "18:00:00", "valueTime")), [{"valueTime": "07:00:00"}],
     ["answer.time-bounds"]),
    (question("q", "attachment"), [{"valueAttachment": {"url": "x"}}], []),
    (question("q", "reference"), [{"valueReference": "x"}], ["answer.type"]),
    (choice("q", "a", "b"), [coded("a")], []),
    (choice("q", "a", "b"), [coded("c")], ["answer.not-option"]),
    (choice("q", "a", "b"), [{"valueString": "a"}], ["answer.type"]),
    (choice("q", "a", "b"), [{"valueCoding": "a"}], ["answer.type"]),
    (choice("q", "a", "b"), [YES], ["answer.type"]),
    (question("q", "choice", answerValueSet="http://x"), [coded("c")], ["answer.option-unknown"]),
    (question("q", "choice", answerValueSet="http://x"), [YES], ["answer.type"]),
    (question("q", "choice"), [X], ["answer.option-unknown"]),
    (question("q", "open-choice", answerValueSet="http://x"), [X], []),
    (question("q", "open-choice", answerValueSet="http://x"), [coded("c")], ["answer.option-unknown"]),
    ({**choice("q", "a"), "type": "open-choice", "maxLength": 3}, [X], []),
    ({**choice("q", "a"), "type": "open-choice", "maxLength": 3}, [{"valueString": "abcd"}], ["answer.too-long"]),
    ({**choice("q", "a"), "type": "open-choice"}, [{"valueString": 5}], ["answer.type"]),
    ({**choice("q", "a"), "type": "open-choice"}, [coded("z")], ["answer.not-option"]),
    (question("q", "choice", repeats=True, answerOption=[
        {"valueString": "x"}, {"valueString": "ingen", "extension": [
            extension("questionnaire-optionExclusive", valueBoolean=True)]}]),
     [X, {"valueString": "ingen"}], ["answer.exclusive"]),
]  # fmt: skip


@pytest.mark.parametrize(("item", "answers", "broken"), RULES)
def test_answers(item: dict[str, Any], answers: list[dict[str, Any]], broken: list[str]) -> None:
    definition = compiled(item)
    assert keys(definition, answered("q", *answers)) == broken
    assert keys(definition, answered("q", *answers), draft=True) == broken
    for issue in validate(definition, response(answered("q", *answers)), draft=True):
        assert issue.link_id == "q"
        assert issue.expression.startswith("QuestionnaireResponse.item[0].answer[")
        assert "{" not in issue.text_da + issue.text_en


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        (question("q"), "Skriv et svar."),
        (question("q", "text"), "Skriv et svar."),
        (question("q", "boolean"), "Vælg et svar."),
        (choice("q", "a"), "Vælg et svar."),
        (choice("q", "a", repeats=True), "Vælg mindst ét svar."),
        (question("q", "integer", **with_bounds(0, 10, "valueInteger")), "Skriv et tal mellem 0 og 10."),
        (question("q", "decimal"), "Skriv et tal."),
        (question("q", "date"), "Skriv en dato, fx 31-12-2026."),
        (question("q", "time"), "Skriv et klokkeslæt, fx 14:30."),
        (question("q", "dateTime"), "Skriv en dato og et klokkeslæt, fx 31-12-2026 14:30."),
        (question("q", "url"), "Besvar spørgsmålet."),
        (question("q", "attachment"), "Vælg en fil."),
        (group("q", question("a"), group("g", question("b"))), "Besvar mindst ét af spørgsmålene her."),
    ],
)
def test_what_is_required_is_required_on_submission_only(item: dict[str, Any], sentence: str) -> None:
    definition = compiled({**item, "required": True})
    assert keys(definition, draft=True) == []
    issues = validate(definition, response(), draft=False)
    assert [issue.text_da for issue in issues] == [sentence]
    assert issues[0].is_error


@pytest.mark.parametrize(
    ("bounds", "sentence"),
    [
        (
            {"extension": [extension("minValue", valueDate="2026-01-01")]},
            "Skriv en dato, tidligst 01-01-2026.",
        ),
        ({"extension": [extension("maxValue", valueDate="2019-01-01")]}, "Skriv en dato, senest 01-01-2019."),
        (
            with_bounds("2026-01-01", "2026-12-31", "valueDate"),
            "Skriv en dato mellem 01-01-2026 og 31-12-2026.",
        ),
    ],
)
def test_date_bounds_in_words(bounds: dict[str, Any], sentence: str) -> None:
    definition = compiled(question("q", "date", **bounds))
    issues = validate(definition, response(answered("q", {"valueDate": "2020-01-01"})), draft=True)
    assert [issue.text_da for issue in issues] == [sentence]


def test_a_required_group_is_answered_by_anything_inside_and_empty_headings_are_fine() -> None:
    definition = compiled(group("g", group("h", question("a"), question("b")), required=True))
    assert keys(definition, inside("g", inside("h", answered("b", X)))) == []
    heading = compiled(group("g", question("t", "display"), required=True))
    assert keys(heading) == []
    closed = compiled(
        question("q", "boolean"),
        group("g", question("a", enableWhen=[when("q", "=", answerBoolean=True)]), required=True),
    )
    assert keys(closed) == []


def test_what_is_hidden_or_disabled_is_not_required() -> None:
    hidden = [extension("questionnaire-hidden", valueBoolean=True)]
    definition = compiled(
        question("a", "boolean"),
        question("b", required=True, enableWhen=[when("a", "=", answerBoolean=True)]),
        group("g", question("c", required=True), extension=hidden),
    )
    assert keys(definition, answered("a", NO)) == []
    assert keys(definition, answered("a", YES)) == ["answer.required-text"]


def test_answers_to_what_is_not_asked_are_left_in_peace_until_submission() -> None:
    definition = compiled(
        group("g", question("a", "boolean"), question("b", enableWhen=[when("a", "=", answerBoolean=True)]))
    )
    stale = response(inside("g", answered("a", NO), answered("b", X)))
    assert validate(definition, stale, draft=True) == ()
    assert validate(definition, stale, draft=False, page=definition.pages[0]) == ()
    assert [issue.key for issue in validate(definition, stale, draft=False)] == ["response.disabled"]
    assert validate(definition, finish(definition, stale), draft=False) == ()


def test_a_page_is_judged_alone() -> None:
    definition = compiled(group("g", question("a", required=True)), group("h", question("b", required=True)))
    issues = validate(definition, response(), draft=False, page=definition.pages[1])
    assert [issue.link_id for issue in issues] == ["b"]


STRUCTURE: list[tuple[str, list[Any], str]] = [
    ("unknown", [answered("z", X)], "response.unknown-link"),
    ("no link id", [{"answer": [X]}], "response.no-link"),
    ("odd link id", [{"linkId": 5, "answer": [X]}], "response.unknown-link"),
    ("out of order", [inside("g", answered("b", X)), answered("a", X)], "response.order"),
    ("two values", [answered("a", {"valueString": "x", "valueInteger": 1})], "response.several-values"),
    ("no value", [answered("a", {})], "response.empty-answer"),
    ("an empty value", [answered("a", {"valueString": " "})], "response.empty-answer"),
    ("another question", [{"linkId": "a", "text": "Har du det godt?", "answer": [X]}], "response.other-text"),
    ("split answers", [answered("s", X), answered("s", X)], "response.split"),
    ("misplaced", [answered("b", X)], "response.misplaced"),
    ("children beside the answer", [{"linkId": "q", "answer": [X], "item": [answered("r", X)]}],
     "response.misplaced"),
    ("twice", [answered("a", X), answered("a", X)], "response.repeated"),
    ("group twice", [inside("g"), inside("g")], "response.repeated"),
    ("answer on a group", [answered("g", X)], "response.answer-not-allowed"),
    ("answer on a text", [answered("t", X)], "response.answer-not-allowed"),
    ("no object", [5], "response.shape"),
    ("no list", [{"linkId": "a", "answer": X}], "response.shape"),
]  # fmt: skip


@pytest.mark.parametrize(("items", "key"), [row[1:] for row in STRUCTURE], ids=[row[0] for row in STRUCTURE])
def test_structure(items: list[Any], key: str) -> None:
    definition = compiled(
        question("a"),
        group("g", question("b")),
        question("t", "display"),
        question("q", item=[question("r")]),
        group("many", question("c"), repeats=True),
        question("s", repeats=True),
    )
    assert key in keys(definition, *items, draft=True)
    assert keys(definition, inside("many"), inside("many"), draft=True) == []


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (None, "response.not-object"),
        ([], "response.not-object"),
        ({}, "response.resource-type"),
        ({"resourceType": "Patient"}, "response.resource-type"),
        ({"resourceType": "QuestionnaireResponse", "item": 5}, "response.shape"),
        (
            {"resourceType": "QuestionnaireResponse", "questionnaire": "http://other"},
            "response.other-questionnaire",
        ),
        (
            {
                "resourceType": "QuestionnaireResponse",
                "questionnaire": "https://example.org/Questionnaire/test|2",
            },
            "response.other-questionnaire",
        ),
        ({"resourceType": "QuestionnaireResponse", "x": "y" * 6_000_000}, "response.too-large"),
    ],
)
def test_what_is_no_response_to_this_form(found: Any, key: str) -> None:
    assert [issue.key for issue in validate(compiled(question("a")), found, draft=True)] == [key]


def test_calculations_that_fail_are_told_and_stop_nothing() -> None:
    definition = compiled(
        question("a", "integer", extension=[calculated("'x'")]),
        question("b", "integer", extension=[calculated("nix('x')")]),
    )
    issues = validate(definition, response(), draft=False)
    assert [issue.key for issue in issues] == ["expression.type", "expression.failed"]
    assert {issue.severity for issue in issues} == {Severity.WARNING}


def issues_of(definition: Definition, found: Any, *, draft: bool = False) -> dict[str, bool]:
    """The rules broken, and whether each stops anything."""
    return {issue.key: issue.is_error for issue in validate(definition, found, draft=draft)}


HEADS: list[tuple[dict[str, Any], dict[str, bool]]] = [
    ({}, {}),
    ({"status": "completed", "authored": "2026-11-23T10:00:00+01:00"}, {}),
    ({"status": "done"}, {"response.status": True}),
    ({"status": ["completed"]}, {"response.status": True}),
    ({"status": None}, {"response.no-status": False}),
    ({"authored": "i går"}, {"response.authored": True}),
    ({"authored": 2026}, {"response.authored": True}),
    ({"questionnaire": "https://example.org/Questionnaire/test|1"}, {}),
    ({"questionnaire": "Questionnaire/17"}, {}),
    ({"questionnaire": "https://example.org/Patient/17"}, {"response.not-questionnaire": True}),
    ({"questionnaire": "https://example.org/other"}, {"response.other-questionnaire": True}),
]


@pytest.mark.parametrize(("head", "broken"), HEADS)
def test_the_head_of_a_response(head: dict[str, Any], broken: dict[str, bool]) -> None:
    assert issues_of(compiled(question("a")), {**response(), **head}) == broken


PERIOD = {"start": "2026-03", "end": "2026-06-30"}


@pytest.mark.parametrize(
    ("period", "authored", "words"),
    [
        (PERIOD, "2026-03-01", None),
        (PERIOD, "2026", None),
        (PERIOD, "2026-06-30T23:59:00+02:00", None),
        (PERIOD, "2026-02-28T23:59:00Z", None),  # already March in Denmark
        (
            PERIOD,
            "2026-02-28T22:59:00Z",
            "fra 28-02-2026 23:59, hvor spørgeskemaet ikke var i brug (fra 03-2026 til",
        ),
        (PERIOD, "2026-07-01", "(fra 03-2026 til 30-06-2026)"),
        ({"start": "2022"}, "2021-12-12", "(fra 2022 til altid)"),
        ({"end": "2022"}, "2023-01-01T00:00:00", "(fra altid til 2022)"),
        ({"start": "9999-12-31"}, "0001-01-01", "fra 01-01-0001"),
        ({"start": 5, "end": None}, "2026-07-01", None),
        ("2026", "2026-07-01", None),
    ],
)
def test_answers_from_outside_the_time_a_form_was_in_use(
    period: Any, authored: str, words: str | None
) -> None:
    definition = compiled(question("a"), effectivePeriod=period)
    issues = validate(definition, {**response(), "authored": authored}, draft=False)
    assert [(issue.key, issue.is_error) for issue in issues] == (
        [("response.outside-period", False)] if words else []
    )
    assert all(words is not None and words in issue.text_da for issue in issues)


def test_a_retired_form_is_pointed_out_and_stops_nothing() -> None:
    definition = compiled(question("a"), status="retired")
    assert issues_of(definition, response()) == {"response.questionnaire-retired": False}


def test_a_child_is_only_missing_where_its_question_is_answered() -> None:
    definition = compiled(question("a", item=[question("b", required=True)]))
    assert keys(definition) == []
    assert keys(definition, answered("a", X)) == ["answer.required-text"]
    assert keys(definition, answered("a", {**X, "item": [answered("b", X)]})) == []


def test_a_repeating_group_that_nobody_began_lacks_nothing() -> None:
    definition = compiled(group("g", question("name", required=True), question("dose"), repeats=True))
    assert keys(definition) == []
    assert keys(definition, inside("g"), inside("g", answered("dose", X))) == ["answer.required-text"]
    needed = compiled(group("g", question("name", required=True), repeats=True, required=True))
    assert keys(needed) == ["answer.required-group"]
    assert keys(needed, inside("g"), inside("g", answered("name", X))) == []


def test_what_stands_in_a_group_that_comes_once_is_asked_for_even_if_the_group_is_left_out() -> None:
    assert keys(compiled(group("g", question("name", required=True)))) == ["answer.required-text"]


def test_a_calculated_value_that_the_answers_do_not_make_is_pointed_out() -> None:
    definition = compiled(
        question("a", "integer"),
        question(
            "sum", "decimal", extension=[calculated("%resource.item.where(linkId='a').answer.value / 3")]
        ),
        question("none", "integer", extension=[calculated("{}")]),
    )
    two = answered("a", {"valueInteger": 2})
    for given in (0.7, 0.67, 0.667, 0.6667):
        assert keys(definition, two, answered("sum", {"valueDecimal": given})) == []
    [issue] = validate(definition, response(two, answered("sum", {"valueDecimal": 2.5})), draft=False)
    assert (issue.key, issue.is_error) == ("response.calculated-other", False)
    assert "siger 2,5, men svarene giver 0,666" in issue.text_da
    assert keys(definition, two, answered("none", {"valueInteger": 1})) == ["response.calculated-other"]
    assert keys(definition, two, answered("sum", {"valueDecimal": 2.5}), draft=True) == []


DISPLAYS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    # question, coding, the rules it breaks
    (choice("q", "a"), {"code": "a", "display": "A"}, []),
    (choice("q", "a"), {"code": "a", "display": " a "}, []),
    (choice("q", "a"), {"code": "a"}, []),
    (choice("q", "a"), {"code": "a", "display": "Noget andet"}, ["answer.reworded-display"]),
    (choice("q", "a", "b"), {"code": "a", "display": "B"}, ["answer.other-display"]),
    (question("q", "choice", answerOption=[{"valueCoding": {"system": "s", "code": "a"}}]),
     {"code": "a", "display": "Andet"}, []),
]  # fmt: skip


@pytest.mark.parametrize(("item", "coding", "broken"), DISPLAYS)
def test_an_answer_that_displays_something_else(item: Any, coding: dict[str, Any], broken: list[str]) -> None:
    assert keys(compiled(item), answered("q", {"valueCoding": {"system": "s", **coding}})) == broken


def test_an_option_written_as_text_is_pointed_out() -> None:
    definition = compiled({**choice("q", "a"), "type": "open-choice"})
    [issue] = validate(definition, response(answered("q", {"valueString": "a"})), draft=False)
    assert (issue.key, issue.is_error) == ("answer.option-as-text", False)
    assert "»A« er en af svarmulighederne" in issue.text_da


DATES: list[tuple[str, str, str | None, str | None, bool]] = [
    # type, answer, least, greatest, accepted
    ("date", "2026-05-01", "2026-05-01", "2026-05-01", True),
    ("date", "2026-04-30", "2026-05-01", None, False),
    ("date", "2026", "2026-05-01", None, True),
    ("date", "2025", "2026-05-01", None, False),
    ("date", "2026-05", None, "2026-05-01", True),
    ("date", "2026-06", None, "2026-05-01", False),
    ("dateTime", "2022-06-30", None, "2022-06", True),
    ("dateTime", "2022-07", None, "2022-06", False),
    ("dateTime", "1998", "2020", None, False),
    ("dateTime", "2026-12-31T23:59:59+01:00", None, "2026", True),
    ("dateTime", "2027-01-01T00:00:00+01:00", None, "2026", False),
    ("dateTime", "2026-12-31T23:30:00Z", None, "2026", False),  # half past midnight in Denmark
    ("dateTime", "2026-05-01T10:00:00", "2026-05-01T08:00:00Z", None, True),
    ("dateTime", "2026-05-01T09:59:00", "2026-05-01T08:00:00Z", None, False),
]


@pytest.mark.parametrize(("type_", "given", "low", "high", "accepted"), DATES)
def test_dates_that_say_less_than_their_bounds(
    type_: str, given: str, low: str | None, high: str | None, accepted: bool
) -> None:
    name = "valueDate" if type_ == "date" else "valueDateTime"
    bounds = [extension("minValue", **{name: low})] if low else []
    bounds += [extension("maxValue", **{name: high})] if high else []
    definition = compiled(question("q", type_, extension=bounds))
    assert keys(definition, answered("q", {name: given})) == ([] if accepted else ["answer.date-bounds"])


def test_a_text_of_one_line_has_one_line() -> None:
    many = {"valueString": "en\nto"}
    assert issues_of(compiled(question("q")), response(answered("q", many))) == {"answer.line-break": False}
    assert keys(compiled(question("q", "text")), answered("q", many)) == []
    assert keys(compiled(question("q", "url")), answered("q", {"valueUri": "http://a b"})) == ["answer.type"]


def test_length_and_pattern_of_numbers() -> None:
    year = compiled(
        question("q", "integer", maxLength=4, extension=[extension("regex", valueString="[12].*")])
    )
    assert keys(year, answered("q", {"valueInteger": 1984})) == []
    assert keys(year, answered("q", {"valueInteger": 19840})) == ["answer.too-long"]
    assert keys(year, answered("q", {"valueInteger": 984})) == ["answer.pattern"]


REFERENCES: list[tuple[dict[str, Any], list[str]]] = [
    ({"reference": "Patient/example"}, []),
    ({"reference": "Patient/example/_history/1"}, []),
    ({"reference": "https://example.org/fhir/Patient/17"}, []),
    ({"reference": "https://example.org/anything"}, []),
    ({"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}, []),
    ({"reference": "#p"}, []),
    ({"display": "Min læge"}, []),
    ({"identifier": {"value": "17"}}, []),
    ({"reference": "#nobody"}, ["answer.reference-shape"]),
    ({"reference": "ht sdtps://example.org/Patient/1"}, ["answer.reference-shape"]),
    ({"reference": "patient"}, ["answer.reference-shape"]),
    ({"reference": 17}, ["answer.reference-shape"]),
    ({"reference": "https://example.org/Chicken/example"}, ["answer.reference-unknown"]),
    ({"reference": "Chicken/example"}, ["answer.reference-unknown"]),
    ({"type": "Chicken", "display": "x"}, ["answer.reference-unknown"]),
]


@pytest.mark.parametrize(("value", "broken"), REFERENCES)
def test_references(value: dict[str, Any], broken: list[str]) -> None:
    definition = compiled(question("q", "reference"))
    found = response(answered("q", {"valueReference": value}))
    found["contained"] = [{"resourceType": "Patient", "id": "p"}, "x", {"id": 5}]
    assert [issue.key for issue in validate(definition, found, draft=False)] == broken


@pytest.mark.parametrize(
    ("own", "given", "accepted"),
    [
        ("130", 130, True),
        ("130", 100, False),  # not rounded to hundreds
        ("2.5", 3, True),
        ("2.5", 2, True),
        ("2.4", 3, False),
        ("100000000000000000", 0.000000000000001, False),
        ("'x'", "x", True),
        ("'x'", "y", False),
    ],
)
def test_a_calculated_value_may_be_rounded(own: str, given: Any, accepted: bool) -> None:
    type_, name = ("string", "valueString") if isinstance(given, str) else ("decimal", "valueDecimal")
    definition = compiled(question("q", type_, extension=[calculated(own)]))
    assert keys(definition, answered("q", {name: given})) == (
        [] if accepted else ["response.calculated-other"]
    )


def test_a_calculation_that_fails_says_nothing_about_the_value_that_came_along() -> None:
    definition = compiled(question("a", "integer", extension=[calculated("'x'")]))
    assert keys(definition, answered("a", {"valueInteger": 1})) == ["expression.type"]


def counted(name: str, number: int) -> dict[str, Any]:
    return extension(f"questionnaire-{name}", valueInteger=number)


@pytest.mark.parametrize(
    ("given", "broken"),
    [(0, []), (1, ["answer.too-few"]), (2, []), (3, []), (4, ["answer.too-many-answers"])],
)
def test_how_many_answers(given: int, broken: list[str]) -> None:
    item = question("q", repeats=True, extension=[counted("minOccurs", 2), counted("maxOccurs", 3)])
    answers = [{"valueString": str(number)} for number in range(given)]
    items = [answered("q", *answers)] if answers else []
    assert keys(compiled(item), *items) == broken
    assert keys(compiled(item), *items, draft=True) == [key for key in broken if key != "answer.too-few"]
    required = broken or ([] if given else ["answer.required-text"])
    assert keys(compiled({**item, "required": True}), *items) == required


@pytest.mark.parametrize(
    ("given", "broken"),
    [(0, []), (1, ["answer.too-few-groups"]), (2, []), (3, []), (4, ["answer.too-many-groups"])],
)
def test_how_many_instances_of_a_group(given: int, broken: list[str]) -> None:
    item = group(
        "g", question("a"), repeats=True, extension=[counted("minOccurs", 2), counted("maxOccurs", 3)]
    )
    instances = [inside("g", answered("a", X)) for _ in range(given)]
    issues = validate(compiled(item), response(*instances), draft=False)
    assert [issue.key for issue in issues] == broken
    assert all(str(given) in issue.text_da for issue in issues)
    if given == 4:
        assert issues[0].expression == "QuestionnaireResponse.item[3]"
    required = broken or ([] if given else ["answer.required-group"])
    assert keys(compiled({**item, "required": True}), *instances) == required


def test_an_empty_instance_counts_for_nothing() -> None:
    definition = compiled(group("g", question("a"), repeats=True, extension=[counted("minOccurs", 2)]))
    assert keys(definition, inside("g", answered("a", X)), inside("g")) == ["answer.too-few-groups"]


FILES: list[tuple[dict[str, Any], list[str]]] = [
    ({"contentType": "image/png", "data": "aGVq"}, []),
    ({"contentType": "IMAGE/PNG; x=1", "data": "aGVq"}, []),
    ({"contentType": "application/pdf", "url": "https://example.org/x.pdf"}, []),
    ({"contentType": "image/png", "data": "aGVqaGVqaGVq"}, ["answer.attachment-size"]),
    ({"contentType": "image/png", "url": "x", "size": 11}, ["answer.attachment-size"]),
    ({"contentType": "image/png", "data": "hej!"}, ["answer.attachment-data"]),
    ({"contentType": "image/png", "data": 5}, ["answer.attachment-data"]),
    ({"contentType": "text/html", "data": "aGVq"}, ["answer.attachment-type"]),
    ({"data": "aGVq"}, ["answer.attachment-type"]),
    ({"title": "Uden fil"}, ["answer.attachment-type"]),
]


@pytest.mark.parametrize(("value", "broken"), FILES)
def test_files(value: dict[str, Any], broken: list[str]) -> None:
    kinds = [extension("mimeType", valueCode="image/png"), extension("mimeType", valueCode="application/pdf")]
    size = extension("maxSize", valueDecimal=8)
    definition = compiled(question("q", "attachment", extension=[*kinds, size]))
    assert keys(definition, answered("q", {"valueAttachment": value})) == broken


def test_any_image() -> None:
    definition = compiled(question("q", "attachment", extension=[extension("mimeType", valueCode="image/*")]))
    for kind, broken in (("image/jpeg", []), ("video/mp4", ["answer.attachment-type"])):
        assert (
            keys(definition, answered("q", {"valueAttachment": {"contentType": kind, "url": "x"}})) == broken
        )


def test_references_to_what_the_form_asks_for() -> None:
    wanted = [extension("questionnaire-referenceResource", valueCode="Practitioner")]
    definition = compiled(question("q", "reference", extension=wanted))
    outcomes = {
        "Practitioner/1": [],
        "Patient/1": ["answer.reference-target"],
        "urn:uuid:c757873d-ec9a-4326-a141-556f43239520": ["answer.reference-target"],
    }
    for address, broken in outcomes.items():
        assert keys(definition, answered("q", {"valueReference": {"reference": address}})) == broken
    typed = {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520", "type": "Practitioner"}
    assert keys(definition, answered("q", {"valueReference": typed})) == []
    assert keys(definition, answered("q", {"valueReference": {"display": "Min læge"}})) == []


UCUM = "http://unitsofmeasure.org"


def unit_option(code: str, display: str) -> dict[str, Any]:
    return extension(
        "questionnaire-unitOption", valueCoding={"system": UCUM, "code": code, "display": display}
    )


@pytest.mark.parametrize(
    ("quantity", "broken"),
    [
        ({"value": 1, "system": UCUM, "code": "kg", "unit": "kg"}, []),
        ({"value": 1, "system": UCUM, "code": "g"}, []),
        ({"value": 1, "unit": "gram"}, []),
        ({"value": 1, "system": UCUM, "code": "mg"}, ["answer.unit"]),
        ({"value": 1, "unit": "pund"}, ["answer.unit"]),
        ({"value": 1}, ["answer.unit"]),
    ],
)
def test_one_of_several_units(quantity: dict[str, Any], broken: list[str]) -> None:
    options = [unit_option("kg", "kg"), unit_option("g", "gram")]
    definition = compiled(question("q", "quantity", extension=options))
    issues = validate(definition, response(answered("q", {"valueQuantity": quantity})), draft=False)
    assert [issue.key for issue in issues] == broken
    assert all(issue.text_da == "Angiv svaret i kg, gram." for issue in issues)


@pytest.mark.parametrize(
    ("quantity", "broken"),
    [
        ({"value": 1}, []),
        ({"value": 1, "unit": "kilo"}, []),
        ({"value": 1, "unit": "x", "code": "g"}, ["answer.unit"]),
    ],
)
def test_the_only_unit_need_not_be_named(quantity: dict[str, Any], broken: list[str]) -> None:
    definition = compiled(question("q", "quantity", extension=[UNIT]))
    assert keys(definition, answered("q", {"valueQuantity": quantity})) == broken


def quantity_bound(name: str, value: int, code: str) -> dict[str, Any]:
    bound = {"value": value, "unit": code, "system": UCUM, "code": code}
    return {
        "url": f"http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-{name}",
        "valueQuantity": bound,
    }


@pytest.mark.parametrize(
    ("quantity", "broken"),
    [
        ({"value": 5000, "system": UCUM, "code": "m"}, []),
        ({"value": 999, "system": UCUM, "code": "m"}, ["answer.number-bounds"]),
        ({"value": 11, "system": UCUM, "code": "km"}, ["answer.number-bounds"]),
        ({"value": 5, "unit": "km"}, []),
        ({"value": 12, "unit": "km"}, ["answer.number-bounds"]),
        ({"value": 5, "system": UCUM, "code": "kg"}, ["answer.unit"]),
        ({"value": 5, "unit": "mil"}, ["answer.unit"]),
    ],
)
def test_bounds_in_a_unit(quantity: dict[str, Any], broken: list[str]) -> None:
    bounds = [quantity_bound("minQuantity", 1, "km"), quantity_bound("maxQuantity", 10, "km")]
    definition = compiled(question("q", "quantity", extension=bounds))
    issues = validate(definition, response(answered("q", {"valueQuantity": quantity})), draft=False)
    assert [issue.key for issue in issues] == broken
    if "answer.number-bounds" in broken:
        assert issues[0].text_da == "Skriv et tal mellem 1 km og 10 km."


def test_units_of_a_value_set() -> None:
    asked = question(
        "q", "quantity", extension=[extension("questionnaire-unitValueSet", valueCanonical="http://x/units")]
    )
    given = response(answered("q", {"valueQuantity": {"value": 1, "system": UCUM, "code": "kg"}}))
    assert issues_of(compiled(asked), given) == {"answer.unit-unknown": False}
    units = {
        "resourceType": "ValueSet",
        "compose": {"include": [{"system": UCUM, "concept": [{"code": "g"}]}]},
    }
    definition = compile_questionnaire(form(asked), value_sets={"http://x/units": units}).definition
    assert definition is not None
    assert issues_of(definition, given) == {"answer.unit": True}


@pytest.mark.parametrize(
    ("type_", "option", "right", "wrong"),
    [
        ("integer", {"valueInteger": 1}, {"valueInteger": 1}, {"valueInteger": 2}),
        ("decimal", {"valueInteger": 1}, {"valueDecimal": 1.0}, {"valueDecimal": 1.5}),
        ("string", {"valueString": "x"}, {"valueString": "x"}, {"valueString": "y"}),
        ("date", {"valueDate": "2026-01-01"}, {"valueDate": "2026-01-01"}, {"valueDate": "2026-01-02"}),
        ("time", {"valueTime": "10:00:00"}, {"valueTime": "10:00:00"}, {"valueTime": "09:00:00"}),
    ],
)
def test_other_types_may_have_options_too(type_: str, option: Any, right: Any, wrong: Any) -> None:
    definition = compiled(question("q", type_, answerOption=[option]))
    assert keys(definition, answered("q", right)) == []
    assert keys(definition, answered("q", wrong)) == ["answer.not-option"]


def test_a_quantity_without_a_number_is_no_answer() -> None:
    definition = compiled(question("q", "quantity", required=True))
    unit = answered("q", {"valueQuantity": {"code": "kg", "system": UCUM}})
    assert issues_of(definition, response(unit)) == {
        "response.empty-answer": False,
        "answer.required-number": True,
    }


def test_a_list_for_a_value_may_be_as_deep_as_it_likes() -> None:
    deep: Any = []
    for _ in range(300):
        deep = [deep]
    definition = compiled(question("q"))
    assert keys(definition, answered("q", {"valueString": deep})) == ["response.too-nested"]


def test_options_that_are_no_codes_choose_nothing() -> None:
    weight = [extension("ordinalValue", valueDecimal=1)]
    odd = {"valueCoding": {"system": [], "code": {"x": 1}, "display": 5}, "extension": weight}
    definition = compiled(question("q", "choice", answerOption=[odd, *choice("q", "a")["answerOption"]]))
    assert [option.key for option in definition.by_link_id["q"].options] == ["a"]
    assert keys(definition, answered("q", coded("a"))) == []
    assert keys(definition, answered("q", odd)) == ["answer.not-option"]


def test_a_calculated_value_outside_its_bounds_is_told_and_stops_nobody() -> None:
    rule = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    total = {
        "linkId": "total",
        "type": "integer",
        "text": "I alt",
        "extension": [
            {
                "url": rule,
                "valueExpression": {
                    "language": "text/fhirpath",
                    "expression": "%resource.item.answer.value.sum()",
                },
            },
            extension("minValue", valueInteger=1),
        ],
    }
    definition = compiled(question("a", "integer"), total)
    done = finish(definition, response(answered("a", {"valueInteger": 0})))
    told = validate(definition, done, draft=False)
    assert [(issue.key, issue.severity) for issue in told] == [("answer.number-bounds", Severity.WARNING)]
