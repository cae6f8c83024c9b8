"""Repeating groups and repeating answers on the page: fields, errors, buttons and what is read back."""

from typing import Any

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.utils import timezone

from questionnaires import engine
from questionnaires.answers import answered_items
from questionnaires.engine import Definition
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.form_reading import RowChange, form_fields, lines_shown, shown_with
from questionnaires.models import Response
from questionnaires.places import Place, address_of, answers_at, place_at, row_at
from questionnaires.rendering import Control, render_page
from questionnaires.services import TooManyRows, apply_fields, change_rows, save_answers, start_response
from tests.factories import CitizenFactory, MunicipalityFactory, QuestionnaireVersionFactory

MOST = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs", "valueInteger": 3}
LEAST = {"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-minOccurs", "valueInteger": 2}
SOURCE: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/rows",
    "status": "active",
    "title": "Din medicin",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Medicin",
            "item": [
                {
                    "linkId": "med",
                    "type": "group",
                    "text": "Dine lægemidler",
                    "repeats": True,
                    "extension": [MOST],
                    "item": [
                        {"linkId": "name", "type": "string", "text": "Hvad hedder det?"},
                        {"linkId": "daily", "type": "boolean", "text": "Tager du det hver dag?"},
                        {
                            "linkId": "dose",
                            "type": "integer",
                            "text": "Hvor mange gange?",
                            "required": True,
                            "enableWhen": [{"question": "daily", "operator": "=", "answerBoolean": True}],
                        },
                    ],
                },
                {"linkId": "side", "type": "string", "text": "Hvad mærker du?", "repeats": True},
            ],
        }
    ],
}


@pytest.fixture(scope="module")
def definition() -> Definition:
    compiled = engine.compile_questionnaire(SOURCE).definition
    assert compiled is not None
    return compiled


@pytest.fixture
def two_rows(definition: Definition) -> dict[str, Any]:
    """Panodil, not daily; and row k1, daily."""
    draft = engine.with_row(definition, engine.new_response(definition), "med", ("k1",))
    fields = {"name#0": ["Panodil"], "daily#0": ["false"], "name#k1": ["Ipren"], "daily#k1": ["true"]}
    draft, issues = apply_fields(definition, draft, fields)
    assert issues == ()
    return draft


def html(definition: Definition, draft: dict[str, Any], **more: Any) -> str:
    view = render_page(definition, definition.pages[0], draft, **more)
    return render_to_string("questionnaires/page.html", {"page_view": view})


def posted(*pairs: tuple[str, str]) -> QueryDict:
    post = QueryDict(mutable=True)
    for name, value in pairs:
        post.appendlist(name, value)
    return post


@pytest.mark.parametrize(
    ("link_id", "rows", "address"),
    [("q", (), "q"), ("dose", ("0",), "dose#0"), ("a", ("0", "k1"), "a#0,k1"), ("q#1", (), "q#1#")],
)
def test_addresses(link_id: str, rows: tuple[str, ...], address: str) -> None:
    assert address_of(link_id, rows) == address


@pytest.mark.parametrize(
    "address", ["name", "name#", "name#0,1", "name#a b", "x", "", "side#0", "#", "name#" + "k" * 5000]
)
def test_what_names_no_place_is_none(definition: Definition, address: str) -> None:
    assert place_at(definition, address) is None


def test_places_and_rows_are_read_back(definition: Definition) -> None:
    assert place_at(definition, "name#k1") == Place("name", ("k1",))
    assert row_at(definition, "med#k1") == Place("med", ("k1",))
    assert row_at(definition, "name#k1") is None
    assert row_at(definition, "med") is None


def test_each_row_has_fields_of_its_own_and_asks_by_its_own_answers(
    definition: Definition, two_rows: dict[str, Any]
) -> None:
    page = render_page(definition, definition.pages[0], two_rows)
    rows = page.items[0]
    assert rows.control is Control.ROWS
    assert [row.label for row in rows.items] == ["1 af 2", "2 af 2"]
    assert [[view.address for view in row.items] for row in rows.items] == [
        ["name#0", "daily#0"],
        ["name#k1", "daily#k1", "dose#k1"],
    ]
    shown = html(definition, two_rows)
    assert 'name="a:dose#k1"' in shown
    assert 'name="remove-row"' in shown
    assert 'name="add-row"' in shown


def test_one_row_needs_no_number_and_cannot_be_removed(definition: Definition) -> None:
    shown = html(definition, engine.new_response(definition))
    assert "1 af 1" not in shown
    assert "remove-row" not in shown
    assert "Du kan udfylde højst 3." in shown


def test_an_error_stands_in_its_row(definition: Definition, two_rows: dict[str, Any]) -> None:
    finished = engine.finish(definition, two_rows)
    problems = engine.validate(definition, finished, draft=False)
    page = render_page(definition, definition.pages[0], two_rows, problems=problems)
    assert [name for name, _sentence in page.errors] == ["a:dose#k1"]


def test_what_cannot_be_read_names_its_row(definition: Definition, two_rows: dict[str, Any]) -> None:
    draft, issues = apply_fields(definition, two_rows, {"dose#k1": ["to"], "name#0": ["Pinex"]})
    assert [(issue.link_id, issue.rows) for issue in issues] == [("dose", ("k1",))]
    page = render_page(definition, definition.pages[0], draft, problems=issues, raw={"dose#k1": ["to"]})
    assert [(view.address, view.value) for view in page.walk() if view.error] == [("dose#k1", "to")]
    assert answers_at(definition, draft, Place("name", ("0",))) == ({"valueString": "Pinex"},)


def test_buttons_ask_for_rows_of_the_page_only(definition: Definition, two_rows: dict[str, Any]) -> None:
    page = definition.pages[0]
    added = RowChange.asked_by(definition, page, posted(("add-row", "med")))
    assert added is not None
    assert added.added is not None
    assert added.added.link_id == "med"
    removed = RowChange.asked_by(definition, page, posted(("remove-row", "med#k1")))
    assert removed == RowChange(removed=Place("med", ("k1",)))
    for name, value in [("add-row", "side"), ("add-row", "p"), ("remove-row", "name#0"), ("add-row", "?")]:
        assert RowChange.asked_by(definition, page, posted((name, value))) is None


def test_rows_come_and_go_within_their_bounds(definition: Definition, two_rows: dict[str, Any]) -> None:
    three = change_rows(definition, two_rows, RowChange(added=Place("med", ("k2",))))
    assert "Der kan ikke tilføjes flere." in html(definition, three)
    with pytest.raises(TooManyRows, match="højst udfylde 3"):
        change_rows(definition, three, RowChange(added=Place("med", ("k3",))))
    one = change_rows(definition, two_rows, RowChange(removed=Place("med", ("0",))))
    assert answers_at(definition, one, Place("name", ("k1",))) == ({"valueString": "Ipren"},)
    assert change_rows(definition, one, RowChange(removed=Place("med", ("k1",)))) == one  # the last one stays
    contested = change_rows(
        definition, two_rows, RowChange(removed=Place("med", ("k1",))), contested={"name#k1"}
    )
    assert contested == two_rows


def test_ten_thousand_rows_are_refused_in_plain_words(definition: Definition) -> None:
    fields = {f"name#k{number}": ["x"] for number in range(10_000)}
    with pytest.raises(TooManyRows, match="Dine svar er gemt"):
        apply_fields(definition, engine.new_response(definition), fields)
    with pytest.raises(TooManyRows):
        apply_fields(definition, engine.new_response(definition), {"side": ["x"] * 10_000})


def test_several_answers_have_a_field_each(definition: Definition) -> None:
    post = posted(("a:side", "Kvalme"), ("a:side", ""), ("a:side", "Svimmel"))
    fields = form_fields(definition, definition.pages[0], post)
    assert fields == {"side": ["Kvalme", "Svimmel"]}
    draft, _issues = apply_fields(definition, {}, fields)
    page = render_page(definition, definition.pages[0], draft, lines=lines_shown(post))
    assert page.items[1].lines == ("Kvalme", "Svimmel", "")
    more = posted(("a:side", "Kvalme"), ("a:side", "Svimmel"), ("add-line", "side"))
    assert render_page(definition, definition.pages[0], draft, lines=lines_shown(more)).items[1].lines[
        2:
    ] == ("",)
    less = posted(("a:side", "Kvalme"), ("a:side", "Svimmel"), ("remove-line", "0 side"))
    assert form_fields(definition, definition.pages[0], less) == {"side": ["Svimmel"]}
    assert lines_shown(less) == {"side": 1}


def test_to_read_rows_have_headings_and_links_of_their_own(
    definition: Definition, two_rows: dict[str, Any]
) -> None:
    draft = change_rows(definition, two_rows, RowChange(added=Place("med", ("k2",))))  # left empty
    (group,) = answered_items(definition, draft)
    assert [section.title for section in group.sections] == [
        "Dine lægemidler: 1 af 2",
        "Dine lægemidler: 2 af 2",
        "",
    ]
    assert [item.field_name for item in group.items][:2] == ["a:name#0", "a:daily#0"]
    assert group.items[2].answers == ("Ipren",)


def test_a_page_may_itself_repeat() -> None:
    group = SOURCE["item"][0]["item"][0]
    definition = engine.compile_questionnaire(
        {**SOURCE, "item": [{**group, "extension": [LEAST]}]}
    ).definition
    assert definition is not None
    page = render_page(definition, definition.pages[0], engine.new_response(definition))
    assert page.items[0].control is Control.ROWS
    assert page.items[0].hint == "Udfyld mindst 2."
    assert engine.row_keys(definition, {}, "med", ()) == ("0",)


@pytest.mark.django_db
class TestTwoDevices:
    def begin(self) -> Response:
        version = QuestionnaireVersionFactory(source=SOURCE)
        response = start_response(
            citizen=CitizenFactory(),
            municipality_id=MunicipalityFactory().pk,
            version=version,
            at=timezone.now(),
        )
        return save_answers(
            response=response,
            fields={"name#0": ["Panodil"], "daily#0": []},
            rows=RowChange(added=Place("med", ("k1",))),
            at=timezone.now(),
        ).response

    def test_an_answer_in_a_row_that_was_removed_brings_it_back(self, definition: Definition) -> None:
        response = self.begin()
        empty = answers_fingerprint(())
        fields = {"name#k1": ["Ipren"]}
        save_answers(response=response, fields=fields, shown={"name#k1": empty}, at=timezone.now())
        before = Response.objects.get().document
        shown = {
            address: answers_fingerprint(answers_at(definition, before, Place(address[:-3], ("k1",))))
            for address in ("name#k1", "daily#k1")
        }
        save_answers(
            response=response, fields={}, rows=RowChange(removed=Place("med", ("k1",))), at=timezone.now()
        )
        # The other device has the row still: untouched it stays away, answered it comes back whole.
        as_it_was = {"name#k1": ["Ipren"], "daily#k1": []}
        saved = save_answers(response=response, fields=as_it_was, shown=shown, at=timezone.now())
        assert engine.row_keys(definition, saved.response.document, "med", ()) == ("0",)
        answered = {"name#k1": ["Ipren"], "daily#k1": ["true"]}
        saved = save_answers(response=response, fields=answered, shown=shown, at=timezone.now())
        assert engine.row_keys(definition, saved.response.document, "med", ()) == ("0", "k1")
        document = saved.response.document
        assert answers_at(definition, document, Place("name", ("k1",))) == ({"valueString": "Ipren"},)
        assert saved.contested == frozenset()

    def test_the_same_row_answered_otherwise_elsewhere_is_contested_by_its_address(self) -> None:
        response = self.begin()
        shown = shown_with(posted(("shown", f"name#k1 {answers_fingerprint(())}")))
        save_answers(response=response, fields={"name#k1": ["Ipren"]}, shown=shown, at=timezone.now())
        saved = save_answers(response=response, fields={"name#k1": ["Pinex"]}, shown=shown, at=timezone.now())
        assert saved.contested == {"name#k1"}
