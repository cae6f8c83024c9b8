"""Issues as a FHIR R4 OperationOutcome (https://hl7.org/fhir/R4/operationoutcome.html), for APIs and scripts."""

from collections.abc import Iterable
from typing import Any

from .display import is_english
from .issues import LONGEST_QUOTE, Issue
from .rules import Severity

RULES = "urn:kommunalpro:engine-rule"
"""The code system of `Issue.key`: names that stay when a sentence is worded better."""


def operation_outcome(issues: Iterable[Issue], language: str = "da") -> dict[str, Any]:
    """One OperationOutcome with all the issues, in their order.

    `details.text` is the sentence in `language` with the question's label before it, `diagnostics` the same in
    the other language (Danish or English), `details.coding` the rule, `expression` a FHIRPath to the element.
    FHIR wants at least one issue: where there is none, a piece of information says so.
    """
    other = "da" if is_english(language) else "en"
    found = [_issue(issue, language, other) for issue in issues]
    return {"resourceType": "OperationOutcome", "issue": found or [_all_well(language, other)]}


def _issue(issue: Issue, language: str, other: str) -> dict[str, Any]:
    return {
        "severity": issue.severity.value,
        "code": issue.code,
        "details": {
            "coding": [{"system": RULES, "code": issue.key}],
            "text": _sentence(issue, language),
        },
        "diagnostics": _sentence(issue, other),
        "expression": [issue.expression],
    }


def _sentence(issue: Issue, language: str) -> str:
    """What is wrong and with which question: away from the screen, "Vælg et svar." alone says nothing."""
    label = " ".join(issue.label.split())
    if len(label) > LONGEST_QUOTE:
        label = label[: LONGEST_QUOTE - 1] + "…"
    return f"{label}: {issue.text(language)}" if label else issue.text(language)


def _all_well(language: str, other: str) -> dict[str, Any]:
    texts = {True: "No problems found.", False: "Der er ikke fundet problemer."}
    return {
        "severity": Severity.INFORMATION.value,
        "code": "informational",
        "details": {"text": texts[is_english(language)]},
        "diagnostics": texts[is_english(other)],
    }
