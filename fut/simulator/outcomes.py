"""OperationOutcome: how the platform says what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

ERROR_CODES = "http://ehealth.sundhed.dk/cs/ehealth-error-code"
"""Ours: where the platform puts its error codes is not known (contract §9)."""

HAPI_CODES = "https://hapifhir.io/fhir/CodeSystem/hapi-fhir-storage-response-code"


@dataclass
class Refusal(Exception):
    """The request is refused with a status and one issue for each of the reasons."""

    status: int
    reasons: Sequence[str]
    code: str | None = None
    issue_type: str = "processing"

    retry_after: int | None = None

    def outcome(self) -> dict[str, Any]:
        details = {"details": {"coding": [{"system": ERROR_CODES, "code": self.code}]}} if self.code else {}
        return outcome(
            *(
                {"severity": "error", "code": self.issue_type, **details, "diagnostics": reason}
                for reason in self.reasons
            )
        )


def outcome(*issues: dict[str, Any]) -> dict[str, Any]:
    """An OperationOutcome with its narrative: the recorded ones repeat their issues in a table."""
    rows = "".join(
        f"<tr><td>{issue['severity'].upper()}</td><td>{escape(issue['diagnostics'])}</td></tr>"
        for issue in issues
    )
    div = f'<div xmlns="http://www.w3.org/1999/xhtml"><table>{rows}</table></div>'
    return {
        "resourceType": "OperationOutcome",
        "text": {"status": "generated", "div": div},
        "issue": list(issues),
    }


def broken_rule(code: str, reason: str) -> Refusal:
    """422 with one of the platform's error codes."""
    return Refusal(422, [reason], code=code, issue_type="business-rule")


def not_found(resource_type: str, resource_id: str) -> Refusal:
    return Refusal(
        404,
        [f"Resource {resource_type} with id {resource_id} is not found."],
        code="GENERAL_RESOURCE_NOT_FOUND",
        issue_type="not-found",
    )


def not_supported(what: str) -> Refusal:
    return Refusal(400, [f"This service does not support {what}."], issue_type="not-supported")


def invalid(*problems: str) -> Refusal:
    """422 for a resource that breaks its profile or FHIR, an issue for each problem."""
    return Refusal(422, problems, code="GENERAL_VALIDATION_ERROR", issue_type="invalid")


def gone(resource_type: str, resource_id: str) -> Refusal:
    return Refusal(410, [f"Resource was deleted: {resource_type}/{resource_id}."], issue_type="deleted")


SUCCESSES = {
    "SUCCESSFUL_CREATE": "Create succeeded.",
    "SUCCESSFUL_UPDATE": "Update succeeded.",
    "SUCCESSFUL_DELETE": "Delete succeeded.",
}


def success(code: str, text: str) -> dict[str, Any]:
    """The informational outcome that accompanies what went well."""
    return outcome(
        {
            "severity": "information",
            "code": "informational",
            "details": {"coding": [{"system": HAPI_CODES, "code": code, "display": SUCCESSES[code]}]},
            "diagnostics": text,
        }
    )
