"""What the engine has to say about a questionnaire or a response, and its sentences in Danish and English.

The engine has no gettext: it is pure, and its sentences travel with the issue to the screen, the API and the
command line alike. Every sentence says what to do. Codes are FHIR's issue types (http://hl7.org/fhir/issue-type).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any


class Severity(StrEnum):
    """How much it matters; only an error stops anything."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    `key` names the rule ("answer.required") and is stable; `code` is FHIR's issue type; `expression` is a
    FHIRPath to the element; `label` is what the question is called, for lists of issues away from the question.
    """

    severity: Severity
    key: str
    code: str
    expression: str
    text_da: str
    text_en: str
    link_id: str | None = None
    label: str = ""

    @property
    def is_error(self) -> bool:
        """Does it stop the import or the submission?"""
        return self.severity is Severity.ERROR

    def text(self, language: str = "da") -> str:
        """The sentence in Danish, or in English for any language beginning with "en"."""
        return self.text_en if language.lower().startswith("en") else self.text_da


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the catalogue: how severe, which FHIR code, and the sentences with {names} to fill in."""

    severity: Severity
    code: str
    da: str
    en: str


def has_errors(issues: Iterable[Issue]) -> bool:
    """Is there an error among them?"""
    return any(issue.is_error for issue in issues)


def issue(key: str, expression: str, *, link_id: str | None = None, label: str = "", **names: Any) -> Issue:
    """An issue of the catalogue; `names` fill its sentences. Unknown keys raise KeyError: a mistake of ours."""
    rule = CATALOGUE[key]
    da, en = names.pop("da", None), names.pop("en", None)
    return Issue(
        severity=rule.severity,
        key=key,
        code=rule.code,
        expression=expression,
        text_da=rule.da.format(what=da, **names),
        text_en=rule.en.format(what=en, **names),
        link_id=link_id,
        label=label,
    )


_E, _W, _I = Severity.ERROR, Severity.WARNING, Severity.INFORMATION
CATALOGUE: Mapping[str, Rule] = MappingProxyType({})
