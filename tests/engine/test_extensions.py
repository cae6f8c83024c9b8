"""What core, SDC and FUT let a form say beside FHIR's own elements, and how each is read."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine import Colour, Operator, UsageMode, compile_questionnaire
from tests.engine.small_forms import (
    CORE,
    SDC,
    choice,
    compiled,
    control,
    extension,
    form,
    group,
    issue_keys,
    question,
    sdc,
)

FUT = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
PIXEL = "iVBORw0KGgo="


def fut(name: str, *parts: dict[str, Any], **value: Any) -> dict[str, Any]:
    return {"url": FUT + name, **({"extension": list(parts)} if parts else {}), **value}


def part(name: str, **value: Any) -> dict[str, Any]:
    return {"url": name, **value}


def in_english(words: str, language: str = "en") -> dict[str, Any]:
    parts = [part("lang", valueCode=language), part("content", valueString=words)]
    return {"extension": [{"url": CORE + "translation", "extension": parts}]}


def colour(
    code: str, *conditions: tuple[str, dict[str, Any]], address: str = FUT + "ehealth-answer-Condition"
) -> Any:
    parts = [
        {"url": address, "extension": [part("operator", valueCode=operator), part("value", **value)]}
        for operator, value in conditions
    ]
    return fut(
        "ehealth-questionnaire-answerSignificance", *parts, part("significance", valueCoding={"code": code})
    )


def asked(kind: str, *extensions: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return question("a", kind, extension=list(extensions), **rest)


def picture(reference: str) -> dict[str, Any]:
    return fut("ehealth-questionnaire-image", part("content", valueReference={"reference": reference}))


COPYRIGHT = fut("ehealth-questionnaire-item-is-copyright", valueBoolean=True)


def test_counts_of_answers_and_groups() -> None:
    counts = [
        extension("questionnaire-minOccurs", valueInteger=2),
        extension("questionnaire-maxOccurs", valueInteger=3),
    ]
    definition = compiled(
        choice("a", "x", "y", "z", "u", repeats=True, extension=counts),
        group("g", question("b"), repeats=True, extension=counts),
        question("c", extension=[extension("questionnaire-maxOccurs", valueInteger=1)]),
    )
    assert {(item.min_occurs, item.max_occurs) for item in definition.items[:2]} == {(2, 3)}
    assert definition.by_link_id["c"].max_occurs is None


def test_attachments_and_references_carry_what_they_take() -> None:
    definition = compiled(
        question("file", "attachment", extension=[
            extension("mimeType", valueCode="image/png"), extension("mimeType", valueCode="application/pdf"),
            extension("maxSize", valueDecimal=1e6)]),
        question("who", "reference", extension=[
            extension("questionnaire-referenceResource", valueCode="Patient"),
            extension("questionnaire-referenceProfile", valueCanonical="http://x/profile")]),
    )  # fmt: skip
    file, who = definition.items
    assert (file.mime_types, file.max_size) == (("image/png", "application/pdf"), 1_000_000)
    assert (who.reference_targets, who.reference_profiles) == (("Patient",), ("http://x/profile",))
    assert file.is_asked
    assert not who.is_asked


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (question("a", "reference"), "item.not-asked"),
        (question("a", "reference", required=True), "item.not-askable"),
        (question("a", "reference", required=True, readOnly=True), None),
        (group("a", question("b", "attachment"),
               extension=[extension("questionnaire-hidden", valueBoolean=True)]), None),
    ],
)  # fmt: skip
def test_what_no_screen_can_ask_yet_is_left_out_or_refused(item: dict[str, Any], key: str | None) -> None:
    found = {issue for issue in issue_keys(question("first"), item) if issue.startswith("item.not-ask")}
    assert found == ({key} if key else set())


def test_units_to_choose_among() -> None:
    kilo, gram = (
        {"system": "http://unitsofmeasure.org", "code": code, "display": code} for code in ("kg", "g")
    )
    options = [extension("questionnaire-unitOption", valueCoding=unit) for unit in (kilo, gram)]
    definition = compiled(
        question("first", "quantity", extension=options),
        question("stated", "quantity", extension=[*options, extension("questionnaire-unit", valueCoding=gram)]),
        question("begun", "quantity", extension=options, initial=[
            {"valueQuantity": {"value": 1, "unit": "g", "system": "http://unitsofmeasure.org", "code": "g"}}]),
        question("listed", "quantity", extension=[extension("questionnaire-unitValueSet", valueCanonical="#units")]),
        contained=[{"resourceType": "ValueSet", "id": "units", "compose": {"include": [
            {"system": "http://unitsofmeasure.org", "concept": [{"code": "mm", "display": "mm"}]}]}}],
    )  # fmt: skip
    units = {
        item.link_id: (item.unit, [one["code"] for one in item.unit_options]) for item in definition.items
    }
    assert units == {
        "first": ("kg", ["kg", "g"]),
        "stated": ("g", ["kg", "g"]),
        "begun": ("g", ["kg", "g"]),
        "listed": ("mm", ["mm"]),
    }


def test_bounds_in_a_unit_of_their_own_stay_quantities() -> None:
    kilo = {"system": "http://unitsofmeasure.org", "code": "kg"}
    definition = compiled(
        question("a", "quantity", extension=[
            extension("questionnaire-unit", valueCoding=kilo),
            extension("minValue", valueQuantity={"value": 40, **kilo}),
            {"url": SDC + "sdc-questionnaire-maxQuantity",
             "valueQuantity": {"value": 200_000, "system": kilo["system"], "code": "g"}}]),
    )  # fmt: skip
    item = definition.items[0]
    assert (item.min_value, item.min_quantity) == (Decimal(40), None)
    assert item.max_value is None
    assert item.max_quantity is not None
    assert item.max_quantity["code"] == "g"


def test_what_is_shown_when() -> None:
    definition = compiled(
        question("later", "integer", extension=[extension("questionnaire-usageMode", valueCode="display-non-empty")]),
        question("now", extension=[extension("questionnaire-usageMode", valueCode="capture")]),
        question("own", "open-choice", answerOption=[{"valueString": "x"}], definition="http://x#y",
                 extension=[{"url": SDC + "sdc-questionnaire-openLabel", "valueString": "Andet, skriv hvad"}]),
    )  # fmt: skip
    later, now, own = definition.items
    assert (later.usage_mode, later.is_asked) == (UsageMode.DISPLAY_NON_EMPTY, False)
    assert (now.usage_mode, now.is_asked) == (UsageMode.CAPTURE, True)
    assert (own.open_label, own.definition) == ("Andet, skriv hvad", "http://x#y")


def test_texts_in_other_languages() -> None:
    definition = compiled(
        {"linkId": "a", "type": "choice", "text": "Smerter?", "_text": in_english("Pain?", "en-GB"),
         "prefix": "1)", "_prefix": in_english("1."),
         "answerOption": [
             {"valueCoding": {"code": "n", "display": "Nej", "_display": in_english("No")}},
             {"valueString": "Ved ikke", "_valueString": in_english("Don't know")}],
         "item": [question("h", "display", text="Hjælp", _text=in_english("Help"), extension=[control("help")])]},
        question("b", "choice", answerValueSet="#v"),
        _title=in_english("Trial"),
        contained=[{"resourceType": "ValueSet", "id": "v", "compose": {"include": [{"concept": [
            {"code": "j", "display": "Ja", "designation": [{"language": "en", "value": "Yes"}]}]}]}}],
    )  # fmt: skip
    a, b = definition.items
    assert a.text_in("en") == "Pain?"
    assert a.text_in("EN_us") == "Pain?"
    assert a.text_in("de") == a.text_in("da") == "Smerter?"
    assert (a.translated("prefix", "en"), a.translated("help_text", "en")) == ("1.", "Help")
    assert [option.label_in("en") for option in a.options] == ["No", "Don't know"]
    assert [option.label_in("en") for option in b.options] == ["Yes"]
    assert definition.translated("title", "en") == "Trial"
    assert definition.translated("title", "da") == "Prøve"
    assert "_display" not in a.options[0].value["valueCoding"]


def test_what_fut_says_about_questions() -> None:
    definition = compiled(
        group("c", question("ct", "display", extension=[COPYRIGHT]),
              extension=[COPYRIGHT]),
        question("a", "decimal", extension=[
            fut("ehealth-questionnaire-sliderStepValueDecimal", valueDecimal=0.5),
            fut("ehealth-questionnaire-shortText", valueString="Kort"),
            fut("ehealth-questionnaire-helpText", part("text", valueString="Hjælp"),
                part("xhtml", valueString="<b>Hjælp</b>")),
            fut("ehealth-questionnaire-image", part("content", valueReference={"reference": "#i"}),
                part("terms", valueString="CC0")),
            fut("ehealth-questionnaire-feedback", part("value", valueString="Godt"),
                part("min", valueInteger=2), part("max", valueInteger=4)),
            colour("red", (">", {"valueDecimal": 7})),
            colour("yellow", (">=", {"valueDecimal": 4}), ("<=", {"valueDecimal": 7}), address="answerCondition"),
        ]),
        question("b", "choice", answerOption=[
            {"valueString": "x", "extension": [
                {"url": SDC + "sdc-questionnaire-itemAnswerMedia",
                 "valueAttachment": {"contentType": "image/jpeg", "url": "http://x/y.jpg", "title": "Et billede"}}]}]),
        contained=[{"resourceType": "Binary", "id": "i", "contentType": "image/png", "data": PIXEL}],
        extension=[fut("ehealth-employee-title", valueString="Fagtitel"), fut("ehealth-usage", valueString="Brug")],
    )  # fmt: skip
    a = definition.by_link_id["a"]
    assert (a.step, a.short_text, a.help_text, a.help_xhtml) == (
        Decimal("0.5"),
        "Kort",
        "Hjælp",
        "<b>Hjælp</b>",
    )
    assert a.image is not None
    assert (a.image.content_type, a.image.data, a.image.terms) == ("image/png", PIXEL, "CC0")
    assert [(one.text, one.minimum, one.maximum) for one in a.feedback] == [("Godt", Decimal(2), Decimal(4))]
    assert [(one.colour, [condition.operator for condition in one.conditions]) for one in a.significance] == [
        (Colour.RED, [Operator.GREATER]),
        (Colour.YELLOW, [Operator.GREATER_OR_EQUAL, Operator.LESS_OR_EQUAL]),
    ]
    assert definition.by_link_id["c"].is_copyright
    assert definition.by_link_id["ct"].is_copyright
    picture = definition.by_link_id["b"].options[0].image
    assert picture is not None
    assert (picture.url, picture.title) == ("http://x/y.jpg", "Et billede")
    assert (definition.employee_title, definition.usage) == ("Fagtitel", "Brug")


@pytest.mark.parametrize(
    ("item", "key"),
    [
        (asked("string", extension("questionnaire-minOccurs", valueInteger=2)), "item.occurs-without-repeats"),
        (asked("string", extension("questionnaire-minOccurs", valueInteger=3),
                  extension("questionnaire-maxOccurs", valueInteger=2), repeats=True), "item.occurs-reversed"),
        (asked("string", extension("questionnaire-maxOccurs", valueString="2"), repeats=True), "element.extension"),
        (asked("string", extension("questionnaire-maxOccurs", valueInteger=-2), repeats=True), "element.extension"),
        (asked("string", extension("questionnaire-maxOccurs", valueInteger="2")), "element.extension"),
        (question("a", extension=5), "element.shape"),
        (asked("integer", extension("questionnaire-sliderStepValue", valueInteger=0)), "element.extension"),
        (asked("integer", fut("ehealth-questionnaire-sliderStepValueDecimal", valueDecimal=0.5)),
         "item.step-type"),
        (asked("integer", extension("minValue", valueString="x")), "element.extension"),
        (asked("date", extension("minValue", valueDate="soon")), "element.extension"),
        (asked("string", extension("questionnaire-usageMode", valueCode="sometimes")), "element.extension"),
        (asked("string", extension("questionnaire-hidden", valueBoolean="yes")), "element.extension"),
        (asked("attachment", extension("maxSize", valueDecimal=-1)), "element.extension"),
        (asked("attachment", extension("mimeType")), "element.extension"),
        (asked("quantity", extension("questionnaire-unitOption", valueString="kg")), "element.extension"),
        (asked("quantity", extension("questionnaire-unitValueSet", valueCanonical="http://x")),
         "unit.value-set"),
        (asked("string", fut("ehealth-questionnaire-helpText", part("xhtml", valueString="x"))), "element.extension"),
        (asked("string", fut("ehealth-questionnaire-item-is-copyright", valueBoolean=True)),
         "item.copyright-question"),
        (asked("string", picture("#no")),
         "image.missing"),
        (asked("string", picture("#pdf")),
         "image.type"),
        (asked("string", picture("#empty")),
         "image.missing"),
        (asked("string", picture("#big")),
         "image.too-large"),
        (asked("string", {"url": SDC + "sdc-questionnaire-itemMedia", "valueString": "x"}), "element.extension"),
        (asked("integer", colour("purple", ("=", {"valueInteger": 1}))), "significance.unusable"),
        (asked("integer", colour("red")), "significance.unusable"),
        (asked("integer", colour("red", ("~", {"valueInteger": 1}))), "significance.unusable"),
        (asked("integer", colour("red", ("=", {"valueDate": "2026"}))), "significance.unusable"),
        (asked("integer", colour("red", ("exists", {"valueInteger": 1}))), "significance.unusable"),
        (asked("string", colour("red", (">", {"valueString": "x"}))), "significance.unusable"),
        (asked("integer", colour("red", *3 * [("=", {"valueInteger": 1})])), "significance.unusable"),
        (asked("display", colour("red", ("=", {"valueInteger": 1}))), "significance.no-question"),
        (asked("string", colour("red", ("=", {"valueInteger": 1}))), "significance.type"),
        (choice("a", "x", extension=[colour("red", ("=", {"valueCoding": {"code": "z"}}))]), "significance.not-option"),
        (asked("integer", fut("ehealth-questionnaire-feedback", part("value", valueString="x"))),
         "feedback.unusable"),
        (asked("boolean", fut("ehealth-questionnaire-feedback", part("value", valueString="x"),
                  part("min", valueInteger=0), part("max", valueInteger=1))), "feedback.no-number"),
        (asked("display", {"url": SDC + "sdc-questionnaire-subQuestionnaire", "valueCanonical": "http://x"}),
         "item.sub-questionnaire"),
        (question("a", modifierExtension=[{"url": "http://x/not", "valueBoolean": True}]), "element.modifier"),
        (asked("string", {"url": SDC + "sdc-questionnaire-preferredTerminologyServer", "valueUrl": "http://x"}),
         "questionnaire.terminology-server"),
        (group("a", group("b"), required=True), "item.required-group-not-asked"),
        (question("a", "choice", readOnly=True), "option.none-not-asked"),
        (question("a", "choice", readOnly=True, answerValueSet="http://x"), "option.value-set-not-asked"),
        (question("a", "choice", initial=[{"valueCoding": {"code": "x"}}]), "option.only-initial"),
    ],
)  # fmt: skip
def test_each_extension_that_says_nothing_usable_has_its_issue(item: dict[str, Any], key: str) -> None:
    contained = [
        {"resourceType": "Binary", "id": "pdf", "contentType": "application/pdf", "data": PIXEL},
        {"resourceType": "Binary", "id": "empty", "contentType": "image/png"},
        {"resourceType": "Binary", "id": "big", "contentType": "image/png", "data": "A" * 300_000},
    ]
    compilation = compile_questionnaire(form(question("first"), item, contained=contained))
    found = [issue for issue in compilation.issues if issue.key == key]
    assert found, [issue.key for issue in compilation.issues]
    assert found[0].expression.startswith("Questionnaire.item[1]")
    assert "{" not in found[0].text_da + found[0].text_en


def test_styles_may_matter_without_being_a_stranger() -> None:
    known = [{"url": CORE + "rendering-styleSensitive", "valueBoolean": True}]
    assert issue_keys(question("a"), modifierExtension=known) == []
    assert issue_keys(question("a"), modifierExtension=[{"url": "http://x"}]) == ["element.modifier"]


@pytest.mark.parametrize(
    ("xhtml", "is_active"),
    [
        ("<b>Hej</b> <i>du</i>", False),
        ("<p>on time = 5</p>", False),
        ("<style>p {color: red}</style>", False),
        ("<script>alert(1)</script>", True),
        ("<SCRIPT src=x>", True),
        ('<img src="x" onerror="alert(1)">', True),
        ('<a href="javascript:alert(1)">x</a>', True),
        ("<iframe src='http://x'></iframe>", True),
    ],
)
def test_a_text_with_a_script_is_told(xhtml: str, is_active: bool) -> None:
    shadow = {"extension": [extension("rendering-xhtml", valueString=xhtml)]}
    everywhere = [
        question("a", _text=shadow),
        question("b", "choice", answerOption=[{"valueString": "x", "_valueString": shadow}]),
        question("c", extension=[fut("ehealth-questionnaire-helpText", part("text", valueString="x"),
                                     part("xhtml", valueString=xhtml))]),
    ]  # fmt: skip
    assert issue_keys(*everywhere) == (["element.active-content"] * 3 if is_active else [])


def test_looking_for_scripts_takes_no_longer_for_odd_texts() -> None:
    odd = "<" * 200_000 + " " * 200_000 + "<a" + " on" * 200_000 + "javascript" * 20_000
    shadow = {"extension": [extension("rendering-xhtml", valueString=odd)]}
    assert compile_questionnaire(form(question("a", _text=shadow))).is_usable


def test_expressions_of_an_item_are_there_to_be_calculated() -> None:
    item = compiled(
        asked("string", sdc("initialExpression", "'x'"), sdc("enableWhenExpression", "true")),
    ).items[0]
    assert item.initial_expression is not None
    assert item.initial_expression.text == "'x'"
    assert item.enable_when_expression is not None
