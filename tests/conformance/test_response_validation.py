"""The response cases of FHIR's own test suite, judged beside the Java reference validator.

Agreeing means the same verdict (valid or invalid) and, where invalid, an error of the same kind. Where we do not
agree, docs/engine.md says why, and the case stands in DIFFERENT.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from questionnaires.engine import Issue, compile_questionnaire, validate
from questionnaires.engine.validation import validate_without_questionnaire
from tests.conformance.corpora import CORPORA, read, say, table, with_corpora

pytestmark = with_corpora

# What the validator's terminology server knows and a file does not say: the codes these cases are about.
VALUE_SETS: Mapping[str, Mapping[str, Any]] = {
    "http://hl7.org/fhir/ValueSet/item-type": {
        "resourceType": "ValueSet",
        "compose": {
            "include": [
                {
                    "system": "http://hl7.org/fhir/item-type",
                    "concept": [
                        {"code": "boolean", "display": "Boolean"},
                        {"code": "string", "display": "String"},
                    ],
                }
            ]
        },
    },
    "http://hl7.org/fhir/ValueSet/jurisdiction": {
        "resourceType": "ValueSet",
        "compose": {
            "include": [{"system": "urn:iso:std:iso:3166", "concept": [{"code": "DK", "display": "Denmark"}]}]
        },
    },
}

KINDS: Mapping[str, str] = {
    # What the Java validator says (a part of its sentence) is the same kind of error as these rules of ours.
    "not found in questionnaire": "response.unknown-link",
    "Option list has no option values of type": "answer.type",
    "Answer value must be of the type": "answer.type",
    "cannot have answers": "response.answer-not-allowed",
    "should not have answers": "response.answer-not-allowed",
    "No response answer found for required item": "answer.required",
    "is not in the set of permitted values": "answer.not-option",
    "than the allowed m": "answer.bounds",
    "has too many decimal places": "answer.decimals",
    "has a unit that is not": "answer.unit",
    "Only one response answer item": "answer.too-many",
    "refers to a resource that has the wrong type": "response.not-questionnaire",
    "is not a valid reference": "answer.reference",
    "The resource type": "answer.reference",
    "Wrong Display Name": "answer.other-display",
}
OUR_KINDS: Mapping[str, str] = {
    "answer.required-text": "answer.required",
    "answer.number-bounds": "answer.bounds",
    "answer.date-bounds": "answer.bounds",
    "answer.reference-shape": "answer.reference",
    "answer.reference-unknown": "answer.reference",
}

DIFFERENT: Mapping[str, str] = {
    "open-choice-gender-coding-async-qr": "A code displayed in other words is a warning: “Yes” is “Ja” elsewhere.",
    "quantity-qr": "10 Kg is between 5 Kg and 50 Kg, although the unit has no code.",
}


def judged(case: str) -> tuple[Issue, ...]:
    folder = CORPORA / "response-validation" / case
    found = read(folder / "instance.json")
    draft = found.get("status") == "in-progress"
    questionnaires: list[Path] = sorted(folder.glob("supporting-*.json"))
    if not questionnaires:
        return validate_without_questionnaire(found, draft=draft)
    definition = compile_questionnaire(read(questionnaires[0]), value_sets=VALUE_SETS).definition
    assert definition is not None
    return validate(definition, found, draft=draft)


def errors_of(messages: str) -> list[str]:
    return [message for message in messages.split(" || ") if message.startswith(("error/", "fatal/"))]


def kind_of(message: str) -> str:
    return next((kind for part, kind in KINDS.items() if part in message), message)


@pytest.mark.parametrize("row", table("response-validation.tsv"), ids=lambda row: row["case"])
def test_a_case_is_judged_as_the_reference_validator_judges_it(row: dict[str, str]) -> None:
    errors = [issue for issue in judged(row["case"]) if issue.is_error]
    # Three cases have no verdict of the Java validator; then the case's own statement counts.
    invalid = row["java_errors"] != "0" if row["java_errors"] else row["declared"] == "invalid"
    if row["case"] in DIFFERENT:
        assert bool(errors) is not invalid, "agrees by now: take it out of DIFFERENT and docs/engine.md"
        return
    assert bool(errors) is invalid, [issue.text_en for issue in errors]
    ours = {OUR_KINDS.get(issue.key, issue.key) for issue in errors}
    theirs = {kind_of(message) for message in errors_of(row["java_messages"])}
    assert ours == theirs


def test_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("response-validation.tsv")
    counts = Counter("differs" if row["case"] in DIFFERENT else "agrees" for row in rows)
    say(capsys, f"response validation: {len(rows)} cases, {dict(counts)}; different: {sorted(DIFFERENT)}")
    assert len(rows) == 37


def test_every_difference_is_explained() -> None:
    documentation = (Path(__file__).resolve().parents[2] / "docs" / "engine.md").read_text("utf-8")
    assert [case for case in DIFFERENT if case not in documentation] == []
