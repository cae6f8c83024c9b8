"""Value sets: used as far as they are at hand, and never guessed."""

from decimal import Decimal
from typing import Any

import pytest

from questionnaires.engine import compile_questionnaire
from tests.engine.small_forms import compiled, extension, form, issue_keys, question

Resource = dict[str, Any]


def value_set(name: str, *include: Resource, **rest: Any) -> Resource:
    url = f"http://x/{name}"
    return {"resourceType": "ValueSet", "id": name, "url": url, "compose": {"include": list(include), **rest}}


def codes(*listed: str, system: str = "s") -> Resource:
    return {"system": system, "concept": [{"code": code} for code in listed]}


def code_system(url: str, *concepts: Resource) -> Resource:
    return {"resourceType": "CodeSystem", "url": url, "concept": list(concepts)}


def keys_of(reference: str, *contained: Resource) -> list[str]:
    definition = compiled(question("a", "open-choice", answerValueSet=reference), contained=contained)
    return [option.key for option in definition.items[0].options]


@pytest.mark.parametrize(
    ("contained", "keys"),
    [
        ([value_set("v", codes("a", "b"))], ["a", "b"]),
        ([value_set("v", codes("a", "b", "c"), exclude=[codes("b")])], ["a", "c"]),
        ([value_set("v", {"valueSet": ["http://x/w"]}, codes("c")), value_set("w", codes("a", "b"))], ["a", "b", "c"]),
        ([value_set("v", {**codes("a", "b"), "valueSet": ["http://x/w"]}), value_set("w", codes("b", "c"))], ["b"]),
        ([value_set("v", {"valueSet": ["http://x/w", "http://x/u"]}), value_set("w", codes("a", "b")),
          value_set("u", codes("b"))], ["b"]),
        ([value_set("v", {"system": "cs"}), code_system("cs", {"code": "a", "concept": [{"code": "b"}]})], ["a", "b"]),
        ([value_set("v", codes("a"), exclude=[{"valueSet": ["http://x/w"]}], ), value_set("w", codes("a"))], []),
        ([value_set("v", {"valueSet": ["http://x/v"]}, codes("a"))], ["a"]),
        ([value_set("v", {"valueSet": ["http://x/w"]}), value_set("w", {"valueSet": ["http://x/v"]})], []),
        ([value_set("v", {"system": "elsewhere"})], []),
        ([value_set("v", {"system": "cs", "filter": [{}]})], []),
        ([value_set("v", codes("a", "a"))], ["a"]),
    ],
)  # fmt: skip
def test_a_value_set_is_what_its_parts_make(contained: list[Resource], keys: list[str]) -> None:
    assert keys_of("#v", *contained) == keys
    assert keys_of("http://x/v|1", *contained) == keys


@pytest.mark.parametrize(
    "contained",
    [
        [value_set("v", codes("a"), {"system": "elsewhere"})],
        [value_set("v", codes("a"), {"system": "cs", "filter": [{"property": "x"}]})],
        [value_set("v", codes("a"), {"valueSet": ["http://x/elsewhere"]})],
        [{**value_set("v"), "expansion": {"total": 9, "contains": [{"code": "a"}]}}],
    ],
)
def test_what_is_listed_in_part_is_used_and_told(contained: list[Resource]) -> None:
    item = question("a", "choice", answerValueSet="#v")
    assert issue_keys(item, contained=contained) == ["option.value-set-partial"]


def test_a_code_system_says_what_the_list_leaves_out() -> None:
    score = extension("ordinalValue", valueDecimal=2)
    definition = compiled(
        question("listed", "choice", answerValueSet="#v"),
        question("written", "choice", answerOption=[{"valueCoding": {"system": "cs", "code": "a"}}]),
        contained=[
            value_set("v", codes("a", "b", system="cs")),
            code_system(
                "cs",
                {"code": "a", "display": "Aldrig", "extension": [score],
                 "designation": [{"language": "en", "value": "Never"}]},
                {"code": "b", "display": "Ofte", "property": [{"code": "itemWeight", "valueDecimal": 3}]},
            ),
        ],
    )  # fmt: skip
    listed, written = definition.items
    assert [(one.label, one.weight, one.label_in("en")) for one in listed.options] == [
        ("Aldrig", Decimal(2), "Never"),
        ("Ofte", Decimal(3), "Ofte"),
    ]
    assert [(one.label, one.weight) for one in written.options] == [("Aldrig", Decimal(2))]


def test_the_caller_may_hand_in_value_sets_and_code_systems() -> None:
    given = {
        "http://x/v": value_set("v", {"system": "cs"}),
        "cs": code_system("cs", {"code": "a"}),
        "odd": 5,
    }
    resource = form(question("a", "choice", answerValueSet="http://x/v"))
    definition = compile_questionnaire(resource, value_sets=given).definition  # type: ignore[arg-type]
    assert definition is not None
    assert [option.key for option in definition.items[0].options] == ["a"]
    assert definition.items[0].answer_value_set == "http://x/v"


def test_fhirs_own_small_value_sets_need_not_come_along() -> None:
    item = compiled(
        question("a", "choice", answerValueSet="http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1")
    ).items[0]
    assert [option.key for option in item.options] == ["male", "female", "other", "unknown"]
    assert [option.label_in("en") for option in item.options][:2] == ["Male", "Female"]


def test_a_long_chain_of_value_sets_ends() -> None:
    chain = [value_set(str(n), {"valueSet": [f"http://x/{n + 1}"]}) for n in range(500)]
    item = question("a", "open-choice", answerValueSet="#0")
    assert issue_keys(item, contained=[*chain, value_set("500", codes("a"))]) == ["option.value-set-open"]


def test_items_that_share_a_value_set_share_its_options() -> None:
    definition = compiled(
        *(question(name, "choice", answerValueSet="#v") for name in "ab"),
        contained=[value_set("v", codes("x"))],
    )
    assert definition.items[0].options is definition.items[1].options


def test_an_item_without_link_id_still_hears_of_its_options() -> None:
    nameless = {"type": "choice", "text": "x", "answerValueSet": "http://x/broken"}
    assert issue_keys(nameless) == ["item.no-link-id", "option.value-set", "questionnaire.empty"]


def test_value_sets_that_would_swell_are_cut_off() -> None:
    big = value_set("big", codes(*map(str, range(1000))))
    echoes = [value_set(f"e{n}", {"valueSet": ["http://x/big"] * 50}) for n in range(1000)]
    item = question("a", "open-choice", answerValueSet="#all")
    every = value_set("all", *({"valueSet": [f"http://x/e{n}"]} for n in range(1000)))
    assert issue_keys(item, contained=[big, every, *echoes]) == ["option.value-set-partial"]
