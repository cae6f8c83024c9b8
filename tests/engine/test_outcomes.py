"""Issues as other systems read them: a FHIR R4 OperationOutcome."""

import pytest

from questionnaires.engine import operation_outcome
from questionnaires.engine.catalogue import CATALOGUE
from questionnaires.engine.issues import make_issue


def test_an_issue_tells_both_languages_where_it_is_and_which_rule_it_breaks():
    issue = make_issue(
        "answer.required-choice", "QuestionnaireResponse.item[0]", link_id="pain", label="Har du ondt?"
    )
    assert operation_outcome([issue]) == {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "error",
                "code": "required",
                "details": {
                    "coding": [{"system": "urn:kommunalpro:engine-rule", "code": "answer.required-choice"}],
                    "text": "Har du ondt?: Vælg et svar.",
                },
                "diagnostics": "Har du ondt?: Choose an answer.",
                "expression": ["QuestionnaireResponse.item[0]"],
            }
        ],
    }


def test_english_comes_first_for_those_who_ask_for_english():
    [told] = operation_outcome([make_issue("answer.required", "QuestionnaireResponse")], "en-GB")["issue"]
    assert (told["details"]["text"], told["diagnostics"]) == ("Answer the question.", "Besvar spørgsmålet.")


def test_a_long_question_is_cut_short():
    issue = make_issue("answer.required", "QuestionnaireResponse", label="Hvor ofte  " * 40)
    [told] = operation_outcome([issue])["issue"]
    assert told["details"]["text"].endswith("…: Besvar spørgsmålet.")
    assert len(told["details"]["text"]) < 110


@pytest.mark.parametrize(("language", "text"), [("da", "Der er ikke"), ("en", "No problems")])
def test_nothing_wrong_is_said_in_words_as_fhir_wants_one_issue(language, text):
    [told] = operation_outcome([], language)["issue"]
    assert (told["severity"], told["code"]) == ("information", "informational")
    assert told["details"]["text"].startswith(text)


# http://hl7.org/fhir/R4/valueset-issue-type.html
ISSUE_TYPES = """
invalid structure required value invariant security login unknown expired forbidden suppressed processing
not-supported duplicate multiple-matches not-found deleted too-long code-invalid extension too-costly
business-rule conflict transient lock-error no-store exception timeout incomplete throttled informational
"""


@pytest.mark.parametrize("key", sorted(CATALOGUE))
def test_every_rule_has_one_of_fhirs_issue_types(key):
    assert CATALOGUE[key].code in ISSUE_TYPES.split()
