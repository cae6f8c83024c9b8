"""What a hint is: something to mend, or to know of, in a form that the engine takes as it is."""

from dataclasses import dataclass
from enum import StrEnum

from questionnaires.engine import Issue, Severity
from questionnaires.engine.issues import Both


class Level(StrEnum):
    """How much it matters, for people; only the first stops a publication."""

    MUST = "must"
    SHOULD = "should"
    KNOW = "know"


LEVELS = {
    Severity.ERROR: Level.MUST,
    Severity.WARNING: Level.SHOULD,
    Severity.INFORMATION: Level.KNOW,
}
"""The engine's severities in the same three words."""


@dataclass(frozen=True, slots=True)
class Hint:
    """One finding. `key` names the rule; `link_id` and `name` the element it is about, None and "" for the whole."""

    level: Level
    key: str
    words: Both
    link_id: str | None = None
    name: str = ""

    def text(self, language: str = "da") -> str:
        """The sentence, in Danish or in English."""
        return self.words.text(language)


def of_engine(issue: Issue) -> Hint:
    """The engine's issue as a hint."""
    return Hint(
        LEVELS[issue.severity], issue.key, Both(issue.text_da, issue.text_en), issue.link_id, issue.label
    )
