"""Texts and their translations: all are found and written where the engine reads them, and what is old is marked."""

import json
from copy import deepcopy
from typing import Any

import pytest

from questionnaires.authoring import settings
from questionnaires.authoring.translations import (
    LONGEST_TRANSLATION,
    Kind,
    State,
    Text,
    Wanted,
    languages_in,
    mark_of,
    own_language,
    progress,
    texts_of,
    translated,
)
from questionnaires.controls import unit_names, unit_of
from questionnaires.engine import (
    Definition,
    compile_questionnaire,
    display_value,
    form_values,
    languages_of,
    read_form_values,
    split_unit,
    worded,
)
from tests.engine.small_forms import CORE, control, extension, form, group, question
from tests.translated_form import TRANSLATED

FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/"


def parts(url: str, **values: Any) -> dict[str, Any]:
    return {"url": url, "extension": [{"url": name, **value} for name, value in values.items()]}


def display(link_id: str, code: str, text: str) -> dict[str, Any]:
    return {"linkId": link_id, "type": "display", "text": text, "extension": [control(code)]}


ANIMALS = [{"code": "x", "display": "Kat"}, {"code": "y", "display": "Hund"}]
EVERYTHING = form(
    group(
        "g",
        question(
            "line",
            "integer",
            prefix="A1.",
            extension=[
                extension("minValue", valueInteger=0),
                extension("maxValue", valueInteger=10),
                {"url": f"{SDC}sdc-questionnaire-shortText", "valueString": "Kort"},
                extension("questionnaire-unit", valueCoding={"code": "d", "display": "dage"}),
                parts(
                    f"{FUT}ehealth-questionnaire-feedback",
                    min={"valueInteger": 0},
                    max={"valueInteger": 5},
                    value={"valueString": "Det er fint"},
                ),
                parts(
                    f"{CORE}questionnaire-constraint",
                    key={"valueId": "c1"},
                    severity={"valueCode": "error"},
                    expression={"valueString": "true"},
                    human={"valueString": "Det kan ikke passe"},
                ),
            ],
            item=[
                display("help", "help", "Hjælp her"),
                display("low", "lower", "Godt"),
                display("up", "upper", "Skidt"),
            ],
        ),
        question(
            "open",
            "open-choice",
            answerOption=[
                {"valueCoding": {"code": "a", "display": "Ja tak"}},
                {"valueString": "Måske"},
                {"valueCoding": {"code": "5", "display": "5"}},
            ],
            extension=[{"url": f"{SDC}sdc-questionnaire-openLabel", "valueString": "Andet"}],
        ),
        question("fut", extension=[parts(f"{FUT}ehealth-questionnaire-helpText", text={"valueString": "FUT hjælp"})]),
        question("told", extension=[extension("questionnaire-instruction", valueString="Vejledning")]),
        question("set", "choice", answerValueSet="#vs"),
        question("secret", extension=[extension("questionnaire-hidden", valueBoolean=True)]),
        {"linkId": "read", "type": "display", "text": "Læs det her"},
    ),
    description="Om skemaet",
    contained=[
        {
            "resourceType": "ValueSet",
            "id": "vs",
            "compose": {"include": [{"system": "s", "concept": ANIMALS}]},
        }
    ],
)  # fmt: skip


def all_wanted(source: dict[str, Any], language: str) -> list[Wanted]:
    return [
        Wanted(
            text.key,
            text.fingerprint,
            mark_of(text.translations.get(language, "")),
            f"{language}: {text.words}",
        )
        for text in texts_of(source)
    ]


def in_polish() -> dict[str, Any]:
    return translated(EVERYTHING, "pl", all_wanted(EVERYTHING, "pl")).source


def compiled_in_polish() -> Definition:
    definition = compile_questionnaire(in_polish()).definition
    assert definition is not None
    assert "pl" in languages_of(definition)
    return worded(definition, "pl")


def test_every_text_is_found_with_what_it_is() -> None:
    found = {(text.link_id, text.kind): text.words for text in texts_of(EVERYTHING)}
    assert (
        found.items()
        >= {
            (None, Kind.TITLE): "Prøve",
            (None, Kind.DESCRIPTION): "Om skemaet",
            ("g", Kind.SECTION): "Gruppe g",
            ("line", Kind.QUESTION): "Spørgsmål line",
            ("line", Kind.SHORT): "Kort",
            ("line", Kind.UNIT): "dage",
            ("line", Kind.FEEDBACK): "Det er fint",
            ("line", Kind.CONSTRAINT): "Det kan ikke passe",
            ("help", Kind.HELP): "Hjælp her",
            ("low", Kind.LOWER): "Godt",
            ("up", Kind.UPPER): "Skidt",
            ("open", Kind.OPTION): "Måske",
            ("open", Kind.OPEN_LABEL): "Andet",
            ("fut", Kind.HELP): "FUT hjælp",
            ("told", Kind.HELP): "Vejledning",
            ("read", Kind.TEXT): "Læs det her",
            (None, Kind.OPTION): "Hund",
        }.items()
    )
    keys = [text.key for text in texts_of(EVERYTHING)]
    assert len(set(keys)) == len(keys)
    assert "5" not in found.values()


def test_what_is_written_is_what_the_engine_reads() -> None:
    """Every text that a citizen is shown, in the language that was written, and the language counts as whole."""
    shown = compiled_in_polish()
    items = {item.link_id: item for item in shown.walk()}
    line = items["line"]
    assert shown.title == "pl: Prøve"
    assert (line.text, line.help_text, line.unit) == ("pl: Spørgsmål line", "pl: Hjælp her", "pl: dage")
    assert (line.lower_label, line.upper_label, line.short_text) == ("pl: Godt", "pl: Skidt", "pl: Kort")
    assert [one.text for one in line.feedback] == ["pl: Det er fint"]
    assert line.constraints[0].human_in("pl") == "pl: Det kan ikke passe"
    assert [option.label for option in items["open"].options] == ["pl: Ja tak", "pl: Måske", "5"]
    assert items["open"].open_label == "pl: Andet"
    assert items["fut"].help_text == "pl: FUT hjælp"
    assert items["told"].help_text == "pl: Vejledning"
    assert [option.label for option in items["set"].options] == ["pl: Kat", "pl: Hund"]


def test_a_language_is_whole_exactly_when_nothing_needed_is_missing() -> None:
    """One text after the other is left out: the page and the engine agree on whether citizens get the language."""
    for left_out in texts_of(EVERYTHING):
        wanted = [one for one in all_wanted(EVERYTHING, "pl") if one.key != left_out.key]
        definition = compile_questionnaire(translated(EVERYTHING, "pl", wanted).source).definition
        assert definition is not None
        assert ("pl" in languages_of(definition)) is not left_out.is_needed, left_out


def test_nothing_else_changes_and_what_is_given_stays() -> None:
    before = deepcopy(EVERYTHING)
    after = in_polish()
    assert before == EVERYTHING
    emptied = [
        Wanted(text.key, text.fingerprint, mark_of(text.translations["pl"]), "") for text in texts_of(after)
    ]
    assert translated(after, "pl", emptied).source == EVERYTHING


def test_another_language_stays() -> None:
    source = translated(TRANSLATED, "pl", all_wanted(TRANSLATED, "pl")).source
    assert languages_in(texts_of(source), own_language(source)) == ("ar", "en", "pl", "uk")
    assert text_of(source, "pain").translations["ar"] == "هل تشعر بألم؟"


def text_of(source: dict[str, Any], link_id: str) -> Text:
    return next(text for text in texts_of(source) if text.link_id == link_id)


def one(source: dict[str, Any], link_id: str, words: str, **other: Any) -> Wanted:
    text = text_of(source, link_id)
    known = {"seen": text.fingerprint, "was": mark_of(text.translations.get("en", "")), **other}
    return Wanted(text.key, words=words, **known)


SMALL = form(question("q", text="Har du smerter?"))


def test_a_text_that_was_changed_since_is_marked_with_what_it_was() -> None:
    source = translated(SMALL, "en", [one(SMALL, "q", "Are you in pain?")]).source
    assert text_of(source, "q").state("en") is State.DONE
    source["item"][0]["text"] = "Har du ondt?"
    text = text_of(source, "q")
    assert text.state("en") is State.CHANGED
    assert text.made_from["en"] == "Har du smerter?"
    assert progress([text], "en").changed == 1

    confirmed = translated(source, "en", [one(source, "q", "Are you in pain?", confirms=True)])
    assert text_of(confirmed.source, "q").state("en") is State.DONE
    mended = translated(source, "en", [one(source, "q", "Does it hurt?")])
    assert text_of(mended.source, "q").state("en") is State.DONE


def test_a_translation_that_came_with_a_file_is_taken_to_fit() -> None:
    assert text_of(TRANSLATED, "pain").state("en") is State.DONE
    assert text_of(TRANSLATED, "pain").state("uk") is State.MISSING


def test_a_copy_of_the_question_keeps_knowing_what_it_was_translated_from() -> None:
    source = translated(SMALL, "en", [one(SMALL, "q", "Are you in pain?")]).source
    copied = {**source["item"][0], "linkId": "copy", "text": "Har du ondt?"}
    source = {**source, "item": [copied, *source["item"]]}
    assert text_of(source, "copy").state("en") is State.CHANGED
    assert text_of(source, "q").state("en") is State.DONE


@pytest.mark.parametrize(
    ("wanted", "begins"),
    [
        (lambda: one(SMALL, "q", "Hi", seen=mark_of("noget andet")), "Den danske tekst er ændret"),
        (lambda: one(SMALL, "q", "Hi", was=mark_of("Hello")), "En anden har oversat teksten"),
        (lambda: Wanted("gone/question/0", "", mark_of(""), "Hi"), "Teksten findes ikke mere"),
        (lambda: one(SMALL, "q", "x" * (LONGEST_TRANSLATION + 1)), "Oversættelsen er for lang"),
    ],
    ids=["text changed meanwhile", "translated meanwhile", "gone", "too long"],
)
def test_what_is_refused_says_why_and_changes_nothing(wanted: Any, begins: str) -> None:
    said = wanted()
    outcome = translated(SMALL, "en", [said])
    assert outcome.source == SMALL
    assert outcome.refused[said.key].da.startswith(begins)


def test_what_was_left_alone_does_not_take_back_what_another_wrote() -> None:
    stale = one(SMALL, "q", "")
    source = translated(SMALL, "en", [one(SMALL, "q", "Are you in pain?")]).source
    outcome = translated(source, "en", [stale])
    assert (outcome.saved, outcome.refused) == (frozenset(), {})
    assert text_of(outcome.source, "q").translations["en"] == "Are you in pain?"


@pytest.mark.parametrize(
    "source",
    [
        {},
        {"title": 5, "item": "x"},
        {"item": [None, {"linkId": 1, "text": "x"}, {"linkId": "a", "text": ["x"], "_text": 3, "extension": [1]}]},
        {"item": [{"linkId": "a", "answerOption": [{"valueCoding": 1}, {"valueCoding": {"display": {}}}]}]},
        {"contained": [{"resourceType": "ValueSet", "compose": 1, "expansion": []}, 1]},
    ],
)  # fmt: skip
def test_any_json_is_looked_through(source: dict[str, Any]) -> None:
    assert all(isinstance(text.words, str) for text in texts_of(source))
    json.dumps(translated(source, "en", []).source)


# --- units to choose from -----------------------------------------------------------------------------------------

UCUM = "http://unitsofmeasure.org"
CUP = {"display": "kop"}
STONE = {"system": UCUM, "code": "[stone_av]", "display": "sten"}


def in_units(own: dict[str, Any], *options: dict[str, Any]) -> dict[str, Any]:
    said = [extension("questionnaire-unit", valueCoding=own)]
    said += [extension("questionnaire-unitOption", valueCoding=one) for one in options]
    return form(question("q", "quantity", extension=said))


def test_each_unit_is_translated_once_and_wherever_it_stands() -> None:
    source = in_units(CUP, CUP, STONE)
    units = [text for text in texts_of(source) if text.kind is Kind.UNIT]
    assert [(text.words, text.is_needed) for text in units] == [("kop", False), ("sten", False)]
    made = translated(source, "pl", all_wanted(source, "pl")).source
    codings = [one["valueCoding"] for one in made["item"][0]["extension"]]
    assert [bool(one.get("_display")) for one in codings] == [True, True, True]
    assert [text.state("pl") for text in texts_of(made)] == [State.DONE] * len(texts_of(made))
    swapped = settings.with_setting(made, "q", "units", "sten\nkop\nglas")
    assert [(text.words, text.translations) for text in texts_of(swapped) if text.kind is Kind.UNIT] == [
        ("sten", {"pl": "pl: sten"}), ("kop", {"pl": "pl: kop"}), ("glas", {}),
    ]  # fmt: skip


@pytest.mark.parametrize(("own", "other"), [(CUP, STONE), (STONE, CUP)], ids=["kop", "sten"])
def test_a_unit_is_shown_in_the_language_and_stored_as_it_is(
    own: dict[str, Any], other: dict[str, Any]
) -> None:
    source = in_units(own, own, other)
    plain = compile_questionnaire(source).definition
    definition = compile_questionnaire(translated(source, "pl", all_wanted(source, "pl")).source).definition
    assert definition is not None
    assert plain is not None
    shown = worded(definition, "pl")
    keys = [own.get("code") or "kop", other.get("code") or "kop"]
    names = [f"pl: {own['display']}", f"pl: {other['display']}"]
    assert unit_names(shown.by_link_id["q"]) == tuple(zip(keys, names, strict=True))
    item = definition.by_link_id["q"]
    for key, name in zip(keys, names, strict=True):
        (answer,) = read_form_values(item, [f"2 {key}"]).answers
        assert read_form_values(item, [f"2 {name}"]).answers == (answer,), "as it may be typed"
        assert answer == read_form_values(plain.by_link_id["q"], [f"2 {key}"]).answers[0]
        assert display_value(shown.by_link_id["q"], answer) == f"2 {name}"
        assert display_value(item, answer) == f"2 {name.removeprefix('pl: ')}"
        (typed,) = form_values(shown.by_link_id["q"], [answer])
        assert unit_of(shown.by_link_id["q"], split_unit(shown.by_link_id["q"], typed)[1]) == key


def test_codes_of_a_value_set_of_units_are_called_as_it_says() -> None:
    concept = {"code": "kop", "display": "kop", "designation": [{"language": "pl", "value": "kubek"}]}
    values = {
        "resourceType": "ValueSet",
        "id": "u",
        "compose": {"include": [{"system": "s", "concept": [concept]}]},
    }
    said = [
        extension("questionnaire-unit", valueCoding=STONE),
        extension("questionnaire-unitValueSet", valueCanonical="#u"),
    ]
    source = form(question("q", "quantity", extension=said), contained=[values])
    definition = compile_questionnaire(source).definition
    assert definition is not None
    assert [name for _key, name in unit_names(worded(definition, "pl").by_link_id["q"])] == ["sten", "kubek"]
