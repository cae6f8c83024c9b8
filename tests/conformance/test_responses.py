"""Real responses beside the questionnaires they answer: judged as stated, finished without harm."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest

from questionnaires.engine import Definition, compile_questionnaire, finish, validate
from tests.conformance.corpora import CORPORA, read, say, table, with_corpora

pytestmark = with_corpora

# The errors each response has as it stands, by rule and the items they are on. Those not named have none.
ERRORS: Mapping[str, Mapping[str, int]] = {
    # Labelled so by their source: one item right, one wrong.
    "aehrc-smart-forms/qrMaxValue.json": {"answer.number-bounds": 1},
    "aehrc-smart-forms/qrMinLength.json": {"answer.too-short": 1},
    "aehrc-smart-forms/qrRegex.json": {"answer.pattern": 1},
    # Drafts of a form filler, before it wiped what is no longer asked.
    "helsenorge/reducers_enableWhenCodingWipe_qr.json": {"response.disabled": 2},
    "helsenorge/reducers_repeatableBoolean_qr.json": {
        "response.disabled": 1,
        "response.answer-not-allowed": 1,
    },
    # A required question in it is not answered yet.
    "helsenorge/reducers_repeatsUnderEnableWhen_qr.json": {"answer.required-choice": 1},
    # From another version of the form: the table beside the corpora lists the link ids that it does not have.
    "helsenorge/util_fhirPathExtensions_qr.json": {"response.unknown-link": 3},
    "helsenorge/util_fhirPathExtensions_qr2.json": {"response.unknown-link": 3},
    "helsenorge/util_fhirPathExtensions_qr3.json": {"response.unknown-link": 2},
    "helsenorge/util_fhirPathExtensions_qr4.json": {"response.unknown-link": 2},
    "helsenorge/util_fhirPathExtensions_qr5.json": {"response.unknown-link": 3},
    # An "f" where the options are "F" and "M"; and again link ids that the form does not have.
    "hl7-r4-core/QuestionnaireResponse-bb.json": {"response.unknown-link": 2, "answer.not-option": 1},
    # Texts where the form asks for choices, and an item in another group than the form has it in.
    "hl7-r4-core/QuestionnaireResponse-f201.json": {"answer.type": 2, "response.misplaced": 1},
    # A hidden item in another place than in the form.
    "lhncbc-lforms/hidden-item-questionnaire-response.R4.json": {"response.order": 1},
}


def pair(row: Mapping[str, str]) -> tuple[Definition, Any]:
    definition = compile_questionnaire(read(CORPORA / row["questionnaire_file"])).definition
    assert definition is not None
    return definition, read(CORPORA / row["file"])


def errors(definition: Definition, found: Any) -> Counter[str]:
    return Counter(issue.key for issue in validate(definition, found, draft=False) if issue.is_error)


def name(row: Mapping[str, str]) -> str:
    return row["file"].removeprefix("responses/")


@pytest.mark.parametrize("row", table("responses.tsv"), ids=name)
def test_a_response_has_the_errors_it_is_known_for(row: dict[str, str]) -> None:
    definition, found = pair(row)
    assert errors(definition, found) == ERRORS.get(name(row), {})


@pytest.mark.parametrize("row", table("responses.tsv"), ids=name)
def test_finishing_leaves_only_what_is_wrong_with_the_answers(row: dict[str, str]) -> None:
    definition, found = pair(row)
    done = finish(definition, found)
    expected = {key: count for key, count in ERRORS.get(name(row), {}).items() if key.startswith("answer.")}
    assert errors(definition, done) == expected
    assert finish(definition, done) == done


def test_the_counts(capsys: pytest.CaptureFixture[str]) -> None:
    rows = table("responses.tsv")
    outcomes = Counter("with errors" if name(row) in ERRORS else "sound" for row in rows)
    say(capsys, f"paired responses: {len(rows)}, {dict(outcomes)}")
    assert len(rows) == 27
