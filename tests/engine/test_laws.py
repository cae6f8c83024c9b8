"""What holds for every questionnaire and every answer."""

import json
import random
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine import (
    Definition,
    ItemType,
    answers_of,
    compile_questionnaire,
    display_value,
    evaluate,
    finish,
    form_values,
    new_response,
    read_form_values,
    scores,
    validate,
    with_answers,
)
from questionnaires.engine.conditions import Tree, decision_order
from questionnaires.engine.definition import VALUE_NAMES
from tests.engine.small_forms import calculated, choice, compiled, extension, group, question, when

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=8),
    st.sampled_from(
        ["a", "b", "choice", "integer", "group", "display", "=", "exists", "#v", "2026-11-23", "1.5"]
    ),
)
NAMES = """
    linkId type text item required repeats readOnly maxLength initial answerOption answerValueSet
    enableWhen enableBehavior question operator answerInteger answerCoding answerBoolean
    valueInteger valueCoding valueString valueQuantity valueDate valueExpression valueCodeableConcept
    coding code system display extension url _text prefix contained compose include concept
    expansion contains id value answer language expression
"""
names = st.sampled_from(NAMES.split())
json_values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(names | st.text(max_size=4), inner, max_size=6)
    ),
    max_leaves=25,
)
urls = st.sampled_from(
    [
        extension(name)["url"]
        for name in ("minValue", "maxValue", "regex", "questionnaire-itemControl", "ordinalValue")
    ]
)
extensions = st.lists(
    st.fixed_dictionaries({"url": urls, "valueInteger": json_values, "valueString": json_values}), max_size=3
)
odd_items = st.recursive(
    st.fixed_dictionaries(
        {"linkId": st.sampled_from("abcdefg") | scalars, "type": st.sampled_from(list(ItemType)) | scalars},
        optional={
            "text": scalars,
            "required": scalars,
            "repeats": scalars,
            "extension": extensions | json_values,
            "answerOption": st.lists(
                st.dictionaries(names, json_values, max_size=3) | json_values, max_size=3
            ),
            "enableWhen": st.lists(st.dictionaries(names, json_values, max_size=4) | json_values, max_size=3),
            "initial": st.lists(st.dictionaries(names, json_values, max_size=2), max_size=2) | json_values,
        },
    ),
    lambda inner: st.fixed_dictionaries(
        {
            "linkId": st.sampled_from("hijklm"),
            "type": st.sampled_from(["group", "string"]),
            "item": st.lists(inner),
        }
    ),
    max_leaves=6,
)
relaxed = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def use(definition: Definition, draft: Any) -> None:
    """Everything that is ever done with a definition."""
    validate(definition, draft, draft=True)
    validate(definition, draft, draft=False)
    if isinstance(draft, dict):
        evaluate(definition, draft)
        scores(definition, draft)
        done = finish(definition, draft)
        assert finish(definition, done) == done
        for item in definition.walk():
            for answer in answers_of(draft, item.link_id):
                display_value(item, answer)
            read_form_values(item, form_values(item, answers_of(draft, item.link_id)))


@relaxed
@given(json_values, json_values)
def test_any_json_gives_issues_and_never_an_exception(head: Any, draft: Any) -> None:
    for resource in (head, {"resourceType": "Questionnaire", "item": head}):
        compilation = compile_questionnaire(resource)
        assert compilation.definition is not None or compilation.issues
        if compilation.definition is not None:
            use(compilation.definition, draft)


@relaxed
@given(st.lists(odd_items, max_size=5), json_values, json_values)
def test_any_half_sensible_form_is_compiled_and_used(items: list[Any], contained: Any, answers: Any) -> None:
    resource = {"resourceType": "Questionnaire", "item": items, "contained": contained}
    before = repr(resource)
    definition = compile_questionnaire(resource).definition
    assert repr(resource) == before
    if definition is not None:
        use(definition, {"resourceType": "QuestionnaireResponse", "item": answers})
        nodes = [{"linkId": link_id, "answer": answers} for link_id in definition.by_link_id]
        use(definition, {"resourceType": "QuestionnaireResponse", "item": nodes})
        use(definition, new_response(definition))


FORM = compiled(
    group(
        "g",
        question("yes", "boolean"),
        choice("pick", "x", "y", weights=(1, 2)),
        question("how-many", "integer", enableWhen=[when("yes", "=", answerBoolean=True)],
                 extension=[extension("minValue", valueInteger=0)]),
    ),
    question("parent", "integer", item=[question("child"), group("inner", question("deep", "date"))]),
    choice("several", "x", "y", "z", weights=(1, 2, 4), repeats=True),
    question("amount", "decimal"),
    question("when", "dateTime"),
    question("clock", "time"),
    question("weight", "quantity"),
    question("score", "decimal", readOnly=True, extension=[
        calculated("%resource.repeat(item).where(linkId in ('pick' | 'several')).answer.value.weight().sum() * 2")]),
)  # fmt: skip

ANSWERS: dict[ItemType, st.SearchStrategy[Any]] = {
    ItemType.BOOLEAN: st.booleans(),
    ItemType.INTEGER: st.integers(-1000, 2**31 - 1),
    ItemType.DECIMAL: st.decimals(-(10**9), 10**9, places=3).map(float),
    ItemType.STRING: st.text("abcæøå 1", min_size=1, max_size=9).map(str.strip).filter(bool),
    ItemType.DATE: st.dates().map(lambda day: day.isoformat()),
    ItemType.DATE_TIME: st.dates().map(lambda day: day.isoformat()),
    ItemType.TIME: st.times().map(lambda clock: clock.replace(microsecond=0).isoformat()),
    ItemType.QUANTITY: st.integers(0, 500).map(lambda amount: {"value": amount}),
}


@st.composite
def fillings(draw: st.DrawFn) -> dict[str, list[dict[str, Any]]]:
    """Answers of the right types to some of the questions."""
    filled: dict[str, list[dict[str, Any]]] = {}
    for item in FORM.walk():
        if not item.is_asked or draw(st.booleans()):
            continue
        if item.options:
            chosen = draw(st.lists(st.sampled_from(item.options), min_size=1, unique_by=lambda one: one.key))
            filled[item.link_id] = [dict(one.value) for one in (chosen if item.repeats else chosen[:1])]
        else:
            name = VALUE_NAMES[item.type]
            spaces = draw(ANSWERS[item.type])
            filled[item.link_id] = [
                {name: " ".join(spaces.split()) if item.type is ItemType.STRING else spaces}
            ]
    return filled


def filled_in(answers: dict[str, list[dict[str, Any]]], order: list[str]) -> dict[str, Any]:
    draft = new_response(FORM)
    for link_id in order:
        draft = with_answers(FORM, draft, link_id, answers[link_id])
    return draft


@relaxed
@given(fillings(), st.randoms(use_true_random=False))
def test_the_order_of_answering_does_not_matter(answers: dict[str, Any], shuffler: random.Random) -> None:
    order = list(answers)
    shuffled = shuffler.sample(order, len(order))
    assert filled_in(answers, order) == filled_in(answers, shuffled)
    for link_id, given_answers in answers.items():
        assert list(answers_of(filled_in(answers, shuffled), link_id)) == given_answers


@relaxed
@given(fillings())
def test_what_was_answered_can_be_taken_back(answers: dict[str, Any]) -> None:
    draft = filled_in(answers, list(answers))
    for link_id in answers:
        draft = with_answers(FORM, draft, link_id, [])
    assert draft == new_response(FORM)


@relaxed
@given(fillings())
def test_a_finished_response_of_a_valid_draft_is_valid_and_stays_as_it_is(answers: dict[str, Any]) -> None:
    draft = filled_in(answers, list(answers))
    if validate(FORM, draft, draft=True):
        return
    done = finish(FORM, draft)
    assert validate(FORM, done, draft=False) == ()
    assert finish(FORM, done) == done
    assert json.loads(json.dumps(done)) == done
    assert evaluate(FORM, done).enabled == evaluate(FORM, draft).enabled
    assert scores(FORM, done) == scores(FORM, draft)


@relaxed
@given(fillings())
def test_answers_survive_the_way_through_a_form(answers: dict[str, Any]) -> None:
    for link_id, given_answers in answers.items():
        item = FORM.by_link_id[link_id]
        if item.type is ItemType.TIME:
            continue  # seconds are not shown
        reading = read_form_values(item, form_values(item, given_answers))
        assert list(reading.answers) == given_answers, reading.issue


@relaxed
@given(st.text(max_size=30), st.sampled_from(sorted(ItemType)))
def test_any_text_is_an_answer_or_an_issue(text: str, type_: str) -> None:
    item = compiled(question("filler"), question("q", type_)).by_link_id["q"]
    reading = read_form_values(item, [text])
    assert reading.issue is None or reading.answers == ()
    for answer in reading.answers:
        assert read_form_values(item, form_values(item, [answer])).answers == (answer,)


@relaxed
@given(st.decimals(-(10**12), 10**12, places=4))
def test_numbers_come_back_from_their_danish_shape(number: Decimal) -> None:
    item = compiled(question("q", "decimal")).by_link_id["q"]
    answer = {"valueDecimal": float(number)}
    shown = display_value(item, answer)
    assert read_form_values(item, [shown]).answers == (answer,) or "," not in shown
    assert read_form_values(item, form_values(item, [answer])).answers == (answer,)


@relaxed
@given(st.lists(st.tuples(st.integers(0, 14), st.integers(0, 14)), max_size=40))
def test_the_order_of_decision_names_every_item_once_and_sources_first(pairs: list[tuple[int, int]]) -> None:
    tree = Tree()
    for n in range(15):
        tree.add(str(n), parent=str(n // 2) if n % 3 == 2 else None, item_type=ItemType.STRING, options=())
    sources: dict[str, list[str]] = {}
    for target, source in pairs:
        if target != source:
            sources.setdefault(str(target), []).append(str(source))
    order, circles = decision_order(tree, sources)
    assert sorted(order) == sorted(tree.positions)
    place = {link_id: index for index, link_id in enumerate(order)}
    for link_id, needed in sources.items():
        for other in needed:
            assert place[other] < place[link_id] or {other, link_id} <= circles
    for link_id, parent in tree.parents.items():
        assert parent is None or place[parent] < place[link_id]
