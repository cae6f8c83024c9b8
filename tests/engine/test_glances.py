"""The quick look at a response never says yes where the thorough one finds something."""

import copy
from typing import Any

from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from questionnaires.engine import evaluate, glances, plain_shape, validate
from questionnaires.engine.bounds import Bounds
from questionnaires.engine.occurrences import lay_over
from tests.engine.small_forms import (
    answered,
    choice,
    coded,
    compiled,
    extension,
    group,
    inside,
    question,
    response,
)

relaxed = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))

FORM = compiled(
    group(
        "g",
        choice("c", "x", "y"),
        question("open", "open-choice", answerOption=[{"valueString": "ja"}, coded("x")]),
        question("several", "choice", repeats=True, answerOption=[coded("x"), coded("y")]),
        question("yes", "boolean", item=[question("why", "string", maxLength=5)]),
        repeats=True,
    ),
    question(
        "n",
        "integer",
        extension=[extension("minValue", valueInteger=-1), extension("maxValue", valueInteger=9)],
    ),
    question("d", "decimal", extension=[extension("maxValue", valueDecimal=2.5)]),
    question("places", "decimal", extension=[extension("maxDecimalPlaces", valueInteger=1)]),
    question("s", "string", extension=[extension("minLength", valueInteger=2)]),
    question("t", "text"),
    question("day", "date"),
    question("until", "date", extension=[extension("maxValue", valueDate="2026-06-01")]),
    question("clock", "time"),
    question("kg", "quantity"),
    {"linkId": "note", "type": "display", "text": "Tekst"},
    group("empty"),
)
LINKS = [*FORM.by_link_id, "nobody"]

VALUES = st.one_of(
    st.sampled_from(
        [coded("x"), coded("y"), coded("z"), {"valueCoding": {"code": "x"}}, {"valueCoding": {}}]
    ),
    st.sampled_from(
        [
            {"valueCoding": {"system": "s", "code": "x", "display": shown}}
            for shown in ("X", "x", "Y", "andet", 3)
        ]
    ),
    st.sampled_from([True, False, None, 1, "true"]).map(lambda value: {"valueBoolean": value}),
    st.sampled_from([-2, -1, 0, 9, 10, 2**31, 2.0, True, "3"]).map(lambda value: {"valueInteger": value}),
    st.sampled_from([2.5, 2.51, 2, 0.1, 0.25, 1e19, -1e300, float("nan"), float("inf"), True]).map(
        lambda value: {"valueDecimal": value}
    ),
    st.sampled_from(["", " ", "x", "ja", "to\nlinjer", "langt svar", "x" * 20, 3]).map(
        lambda value: {"valueString": value}
    ),
    st.sampled_from(["2026-11-23", "2026-02-30", "2026-11", "2026-W47-1", "20261123", "2026-5-23", "ti"]).map(
        lambda value: {"valueDate": value}
    ),
    st.sampled_from(["10:00:00", "25:00", 3]).map(lambda value: {"valueTime": value}),
    st.sampled_from([{"value": 3}, {"value": 3, "unit": "kg"}, {"value": "3"}, {"unit": "kg"}]).map(
        lambda value: {"valueQuantity": value}
    ),
    st.sampled_from([{}, {"valueInteger": 1, "valueString": "x"}, {"extension": []}, {"valueCoding": [1]}]),
)


def nodes(depth: int) -> st.SearchStrategy[Any]:
    below = st.lists(nodes(depth - 1), max_size=3) if depth else st.just([])
    answers = st.lists(
        st.one_of(VALUES, st.builds(lambda value, items: {**value, "item": items}, VALUES, below)), max_size=2
    )
    node = st.fixed_dictionaries(
        {"linkId": st.sampled_from(LINKS)},
        optional={
            "answer": st.one_of(answers, st.sampled_from([None, "x", {}, [3]])),
            "item": st.one_of(below, st.sampled_from([None, {}, "x", [[]]])),
            "text": st.sampled_from(["Spørgsmål n", "Noget andet", "", 3]),
            "definition": st.just("x"),
        },
    )
    return st.one_of(node, node, node, st.sampled_from([None, 3, {}, {"linkId": 3}]))


@st.composite
def ordinary(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Items in their places, with answers that may or may not fit."""
    items = []
    for item in FORM.items:
        if not draw(st.booleans()) or not item.type.is_question:
            continue
        items.append({"linkId": item.link_id, "answer": [draw(VALUES)]})
    inner = [
        {"linkId": link, "answer": [draw(VALUES)]} for link in ("c", "open", "several") if draw(st.booleans())
    ]
    if inner:
        items.insert(0, {"linkId": "g", "item": inner})
    return items


@relaxed
@given(st.one_of(ordinary(), st.lists(nodes(2), max_size=5)), st.booleans())
@example([{"linkId": "empty", "item": [{"linkId": "nobody"}]}], True)
@example([{"linkId": "n", "answer": [{"valueInteger": 1, "item": [{"linkId": "why"}]}]}], True)
@example([{"linkId": "g", "item": []}, {"linkId": "g", "item": None}], True)
@example([{"linkId": "n"}, {"linkId": "g"}], True)
def test_the_quick_look_changes_no_judgement(items: Any, draft: bool) -> None:
    document = {**response(), "item": items}
    before = copy.deepcopy(document)
    assert validate(FORM, document, draft=draft) == validate(FORM, document, draft=draft, closely=True)
    assume(str(before) == str(document))


def test_most_answers_need_no_second_look() -> None:
    document = response(
        inside("g", answered("c", coded("x")), answered("several", coded("x"), coded("y"))),
        answered("n", {"valueInteger": 3}),
        answered("d", {"valueDecimal": 2.5}),
        answered("t", {"valueString": "et\nto"}),
        answered("day", {"valueDate": "2026-11-23"}),
    )
    assert plain_shape.is_plain(lay_over(FORM, document), Bounds())
    glance = glances.glances_of(FORM)
    for link_id, answer in (
        ("c", coded("x")),
        ("c", {"valueCoding": {"system": "s", "code": "x", "display": "X"}}),
        ("n", {"valueInteger": 9}),
        ("d", {"valueDecimal": -3}),
        ("day", {"valueDate": "2026-11-23"}),
    ):
        assert glance[link_id](answer)


def test_what_is_near_the_limits_is_measured() -> None:
    document = response(answered("t", {"valueString": "x" * 2000}))
    assert plain_shape.is_plain(lay_over(FORM, document), Bounds())
    assert not plain_shape.is_plain(lay_over(FORM, document), Bounds(max_bytes=5000))
    assert [issue.key for issue in validate(FORM, document, draft=True, bounds=Bounds(max_bytes=1000))] == [
        "response.too-large"
    ]
    swollen = {**document, "contained": [{"resourceType": "Binary", "data": "x" * 6000}]}
    assert [issue.key for issue in validate(FORM, swollen, draft=True, bounds=Bounds(max_bytes=5000))] == [
        "response.too-large"
    ]


def test_an_evaluation_spares_deciding_twice_and_changes_no_judgement() -> None:
    document = response(answered("n", {"valueInteger": 99}), answered("d", {"valueDecimal": 2}))
    evaluation = evaluate(FORM, document)
    judged = validate(FORM, document, draft=False)
    assert [issue.key for issue in judged] == ["answer.number-bounds"]
    assert validate(FORM, document, draft=False, evaluation=evaluation) == judged
    other = response(answered("n", {"valueInteger": 3}))
    assert validate(FORM, other, draft=False, evaluation=evaluation) == ()
    updated = evaluate(FORM, other, previous=evaluation, changed=["n", "d"])
    assert validate(FORM, other, draft=False, evaluation=updated) == ()
    assert validate(FORM, document, draft=False, evaluation=evaluation) == judged
