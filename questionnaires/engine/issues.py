"""What the engine has to say about a questionnaire or a response.

The engine has no gettext: it is pure, and its sentences travel with the issue to the screen, the API and the
command line alike. The sentences stand in `catalogue.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .catalogue import CATALOGUE
from .rules import Severity

LONGEST_QUOTE = 80
"""Characters of somebody's own text that a sentence repeats."""


@dataclass(frozen=True, slots=True)
class Issue:
    """One finding.

    `key` names the rule ("answer.required") and is stable; `code` is FHIR's issue type; `expression` is a
    FHIRPath to the element; `label` is what the question is called, for lists away from the question; `rows` are the
    keys of the rows that it stands in (`rows.py`).
    """

    severity: Severity
    key: str
    code: str
    expression: str
    text_da: str
    text_en: str
    link_id: str | None = None
    label: str = ""
    rows: tuple[str, ...] = ()

    @property
    def is_error(self) -> bool:
        """Does it stop the import or the submission?"""
        return self.severity is Severity.ERROR

    def text(self, language: str = "da") -> str:
        """The sentence in Danish, or in English for any language beginning with "en"."""
        return self.text_en if language.lower().startswith("en") else self.text_da


@dataclass(frozen=True, slots=True)
class Both:
    """A piece of a sentence in both languages."""

    da: str
    en: str

    def text(self, language: str = "da") -> str:
        """In Danish, or in English for any language beginning with "en"."""
        return self.en if language.lower().startswith("en") else self.da


def has_errors(issues: Iterable[Issue]) -> bool:
    """Is there an error among them?"""
    return any(issue.is_error for issue in issues)


def make_issue(
    key: str, expression: str, *, link_id: str | None = None, label: str = "", **facts: object
) -> Issue:
    """An issue of the catalogue. `facts` fill the names in its sentences; a `Both` differs by language.

    Raises KeyError for a key the catalogue does not have.
    """
    rule = CATALOGUE[key]
    return Issue(
        severity=rule.severity,
        key=key,
        code=rule.code,
        expression=expression,
        text_da=rule.da.format(**{name: _piece(fact, "da") for name, fact in facts.items()}),
        text_en=rule.en.format(**{name: _piece(fact, "en") for name, fact in facts.items()}),
        link_id=link_id,
        label=label,
    )


def _piece(fact: object, language: str) -> str:
    if isinstance(fact, Both):
        return fact.text(language)
    text = str(fact)
    return text if len(text) <= LONGEST_QUOTE else text[: LONGEST_QUOTE - 1] + "…"
