"""What holds for every sound questionnaire and every way to answer it."""

import json
import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine import (
    Definition,
    Issue,
    answers_of,
    display_value,
    evaluate,
    finish,
    form_values,
    new_response,
    operation_outcome,
    read_form_values,
    scores,
    validate,
    validate_to_send,
    with_answers,
)
from questionnaires.engine.quantities import UCUM, measure, read_unit
from tests.engine.generated import Filled, definitions, filled
from tests.engine.small_forms import calculated, compiled, question

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

MISSING = ("answer.required", "answer.too-few")
"""What only submission asks for: finishing cannot bring it."""


def draft_of(one: Filled, order: Sequence[str] = ()) -> dict[str, Any]:
    draft = new_response(one.definition)
    for link_id in order or one.answers:
        draft = with_answers(one.definition, draft, link_id, one.answers[link_id])
    return draft


def broken(definition: Definition, document: Any, *, draft: bool) -> set[str]:
    issues = validate(definition, document, draft=draft, now=NOW)
    json.dumps(operation_outcome(issues))
    return {issue.key for issue in issues if issue.is_error}


@relaxed
@given(filled())
def test_whatever_is_answered_there_are_issues_and_no_exceptions(one: Filled) -> None:
    draft = draft_of(one)
    before = json.dumps(draft)
    evaluation = evaluate(one.definition, draft, now=NOW)
    assert 0 <= evaluation.progress.percent <= 100
    scores(one.definition, draft, now=NOW)
    for page in one.definition.pages:
        validate(one.definition, draft, draft=False, page=page, now=NOW)
    for item in one.definition.walk():
        answers = answers_of(draft, item.link_id)
        for answer in answers:
            display_value(item, answer)
        read_form_values(item, form_values(item, answers))
    assert json.dumps(draft) == before


@settings(relaxed, max_examples=300)
@given(filled())
def test_what_stops_a_draft_is_what_is_wrong_with_its_finished_response(one: Filled) -> None:
    draft = draft_of(one)
    evaluation = evaluate(one.definition, draft, now=NOW)
    of_draft = validate_to_send(one.definition, draft, now=NOW, evaluation=evaluation)
    of_finished = validate(one.definition, finish(one.definition, draft, now=NOW), draft=False, now=NOW)
    assert said(of_draft) == said(of_finished)
    assert said(validate_to_send(one.definition, draft, now=NOW)) == said(of_finished)


@pytest.mark.parametrize(
    "expression",
    [
        "'y'",
        "iif(%resource.descendants().where(linkId='q').answer.value = 'a', '', 'y')",
        "' '",
        "%resource.status",
        "%resource.descendants().count().toString()",
        "%resource.descendants().where(linkId='q').answer.value & 'x'.replace('x', 'langt ord ') & 'x'",
    ],
)
@pytest.mark.parametrize("answer", ["a", "b", ""])
def test_also_where_something_is_calculated(expression: str, answer: str) -> None:
    definition = compiled(
        question("q", "string", required=True),
        question("r", "string", readOnly=True, extension=[calculated(expression)]),
    )
    draft = new_response(definition)
    if answer:
        draft = with_answers(definition, draft, "q", [{"valueString": answer}])
    told = validate_to_send(definition, draft, now=NOW, evaluation=evaluate(definition, draft, now=NOW))
    assert said(told) == said(validate(definition, finish(definition, draft, now=NOW), draft=False, now=NOW))


def test_also_where_the_questions_are_long() -> None:
    asked = question("below", "string", text="æ" * 50_000)
    definition = compiled(question("q", "string", repeats=True, item=[asked]))
    draft = new_response(definition)
    draft = with_answers(definition, draft, "q", [{"valueString": str(number)} for number in range(100)])
    for answer in draft["item"][0]["answer"]:
        answer["item"] = [{"linkId": "below", "answer": [{"valueString": "x"}]}]
    told = validate_to_send(definition, draft, now=NOW, evaluation=evaluate(definition, draft, now=NOW))
    assert said(told) == said(validate(definition, finish(definition, draft, now=NOW), draft=False, now=NOW))
    assert [issue.key for issue in told] == ["response.too-large"]


def said(issues: Sequence[Issue]) -> list[Any]:
    """Everything but the expression: it leads to where the question stands in the draft."""
    return [replace(issue, expression="") for issue in issues]


@relaxed
@given(filled())
def test_a_finished_response_is_as_valid_as_its_draft(one: Filled) -> None:
    draft = draft_of(one)
    wrong = broken(one.definition, draft, draft=True)
    done = finish(one.definition, draft, now=NOW)
    left = broken(one.definition, done, draft=False)
    assert {key for key in left if not key.startswith(MISSING)} <= wrong
    assert not any(key.startswith("response.") for key in left)


@relaxed
@given(filled())
def test_finishing_is_done_once(one: Filled) -> None:
    done = finish(one.definition, draft_of(one), now=NOW)
    assert finish(one.definition, done, now=NOW) == done
    assert scores(one.definition, done, now=NOW) == scores(one.definition, draft_of(one), now=NOW)


@relaxed
@given(filled(), st.randoms(use_true_random=False))
def test_it_does_not_matter_in_which_order_questions_are_answered(
    one: Filled, shuffler: random.Random
) -> None:
    order = shuffler.sample(list(one.answers), len(one.answers))
    first, second = draft_of(one), draft_of(one, order)
    assert finish(one.definition, first, now=NOW) == finish(one.definition, second, now=NOW)
    assert broken(one.definition, first, draft=True) == broken(one.definition, second, draft=True)


@relaxed
@given(filled())
def test_the_quick_look_and_the_close_look_agree(one: Filled) -> None:
    draft = draft_of(one)
    for document in (draft, finish(one.definition, draft, now=NOW)):
        quick = validate(one.definition, document, draft=False, now=NOW)
        assert quick == validate(one.definition, document, draft=False, now=NOW, closely=True)


@relaxed
@given(definitions())
def test_an_empty_response_lacks_only_what_is_required(definition: Definition) -> None:
    empty = finish(definition, new_response(definition), now=NOW)
    assert all(key.startswith(MISSING) for key in broken(definition, empty, draft=False))


@relaxed
@given(st.text(max_size=20) | st.text("kgmsL/.2-10*^{}[]'iUCeln%", max_size=12))
def test_any_text_is_a_unit_or_none(code: str) -> None:
    kind, amount = measure(Decimal(3), system=UCUM, code=code, unit=code)
    unit = read_unit(code)
    assert unit is None or (kind == f"{UCUM}|{unit.measures}" and unit.factor > 0)
    assert unit is not None or amount == 3
