from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.engine import UnknownQuestion, answers_of, every_answer, new_response, with_answers
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

ONE, TWO = {"valueInteger": 1}, {"valueInteger": 2}
X = {"valueString": "x"}


def test_answers_stand_where_the_questionnaire_has_them() -> None:
    definition = compiled(group("g", question("a"), group("h", question("b", "integer"))), question("c"))
    draft = with_answers(definition, {}, "c", [X])
    draft = with_answers(definition, draft, "b", [ONE])
    draft = with_answers(definition, draft, "a", [X])
    assert draft == {
        "resourceType": "QuestionnaireResponse",
        "item": [inside("g", answered("a", X), inside("h", answered("b", ONE))), answered("c", X)],
    }
    assert answers_of(draft, "b") == (ONE,)
    assert answers_of(draft, "nothing") == ()


def test_the_old_response_is_not_changed() -> None:
    definition = compiled(group("g", question("a")))
    before = with_answers(definition, new_response(definition), "a", [X])
    after = with_answers(definition, before, "a", [{"valueString": "y"}])
    assert answers_of(before, "a") == (X,)
    assert answers_of(after, "a") == ({"valueString": "y"},)


def test_no_answers_take_the_answer_and_empty_groups_away() -> None:
    definition = compiled(group("g", question("a")), question("b"))
    draft = with_answers(definition, new_response(definition), "a", [X])
    assert "item" not in with_answers(definition, draft, "a", [])
    assert "item" not in with_answers(definition, draft, "a", [{"valueString": " "}])
    assert with_answers(definition, draft, "b", []) == draft


@pytest.mark.parametrize("link_id", ["g", "text", "nowhere"])
def test_only_questions_take_answers(link_id: str) -> None:
    definition = compiled(group("g", question("text", "display")))
    with pytest.raises(UnknownQuestion) as refusal:
        with_answers(definition, {}, link_id, [X])
    assert refusal.value.link_id == link_id


def test_instances_of_repeating_groups_are_named_by_within() -> None:
    definition = compiled(group("g", question("a", "integer"), repeats=True))
    draft = with_answers(definition, {}, "a", [ONE])
    draft = with_answers(definition, draft, "a", [TWO], within={"g": 1})
    assert answers_of(draft, "a") == (ONE,)
    assert answers_of(draft, "a", within={"g": 1}) == (TWO,)
    assert answers_of(draft, "a", within={"g": 2}) == ()
    draft = with_answers(definition, draft, "a", [], within={"g": 0})
    assert answers_of(draft, "a", within={"g": 1}) == (TWO,)


def test_what_hangs_under_an_answer_stays_when_the_answer_changes() -> None:
    definition = compiled(question("a", "integer", item=[question("b")]))
    child_first = with_answers(definition, with_answers(definition, {}, "b", [X]), "a", [ONE])
    parent_first = with_answers(definition, with_answers(definition, {}, "a", [ONE]), "b", [X])
    assert child_first == parent_first
    assert answers_of(with_answers(definition, child_first, "a", [TWO]), "b") == (X,)
    unanswered = with_answers(definition, child_first, "a", [])
    assert answers_of(unanswered, "a") == ()
    assert answers_of(unanswered, "b") == (X,)
    assert "item" not in with_answers(definition, unanswered, "b", [])


def test_children_follow_their_answer_among_several() -> None:
    definition = compiled(choice("a", "x", "y", "z", repeats=True, item=[question("b")]))
    draft = with_answers(definition, {}, "a", [coded("x"), coded("y")])
    draft = with_answers(definition, draft, "b", [X], within={"a": 1})
    draft = with_answers(definition, draft, "a", [coded("y"), coded("z")])
    assert answers_of(draft, "b", within={"a": 0}) == (X,)
    assert answers_of(draft, "b", within={"a": 1}) == ()
    assert answers_of(draft, "b") == (X,)
    draft = with_answers(definition, draft, "a", [coded("z"), coded("x")])
    assert answers_of(draft, "b") == ()


def test_the_children_of_answers_taken_back_go_with_them() -> None:
    definition = compiled(choice("a", "x", "y", repeats=True, item=[question("b")]))
    draft = with_answers(definition, {}, "a", [coded("x"), coded("y")])
    for index in (0, 1):
        draft = with_answers(definition, draft, "b", [{"valueString": str(index)}], within={"a": index})
    draft = with_answers(definition, draft, "a", [coded("x")])
    assert draft["item"] == [answered("a", {**coded("x"), "item": [answered("b", {"valueString": "0"})]})]


def test_a_new_response_starts_with_initial_answers() -> None:
    definition = compiled(
        group("g", question("a", initial=[X]), question("b", repeats=True, initial=[X, X, {"valueString": "y"}])),
        question("c", "choice", answerOption=[
            {"valueString": "no"}, {"valueString": "yes", "initialSelected": True}]),
        question("d", "quantity", initial=[{"valueQuantity": {"value": 1}}],
                 extension=[extension("minValue", valueInteger=0)]),
    )  # fmt: skip
    start = new_response(definition)
    assert start["questionnaire"] == "https://example.org/Questionnaire/test|1"
    assert answers_of(start, "a") == (X,)
    assert answers_of(start, "b") == (X, {"valueString": "y"})
    assert answers_of(start, "c") == ({"valueString": "yes"},)
    assert answers_of(start, "d") == ({"valueQuantity": {"value": 1}},)
    assert "questionnaire" not in new_response(compiled(question("a"), url=None))


def test_odd_responses_have_no_answers() -> None:
    odd = response(
        {"linkId": 5}, answered("a"), {"linkId": "a", "answer": "x"}, {"linkId": "a", "answer": [5, {}]}
    )
    assert answers_of(odd, "a") == ()
    assert answers_of({"item": 5}, "a") == ()


def test_what_was_answered_below_before_there_were_answers_goes_to_the_first() -> None:
    definition = compiled(question("p", repeats=True, item=[question("c")]))
    draft = with_answers(definition, new_response(definition), "c", [{"valueString": "under"}])
    for texts in (["a", "b"], ["a"]):
        both = with_answers(definition, draft, "p", [{"valueString": text} for text in texts])
        assert answers_of(both, "c", within={"p": 0}) == ({"valueString": "under"},)
        assert answers_of(both, "p") == tuple({"valueString": text} for text in texts)


def nodes(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[list[dict[str, Any]]]:
    answer = st.fixed_dictionaries({"valueInteger": st.integers(0, 3)}, optional={"item": inner})
    empty = st.fixed_dictionaries({}, optional={"item": inner})
    return st.lists(
        st.fixed_dictionaries(
            {"linkId": st.sampled_from(["a", "b", "c", "d", 7])},
            optional={"item": inner, "answer": st.lists(answer | empty, max_size=2)},
        ),
        max_size=4,
    )


@given(st.recursive(nodes(st.just([])), nodes, max_leaves=12))
def test_all_answers_at_once_are_those_one_by_one(items: list[dict[str, Any]]) -> None:
    document = {"item": items}
    one_by_one = {link_id: answers_of(document, link_id) for link_id in "abcd"}
    assert every_answer(document) == {link_id: given for link_id, given in one_by_one.items() if given}
