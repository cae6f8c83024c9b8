"""Long lists: what is found by a few letters, and how what is typed or chosen becomes an answer."""

import time
from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string

from questionnaires import engine
from questionnaires.controls import Control, control_of
from questionnaires.engine import Definition, Item
from questionnaires.form_reading import form_fields
from questionnaires.option_search import find_options, fold, found_in_words
from questionnaires.rendering import ItemView, render_page
from questionnaires.services import apply_fields
from tests.questionnaires.test_rendering import form, posted, question

TOWNS = ["Ærøskøbing", "Aalborg", "Årslev", "Nørre Aaby", "Aabenraa", "Århus N", "Øster Hornum", "Café-byen"]
AUTOCOMPLETE = {
    "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
    "valueCodeableConcept": {"coding": [{"code": "autocomplete"}]},
}


def options(*names: str, count: int = 0) -> list[dict[str, Any]]:
    labels = [*names, *[f"Sted {number}" for number in range(count)]]
    return [{"valueCoding": {"code": f"c{n}", "display": label}} for n, label in enumerate(labels)]


def searched(kind: str = "choice", **more: Any) -> Definition:
    return form(question(kind, answerOption=options(*TOWNS, count=60), **more))


def item_of(definition: Definition) -> Item:
    return definition.by_link_id["q.1"]


def view_of(definition: Definition, draft: dict[str, Any], **more: Any) -> ItemView:
    (view,) = render_page(definition, definition.pages[0], draft, **more).items
    return view


def read(definition: Definition, *pairs: tuple[str, str]) -> dict[str, list[str]]:
    post: QueryDict = posted(("asked", "q.1"), *pairs)
    return form_fields(definition, definition.pages[0], post)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("ærø", "Ærøskøbing"),
        ("AERO", "Ærøskøbing"),
        ("ålb", "Aalborg"),
        ("alborg", "Aalborg"),
        ("aarhus", "Århus N"),
        ("aby nor", "Nørre Aaby"),
        ("oester", "Øster Hornum"),
        ("oster", "Øster Hornum"),
        ("cafe", "Café-byen"),
        ("hornum", "Øster Hornum"),
    ],
)
def test_letters_are_found_however_they_are_typed(query: str, first: str) -> None:
    found, _count = find_options(item_of(searched()), query)
    assert found[0].label == first


def test_what_begins_so_comes_first() -> None:
    found, count = find_options(
        item_of(form(question("choice", answerOption=options("Ny by", "Bykøbing", "Lyby")))), "by"
    )
    assert [option.label for option in found] == ["Bykøbing", "Ny by", "Lyby"]
    assert count == 3


def test_no_more_than_twenty_and_how_many_there_are() -> None:
    found, count = find_options(item_of(searched()), "sted")
    assert (len(found), count) == (20, 60)
    assert found_in_words(20, 1234) == "Vi viser 20 af 1.234. Skriv mere for at finde din."
    assert found_in_words(1, 1) == "1 mulighed passer."
    assert "Intet passer" in found_in_words(0, 0)
    assert find_options(item_of(searched()), "x" * 100_000) == ((), 0)
    assert len(find_options(item_of(searched()), " ")[0]) == 20


@pytest.mark.parametrize(
    ("count", "more", "control"),
    [
        (40, {}, Control.SELECT),
        (41, {}, Control.SEARCH),
        (41, {"repeats": True}, Control.SEARCH),
        (13, {"extension": [AUTOCOMPLETE]}, Control.SEARCH),
        (5, {"extension": [AUTOCOMPLETE]}, Control.SELECT),
    ],
)
def test_when_a_list_is_searched(count: int, more: dict[str, Any], control: Control) -> None:
    definition = form(question("choice", answerOption=options(count=count), **more))
    assert control_of(item_of(definition)) is control


def test_the_page_holds_what_is_chosen_and_nothing_else() -> None:
    definition = searched()
    draft, _issues = apply_fields(definition, {}, {"q.1": ["c1"]})
    view = view_of(definition, draft)
    assert view.options == (("c1", "Aalborg"),)
    assert view.query == "Aalborg"
    html = render_to_string(
        "questionnaires/page.html", {"page_view": render_page(definition, definition.pages[0], draft)}
    )
    assert "Ærøskøbing" not in html
    assert html.count(' name="a:q.1"') == 1


def test_what_was_typed_is_the_answer_if_it_is_an_options_name() -> None:
    definition = searched()
    fields = read(definition, ("s:q.1", "aalborg"), ("w:q.1", ""))
    draft, issues = apply_fields(definition, {}, fields)
    assert issues == ()
    assert engine.answers_of(draft, "q.1")[0]["valueCoding"]["code"] == "c1"


def test_what_was_typed_otherwise_shows_what_it_finds_and_loses_nothing() -> None:
    definition = searched()
    before, _issues = apply_fields(definition, {}, {"q.1": ["c1"]})
    fields = read(definition, ("a:q.1", "c1"), ("s:q.1", "aab"), ("w:q.1", "Aalborg"))
    draft, issues = apply_fields(definition, before, fields)
    assert draft == before
    view = view_of(definition, draft, problems=issues, raw=fields)
    assert view.query == "aab"
    assert {label for _key, label in view.options} >= {"Nørre Aaby", "Aabenraa"}
    assert view.error
    # One of what was found is then chosen by its radio button, the words still standing above it.
    chosen = read(definition, ("a:q.1", "c4"), ("s:q.1", "aab"), ("w:q.1", "aab"))
    draft, issues = apply_fields(definition, before, chosen)
    assert (issues, engine.answers_of(draft, "q.1")[0]["valueCoding"]["code"]) == ((), "c4")


def test_several_are_chosen_one_after_the_other() -> None:
    definition = searched(repeats=True)
    fields = read(definition, ("a:q.1", "c1"), ("s:q.1", "Ærøskøbing"), ("w:q.1", ""))
    draft, _issues = apply_fields(definition, {}, fields)
    view = view_of(definition, draft)
    assert view.takes_several
    assert view.values == ("c1", "c0")
    assert view.query == ""


def test_fifty_thousand_options_cost_a_page_nothing() -> None:
    definition = form(question("choice", answerOption=options("Ærøskøbing", count=50_000)))
    draft, _issues = apply_fields(definition, {}, {"q.1": ["c0"]})
    render_page(definition, definition.pages[0], draft)
    began = time.perf_counter()
    view = render_page(definition, definition.pages[0], draft)
    html = render_to_string("questionnaires/page.html", {"page_view": view})
    took = time.perf_counter() - began
    assert len(html) < 10_000
    assert took < 0.5  # a list of all of them takes some seconds
    assert fold(" Ærø ") == "aero"
