"""A response to read: every question that was asked, with its answer in words. For summaries and for staff.

groups = answered_items(definition, response.document)
{% include "questionnaires/answers.html" with groups=groups %}
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from questionnaires import engine
from questionnaires.engine import Definition, Evaluation, Item, ItemType
from questionnaires.rendering import answers_shown, field_name, language_of, name_of


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """A question and its answers in words; none where it was skipped.

    `section` is the title of the group within the page that it stands in, "" directly on the page.
    `is_calculated`: the system worked it out, nobody answered it. `answer_language` is the language the answers
    are in: the questionnaire's for options and texts, the screen's for yes and no.
    """

    link_id: str
    question: str
    answers: tuple[str, ...]
    page_number: int
    section: str = ""
    is_required: bool = False
    is_calculated: bool = False
    answer_language: str = ""

    @property
    def is_answered(self) -> bool:
        """Is there anything to read?"""
        return bool(self.answers)

    @property
    def field_name(self) -> str:
        """What its form fields are called on its page, for links to it."""
        return field_name(self.link_id)


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """Questions of a page that follow each other under the same heading; "" directly on the page."""

    title: str
    items: tuple[AnsweredItem, ...]


@dataclass(frozen=True, slots=True)
class AnsweredGroup:
    """The questions of one page. `language` is what the questionnaire is written in."""

    title: str
    page_number: int
    items: tuple[AnsweredItem, ...]
    language: str

    @property
    def sections(self) -> list[AnsweredSection]:
        """The same questions under their headings."""
        return [
            AnsweredSection(title=title, items=tuple(items))
            for title, items in groupby(self.items, key=lambda item: item.section)
        ]


def answered_items(
    definition: Definition,
    document: Mapping[str, Any],
    *,
    evaluation: Evaluation | None = None,
    with_calculated: bool = True,
) -> list[AnsweredGroup]:
    """Every enabled, visible question of a draft or finished response by page; pages without any are left out.

    `with_calculated`: also what the system worked out from the answers.
    """
    reader = _Reader(
        document=document,
        evaluation=evaluation or engine.evaluate(definition, document, now=timezone.now()),
        language=get_language() or "da",
        text_language=language_of(definition),
        with_calculated=with_calculated,
    )
    groups = []
    for page in definition.pages:
        if page.group is not None and not reader.evaluation.is_enabled(page.group.link_id):
            continue
        items = tuple(reader.items(page.items, page.number, section=""))
        if items:
            groups.append(
                AnsweredGroup(
                    title=page.title,
                    page_number=page.number,
                    items=items,
                    language=reader.text_language,
                )
            )
    return groups


@dataclass(frozen=True, slots=True)
class _Reader:
    document: Mapping[str, Any]
    evaluation: Evaluation
    language: str
    text_language: str
    with_calculated: bool

    def items(self, items: Iterable[Item], page_number: int, *, section: str) -> Iterator[AnsweredItem]:
        for item in items:
            if item.hidden or not self.evaluation.is_enabled(item.link_id):
                continue
            if item.type.is_question and (self.with_calculated or item.calculated is None):
                answered = self._answered(item, page_number, section)
                if answered.is_answered or item.is_asked:
                    yield answered
            below = (item.text or section) if item.type is ItemType.GROUP else section
            yield from self.items(item.items, page_number, section=below)

    def _answered(self, item: Item, page_number: int, section: str) -> AnsweredItem:
        answers = answers_shown(item, self.document, self.evaluation)
        return AnsweredItem(
            link_id=item.link_id,
            question=name_of(item),
            answers=tuple(engine.display_value(item, answer, self.language) for answer in answers),
            page_number=page_number,
            section=section,
            is_required=item.required,
            is_calculated=item.calculated is not None,
            answer_language=self.language if item.type is ItemType.BOOLEAN else self.text_language,
        )
