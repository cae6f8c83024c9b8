"""One changed answer: the same outcome as from the start, from a small part of the work."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from questionnaires.engine import Definition, Evaluation, evaluate, settling, with_answers
from tests.engine.small_forms import (
    answered,
    calculated,
    choice,
    coded,
    compiled,
    group,
    inside,
    question,
    response,
    sdc,
    variable,
    when,
)

relaxed = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

YES = {"answerBoolean": True}
SUM = "%resource.repeat(item).where(linkId in ('a' | 'b')).answer.value.weight().sum()"


def forms() -> dict[str, Definition]:
    """Forms with every kind of dependency; each has the same questions a, b, c (yes or no), n (number)."""
    asked = (
        choice("a", "x", "y", weights=(1, 2)),
        choice("b", "x", "y", weights=(1, 2), enableWhen=[when("c", "=", **YES)]),
        question("c", "boolean"),
        question("n", "integer"),
    )
    return {
        "conditions": compiled(
            group("g", *asked),
            group("h", question("i", enableWhen=[when("c", "=", **YES)]), question("j"),
                  enableWhen=[when("n", ">", answerInteger=0)]),
        ),
        "scores": compiled(
            *asked,
            question("sum", "decimal", extension=[calculated(SUM)]),
            question("more", "decimal", extension=[calculated("%resource.item.where(linkId='sum').answer.value + 1")]),
            question("high", "display", enableWhen=[when("more", ">", answerDecimal=3)]),
        ),
        "variables": compiled(
            *asked,
            question("t", "display", extension=[sdc("enableWhenExpression", "%double > 4")]),
            question("u", "integer", extension=[calculated("%double")]),
            extension=[variable("double", "%n * 2"),
                       variable("n", "%resource.item.where(linkId = 'n').answer.value")],
        ),
        "everything": compiled(
            *asked,
            question("count", "integer", extension=[calculated("%resource.answers().count()")]),
            question("many", "display", enableWhen=[when("count", ">", answerInteger=2)]),
        ),
        "circles": compiled(
            *asked,
            question("p", "boolean", enableWhen=[when("q", "!=", **YES)]),
            question("q", "boolean", enableWhen=[when("p", "!=", **YES), when("c", "=", **YES)],
                     enableBehavior="all"),
        ),
        "below answers": compiled(
            *asked[:2],
            question("c", "boolean", item=[question("d", enableWhen=[when("c", "=", **YES)]),
                                           question("n", "integer")]),
            question("sum", "integer", extension=[calculated("%resource.descendants().where(linkId = 'n').count()")]),
        ),
    }  # fmt: skip


FORMS = forms()
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["a", "b"]), st.sampled_from([[], [coded("x")], [coded("y")]])),
        st.tuples(st.just("c"), st.sampled_from([[], [{"valueBoolean": True}], [{"valueBoolean": False}]])),
        st.tuples(st.just("n"), st.sampled_from([[], [{"valueInteger": 1}], [{"valueInteger": 5}]])),
    ),
    max_size=8,
)


def told(evaluation: Evaluation) -> Any:
    """Everything an evaluation says."""
    return (
        evaluation.enabled,
        dict(evaluation.calculated),
        evaluation.progress,
        [page.link_id for page in evaluation.pages],
        sorted((issue.key, issue.link_id or "") for issue in evaluation.issues),
        evaluation.scores,
        [one.link_id for one in evaluation.withheld_scores],
        evaluation.significance,
    )


@pytest.mark.parametrize("name", FORMS)
@relaxed
@given(changes=CHANGES)
def test_a_change_gives_what_a_fresh_start_gives(
    name: str, changes: list[tuple[str, list[dict[str, Any]]]]
) -> None:
    definition = FORMS[name]
    draft = response()
    evaluation = evaluate(definition, draft)
    for link_id, answers in changes:
        draft = with_answers(definition, draft, link_id, answers)
        before, said = evaluation, told(evaluation)
        evaluation = evaluate(definition, draft, previous=evaluation, changed=link_id)
        assert told(evaluation) == told(evaluate(definition, draft))
        assert told(before) == said, "an evaluation never changes"


def test_instances_that_come_and_go_start_anew() -> None:
    definition = compiled(
        group("g", question("q", "boolean"), question("t", enableWhen=[when("q", "=", **YES)]), repeats=True)
    )
    yes, no = answered("q", {"valueBoolean": True}), answered("q", {"valueBoolean": False})
    evaluation = evaluate(definition, response(inside("g", no)))
    for instances, asked in (([no, yes], True), ([no, no], False), ([yes], True), ([], False)):
        draft = response(*(inside("g", one) for one in instances))
        evaluation = evaluate(definition, draft, previous=evaluation, changed="q")
        assert evaluation.is_enabled("t") is asked


def test_an_evaluation_can_be_gone_on_from_twice_and_after_several_changes() -> None:
    definition = FORMS["scores"]
    first = evaluate(definition, response())
    yes, y = {"valueBoolean": True}, coded("y")
    one = response(answered("a", y))
    both = response(answered("a", y), answered("b", y), answered("c", yes))
    assert evaluate(definition, one, previous=first, changed="a").calculated["sum"] == {"valueDecimal": 2}
    again = evaluate(definition, both, previous=first, changed=["a", "b", "c"])
    assert again.calculated["sum"] == {"valueDecimal": 4}
    assert evaluate(definition, both, previous=again, changed=()).calculated == again.calculated
    assert evaluate(FORMS["conditions"], both, previous=again, changed="a").calculated == {}


def test_only_what_depends_on_the_answer_is_decided_again(monkeypatch: pytest.MonkeyPatch) -> None:
    decided: list[str] = []
    real = settling.Settled._decide_item

    def noted(self: settling.Settled, link_id: str) -> None:
        decided.append(link_id)
        real(self, link_id)

    monkeypatch.setattr(settling.Settled, "_decide_item", noted)
    definition = compiled(
        *(
            item
            for n in range(50)
            for item in (
                question(f"q{n}", "boolean"),
                question(f"t{n}", enableWhen=[when(f"q{n}", "=", **YES)]),
            )
        )
    )
    evaluation = evaluate(definition, response())
    assert len(decided) == 50
    decided.clear()
    evaluate(definition, response(answered("q7", {"valueBoolean": True})), previous=evaluation, changed="q7")
    assert decided == ["t7"]
