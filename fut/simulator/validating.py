"""`$validate`: what would be said of a resource if it were stored."""

from typing import Any

from fut.profiles import profile_problems
from fut.simulator.outcomes import Refusal
from fut.simulator.parameters import parameter
from fut.validation import fhir_problems

Json = dict[str, Any]


def validate(parameters: Json) -> Json:
    """An OperationOutcome, its issues errors or one that says there are none."""
    resource = parameters
    if parameters.get("resourceType") == "Parameters":
        resource = parameter(parameters, "resource").get("resource", {})
    found = [*profile_problems(resource), *fhir_problems(resource)]
    if found:
        return Refusal(200, found, issue_type="invalid").outcome()
    return {
        "resourceType": "OperationOutcome",
        "issue": [
            {
                "severity": "information",
                "code": "informational",
                "diagnostics": "No issues detected during validation",
            }
        ],
    }
