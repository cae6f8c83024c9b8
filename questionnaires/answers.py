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
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.controls import name_of
from questionnaires.engine import Definition, Evaluation, ItemType, Occurrence
from questionnaires.file_views import FileView, files_in
from questionnaires.places import address_of, field_name
from questionnaires.rendering import children_on, language_of


@dataclass(frozen=True, slots=True)
class AnsweredItem:
    """A question and its answers in words; none where it was skipped.

    `section` is the title of the group within the section that it stands in, "" directly in it; in a row of a
    repeating group it says which one it is. `page_number` is that of the page on which it is answered, `address`
    names the place there (`questionnaires.places`). `files` are the answers that are pictures and files.
    `is_calculated`: the system worked it out, nobody answered it; `is_asked`: it can be answered, and mended.
    `answer_language` is the language the answers are in: the questionnaire's for options and texts, the screen's for
    yes and no.
    """

    link_id: str
    question: str
    answers: tuple[str, ...]
    page_number: int
    section: str = ""
    is_required: bool = False
    is_calculated: bool = False
    answer_language: str = ""
    address: str = ""
    files: tuple[FileView, ...] = ()
    is_asked: bool = True

    @property
    def is_answered(self) -> bool:
        """Is there anything to read?"""
        return bool(self.answers)

    @property
    def field_name(self) -> str:
        """What its form fields are called on its page, for links to it."""
        return field_name(self.address)


@dataclass(frozen=True, slots=True)
class AnsweredSection:
    """Questions that follow each other under the same heading; "" directly in the section."""

    title: str
    items: tuple[AnsweredItem, ...]


@dataclass(frozen=True, slots=True)
class AnsweredGroup:
    """The questions of one section. `language` is what the questionnaire is written in."""

    title: str
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
    """Every enabled, visible question of a draft or finished response by section; those without any are left out.

    `with_calculated`: also what the system worked out from the answers.
    """
    now = timezone.now()
    evaluation = evaluation or engine.evaluate(definition, document, now=now)
    occurrences = engine.occurrences_of(definition, document, evaluation, now=now)
    reader = _Reader(
        language=get_language() or "da",
        text_language=language_of(definition),
        with_calculated=with_calculated,
        page_of={item.link_id: page.number for page in definition.pages for item in page.walk()},
    )
    groups = []
    for page in definition.sections:
        if page.group is not None and not evaluation.is_enabled(page.group.link_id):
            continue
        items = tuple(reader.items(children_on(page, occurrences), section=""))
        if items:
            groups.append(
                AnsweredGroup(
                    title=page.title,
                    items=items,
                    language=reader.text_language,
                )
            )
    return groups


@dataclass(frozen=True, slots=True)
class _Reader:
    language: str
    text_language: str
    with_calculated: bool
    page_of: Mapping[str, int]

    def items(self, children: Iterable[Occurrence], *, section: str) -> Iterator[AnsweredItem]:
        for item, every in groupby(children, key=lambda one: one.item):
            instances = [one for one in every if one.enabled]
            if item.hidden or not instances:
                continue
            if engine.has_rows(item) and item.type is ItemType.GROUP:
                instances = [one for one in instances if _says_something(one)] or instances[:1]
            for number, one in enumerate(instances, 1):
                if item.type.is_question and (self.with_calculated or item.calculated is None):
                    answered = self._answered(one, section)
                    if answered.is_answered or item.is_asked:
                        yield answered
                below = (item.text or section) if item.type is ItemType.GROUP else section
                if len(instances) > 1:
                    row = _("%(number)s af %(count)s") % {"number": number, "count": len(instances)}
                    below = f"{below}: {row}" if below else row
                for index, scope in enumerate(one.scopes):
                    about = below
                    if len(one.scopes) > 1:
                        about = engine.display_value(item, one.effective[index], self.text_language)
                    yield from self.items(scope.all_children, section=about)

    def _answered(self, one: Occurrence, section: str) -> AnsweredItem:
        item = one.item
        return AnsweredItem(
            link_id=item.link_id,
            address=address_of(item.link_id, engine.rows_of(one)),
            question=name_of(item),
            answers=tuple(engine.display_value(item, answer, self.language) for answer in one.effective),
            page_number=self.page_of.get(item.link_id, 1),
            files=files_in(one.effective) if item.type is ItemType.ATTACHMENT else (),
            section=section,
            is_required=item.required,
            is_calculated=item.calculated is not None,
            is_asked=item.is_asked,
            answer_language=self.language if item.type is ItemType.BOOLEAN else self.text_language,
        )


def _says_something(row: Occurrence) -> bool:
    """Is anything answered in the row? One that somebody added and left empty is not sent, and not shown."""
    return bool(row.effective) or any(
        _says_something(child) for scope in row.scopes for child in scope.all_children if child.enabled
    )
