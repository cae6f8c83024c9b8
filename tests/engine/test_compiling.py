from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine import (
    Behavior,
    Bounds,
    ItemControl,
    ItemType,
    Orientation,
    Severity,
    compile_questionnaire,
)
from tests.engine.small_forms import (
    CORE,
    SDC,
    calculated,
    choice,
    compiled,
    control,
    extension,
    form,
    group,
    issue_keys,
    question,
    sdc,
    when,
)


def test_a_sound_form_compiles_without_a_word() -> None:
    compilation = compile_questionnaire(form(group("g", question("a"), question("b", "boolean"))))
    assert compilation.is_usable
    assert compilation.issues == ()
    definition = compilation.definition
    assert definition is not None
    assert definition.canonical == "https://example.org/Questionnaire/test|1"
    assert [item.link_id for item in definition.walk()] == ["g", "a", "b"]
    assert definition.by_link_id["a"].parent == "g"
    assert definition.ancestors("a") == ["g"]
    assert definition.ancestors("unknown") == []


@pytest.mark.parametrize("resource", [None, 1, "x", [], True, [{"resourceType": "Questionnaire"}]])
def test_what_is_no_object_is_no_questionnaire(resource: Any) -> None:
    compilation = compile_questionnaire(resource)
    assert compilation.definition is None
    assert [issue.key for issue in compilation.issues] == ["questionnaire.not-object"]


@pytest.mark.parametrize(
    ("resource", "key"),
    [
        ({}, "questionnaire.resource-type"),
        ({"resourceType": "Patient"}, "questionnaire.resource-type"),
        (form(), "questionnaire.empty"),
        ({**form(), "item": 3}, "questionnaire.empty"),
        (form({"linkId": "a"}), "questionnaire.empty"),
    ],
)
def test_what_cannot_be_asked_at_all_has_no_definition(resource: dict[str, Any], key: str) -> None:
    compilation = compile_questionnaire(resource)
    assert compilation.definition is None
    assert compilation.issues[-1].key == key
    assert not compilation.is_usable


def nested(levels: int) -> dict[str, Any]:
    item = question("deepest")
    for level in range(levels - 1):
        item = group(f"g{level}", item)
    return item


@pytest.mark.parametrize(
    ("resource", "bounds", "key"),
    [
        (form(question("a", text="x" * 2000)), Bounds(max_bytes=1000), "questionnaire.too-large"),
        (form(*(question(str(n)) for n in range(11))), Bounds(max_items=10), "questionnaire.too-many-items"),
        (form(nested(21)), Bounds(), "questionnaire.too-deep"),
        (form(nested(500)), Bounds(), "questionnaire.too-nested"),
        (form(nested(300)), Bounds(max_depth=100), "questionnaire.too-nested"),
    ],
)
def test_a_bound_exceeded_is_an_issue(resource: dict[str, Any], bounds: Bounds, key: str) -> None:
    compilation = compile_questionnaire(resource, bounds=bounds)
    assert compilation.definition is None
    assert [issue.key for issue in compilation.issues] == [key]


def test_twenty_levels_are_fine() -> None:
    assert compile_questionnaire(form(nested(20))).is_usable


@pytest.mark.parametrize("depth", [0, 101])
def test_bounds_the_engine_could_not_bear_are_refused(depth: int) -> None:
    with pytest.raises(ValueError, match="max_depth"):
        Bounds(max_depth=depth)


# A kind of file that nobody can give here.
FILM = {"url": f"{CORE}mimeType", "valueCode": "video/mp4"}

RULES: list[tuple[str, dict[str, Any], str]] = [
    ("no link id", {"type": "string", "text": "x"}, "item.no-link-id"),
    ("duplicate link id", group("q", question("q")), "item.duplicate-link-id"),
    ("no type", {"linkId": "a"}, "item.no-type"),
    ("unknown type", question("a", "coding"), "item.unknown-type"),
    ("attachment", question("a", "attachment", extension=[FILM]), "item.not-asked"),
    ("reference", question("a", "reference"), "item.not-asked"),
    ("attachment that is demanded", question("a", "attachment", required=True, extension=[FILM]), "item.not-askable"),
    ("reference that is demanded", question("a", "reference", repeats=True, required=True), "item.not-askable"),
    ("no text", {"linkId": "a", "type": "string"}, "item.no-text"),
    ("que-1 empty group", {"linkId": "a", "type": "group"}, "item.empty-group"),
    ("que-1 display", question("a", "display", item=[question("b")]), "item.display-children"),
    ("que-3", question("a", "display", code=[{"code": "c"}]), "item.display-code"),
    ("que-4", {**choice("a", "x"), "answerValueSet": "u"}, "option.both"),
    ("que-5", question("a", "boolean", answerOption=[{"valueString": "x"}]), "option.unexpected"),
    ("que-5 value set", question("a", answerValueSet="#v"), "option.unexpected"),
    ("que-6", question("a", "display", required=True), "item.display-flags"),
    ("que-8", question("a", "display", initial=[{"valueString": "x"}]), "item.unexpected-initial"),
    ("que-9", question("a", "display", readOnly=True), "item.display-read-only"),
    ("que-10", {**choice("a", "x"), "maxLength": 3}, "item.unexpected-max-length"),
    ("que-11", {**choice("a", "x"), "initial": [{"valueCoding": {"code": "x", "system": "s"}}]},
     "item.initial-with-options"),
    ("que-13", question("a", initial=[{"valueString": "x"}, {"valueString": "y"}]), "item.several-initial"),
    ("initial of another type", question("a", initial=[{"valueInteger": 1}]), "item.initial-type"),
    ("initial without value", question("a", initial=[{}]), "item.initial-type"),
    ("unknown control", question("a", extension=[control("hologram")]), "item.control-unknown"),
    ("hidden and required", question("a", required=True,
     extension=[extension("questionnaire-hidden", valueBoolean=True)]), "item.hidden-required"),
    ("bounds reversed", question("a", "integer",
     extension=[extension("minValue", valueInteger=5), extension("maxValue", valueInteger=1)]), "item.values-reversed"),
    ("lengths reversed", question("a", maxLength=2, extension=[extension("minLength", valueInteger=5)]),
     "item.bounds-reversed"),
    ("bad regex", question("a", extension=[extension("regex", valueString="(")]), "item.regex-invalid"),
    ("no options", question("a", "choice"), "option.none"),
    ("unknown value set", question("a", "choice", answerValueSet="http://x"), "option.value-set"),
    ("unknown value set, open", question("a", "open-choice", answerValueSet="http://x"), "option.value-set-open"),
    ("option without value", question("a", "choice", answerOption=[{}, {"valueString": "x"}]), "option.no-value"),
    ("option of odd shape", question("a", "choice", answerOption=[{"valueInteger": "1"}]), "option.no-value"),
    ("option of odd type", question("a", "choice", answerOption=[{"valueBoolean": True}]), "option.no-value"),
    ("same option twice", choice("a", "x", "x"), "option.duplicate"),
    ("text is a number", question("a", prefix=5), "element.shape"),
    ("flag is a text", question("a", required="yes"), "element.shape"),
    ("length is a text", question("a", maxLength="5"), "element.shape"),
    ("children are no list", question("a", item={}), "element.shape"),
    ("child is no object", group("a", question("b"), 5), "element.shape"),  # type: ignore[arg-type]
    ("expression language", question("a", "integer", extension=[calculated("1", "text/cql")]), "expression.language"),
    ("expression unreadable", question("a", "integer", extension=[calculated("1 +* (")]), "expression.invalid"),
    ("expression with more behind it", question("a", "integer", extension=[calculated("1 2")]), "expression.invalid"),
    ("expression as a bare string", question("a", "integer", extension=[
        {"url": CORE + "cqf-expression", "valueString": "1 +"}]), "expression.invalid"),
    ("value set without codes", question("a", "choice", answerValueSet="#broken"), "option.value-set"),
    ("expression too long", question("a", "integer", extension=[calculated("1 +" * 9000)]), "expression.invalid"),
    ("expression too nested", question("a", "integer", extension=[calculated("(" * 5000)]), "expression.invalid"),
    ("condition as expression", question("a", extension=[sdc("enableWhenExpression", "1 +")]), "condition.expression"),
    ("condition without expression", question("a", extension=[{"url": SDC + "sdc-questionnaire-enableWhenExpression"}]),
     "element.extension"),
]  # fmt: skip


@pytest.mark.parametrize(("item", "key"), [rule[1:] for rule in RULES], ids=[rule[0] for rule in RULES])
def test_each_broken_rule_has_its_issue(item: dict[str, Any], key: str) -> None:
    broken = {"resourceType": "ValueSet", "id": "broken", "compose": {"include": 5}, "expansion": 5}
    unscored = {"resourceType": "CodeSystem", "url": "cs", "concept": [{"code": "x"}]}
    compilation = compile_questionnaire(form(question("first"), item, contained=[broken, unscored]))
    assert key in {issue.key for issue in compilation.issues}
    assert compilation.definition is not None
    found = next(issue for issue in compilation.issues if issue.key == key)
    assert found.expression.startswith("Questionnaire.item[1]")
    assert "{" not in found.text_da + found.text_en
    assert found.text("en-GB") == found.text_en
    assert found.text() == found.text_da


CONDITIONS: list[tuple[str, dict[str, Any], str]] = [
    ("nothing", {}, "condition.incomplete"),
    ("no operator", {"question": "yes", "answerBoolean": True}, "condition.incomplete"),
    ("no answer", {"question": "yes", "operator": "="}, "condition.incomplete"),
    ("dangling", when("nowhere", "=", answerBoolean=True), "condition.unknown-question"),
    ("operator", when("yes", "~", answerBoolean=True), "condition.unknown-operator"),
    ("exists", when("yes", "exists", answerString="x"), "condition.exists-boolean"),
    ("itself", when("target", "=", answerString="x"), "condition.inside"),
    ("own child", when("child", "=", answerString="x"), "condition.inside"),
    ("later", when("later", "=", answerString="x"), "condition.later"),
    ("a group", when("g", "=", answerString="x"), "condition.not-question"),
    ("type", when("yes", "=", answerString="x"), "condition.type"),
    ("order", when("yes", ">", answerBoolean=True), "condition.order"),
    ("no code", when("pick", "=", answerCoding={"display": "A"}), "condition.coding-text"),
    ("not an option", when("pick", "=", answerCoding={"system": "s", "code": "z"}), "condition.not-option"),
    ("system unclear", when("two", "=", answerCoding={"code": "a"}), "condition.coding-system"),
]


@pytest.mark.parametrize(
    ("condition", "key"), [row[1:] for row in CONDITIONS], ids=[row[0] for row in CONDITIONS]
)
def test_each_broken_condition_has_its_issue(condition: dict[str, Any], key: str) -> None:
    two_systems = [{"valueCoding": {"system": system, "code": "a"}} for system in ("s", "t")]
    assert key in issue_keys(
        question("yes", "boolean"),
        choice("pick", "a", "b"),
        question("two", "choice", answerOption=two_systems),
        group("g", question("in-g")),
        question("target", enableWhen=[condition], item=[question("child")]),
        question("later"),
    )


def test_the_system_of_a_condition_is_taken_from_the_options_where_they_settle_it() -> None:
    definition = compiled(
        choice("pick", "a"), question("b", enableWhen=[when("pick", "=", answerCoding={"code": "a"})])
    )
    assert definition.by_link_id["b"].enable_when[0].value == {"valueCoding": {"code": "a", "system": "s"}}


def test_several_conditions_without_behavior_are_any_and_a_warning() -> None:
    conditions = [when("a", "exists", answerBoolean=True), when("a", "=", answerString="x")]
    assert issue_keys(question("a"), question("b", enableWhen=conditions)) == ["condition.behavior-missing"]
    assert issue_keys(question("a"), question("b", enableWhen=conditions, enableBehavior="some")) == [
        "condition.behavior-unknown"
    ]
    definition = compiled(question("a"), question("b", enableWhen=conditions, enableBehavior="all"))
    assert definition.by_link_id["b"].enable_behavior is Behavior.ALL


def test_circles_among_conditions_are_named() -> None:
    compilation = compile_questionnaire(
        form(
            question("a", enableWhen=[when("c", "!=", answerString="x")]),
            question("b", enableWhen=[when("a", "!=", answerString="x")]),
            question("c", enableWhen=[when("b", "!=", answerString="x")]),
            question("after", enableWhen=[when("c", "!=", answerString="x")]),
        )
    )
    cycle = next(issue for issue in compilation.issues if issue.key == "condition.cycle")
    assert "a, b, c" in cycle.text_da
    assert compilation.definition is not None
    assert compilation.definition.dependency_cycles == {"a", "b", "c"}
    assert compilation.definition.order == ("a", "b", "c", "after")


def test_everything_an_item_can_say() -> None:
    definition = compiled(
        group(
            "g",
            question(
                "a",
                "decimal",
                prefix="1.",
                required=True,
                readOnly=True,
                _text={
                    "extension": [
                        extension("rendering-xhtml", valueString="<b>Hej</b>"),
                        {"url": SDC + "sdc-questionnaire-shortText", "valueString": "Kort"},
                    ]
                },
                extension=[
                    control("slider"),
                    extension("minValue", valueInteger=0),
                    extension("maxValue", valueDecimal=10.5),
                    extension("questionnaire-sliderStepValue", valueInteger=2),
                    extension("maxDecimalPlaces", valueInteger=1),
                    extension("minLength", valueInteger=1),
                    extension("entryFormat", valueString="0,0"),
                    extension("questionnaire-unit", valueCoding={"code": "kg", "display": "kilo"}),
                ],
                item=[
                    question("h", "display", text="Hjælp", extension=[control("help")]),
                    question("l", "display", text="Lavest", extension=[control("lower")]),
                    question("u", "display", text="Højest", extension=[control("upper")]),
                ],
            ),
            choice(
                "b", "x", extension=[extension("questionnaire-choiceOrientation", valueCode="horizontal")]
            ),
            question(
                "c", "integer", item=[question("cu", "display", text="minutter", extension=[control("unit")])]
            ),
        ),
        language="en",
        description="Beskrivelse",
    )
    a = definition.by_link_id["a"]
    assert (a.type, a.prefix, a.required, a.read_only, a.is_asked) == (
        ItemType.DECIMAL,
        "1.",
        True,
        True,
        False,
    )
    assert (a.xhtml, a.short_text, a.label) == ("<b>Hej</b>", "Kort", "Kort")
    assert (a.control, a.min_value, a.max_value, a.step) == (
        ItemControl.SLIDER,
        Decimal(0),
        Decimal("10.5"),
        Decimal(2),
    )
    assert (a.max_decimal_places, a.min_length, a.entry_format, a.unit) == (1, 1, "0,0", "kilo")
    assert (a.help_text, a.lower_label, a.upper_label, a.items) == ("Hjælp", "Lavest", "Højest", ())
    assert definition.by_link_id["h"].text == "Hjælp"
    assert definition.by_link_id["b"].orientation is Orientation.HORIZONTAL
    assert definition.by_link_id["c"].unit == "minutter"
    assert (definition.language, definition.description) == ("en", "Beskrivelse")


def test_a_help_text_with_a_condition_stays_an_item() -> None:
    definition = compiled(
        question("a", item=[
            question("h", "display", extension=[control("help")],
                     enableWhen=[when("a", "exists", answerBoolean=True)])
        ])
    )  # fmt: skip
    assert [item.link_id for item in definition.walk()] == ["a", "h"]


def test_options_from_contained_value_sets_with_scores_from_everywhere() -> None:
    score = extension("ordinalValue", valueDecimal=1.5)
    definition = compiled(
        question("composed", "choice", answerValueSet="#v"),
        question("expanded", "choice", answerValueSet="http://example.org/vs|2"),
        question("known", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/yesnodontknow"),
        question("given", "choice", answerOption=[
            {"valueInteger": 3, "_valueInteger": {"extension": [score]}},
            {"valueCoding": {"code": "c", "extension": [score]},
             "extension": [extension("questionnaire-optionExclusive", valueBoolean=True),
                           extension("questionnaire-optionPrefix", valueString="a)")]},
            {"valueReference": {"reference": "Patient/1"}},
        ]),
        contained=[
            {"resourceType": "ValueSet", "id": "v", "compose": {"include": [
                {"system": "s", "concept": [{"code": "1", "display": "En", "extension": [score]}, {"code": "2"}]},
                {"concept": 5}, {"system": "t", "concept": [{"code": "2"}]}]}},
            {"resourceType": "ValueSet", "url": "http://example.org/vs", "version": "2", "expansion": {"contains": [
                {"system": "cs", "code": "x", "contains": [{"system": "cs", "code": "y"}]},
                {"code": "abstract", "abstract": True}]}},
            {"resourceType": "CodeSystem", "url": "cs", "concept": [
                {"code": "x", "concept": [{"code": "y", "extension": [extension("itemWeight", valueDecimal=7)]}]}]},
            {"resourceType": "Patient"},
        ],
    )  # fmt: skip

    def facts(link_id: str) -> list[tuple[str, str, Decimal | None]]:
        return [
            (option.key, option.label, option.weight) for option in definition.by_link_id[link_id].options
        ]

    assert facts("composed") == [
        ("1", "En", Decimal("1.5")),
        ("valueCoding s|2", "2", None),
        ("valueCoding t|2", "2", None),
    ]
    assert facts("expanded") == [("x", "x", None), ("y", "y", Decimal(7))]
    assert [label for _, label, _ in facts("known")] == ["Ja", "Nej", "Ved ikke"]
    assert facts("given")[:2] == [("3", "3", Decimal("1.5")), ("c", "c", Decimal("1.5"))]
    exclusive = definition.by_link_id["given"].options[1]
    assert (exclusive.exclusive, exclusive.prefix) == (True, "a)")
    assert definition.by_link_id["given"].option("c") is exclusive
    assert definition.by_link_id["given"].option("z") is None
    assert [option.key for option in definition.by_link_id["given"].options][2].startswith("valueReference")


def test_value_sets_may_come_from_the_caller() -> None:
    value_set = {"resourceType": "ValueSet", "compose": {"include": [{"concept": [{"code": "a"}]}]}}
    compilation = compile_questionnaire(
        form(question("a", "choice", answerValueSet="http://x|1")), value_sets={"http://x": value_set}
    )
    assert compilation.is_usable
    assert compilation.definition is not None
    assert [option.key for option in compilation.definition.by_link_id["a"].options] == ["a"]


def test_pages_are_top_level_groups_and_runs_of_loose_items() -> None:
    hidden = [extension("questionnaire-hidden", valueBoolean=True)]
    definition = compiled(
        question("a"),
        question("b"),
        group("g", question("c")),
        {"linkId": "empty", "type": "group", "text": "Kun en overskrift"},
        group("all-hidden", question("d", extension=hidden)),
        question("score", "decimal", extension=hidden),
        group("h", question("e")),
    )
    assert [(page.link_id, page.number, page.title) for page in definition.pages] == [
        ("page-1", 1, ""),
        ("g", 2, "Gruppe g"),
        ("empty", 3, "Kun en overskrift"),
        ("h", 4, "Gruppe h"),
    ]
    assert [item.link_id for item in definition.pages[0].items] == ["a", "b"]
    assert [item.link_id for item in definition.pages[1].walk()] == ["g", "c"]
    assert definition.page("h") is definition.page_of("e")
    assert definition.page("nothing") is None
    assert definition.page_of("score") is None


def test_missing_head_elements_are_warnings() -> None:
    compilation = compile_questionnaire({"resourceType": "Questionnaire", "item": [question("a")]})
    assert [issue.key for issue in compilation.issues] == [
        "questionnaire.no-url",
        "questionnaire.no-title",
        "questionnaire.no-status",
    ]
    assert {issue.severity for issue in compilation.issues} == {Severity.WARNING}
    assert compilation.definition is not None
    assert compilation.definition.canonical == ""


def test_bounds_of_dates_and_quantities() -> None:
    definition = compiled(
        question("d", "date", extension=[extension("minValue", valueDate="2026-01-01"),
                                         extension("maxValue", valueDate="soon")]),
        question("q", "quantity", initial=[{"valueQuantity": {"value": 1, "unit": "kg", "code": "kg"}}],
                 extension=[extension("maxValue", valueQuantity={"value": 9})]),
        question("s", extension=[extension("questionnaire-sliderStepValue", valueInteger=0), "odd",
                                 {"url": CORE + "questionnaire-itemControl", "valueCodeableConcept": 5}]),
    )  # fmt: skip
    d, q = definition.by_link_id["d"], definition.by_link_id["q"]
    assert (d.min_value, d.max_value) == ("2026-01-01", None)
    assert (q.max_value, q.unit, q.unit_coding) == (Decimal(9), "kg", {"code": "kg"})
    assert definition.by_link_id["s"].step is None


def test_control_characters_never_reach_a_page_or_the_database() -> None:
    assert compiled(question("a", text="a\x00b\ud800c\r\nd")).by_link_id["a"].text == "abc\nd"


def test_long_foreign_texts_are_cut_in_sentences() -> None:
    issue = compile_questionnaire(form(question("a", "x" * 500))).issues[0]
    assert len(issue.text_da) < 250
