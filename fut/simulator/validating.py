"""`$validate`: what would be said of a resource if it were stored."""

import re
from typing import Any

from fut.profiles import profile_problems
from fut.simulator.outcomes import outcome
from fut.simulator.parameters import parameter
from fut.validation import fhir_problems

Json = dict[str, Any]

NAME = re.compile(r"[A-Z]([A-Za-z0-9_]){0,254}")
RULES = {"ActivityDefinition": "adf-0", "PlanDefinition": "pdf-0", "Questionnaire": "que-0"}
"""FHIR R4's one rule that warns: a definition's name should be usable by a program."""

LINE = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-line"
COLUMN = "http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-col"


def validate(parameters: Json) -> Json:
    """An OperationOutcome: errors, warnings, or the news that there are none.

    The recorded ones say everything twice: once of FHIR and once of the profile.
    """
    resource = parameters
    if parameters.get("resourceType") == "Parameters":
        resource = parameter(parameters, "resource").get("resource", {})
    wrong = [*profile_problems(resource), *fhir_problems(resource)]
    issues = [{"severity": "error", "code": "invalid", "diagnostics": one} for one in wrong]
    issues += 2 * _warnings(resource)
    none = {"severity": "information", "code": "informational"}
    return outcome(*(issues or 2 * [{**none, "diagnostics": "No issues detected during validation"}]))


def _warnings(resource: Json) -> list[Json]:
    rule, name = RULES.get(str(resource.get("resourceType"))), resource.get("name")
    if rule is None or name is None or NAME.fullmatch(str(name)):
        return []
    place = f"Parameters.parameter[0].resource/*{resource['resourceType']}/{resource.get('id', 'null')}*/"
    return [
        {
            "extension": [{"url": LINE, "valueInteger": 1}, {"url": COLUMN, "valueInteger": 1}],
            "severity": "warning",
            "code": "processing",
            "diagnostics": f"Rule {rule}: the name should be one that a program can use as an identifier",
            "location": [place, "Line[1] Col[1]"],
        }
    ]
