"""What a rule is: the shape of a row in `catalogue.py` and `answer_catalogue.py`."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much it matters; only an error stops anything."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Rule:
    """How severe, which FHIR code (http://hl7.org/fhir/R4/valueset-issue-type.html), and the sentences.

    The sentences hold {names} to fill in.
    """

    severity: Severity
    code: str
    da: str
    en: str


def error(code: str, da: str, en: str) -> Rule:
    """A rule that stops the import or the submission."""
    return Rule(Severity.ERROR, code, da, en)


def warning(code: str, da: str, en: str) -> Rule:
    """A rule whose breach should be looked at."""
    return Rule(Severity.WARNING, code, da, en)


def note(code: str, da: str, en: str) -> Rule:
    """Something to know."""
    return Rule(Severity.INFORMATION, code, da, en)
