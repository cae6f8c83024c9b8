"""Whatever is done in whatever order: the engine reads the document, and undoing gives it back."""

from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.authoring import agreements, answers, deltas, elements, moves, patches, scores
from questionnaires.authoring import settings as element_settings
from questionnaires.authoring.excerpt import MOST_ITEMS, excerpt
from questionnaires.authoring.kinds import ADDABLE
from questionnaires.authoring.outline import Row, outline, rows_between
from questionnaires.authoring.reach import astray
from questionnaires.authoring.refusals import CannotDo
from questionnaires.authoring.tree import Source, link_ids, walk
from questionnaires.engine import compile_questionnaire

# What only a person can give: answers to choose among, and a least below the greatest.
UNFINISHED = {"option.none", "item.values-reversed", "questionnaire.empty"}

Act = Callable[[Source, str, str, int], Source]


def _condition(source: Source, link_id: str, other: str, number: int) -> Source:
    """As the panel for conditions writes it; where the engine would not take it, it is not written."""
    condition = {"question": other, "operator": "exists", "answerBoolean": True}
    made = deepcopy(source)
    for _, item in walk(made):
        if item["linkId"] == link_id:
            item["enableWhen"] = [condition]
    return source if _structural(made) else made


def _score(source: Source, link_id: str, other: str, number: int) -> Source:
    made = deepcopy(source)
    url = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
    expression = f"%resource.repeat(item).where(linkId = '{other}').answer.value.weight().sum()"
    for _, item in walk(made):
        if item["linkId"] == link_id and item["type"] == "decimal":
            item["extension"] = [
                {"url": url, "valueExpression": {"language": "text/fhirpath", "expression": expression}}
            ]
    return made


def _agreement(source: Source, link_id: str, other: str, number: int) -> Source:
    """A rule between answers, where the two questions can be compared."""
    rules = agreements.agreements_of(source, link_id).found
    item = next(item for _, item in walk(source) if item["linkId"] == link_id)
    known = agreements.comparisons_for(item)
    fitting = {one["linkId"] for one in agreements.questions_for(source, link_id)}
    if other not in fitting or len(rules) > 2:
        return source
    rule = agreements.Agreement(known[number % len(known)], other, None, "Nej.")
    return agreements.with_agreements(source, link_id, [*rules, rule])


def _sum(source: Source, link_id: str, other: str, number: int) -> Source:
    """A score as its panel writes it."""
    item = next(item for _, item in walk(source) if item["linkId"] == link_id)
    counted = [one["linkId"] for one in scores.questions_for(source, link_id)]
    if not scores.can_be_score(item) or not counted:
        return source
    return scores.with_score(
        source, link_id, scores.Scoring(tuple(map(scores.Part, counted[: 1 + number % 4])))
    )


def _answers(source: Source, link_id: str, other: str, number: int) -> Source:
    labels = ["Slet ikke", "Lidt", "Meget", "Meget"][: number % 5]
    return answers.with_answers(source, link_id, [answers.Answer(label=label) for label in labels])


def _setting(source: Source, link_id: str, other: str, number: int) -> Source:
    item = next(item for _, item in walk(source) if item["linkId"] == link_id)
    known = element_settings.settings_for(item)
    setting = known[number % len(known)]
    value = setting.read(item)
    if isinstance(value, bool):
        value = not value
    elif isinstance(value, str):
        value = "" if value else "Ord"
    elif setting.name in ("decimals", "max_length", "min_occurs", "max_occurs"):
        value = number % 3
    else:
        value = None
    return element_settings.with_setting(source, link_id, setting.name, value)


ACTS: list[Act] = [
    *[
        lambda source, link_id, other, number, kind=kind: elements.added(
            source, kind, at=link_id, scale=answers.scale("urn:x", ["Nej", "Ja"])
        )[0]
        for kind in ADDABLE
    ],
    *[
        lambda source, link_id, other, number, move=move: moves.moved(source, link_id, move)
        for move in moves.Move
    ],
    *[
        lambda source, link_id, other, number, side=side: moves.moved_to(source, link_id, by=other, side=side)
        for side in moves.Side
    ],
    lambda source, link_id, other, number: elements.duplicated(source, link_id)[0],
    lambda source, link_id, other, number: elements.deleted(source, link_id),
    lambda source, link_id, other, number: elements.deleted(source, link_id, with_uses=True),
    _condition,
    _condition,
    _score,
    _agreement,
    _agreement,
    _sum,
    _answers,
    _setting,
    _setting,
]


def _structural(source: Source) -> set[str]:
    issues = compile_questionnaire(source).issues
    return {issue.key for issue in issues if issue.is_error} - UNFINISHED


def _outline_is_patched(before: Source, after: Source) -> None:
    """The rows that differ, put in the place of those that were there, below the one above."""
    above, gone, come = rows_between(before, after)
    was, is_now = outline(before), outline(after)
    start = is_now.index(above) + 1 if above else 0
    end = len(is_now) - start - len(come)
    assert is_now[start : start + len(come)] == come
    assert was[start : len(was) - end] == gone
    assert [_look(row) for row in was[:start]] == [_look(row) for row in is_now[:start]]
    assert [_look(row) for row in was[len(was) - end :]] == [
        _look(row) for row in is_now[len(is_now) - end :]
    ]


def _look(row: Row) -> Row:
    return replace(row, path=())


@given(
    st.lists(
        st.tuples(st.integers(0, len(ACTS) - 1), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60)),
        min_size=10,
        max_size=50,
    )
)
@settings(max_examples=80)
def test_the_engine_reads_what_comes_out_and_undo_gives_back_what_was_there(
    plan: list[tuple[int, int, int, int]],
) -> None:
    source = elements.empty_questionnaire(url="urn:uuid:x", title="Prøve")
    history: list[tuple[Source, deltas.Delta]] = []
    for which, first, second, number in plan:
        known = [item["linkId"] for _, item in walk(source)]
        one, other = (known[at % len(known)] if known else "" for at in (first, second))
        before = deepcopy(source)
        try:
            made = ACTS[which](source, one, other, number)
        except (CannotDo, StopIteration):
            assert source == before
            continue
        assert deltas.same(source, before), "what it is given stays as it was"
        ids = [item["linkId"] for _, item in walk(made)]
        assert len(ids) == len(set(ids))
        assert all(ids)
        assert not _structural(made)
        assert not list(astray(made)), "rules and scores find what they name, once"
        delta = deltas.between(source, made)
        assert deltas.same(deltas.apply(source, delta), made)
        patch = patches.between(source, made)
        assert patch is None or deltas.same(deltas.apply(source, patch), made)
        _outline_is_patched(source, made)
        history.append((source, delta))
        source = made
    shown = {row.link_id for row in outline(source)}
    assert shown <= link_ids(source)
    for link_id in list(shown)[:5]:
        part = excerpt(source, link_id)
        assert link_id in link_ids(part)
        assert sum(1 for _ in walk(part)) <= 2 * MOST_ITEMS + 2
    for before, delta in reversed(history):
        source = deltas.apply(source, deltas.inverse(delta))
        assert deltas.same(source, before)


def json_values() -> st.SearchStrategy[Any]:
    leaves = st.none() | st.booleans() | st.integers(-3, 3) | st.sampled_from(["", "a", "b"])
    return st.recursive(
        leaves,
        lambda below: (
            st.lists(below, max_size=4) | st.dictionaries(st.sampled_from("abc"), below, max_size=3)
        ),
        max_leaves=12,
    )


@given(json_values(), json_values())
def test_a_delta_leads_there_and_back(before: Any, after: Any) -> None:
    delta = deltas.between(before, after)
    assert deltas.same(deltas.apply(before, delta), after)
    assert deltas.same(deltas.apply(after, deltas.inverse(delta)), before)
