"""Questionnaires that are wrong on purpose: each gets the issue it was made for."""

from typing import Any

import pytest

from questionnaires.engine import compile_questionnaire, new_response, with_answers
from questionnaires.rendering import render_page
from tests.conformance.corpora import CORPORA, read, say, table, with_corpora

pytestmark = with_corpora

EXPECTED = {
    # file: the rule, and whether the form is refused; else what is wrong in it is left out.
    "hl7-que-1a.f1.fail.json": ("item.empty-group", False),
    "hl7-que-2.f1.fail.json": ("item.duplicate-link-id", True),
    "hl7-que-8.f2.fail.json": ("item.unexpected-initial", False),
    "hl7-que-10.f1.fail.json": ("item.unexpected-max-length", False),
    "lforms-questionnaire-enableWhen-missing-linkId.json": ("condition.unknown-question", True),
    "lforms-brokenValueSet.json": ("option.value-set", True),
}
INJECTION = "refero-text-scriptInjection.json"


def form(name: str) -> Any:
    return read(CORPORA / "questionnaires-invalid" / name)


@pytest.mark.parametrize("name", EXPECTED)
def test_a_wrong_form_gets_its_stated_issue(name: str) -> None:
    key, is_refused = EXPECTED[name]
    compilation = compile_questionnaire(form(name))
    assert key in {issue.key for issue in compilation.issues}
    assert compilation.is_usable is not is_refused


def test_a_script_in_an_answer_stays_text() -> None:
    definition = compile_questionnaire(form(INJECTION)).definition
    assert definition is not None
    page = definition.pages[0]
    script = "<script>alert(1)</script>"
    document = with_answers(
        definition, new_response(definition), page.items[0].link_id, [{"valueString": script}]
    )
    view = render_page(definition, page, document)
    # The value is a plain string, so that templates escape it; only SafeString would go through as it is.
    assert view.items[0].value == script
    assert not hasattr(view.items[0].value, "__html__")


def test_a_script_in_a_formatted_text_is_told_and_never_shown() -> None:
    resource = form(INJECTION)
    resource["item"][0]["_text"] = {
        "extension": [
            {
                "url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
                "valueString": "<b>Hvor?</b><script>alert(1)</script>",
            }
        ]
    }
    compilation = compile_questionnaire(resource)
    assert "element.active-content" in {issue.key for issue in compilation.issues}
    definition = compilation.definition
    assert definition is not None
    view = render_page(definition, definition.pages[0], new_response(definition))
    assert "script" not in str(view.items[0].label)
    assert "<b>Hvor?</b>" in str(view.items[0].label)


def test_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    names = {row["file"] for row in table("questionnaires-invalid/manifest.tsv")}
    assert names == {*EXPECTED, INJECTION}
    refused = sum(is_refused for _, is_refused in EXPECTED.values())
    say(
        capsys,
        f"invalid questionnaires: {len(names)}, each with its issue; {refused} refused, {len(names) - refused} defused",
    )
