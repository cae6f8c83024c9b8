"""The same questionnaire as it was answered several times: questions as rows, answers beside each other.

Questions are told apart by their place (link id, and row in a repeating group), so it works over versions of the form;
where an earlier version asked in other words, the cell says which.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from questionnaires.answers import AnsweredGroup, AnsweredItem, answered_items
from questionnaires.engine import Definition


class State(StrEnum):
    """What there is to read in a cell."""

    ANSWERED = "answered"
    SKIPPED = "skipped"  # asked, and not answered
    NOT_ASKED = "not-asked"  # the answers before it did not lead there
    UNKNOWN = "unknown"  # that version has no such question


class Change(StrEnum):
    """How a cell is against the answer before it."""

    FIRST = "first"  # nothing to compare with: the oldest shown
    SAME = "same"
    CHANGED = "changed"
    ADDED = "added"  # answered now, not before
    GONE = "gone"  # answered before, not now


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer to one question. `asked_as`: how that version put the question, where it did so in other words."""

    state: State
    answers: tuple[str, ...] = ()
    change: Change = Change.FIRST
    asked_as: str = ""
    answer_language: str = ""

    @property
    def is_marked(self) -> bool:
        """Is it to be seen at a glance that something is otherwise than the time before?"""
        return self.change in {Change.CHANGED, Change.ADDED, Change.GONE}


@dataclass(frozen=True, slots=True)
class Row:
    """A question in the words of the newest version that has it, with a cell for each answer."""

    question: str
    section: str
    cells: tuple[Cell, ...]

    @property
    def is_changed(self) -> bool:
        """Does any cell differ from the answer before it?"""
        return any(cell.is_marked for cell in self.cells)


@dataclass(frozen=True, slots=True)
class Part:
    """Rows that stand under one heading, “” where the form has none for them."""

    title: str
    rows: tuple[Row, ...]


def side_by_side(columns: Sequence[tuple[Definition, Mapping[str, Any]]]) -> list[Part]:
    """Finished responses (form, document) to one questionnaire, the newest first, as rows of questions.

    The rows follow the newest answer; questions that only earlier ones have come last, under their own headings. What
    the system worked out is left out: scores stand above.
    """
    read = [answered_items(form, document, with_calculated=False) for form, document in columns]
    by_address = [{item.address: item for item in _items(groups)} for groups in read]
    parts: dict[str, list[Row]] = {}
    done: set[str] = set()
    for groups in read:
        for group in groups:
            for item in group.items:
                if item.address not in done:
                    done.add(item.address)
                    parts.setdefault(group.title, []).append(_row(item, columns, by_address))
    return [Part(title, tuple(rows)) for title, rows in parts.items()]


def _items(groups: Sequence[AnsweredGroup]) -> Iterator[AnsweredItem]:
    for group in groups:
        yield from group.items


def _row(
    item: AnsweredItem,
    columns: Sequence[tuple[Definition, Mapping[str, Any]]],
    by_address: Sequence[Mapping[str, AnsweredItem]],
) -> Row:
    bare = [
        _cell(item, form, found.get(item.address))
        for (form, _), found in zip(columns, by_address, strict=True)
    ]
    cells = [
        Cell(cell.state, cell.answers, _change(cell, before), cell.asked_as, cell.answer_language)
        for cell, before in zip(bare, [*bare[1:], None], strict=True)
    ]
    return Row(item.question, item.section, tuple(cells))


def _cell(item: AnsweredItem, form: Definition, there: AnsweredItem | None) -> Cell:
    if there is None:
        return Cell(State.NOT_ASKED if item.link_id in form.by_link_id else State.UNKNOWN)
    return Cell(
        State.ANSWERED if there.answers else State.SKIPPED,
        there.answers,
        asked_as=there.question if there.question != item.question else "",
        answer_language=there.answer_language,
    )


def _change(cell: Cell, before: Cell | None) -> Change:
    if before is None:
        return Change.FIRST
    if cell.answers == before.answers:
        return Change.SAME
    if not before.answers:
        return Change.ADDED
    return Change.CHANGED if cell.answers else Change.GONE
