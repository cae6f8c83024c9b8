"""What an operation is called with."""

from typing import Any

from fut.simulator.outcomes import Refusal
from fut.validation import fhir_problems

Json = dict[str, Any]


def parameter(parameters: Json, name: str) -> Json:
    """The named part of a Parameters resource; 400 without it."""
    if problems := fhir_problems(parameters):
        raise Refusal(400, problems, issue_type="structure")
    for part in parameters.get("parameter", ()):
        if part.get("name") == name:
            return dict(part)
    raise Refusal(400, [f"The parameter “{name}” is missing."], issue_type="required")
