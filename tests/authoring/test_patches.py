"""A patch says at few places what a document becomes; it leads to the same as any other way."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from benchmarks.forms import form
from questionnaires.authoring import deltas, elements, moves, patches, settings
from questionnaires.authoring.kinds import Kind
from questionnaires.authoring.moves import Move, Side
from questionnaires.authoring.tree import Source
from tests.authoring.documents import documents


@given(documents(), documents(), st.sampled_from([0, 4, patches.SMALL]))
@hypothesis_settings(max_examples=300)
def test_a_patch_leads_from_one_document_to_the_other(
    before: dict[str, Any], after: dict[str, Any], small: int
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(patches, "SMALL", small)
        delta = patches.between(before, after)
    if delta is None:
        return
    assert deltas.same(deltas.apply(before, delta), after)
    assert all(change["at"] for change in delta), "never the whole document"
    assert (delta == []) == deltas.same(before, after)
    places = sum(len(change["out"]) + len(change["in"]) if "out" in change else 1 for change in delta)
    assert places <= patches.MOST_PLACES


def _in_another_section(source: Source) -> Source:
    return moves.moved_to(source, "g3.4", by="g20.2", side=Side.AFTER)


@pytest.mark.parametrize(
    ("act", "most"),
    [
        (lambda one: settings.with_setting(one, "g7.5", "text", "Ny tekst"), 100),
        (lambda one: settings.with_setting(one, "g7.5", "max_length", 20), 1_000),
        (lambda one: moves.moved(one, "g7.5", Move.UP), 20_000),
        (lambda one: elements.added(one, Kind.DATE, at="g7.5", scale=[])[0], 20_000),
        (lambda one: elements.added(one, Kind.SECTION, at="g7.5", scale=[])[0], 1_000),
        (lambda one: elements.deleted(one, "g7.5"), 20_000),
        (lambda one: moves.moved(one, "g7", Move.DOWN), 40_000),
        (_in_another_section, 40_000),
        (lambda one: {**one, "title": "Ny titel", "description": "Ny"}, 200),
    ],
    ids=["text", "setting", "up", "add", "add section", "delete", "section down", "elsewhere", "head"],
)
@pytest.mark.parametrize("in_one_section", [False, True])
def test_an_act_on_500_elements_writes_what_it_touches(act: Any, most: int, in_one_section: bool) -> None:
    """Also where an import has put a section around all of it."""
    source: Source = form(500)
    if in_one_section:
        source = {**source, "item": [{"linkId": "all", "type": "group", "item": source["item"]}]}
    made = act(source)
    delta = patches.between(source, made)
    assert delta is not None
    assert deltas.same(deltas.apply(source, delta), made)
    assert len(json.dumps([[change["at"], change.get("new", change.get("in"))] for change in delta])) < most


def test_what_is_turned_over_is_written_as_a_whole() -> None:
    source = form(500)
    assert patches.between(source, {**source, "item": list(reversed(source["item"]))}) is None
    assert patches.between(source, source) == []
