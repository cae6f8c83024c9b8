"""What the citizen wrote in their own words: pure. It is read first, since no score holds it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from questionnaires.engine import Definition


@dataclass(frozen=True, slots=True)
class FreeText:
    """A question and the citizen's own words."""

    question: str
    text: str


def free_texts(definition: Definition, document: Mapping[str, Any]) -> list[FreeText]:
    """All text in a QuestionnaireResponse that the citizen wrote: text answers, and “other” where one may write it.

    In the questionnaire's order, each instance of a repeating group for itself; blank text is left out.
    """
    return [
        FreeText(question=item.label, text=text)
        for link_id, text in _texts(document)
        if (item := definition.by_link_id.get(link_id)) is not None
        and item.is_asked
        and (item.type.is_text or item.open_choice)
    ]


def _texts(node: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for item in node.get("item", ()):
        for answer in item.get("answer", ()):
            text = str(answer.get("valueString", "")).strip()
            if text:
                yield item["linkId"], text
            yield from _texts(answer)
        yield from _texts(item)
