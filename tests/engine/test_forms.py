from datetime import timedelta, timezone
from typing import Any

import pytest

from questionnaires.engine import Item, display_value, form_values, read_form_values
from questionnaires.engine.options import option_for
from tests.engine.small_forms import choice, compiled, extension, question


def item(type_: str, **rest: Any) -> Item:
    made = choice("q", "a", "b", **rest) if type_ == "choice" else question("q", type_, **rest)
    return compiled(made).by_link_id["q"]


def bounded(low: Any = None, high: Any = None, name: str = "valueDecimal") -> list[dict[str, Any]]:
    return [
        *([extension("minValue", **{name: low})] if low is not None else []),
        *([extension("maxValue", **{name: high})] if high is not None else []),
    ]


KG = [extension("questionnaire-unit", valueCoding={"system": "u", "code": "kg", "display": "kg"})]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("3,5", 3.5),
        ("3.5", 3.5),
        (" 3,5 ", 3.5),
        ("3,", 3),
        (",5", 0.5),
        ("1.250", 1250),
        ("1.250,75", 1250.75),
        ("1 250", 1250),
        ("1\u00a0250,5", 1250.5),
        ("12.345.678", 12345678),
        ("1,250", 1.25),
        ("-2", -2),
        ("−2", -2),
        ("+2", 2),
        ("0", 0),
        ("007", 7),
        ("3 , 5", 3.5),
        ("− 2", -2),
        ("–2,5", -2.5),
        ("\u200b3,5\ufeff", 3.5),
        ("1\u202f250\u202f000", 1250000),
        ("1'250", 1250),
        ("1’250,5", 1250.5),
        ("1,250.75", 1250.75),
        ("1,250,000.5", 1250000.5),
        ("1 250.5", 1250.5),
        ("3,5\t\r\n", 3.5),
    ],
)
def test_numbers_as_danes_write_them(text: str, number: float) -> None:
    reading = read_form_values(item("decimal"), [text])
    assert reading.is_readable
    assert reading.answers == ({"valueDecimal": number},)


@pytest.mark.parametrize(
    "text",
    [
        "abc",
        "3,5,5",
        "1.25.0",
        "--2",
        "3-4",
        "1e5",
        "½",
        "٣",
        "9" * 40,
        "9" * 20,
        "kg",
        "70 5",
        "12 34",
        "1 2 3",
        "1.25,0.5",
        "1,25,000",
        "-",
        ",",
        "NaN",
        "inf",
        "0x10",
        "1_000",
        "5 kg",
        "ca. 5",
    ],
)
def test_what_is_no_number_gets_a_sentence_that_says_what_is(text: str) -> None:
    reading = read_form_values(item("decimal", extension=bounded(0, 10)), [text])
    assert reading.answers == ()
    assert reading.issue is not None
    assert reading.issue.link_id == "q"
    assert reading.issue.label == "Spørgsmål q"
    assert "Skriv et tal mellem 0 og 10, fx 5,5." in reading.issue.text_da
    assert "Write a number between 0 and 10, for example 5.5." in reading.issue.text_en


@pytest.mark.parametrize(
    ("bounds", "phrase"),
    [
        (bounded(), "Skriv et helt tal uden decimaler, fx 5."),
        (bounded(1), "Skriv et helt tal på mindst 1 uden decimaler, fx 6."),
        (bounded(None, 3), "Skriv et helt tal på højst 3 uden decimaler, fx 2."),
        (bounded(2, 2), "Skriv et helt tal mellem 2 og 2 uden decimaler, fx 2."),
    ],
)
def test_bounds_stand_in_the_sentence(bounds: list[dict[str, Any]], phrase: str) -> None:
    for text in ("3,5", "x", "9999999999"):
        issue = read_form_values(item("integer", extension=bounds), [text]).issue
        assert issue is not None
        assert phrase in issue.text_da


def test_whole_numbers_and_quantities() -> None:
    assert read_form_values(item("integer"), ["1.000,0"]).answers == ({"valueInteger": 1000},)
    assert read_form_values(item("integer", extension=KG), ["70 kg"]).answers == ({"valueInteger": 70},)
    assert read_form_values(item("quantity", extension=KG), ["70,5 KG"]).answers == (
        {"valueQuantity": {"value": 70.5, "unit": "kg", "system": "u", "code": "kg"}},
    )
    assert read_form_values(item("quantity"), ["70"]).answers == ({"valueQuantity": {"value": 70}},)


@pytest.mark.parametrize(
    "text",
    [
        "31-12-2026",
        "31.12.2026",
        "31/12 2026",
        "31/12-2026",
        "31/12/2026",
        "31 12 2026",
        " 31 - 12 - 2026 ",
        "31122026",
        "2026-12-31",
        "2026/12/31",
        "31. december 2026",
        "31 dec. 2026",
        "den 31. december 2026",
        "31. December, 2026",
        "31\u00a0december\u00a02026",
        "31‐12‐2026",
        "31–12–2026",
        "31-dec-2026",
        "31.dec.2026",
        "d. 31. december 2026",
        "torsdag den 31. december 2026",
        "tors. 31/12 2026",
        "31/12, 2026",
        "2026.12.31",
        "31st of December 2026",
        "the 31st of December, 2026",
        "December 31, 2026",
        "Dec. 31st 2026",
        "31-12-2026.",
        "\u202d31-12-2026\u202c",
    ],
)
def test_dates_as_people_write_them(text: str) -> None:
    assert read_form_values(item("date"), [text]).answers == ({"valueDate": "2026-12-31"},)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("i går", "form.date"),
        ("2026", "form.date"),
        ("31. snart 2026", "form.date"),
        ("31-12-26", "form.date-year"),
        ("1. maj 26", "form.date-year"),
        ("30-02-2026", "form.date-impossible"),
        ("12-31-2026", "form.date-month"),
        ("2026-13-01", "form.date-impossible"),
        ("29-02-2027", "form.date-impossible"),
        ("00-00-0000", "form.date-day"),
        ("31-12-0000", "form.date-impossible"),
        ("December 31, 26", "form.date-year"),
        ("Nix 31, 2026", "form.date"),
        ("12-2026", "form.date"),
        ("31-12", "form.date"),
        ("31-12-20266", "form.date"),
        ("٣١-١٢-٢٠٢٦", "form.date"),
        ("x" * 500, "form.date"),
    ],
)
def test_dates_that_cannot_be_read(text: str, key: str) -> None:
    issue = read_form_values(item("date"), [text]).issue
    assert issue is not None
    assert issue.key == key
    assert "31-12-2026" in issue.text_da or "Skriv et tal fra 1 til" in issue.text_da


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("14:30", "14:30:00"),
        ("14.30", "14:30:00"),
        ("1430", "14:30:00"),
        ("kl. 9", "09:00:00"),
        ("kl 9.05", "09:05:00"),
        ("14:30:15", "14:30:15"),
        ("0:00", "00:00:00"),
        ("8.30", "08:30:00"),
        ("08:30", "08:30:00"),
        ("830", "08:30:00"),
        ("8 30", "08:30:00"),
        ("8 . 30", "08:30:00"),
        ("Kl.\u00a08.30", "08:30:00"),
        ("14.30.15", "14:30:15"),
        ("14:30:15,250", "14:30:15"),
        ("2:30 pm", "14:30:00"),
        ("12 AM", "00:00:00"),
        ("12.15 p.m.", "12:15:00"),
        ("23:59", "23:59:00"),
    ],
)
def test_times(text: str, time: str) -> None:
    assert read_form_values(item("time"), [text]).answers == ({"valueTime": time},)


@pytest.mark.parametrize(
    "text",
    ["25:00", "12:60", "middag", "12:30:99", "24:00", "0 pm", "13 am", "8:3", "-8", "8:30-9:30", "١٢:٠٠"],
)
def test_times_that_cannot_be_read(text: str) -> None:
    issue = read_form_values(item("time"), [text]).issue
    assert issue is not None
    assert issue.key == "form.time"


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("31-12-2026", "2026-12-31"),
        ("31-12-2026 14:30", "2026-12-31T14:30:00+01:00"),
        ("31/12 2026 kl. 14.30", "2026-12-31T14:30:00+01:00"),
        ("1-7-2026, 9", "2026-07-01T09:00:00+02:00"),
        ("2026-12-31T14:30", "2026-12-31T14:30:00+01:00"),
        ("2026-12-31T14:30:00Z", "2026-12-31T14:30:00+00:00"),
        ("2026-12-31T14:30:00-05:00", "2026-12-31T14:30:00-05:00"),
        ("31. december 2026 kl. 14.30", "2026-12-31T14:30:00+01:00"),
        ("torsdag den 31. december 2026, kl. 8", "2026-12-31T08:00:00+01:00"),
        ("December 31, 2026 2:30 pm", "2026-12-31T14:30:00+01:00"),
        ("31-12-2026T14:30+00:00", "2026-12-31T14:30:00+00:00"),
        # The clocks skip this hour, and have the next one twice.
        ("29-03-2026 02:30", "2026-03-29T02:30:00+01:00"),
        ("25-10-2026 02:30", "2026-10-25T02:30:00+02:00"),
    ],
)
def test_moments(text: str, moment: str) -> None:
    assert read_form_values(item("dateTime"), [text]).answers == ({"valueDateTime": moment},)


def test_moments_elsewhere_and_moments_that_cannot_be_read() -> None:
    zone = timezone(timedelta(hours=-3))
    assert read_form_values(item("dateTime"), ["31-12-2026 8"], zone=zone).answers == (
        {"valueDateTime": "2026-12-31T08:00:00-03:00"},
    )
    refusals = {
        "31-12-2026 aften": "form.date-time",
        "2026-12-31T14:30:00+99:00": "form.date-time",
        "i går 2026 kl. 8": "form.date-time",
        "i morgen": "form.date-time",
        "30-02-2026 08:00": "form.date-impossible",
        "31-12-26": "form.date-year",
    }
    for text, key in refusals.items():
        issue = read_form_values(item("dateTime"), [text]).issue
        assert issue is not None
        assert issue.key == key


@pytest.mark.parametrize(
    ("text", "value"), [("true", True), ("Ja", True), ("on", True), ("nej", False), ("0", False)]
)
def test_yes_and_no(text: str, value: bool) -> None:
    assert read_form_values(item("boolean"), [text]).answers == ({"valueBoolean": value},)


@pytest.mark.parametrize(
    ("made", "raw", "key"),
    [
        (item("boolean"), ["måske"], "form.boolean"),
        (item("choice"), ["c"], "answer.not-option"),
        (item("choice"), ["a", "b"], "answer.too-many"),
        (item("string"), ["x" * 100_001], "answer.too-long"),
        (item("url"), ["to ord"], "form.url"),
        (item("attachment"), ["x"], "form.not-askable"),
        (item("display"), ["x"], "form.not-askable"),
    ],
)
def test_refusals(made: Item, raw: list[str], key: str) -> None:
    reading = read_form_values(made, raw)
    assert reading.issue is not None
    assert reading.issue.key == key
    assert not reading.is_readable


def test_choices_by_key_by_label_and_freely() -> None:
    a = {"valueCoding": {"system": "s", "code": "a", "display": "A"}}
    assert read_form_values(item("choice"), ["a"]).answers == (a,)
    assert read_form_values(item("choice"), ["  A "]).answers == (a,)
    several = item("choice", repeats=True)
    assert len(read_form_values(several, ["a", "b", "a", ""]).answers) == 2
    free = compiled({**choice("q", "a"), "type": "open-choice"}).by_link_id["q"]
    assert read_form_values(free, ["noget andet"]).answers == ({"valueString": "noget andet"},)


def test_texts_lose_their_stray_spaces_and_nothing_is_no_answer() -> None:
    assert read_form_values(item("string"), ["  to \n ord\x00 "]).answers == ({"valueString": "to ord"},)
    assert read_form_values(item("text"), [" to\r\nlinjer "]).answers == ({"valueString": "to\nlinjer"},)
    assert read_form_values(item("url"), ["www.sundhed.dk/borger"]).answers == (
        {"valueUri": "https://www.sundhed.dk/borger"},
    )
    assert read_form_values(item("url"), ["http://x"]).answers == ({"valueUri": "http://x"},)
    for raw in ([], [""], ["  ", "\u00a0"]):
        assert read_form_values(item("text"), raw).answers == ()


SHAPES: list[tuple[Item, dict[str, Any], str, str, str]] = [
    # item, answer, in a form field, for people in Danish, and in English
    (item("boolean"), {"valueBoolean": True}, "true", "Ja", "Yes"),
    (item("boolean"), {"valueBoolean": False}, "false", "Nej", "No"),
    (item("integer"), {"valueInteger": 1250}, "1250", "1250", "1250"),
    (item("integer"), {"valueInteger": 12500}, "12500", "12.500", "12,500"),
    (item("decimal", extension=KG), {"valueDecimal": 3.5}, "3,5", "3,5 kg", "3.5 kg"),
    (item("decimal"), {"valueDecimal": -0.25}, "-0,25", "−0,25", "−0.25"),
    (item("decimal"), {"valueDecimal": 0}, "0", "0", "0"),
    (item("quantity", extension=KG), {"valueQuantity": {"value": 70.5, "unit": "kg", "system": "u", "code": "kg"}},
     "70,5", "70,5 kg", "70.5 kg"),
    (item("date"), {"valueDate": "2026-12-31"}, "31-12-2026", "31-12-2026", "31-12-2026"),
    (item("dateTime"), {"valueDateTime": "2026-07-01T09:00:00+02:00"}, "01-07-2026 09:00", "01-07-2026 09:00",
     "01-07-2026 09:00"),
    (item("dateTime"), {"valueDateTime": "2026-07-01"}, "01-07-2026", "01-07-2026", "01-07-2026"),
    (item("time"), {"valueTime": "09:05:00"}, "09:05", "09:05", "09:05"),
    (item("string"), {"valueString": "Ærø"}, "Ærø", "Ærø", "Ærø"),
    (item("choice"), {"valueCoding": {"system": "s", "code": "a", "display": "A"}}, "a", "A", "A"),
]  # fmt: skip


@pytest.mark.parametrize(("made", "answer", "field", "danish", "english"), SHAPES)
def test_answers_go_to_forms_and_come_back(
    made: Item, answer: dict[str, Any], field: str, danish: str, english: str
) -> None:
    assert form_values(made, [answer]) == (field,)
    assert read_form_values(made, [field]).answers == (answer,)
    assert display_value(made, answer) == danish
    assert display_value(made, answer, "en") == english


@pytest.mark.parametrize(
    ("type_", "answer", "text"),
    [
        ("string", {}, ""),
        ("date", {"valueDate": "2026-12"}, "12-2026"),
        ("date", {"valueDate": "2026"}, "2026"),
        ("date", {"valueDate": "snart"}, "snart"),
        ("time", {"valueTime": "sent"}, "sent"),
        ("dateTime", {"valueDateTime": "2026-07-01T09:00:00"}, "01-07-2026 09:00"),
        ("dateTime", {"valueDateTime": "9999-12-31T23:59:59Z"}, "31-12-9999 23:59"),
        ("decimal", {"valueDecimal": "mange"}, "mange"),
        ("quantity", {"valueQuantity": {"value": None, "code": "kg"}}, ""),
        ("quantity", {"valueQuantity": {"value": "x", "code": "kg"}}, "kg"),
        ("choice", {"valueCoding": {"code": "ukendt"}}, "ukendt"),
        ("choice", {"valueReference": {"reference": "a/1"}}, "a/1"),
        ("attachment", {"valueAttachment": {"size": 1}}, ""),
        ("attachment", {"valueAttachment": {"contentType": "image/png", "data": "aGVq"}}, "image/png"),
        ("attachment", {"valueAttachment": {"contentType": "image/png", "title": "Såret"}}, "Såret"),
        ("date", {"valueDate": 5}, "5"),
    ],
)
def test_odd_answers_are_shown_as_they_are(type_: str, answer: dict[str, Any], text: str) -> None:
    assert display_value(item(type_), answer) == text


def test_no_answer_has_no_option() -> None:
    assert option_for(item("choice").options, {}) is None


def test_options_that_are_times_are_shown_as_times() -> None:
    made = compiled(question("q", "choice", answerOption=[{"valueTime": "09:00:00"}])).by_link_id["q"]
    assert display_value(made, {"valueTime": "09:00:00"}) == "09:00"
    assert form_values(made, [{"valueTime": "09:00:00"}, {}]) == ("09:00:00",)


UNITS = [
    extension("questionnaire-unitOption", valueCoding={"system": "u", "code": "kg", "display": "kilogram"}),
    extension("questionnaire-unitOption", valueCoding={"system": "u", "code": "g", "display": "gram"}),
]
KILOGRAM = {"unit": "kilogram", "system": "u", "code": "kg"}
GRAM = {"unit": "gram", "system": "u", "code": "g"}


@pytest.mark.parametrize(
    ("text", "quantity", "field"),
    [
        ("70", {"value": 70, **KILOGRAM}, "70"),
        ("70 kg", {"value": 70, **KILOGRAM}, "70"),
        ("70,5 Kilogram", {"value": 70.5, **KILOGRAM}, "70,5"),
        ("500 g", {"value": 500, **GRAM}, "500 gram"),
        ("500gram", {"value": 500, **GRAM}, "500 gram"),
    ],
)
def test_the_unit_may_stand_behind_the_number(text: str, quantity: dict[str, Any], field: str) -> None:
    made = item("quantity", extension=UNITS)
    reading = read_form_values(made, [text])
    assert reading.answers == ({"valueQuantity": quantity},)
    assert form_values(made, reading.answers) == (field,)
    assert read_form_values(made, [field]).answers == reading.answers


def test_another_unit_is_refused() -> None:
    issue = read_form_values(item("quantity", extension=UNITS), ["70 pund"]).issue
    assert issue is not None
    assert issue.key == "form.number"
    assert "70 pund" in issue.text_da


@pytest.mark.parametrize(
    ("type_", "pasted", "kept"),
    [
        ("string", "\u202d12 34 56 78\u202c", "12 34 56 78"),
        ("string", "\ufeffA\u030arhus \u00a0 C", "Århus C"),
        ("string", "5–10 min − let", "5–10 min − let"),
        ("string", "می\u200cخواهم", "می\u200cخواهم"),
        ("text", "\u200e en \r\n  to \u2069", "en \n  to"),
        ("text", "👩\u200d⚕️", "👩\u200d⚕️"),
    ],
)
def test_pasted_words_keep_what_is_theirs(type_: str, pasted: str, kept: str) -> None:
    assert read_form_values(item(type_), [pasted]).answers == ({"valueString": kept},)


def test_what_cannot_be_seen_is_no_answer() -> None:
    for type_ in ("string", "integer", "date", "boolean"):
        assert read_form_values(item(type_), ["\u200b", " \u2003\ufeff "]).answers == ()


def test_a_label_may_be_written_in_any_of_the_forms_languages() -> None:
    english = {
        "url": "http://hl7.org/fhir/StructureDefinition/translation",
        "extension": [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "Every day"}],
    }
    coding = {"system": "s", "code": "d", "display": "Hver dag", "_display": {"extension": [english]}}
    made = compiled(question("q", "choice", answerOption=[{"valueCoding": coding}])).by_link_id["q"]
    for text in ("d", "hver\u00a0dag", " EVERY  DAY "):
        [answer] = read_form_values(made, [text]).answers
        assert answer["valueCoding"]["code"] == "d"


@pytest.mark.parametrize("type_", ["integer", "decimal", "date", "time", "dateTime", "boolean", "url"])
def test_every_refusal_names_the_field_and_says_what_would_do(type_: str) -> None:
    issue = read_form_values(item(type_), ["hvad som helst"]).issue
    assert issue is not None
    assert issue.is_error
    assert (issue.link_id, issue.label) == ("q", "Spørgsmål q")
    assert any(word in issue.text_da for word in ("Skriv", "Vælg"))
    assert any(word in issue.text_en for word in ("Write", "Choose"))
