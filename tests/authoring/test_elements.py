"""Single acts on a document, and what the engine reads of them."""

from dataclasses import fields
from decimal import Decimal
from typing import Any

import pytest

from questionnaires.authoring import answers, elements, moves, settings
from questionnaires.authoring.answers import Answer
from questionnaires.authoring.kinds import ADDABLE, Kind, kind_of
from questionnaires.authoring.outline import outline
from questionnaires.authoring.refusals import CannotDo, Reason
from questionnaires.authoring.tree import Source, find, link_ids
from questionnaires.engine import Item, ItemType, compile_questionnaire
from questionnaires.engine.vocabulary import NOT_YET_ASKED

SCALE = answers.scale("urn:uuid:x", ["Nej", "Ja"])
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"


def form() -> Source:
    """A section with a choice, a question that depends on it, and its score; and a second section."""
    return {
        "resourceType": "Questionnaire",
        "url": "urn:uuid:x",
        "title": "Prøve",
        "item": [
            {
                "linkId": "s",
                "type": "group",
                "text": "Smerter",
                "item": [
                    {"linkId": "q", "type": "choice", "text": "Hvor ondt?", "answerOption": SCALE},
                    {
                        "linkId": "d",
                        "type": "string",
                        "text": "Hvor?",
                        "enableWhen": [
                            {
                                "question": "q",
                                "operator": "=",
                                "answerCoding": SCALE[1]["valueCoding"],
                            }
                        ],
                    },
                    {
                        "linkId": "score",
                        "type": "decimal",
                        "text": "Samlet",
                        "readOnly": True,
                        "extension": [
                            {
                                "url": SDC,
                                "valueExpression": {
                                    "language": "text/fhirpath",
                                    "expression": "%resource.repeat(item).where(linkId = 'q').answer.value.weight()",
                                },
                            }
                        ],
                    },
                ],
            },
            {"linkId": "t", "type": "group", "text": "Søvn", "item": [{"linkId": "b", "type": "boolean"}]},
        ],
    }


def item(source: Source, link_id: str) -> Item:
    definition = compile_questionnaire(source).definition
    assert definition is not None
    return definition.by_link_id[link_id]


def names(source: Source) -> list[tuple[int, str]]:
    return [(row.depth, row.link_id) for row in outline(source)]


@pytest.mark.parametrize("kind", ADDABLE)
def test_each_kind_is_what_it_was_added_as(kind: Kind) -> None:
    source, link_id = elements.added(form(), kind, at="t", scale=SCALE)
    assert kind_of(find(source, link_id)) is kind
    named = settings.with_setting(source, link_id, "text", "Tekst")
    assert item(named, link_id).text == "Tekst"
    errors = [issue for issue in compile_questionnaire(named).issues if issue.is_error]
    assert not errors


def test_a_new_element_comes_into_the_group_or_after_the_question_and_a_section_after_the_section() -> None:
    inside, first = elements.added(form(), Kind.YES_NO, at="t", scale=SCALE)
    assert names(inside)[-1] == (2, first)
    after, second = elements.added(form(), Kind.YES_NO, at="q", scale=SCALE)
    assert names(after)[2] == (2, second)
    section, third = elements.added(form(), Kind.SECTION, at="q", scale=SCALE)
    assert names(section)[4] == (1, third)
    last, fourth = elements.added(form(), Kind.SECTION, at="", scale=SCALE)
    assert names(last)[-1] == (1, fourth)


def test_what_comes_into_a_matrix_is_a_row_with_its_answers() -> None:
    source, matrix = elements.added(form(), Kind.MATRIX, at="t", scale=SCALE)
    source = answers.with_answers(source, matrix, [Answer("Slet ikke"), Answer("Meget")])
    source, row = elements.added(source, Kind.NUMBER, at=matrix, scale=SCALE)
    assert [option.label for option in item(source, row).options] == ["Slet ikke", "Meget"]
    _, text = elements.added(source, Kind.TEXT_TO_READ, at=row, scale=SCALE)
    assert text not in link_ids(find(source, matrix))


def test_a_copy_depends_on_what_is_inside_it() -> None:
    source, copy = elements.duplicated(form(), "s")
    inside = find(source, copy)["item"]
    assert inside[1]["enableWhen"][0]["question"] == inside[0]["linkId"] != "q"
    expression = inside[2]["extension"][0]["valueExpression"]["expression"]
    assert f"'{inside[0]['linkId']}'" in expression
    assert "'q'" not in expression
    single, alone = elements.duplicated(form(), "d")
    assert find(single, alone)["enableWhen"][0]["question"] == "q"


def test_what_is_used_is_not_deleted_and_who_uses_it_is_named() -> None:
    with pytest.raises(CannotDo) as refusal:
        elements.deleted(form(), "q")
    assert refusal.value.reason is Reason.IN_USE
    assert refusal.value.names == ("Hvor?", "Samlet")
    left = elements.deleted(form(), "q", with_uses=True)
    assert names(left) == [(1, "s"), (2, "d"), (1, "t"), (2, "b")]
    assert "enableWhen" not in find(left, "d")


def test_a_section_goes_with_all_that_only_it_uses() -> None:
    assert names(elements.deleted(form(), "s")) == [(1, "t"), (2, "b")]


def test_what_the_whole_form_calculates_with_stays() -> None:
    variable = {
        "url": "http://hl7.org/fhir/StructureDefinition/variable",
        "valueExpression": {"language": "text/fhirpath", "expression": "%resource.item.where(linkId = 'b')"},
    }
    with pytest.raises(CannotDo) as refusal:
        elements.deleted(form() | {"extension": [variable]}, "b", with_uses=True)
    assert refusal.value.reason is Reason.IN_USE_BY_FORM


@pytest.mark.parametrize(
    ("link_id", "move", "expected"),
    [
        ("d", moves.Move.UP, ["s", "d", "q", "score", "t", "b"]),
        ("q", moves.Move.DOWN, ["s", "d", "q", "score", "t", "b"]),
        ("t", moves.Move.UP, ["t", "b", "s", "q", "d", "score"]),
        ("q", moves.Move.OUT, ["s", "d", "score", "q", "t", "b"]),
        ("t", moves.Move.INTO, ["s", "q", "d", "score", "t", "b"]),
    ],
)
def test_moves(link_id: str, move: moves.Move, expected: list[str]) -> None:
    assert [name for _, name in names(moves.moved(form(), link_id, move))] == expected


@pytest.mark.parametrize(
    ("link_id", "move"), [("q", moves.Move.UP), ("score", moves.Move.DOWN), ("s", moves.Move.OUT)]
)
def test_where_it_goes_no_further(link_id: str, move: moves.Move) -> None:
    with pytest.raises(CannotDo) as refusal:
        moves.moved(form(), link_id, move)
    assert refusal.value.reason is Reason.NO_PLACE


def test_to_a_place_before_after_and_inside_but_not_into_itself() -> None:
    assert names(moves.moved_to(form(), "b", by="d", side=moves.Side.BEFORE))[2] == (2, "b")
    assert names(moves.moved_to(form(), "q", by="d", side=moves.Side.AFTER))[2] == (2, "q")
    assert names(moves.moved_to(form(), "d", by="t", side=moves.Side.INSIDE))[-1] == (2, "d")
    with pytest.raises(CannotDo):
        moves.moved_to(form(), "s", by="q", side=moves.Side.AFTER)


def test_a_question_does_not_go_into_what_waits_for_its_answer() -> None:
    source = form()
    source["item"][1]["enableWhen"] = [{"question": "q", "operator": "exists", "answerBoolean": True}]
    with pytest.raises(CannotDo) as refusal:
        moves.moved_to(source, "q", by="t", side=moves.Side.INSIDE)
    assert refusal.value.reason is Reason.INSIDE_ITS_CONDITION
    assert refusal.value.names == ("Søvn",)


def test_an_answer_that_a_condition_asks_for_stays() -> None:
    known = answers.answers_of(find(form(), "q"))
    with pytest.raises(CannotDo) as refusal:
        answers.with_answers(form(), "q", known[:1])
    assert refusal.value.reason is Reason.OPTION_IN_USE
    assert refusal.value.names == ("Ja", "Hvor?")


def test_new_words_for_an_answer_leave_the_condition_on_it() -> None:
    yes = answers.answers_of(find(form(), "q"))[1]
    source = answers.with_answers(form(), "q", [Answer("Slet ikke"), Answer("Ja, meget", key=yes.key)])
    definition = compile_questionnaire(source)
    assert not [issue for issue in definition.issues if issue.key.startswith("condition.")]
    assert [option.label for option in item(source, "q").options] == ["Slet ikke", "Ja, meget"]


def test_two_answers_with_the_same_words_are_two_answers() -> None:
    source, link_id = elements.added(form(), Kind.ONE_CHOICE, at="t", scale=[])
    source = answers.with_answers(source, link_id, [Answer("Ja"), Answer("Ja"), Answer("ÆØÅ")])
    assert [option.key for option in item(source, link_id).options] == ["ja", "ja-2", "aeoeaa"]


def with_one(kind: Kind) -> tuple[Source, str]:
    return elements.added(form(), kind, at="t", scale=SCALE)


@pytest.mark.parametrize(
    ("kind", "name", "value", "attribute", "expected"),
    [
        (Kind.NUMBER, "help", "Skriv tallet", "help_text", "Skriv tallet"),
        (Kind.SECTION, "help", "Læs først", "help_text", "Læs først"),
        (Kind.YES_NO, "required", True, "required", True),
        (Kind.LINE_TO_10, "lower", "Ingen", "lower_label", "Ingen"),
        (Kind.LINE_TO_100, "upper", "Værst", "upper_label", "Værst"),
        (Kind.NUMBER_WITH_UNIT, "units", "kg", "unit", "kg"),
        (Kind.NUMBER, "unit", "dage", "unit", "dage"),
        (Kind.SHORT_TEXT, "max_length", 20, "max_length", 20),
        (Kind.SHORT_TEXT, "entry_format", "to ord", "entry_format", "to ord"),
        (Kind.SHORT_TEXT, "repeats", True, "repeats", True),
        (Kind.OWN_WORDS, "open_label", "Andet", "open_label", "Andet"),
        (Kind.ONE_CHOICE, "orientation", "horizontal", "orientation", "horizontal"),
        (Kind.ONE_CHOICE, "control", "drop-down", "control", "drop-down"),
        (Kind.ROWS, "max_occurs", 3, "max_occurs", 3),
        (Kind.YES_NO, "initial", True, "initial", ({"valueBoolean": True},)),
        (Kind.SHORT_TEXT, "initial", "Ja", "initial", ({"valueString": "Ja"},)),
        (Kind.DATE, "initial", "2026-12-31", "initial", ({"valueDate": "2026-12-31"},)),
        (Kind.TIME, "initial", "14:30", "initial", ({"valueTime": "14:30:00"},)),
        (
            Kind.DATE_AND_TIME,
            "initial",
            "31-12-2026 14:30",
            "initial",
            ({"valueDateTime": "2026-12-31T14:30:00+01:00"},),
        ),
        (Kind.DATE_AND_TIME, "initial", "01-07-2026", "initial", ({"valueDateTime": "2026-07-01"},)),
        (Kind.SHORT_TEXT, "read_only", True, "read_only", True),
        (Kind.SHORT_TEXT, "hidden", True, "hidden", True),
        (Kind.SHORT_TEXT, "prefix", "2a", "prefix", "2a"),
        (Kind.SECTION, "prefix", "B", "prefix", "B"),
        (Kind.YES_NO, "short_text", "Smerter", "short_text", "Smerter"),
        (Kind.SHORT_TEXT, "min_length", 3, "min_length", 3),
        (Kind.SHORT_TEXT, "pattern", "postcode", "regex", r"\d{4}"),
        (Kind.LINK, "max_length", 80, "max_length", 80),
        (Kind.LINK, "initial", "https://example.org", "initial", ({"valueUri": "https://example.org"},)),
        (Kind.TIME, "earliest", "08:00", "min_value", "08:00:00"),
        (Kind.TIME, "latest", "15:30", "max_value", "15:30:00"),
        (Kind.DATE_AND_TIME, "earliest", "2026-01-01", "min_value", "2026-01-01T00:00:00+01:00"),
        (Kind.DATE_AND_TIME, "latest", "2026-07-01", "max_value", "2026-07-01T23:59:59+02:00"),
        (Kind.TIME, "repeats", True, "repeats", True),
        (Kind.NUMBER_WITH_UNIT, "repeats", True, "repeats", True),
        (Kind.FILE, "files", "documents", "mime_types", ("application/pdf",)),
        (Kind.FILE, "files", "pictures", "mime_types", ("image/jpeg", "image/png")),
        (Kind.FILE, "max_size", Decimal("2.5"), "max_size", 2_621_440),
        (Kind.TEXT_TO_READ, "is_copyright", True, "is_copyright", True),
    ],
)
def test_the_engine_reads_what_was_set_and_nothing_when_it_is_taken_away(
    kind: Kind, name: str, value: Any, attribute: str, expected: Any
) -> None:
    source, link_id = with_one(kind)
    before = getattr(item(source, link_id), attribute)
    changed = settings.with_setting(source, link_id, name, value)
    assert getattr(item(changed, link_id), attribute) == expected
    assert settings.values_of(find(changed, link_id))[name] == value
    empty = False if value is True and name != "initial" else "" if isinstance(value, str) else None
    back = settings.with_setting(changed, link_id, name, empty)
    assert getattr(item(back, link_id), attribute) == before
    assert back == source


def test_decimals_change_the_kind_of_number_and_the_conditions_on_it() -> None:
    source, link_id = with_one(Kind.NUMBER)
    condition = {"question": link_id, "operator": ">", "answerInteger": 3}
    find(source, "b")["enableWhen"] = [condition]
    source = settings.with_setting(source, link_id, "least", Decimal(0))
    changed = settings.with_setting(source, link_id, "decimals", 1)
    assert find(changed, link_id)["type"] == "decimal"
    assert find(changed, "b")["enableWhen"][0] == {"question": link_id, "operator": ">", "answerDecimal": 3}
    assert settings.with_setting(changed, link_id, "decimals", 0) == source


def test_plain_words_take_the_place_of_mark_up() -> None:
    source = form()
    xhtml = {"url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml", "valueString": "<b>Hvor?</b>"}
    find(source, "d")["_text"] = {"extension": [xhtml]}
    changed = settings.with_setting(source, "d", "text", "Hvorhenne?")
    assert item(changed, "d").text == "Hvorhenne?"
    assert item(changed, "d").xhtml == ""


def test_help_that_was_imported_as_an_item_is_changed_where_it_stands() -> None:
    source = form()
    control = {"coding": [{"code": "help"}]}
    help_item = {
        "linkId": "h",
        "type": "display",
        "text": "Før",
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/questionnaire-itemControl",
                "valueCodeableConcept": control,
            }
        ],
    }
    find(source, "q")["item"] = [help_item]
    assert (3, "h") not in names(source)
    changed = settings.with_setting(source, "q", "help", "Efter")
    assert item(changed, "q").help_text == "Efter"
    assert find(changed, "h")["text"] == "Efter"
    assert "item" not in find(settings.with_setting(changed, "q", "help", ""), "q")


def test_a_setting_that_is_not_for_the_element_is_refused() -> None:
    with pytest.raises(CannotDo):
        settings.with_setting(form(), "s", "required", True)


def test_a_pattern_and_kinds_of_file_that_are_none_of_ours_stay() -> None:
    source, link_id = with_one(Kind.SHORT_TEXT)
    find(source, link_id)["extension"] = [
        {"url": "http://hl7.org/fhir/StructureDefinition/regex", "valueString": "[A-C]+"}
    ]
    assert settings.values_of(find(source, link_id))["pattern"] == "[A-C]+"
    assert settings.with_setting(source, link_id, "pattern", "[A-C]+") == source
    source, link_id = with_one(Kind.FILE)
    find(source, link_id)["extension"] = [
        {"url": "http://hl7.org/fhir/StructureDefinition/mimeType", "valueCode": "image/png"}
    ]
    assert settings.values_of(find(source, link_id))["files"] == "image/png"
    assert settings.with_setting(source, link_id, "files", "image/png") == source


def test_a_short_name_is_changed_where_it_stands() -> None:
    url = "http://ehealth.sundhed.dk/fhir/StructureDefinition/ehealth-questionnaire-shortText"
    source, link_id = with_one(Kind.YES_NO)
    find(source, link_id)["_text"] = {"extension": [{"url": url, "valueString": "Smerter"}]}
    assert settings.values_of(find(source, link_id))["short_text"] == "Smerter"
    changed = settings.with_setting(source, link_id, "short_text", "Ondt")
    assert item(changed, link_id).short_text == "Ondt"
    assert "extension" not in find(changed, link_id)
    assert "_text" not in find(settings.with_setting(source, link_id, "short_text", ""), link_id)


def test_how_many_answers_is_asked_only_of_what_is_answered_several_times() -> None:
    source, link_id = with_one(Kind.DATE)
    assert "max_occurs" not in settings.values_of(find(source, link_id))
    several = settings.with_setting(source, link_id, "repeats", True)
    assert "max_occurs" in settings.values_of(find(several, link_id))
    three = settings.with_setting(several, link_id, "max_occurs", 3)
    assert item(three, link_id).max_occurs == 3
    assert settings.with_setting(three, link_id, "repeats", False) == source


SET_BY_A_SETTING = {
    "text", "prefix", "short_text", "help_text", "required", "repeats", "read_only", "hidden", "control",
    "orientation", "max_length", "min_length", "regex", "entry_format", "max_decimal_places", "min_value",
    "max_value", "step", "unit", "unit_coding", "unit_options", "lower_label", "upper_label", "open_label", "initial",
    "min_occurs", "max_occurs", "is_copyright", "mime_types", "max_size",
}  # fmt: skip
SET_OTHERWISE = {
    "options": "the answers", "open_choice": "the kind", "type": "the kind", "items": "the outline",
    "parent": "the outline", "enable_when": "a panel", "enable_behavior": "a panel", "calculated": "a panel",
    "significance": "a panel", "feedback": "a panel", "image": "a panel", "xhtml": "a panel",
    "help_xhtml": "a panel", "constraints": "a panel", "translations": "their page",
}  # fmt: skip
NOT_SET = {
    "link_id": "ours to make", "codes": "ours to make", "definition": "ours to make",
    "path": "where it stands", "is_asked": "follows from the rest",
    "min_quantity": "bounds are in the question's own unit", "max_quantity": "bounds are in the question's own unit",
    "unit_value_set": "units stand in the form, one by one",
    "unit_translations": "translated with all other texts", "unit_words": "follows from the language",
    "answer_value_set": "answers stand in the form, from a kept list",
    "variables": "FHIRPath", "initial_expression": "FHIRPath",
    "enable_when_expression": "FHIRPath", "answer_expression": "FHIRPath",
    "usage_mode": "“hidden” says the same to people",
    "reference_targets": "nobody can answer a reference", "reference_profiles": "nobody can answer a reference",
}  # fmt: skip


def test_what_the_engine_knows_of_an_item_can_be_set_or_has_a_reason_not_to() -> None:
    known = {one.name for one in fields(Item)}
    assert known == SET_BY_A_SETTING | SET_OTHERWISE.keys() | NOT_SET.keys()


def test_every_type_that_people_can_be_asked_for_can_be_added() -> None:
    made = {find(*with_one(kind))["type"] for kind in ADDABLE}
    assert made == set(ItemType) - NOT_YET_ASKED - {"decimal"}
    source, link_id = with_one(Kind.NUMBER)
    assert find(settings.with_setting(source, link_id, "decimals", 1), link_id)["type"] == "decimal"
