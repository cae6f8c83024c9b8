"""A difference as a sentence in both languages, and the words that all of them are made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.engine.display import is_english

Source = Mapping[str, Any]
_NO_NAME = ("uden tekst", "without text")


NOTHING = ("ingenting", "nothing")


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: of the element `link_id`, "" of the questionnaire itself, called `label`; in both languages.

    `kind` groups them on the screen: new, removed, moved or changed.
    """

    kind: str
    link_id: str
    label: str
    danish: str
    english: str

    def text(self, language: str = "da") -> str:
        """The sentence in Danish or English."""
        return self.english if is_english(language) else self.danish


def about(kind: str, item: Source, danish: str, english: str) -> Difference:
    """About an element."""
    label = " ".join(str(item.get("text") or "").split())
    return Difference(kind, str(item.get("linkId", "")), label, danish, english)


def own(danish: str, english: str) -> Difference:
    """About the questionnaire itself."""
    return Difference("changed", "", "", danish, english)


def from_to(danish: str, english: str, before: object, after: object) -> tuple[str, str]:
    """“Titlen er ændret fra »A« til »B«.”, in both languages."""
    return (
        f"{danish} er ændret fra {said(before)} til {said(after)}.",
        f"{english} has changed from {said(before, 1)} to {said(after, 1)}.",
    )


def said(value: object, english: int = 0) -> str:
    """A text, number or option in quotation marks."""
    word = word_of(value)
    if value is True or value is False:
        word = (("Ja", "Yes") if value else ("Nej", "No"))[english]
    return in_quotes(word, english) if word else NOTHING[english]


def word_of(value: object) -> str:
    """A text, number or option as it is read; "" for nothing."""
    if isinstance(value, Mapping):
        inner = next((part for name, part in value.items() if str(name).startswith("value")), None)
        if isinstance(inner, Mapping):
            return word_of(inner)
        if inner is not None and "display" not in value:
            return " ".join(filter(None, [str(inner), str(value.get("unit") or "")]))
        return str(value.get("display") or value.get("code") or value.get("value") or "")
    return "" if value is None else str(value)


def quoted(item: Source, english: int = 0) -> str:
    """An element by its text."""
    text = " ".join(str(item.get("text") or "").split())
    return in_quotes(text, english) if text else f"({_NO_NAME[english]})"


def in_quotes(text: str, english: int) -> str:
    """A text, on one line and no longer than a sentence bears."""
    short = " ".join(text.split())
    short = short if len(short) <= 300 else short[:299] + "…"
    return f"“{short}”" if english else f"»{short}«"


def listed(value: object) -> list[Any]:
    """The list that an import may have something else for."""
    return value if isinstance(value, list) else []
