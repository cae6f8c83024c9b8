"""One section, one question, or everything on a page: which questions stand together."""

import json
from pathlib import Path
from typing import Any

import pytest

from questionnaires.engine import Paging, compile_questionnaire, evaluate, worded
from questionnaires.engine.paging import PAGING
from tests.conformance.corpora import CORPORA
from tests.engine.small_forms import CORE, compiled, group, issue_keys, question

EXAMPLES = sorted((Path(__file__).parents[2] / "kommunalpro" / "demo" / "questionnaires").glob("*.json"))
FORMS = sorted((CORPORA / "questionnaires").rglob("*.json"))


def paged(paging: str) -> dict[str, Any]:
    return {"extension": [{"url": PAGING, "valueCode": paging}]}


def text(link_id: str, **rest: Any) -> dict[str, Any]:
    return {"linkId": link_id, "type": "display", "text": f"Tekst {link_id}", **rest}


def asked(by: str) -> dict[str, Any]:
    return {"enableWhen": [{"question": by, "operator": "=", "answerBoolean": True}]}


def table() -> dict[str, Any]:
    url = f"{CORE}questionnaire-itemControl"
    return {"extension": [{"url": url, "valueCodeableConcept": {"coding": [{"code": "gtable"}]}}]}


def test_a_questionnaire_that_says_nothing_has_a_page_for_each_section() -> None:
    definition = compiled(group("g", question("a"), question("b")), question("c"))
    assert definition.paging is Paging.SECTIONS
    assert definition.pages == definition.sections
    assert [page.link_id for page in definition.pages] == ["g", "page-2"]


def test_one_question_a_page_under_the_name_of_its_section() -> None:
    items = group("g", question("a"), group("inner", question("b"), question("c"))), question("d")
    definition = compiled(*items, **paged("questions"))
    found = [(page.number, page.title, [item.link_id for item in page.items]) for page in definition.pages]
    assert found == [(1, "Gruppe g", ["a"]), (2, "Gruppe g", ["b"]), (3, "Gruppe g", ["c"]), (4, "", ["d"])]
    assert [[one.link_id for one in page.groups] for page in definition.pages] == [
        ["g"],
        ["g", "inner"],
        ["g", "inner"],
        [],
    ]
    assert [page.section for page in definition.pages] == [1, 1, 1, 2]


def test_everything_on_one_page_in_the_order_of_the_questionnaire() -> None:
    definition = compiled(question("a"), group("g", question("b")), question("c"), **paged("whole"))
    [page] = definition.pages
    assert [item.link_id for item in page.walk()] == ["a", "g", "b", "c"]


@pytest.mark.parametrize(
    "whole",
    [
        {"repeats": True},
        {"required": True},
        table(),
        {
            "extension": [
                {
                    "url": f"{CORE}questionnaire-constraint",
                    "extension": [
                        {"url": "key", "valueId": "k"},
                        {"url": "severity", "valueCode": "error"},
                        {"url": "human", "valueString": "Svar på én af dem."},
                        {"url": "expression", "valueString": "item.exists()"},
                    ],
                }
            ]
        },
    ],
    ids=["repeats", "required", "table", "rule"],
)
def test_what_makes_sense_in_one_piece_stays_in_one_piece(whole: dict[str, Any]) -> None:
    rows = group("rows", question("a"), question("b"), **whole)
    definition = compiled(rows, group("g", question("c"), rows | {"linkId": "more", "item": [question("d")]}),
                          **paged("questions"))  # fmt: skip
    assert [page.link_id for page in definition.pages] == ["rows", "c", "more"]


def test_a_required_group_whose_question_asks_for_itself_is_taken_apart() -> None:
    definition = compiled(
        group("g", question("a", required=True), question("b"), required=True), **paged("questions")
    )
    assert [page.link_id for page in definition.pages] == ["a", "b"]


def test_texts_stand_with_the_question_they_lead_to_or_follow_from() -> None:
    definition = compiled(
        group(
            "g",
            text("before"),
            question("pain", "boolean"),
            text("call", **asked("pain")),
            text("then"),
            question("b"),
            text("last"),
        ),
        group("only-text", text("bye")),
        **paged("questions"),
    )
    assert [[item.link_id for item in page.items] for page in definition.pages] == [
        ["before", "pain", "call"],
        ["then", "b", "last"],
        ["bye"],
    ]


def test_what_is_not_asked_makes_no_page() -> None:
    definition = compiled(
        question("pain", "boolean"), question("days", **asked("pain")), **paged("questions")
    )
    empty: dict[str, Any] = {"resourceType": "QuestionnaireResponse", "status": "in-progress"}
    assert [page.link_id for page in evaluate(definition, empty).pages] == ["pain"]
    yes = empty | {"item": [{"linkId": "pain", "answer": [{"valueBoolean": True}]}]}
    assert [page.link_id for page in evaluate(definition, yes).pages] == ["pain", "days"]


def test_a_choice_that_nobody_knows_is_named_and_the_sections_stay() -> None:
    assert "element.extension" in issue_keys(question("a"), **paged("at-once"))
    assert compiled(question("a"), **paged("at-once")).paging is Paging.SECTIONS


def test_another_language_has_the_same_pages() -> None:
    def said(words: str) -> dict[str, Any]:
        parts = [{"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": words}]
        return {"_text": {"extension": [{"url": f"{CORE}translation", "extension": parts}]}}

    definition = compiled(
        group("g", question("a", **said("Question")), **said("Group")), **paged("questions")
    )
    [page] = worded(definition, "en").pages
    assert (page.title, page.items[0].text, page.groups[0].text) == ("Group", "Question", "Group")


@pytest.mark.parametrize("paging", Paging)
@pytest.mark.parametrize("file", [*EXAMPLES, *FORMS], ids=lambda file: getattr(file, "stem", file))
def test_each_question_of_a_real_form_stands_on_exactly_one_page(file: Path, paging: Paging) -> None:
    source = json.loads(file.read_text())
    source["extension"] = [*(source.get("extension") or ()), *paged(paging)["extension"]]
    definition = compile_questionnaire(source).definition
    if definition is None:
        pytest.skip("no questionnaire")
    on_pages = [item.link_id for page in definition.pages for item in page.walk() if item.is_asked]
    in_sections = [item.link_id for page in definition.sections for item in page.walk() if item.is_asked]
    assert sorted(on_pages) == sorted(in_sections)
    assert [page.number for page in definition.pages] == list(range(1, len(definition.pages) + 1))
