"""The lists of the overview: which rows each tab has, and what a line says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.models import NAMED_BY, Citizen
from followup.models import Attention
from followup.selectors import Whose, answers_of, with_what_is_shown
from kommunalpro.compiled_queries import CompiledQuery, padded
from municipalities.models import Municipality
from plans import overdue, selectors
from plans.models import Task
from plans.selectors import ScoreReading
from staff.keyset import KeysetPage, keyset_rows, page_of_rows
from staff.overview_choice import Choice, Sorting, Tab
from staff.results import ScoreLine, score_lines
from staff.rows import CitizenLink, Handling, RowWriter, days_over
from staff.said import Sayer

ROWS = 25
"""On a page: what can be looked over at once; drawing rows is most of what the page costs."""


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """A line about an answer: what is marked, its scores with their change, and who has handled it."""

    citizen_id: UUID
    key: str
    citizen: CitizenLink
    address: str
    title: str
    language: str
    colour: str
    worsened: bool
    scores: tuple[ScoreLine, ...]
    answered: str
    handling: Handling


@dataclass(frozen=True, slots=True)
class CitizenRow:
    """A line about a citizen who is late or silent; `answered` says when they last answered."""

    citizen_id: UUID
    citizen: CitizenLink
    missing: str
    lateness: str
    is_outside_nemsms: bool
    answered: str


def answers_in(tab: Tab, whose: Whose) -> QuerySet[Attention]:
    """The rows of a tab of answers, in no order."""
    rows = answers_of(whose)
    match tab:
        case Tab.HANDLED:
            return rows.exclude(handled_at=None)
        case Tab.MARKED:
            return rows.unhandled().marked()
    return rows.unhandled()


def answer_page(choice: Choice, whose: Whose, now: datetime) -> KeysetPage[AnswerRow]:
    """A page of a tab of answers. Two queries."""

    def ask(backwards: bool, beyond: tuple[Any, ...] | None) -> list[Attention]:
        return _ANSWERS.all(
            tab=choice.tab, sorting=choice.sorting, backwards=backwards, beyond=beyond, **whose.parts
        )

    page = page_of_rows(ask, by=_order(choice.tab, choice.sorting), place=choice.place, size=ROWS)
    return KeysetPage(
        rows=answer_rows(page.rows, whose.municipality, now), before=page.before, after=page.after
    )


def _order(tab: Tab, sorting: Sorting) -> tuple[str, ...]:
    newest = "" if sorting is Sorting.OLDEST else "-"
    match tab:
        case Tab.HANDLED:
            return (f"{newest}handled_at", f"{newest}pk")
        case Tab.MARKED:
            return ("-seriousness", f"{newest}answered_at", f"{newest}pk")
    return (f"{newest}answered_at", f"{newest}pk")


def _answers(
    *, tab: Tab, sorting: Sorting, backwards: bool, beyond: tuple[Any, ...] | None, **parts: Any
) -> QuerySet[Attention]:
    return keyset_rows(
        answers_in(tab, Whose.of_parts(**parts)),
        by=_order(tab, sorting),
        backwards=backwards,
        beyond=beyond,
        size=ROWS,
        shown=with_what_is_shown,
    )


_ANSWERS = CompiledQuery(_answers)


def answer_rows(
    found: list[Attention], municipality: Municipality, now: datetime, problem: str = ""
) -> list[AnswerRow]:
    """The lines of these answers, with their scores in one query; `problem`: why one could not be handled just now."""
    scores, write = selectors.scores_of([one.pk for one in found], municipality), RowWriter(now)
    return [_answer_row(write, one, scores.get(one.pk, ()), problem) for one in found]


def _answer_row(
    write: RowWriter, attention: Attention, scores: Sequence[ScoreReading], problem: str
) -> AnswerRow:
    return AnswerRow(
        citizen_id=attention.citizen_id,
        key=str(attention.pk),
        citizen=write.citizen_link(attention.citizen),
        address=write.address_of("staff:response", attention.pk),
        title=attention.title,
        language=attention.text_language,
        colour=attention.colour,
        worsened=attention.worsened,
        scores=score_lines(scores),
        answered=write.say.moment(attention.answered_at),
        handling=write.handling_of(attention, problem),
    )


def citizen_page(choice: Choice, whose: Whose, now: datetime) -> KeysetPage[CitizenRow]:
    """A page of citizens who are late or silent, the longest first. Two queries."""

    def ask(backwards: bool, beyond: tuple[Any, ...] | None) -> list[Any]:
        return _CITIZENS.all(tab=choice.tab, now=now, backwards=backwards, beyond=beyond, **whose.parts)

    page = page_of_rows(ask, by=overdue.LONGEST_FIRST, place=choice.place, size=ROWS)
    ids = [row["citizen"] for row in page.rows]
    people, write = {one.pk: one for one in _PEOPLE.all(ids=padded(ids, ROWS))}, RowWriter(now)
    return KeysetPage(
        rows=[_citizen_row(write, people[row["citizen"]], row) for row in page.rows],
        before=page.before,
        after=page.after,
    )


def _late(
    *, tab: Tab, now: datetime, backwards: bool, beyond: tuple[Any, ...] | None, **parts: Any
) -> QuerySet[Task, Any]:
    whose = Whose.of_parts(**parts)
    return keyset_rows(
        citizens_in(tab, whose, now),
        by=overdue.LONGEST_FIRST,
        backwards=backwards,
        beyond=beyond,
        size=ROWS,
        shown=lambda rows: overdue.with_what_is_missing(rows, whose, now),
    )


_CITIZENS = CompiledQuery(_late)
_PEOPLE = CompiledQuery(lambda ids: Citizen.objects.filter(pk__in=ids).only(*NAMED_BY, "is_nemsms_enrolled"))


def _citizen_row(write: RowWriter, citizen: Citizen, row: Mapping[str, Any]) -> CitizenRow:
    number, answered = row["questionnaires"], row["answered"]
    missing = ngettext("%(number)s spørgeskema", "%(number)s spørgeskemaer", number) % {"number": number}
    return CitizenRow(
        citizen_id=citizen.pk,
        citizen=write.citizen_link(citizen),
        missing=missing,
        lateness=_lateness(write.say, row["due_at"]),
        is_outside_nemsms=citizen.is_outside_nemsms,
        answered=write.say.moment(answered) if answered else _("Aldrig"),
    )


def citizens_in(tab: Tab, whose: Whose, now: datetime) -> QuerySet[Task]:
    """The rows of a tab of citizens, each by their first task past its time, in no order."""
    if tab is Tab.SILENT:
        return overdue.silent_citizens(whose, now)
    return overdue.overdue_citizens(whose, now)


def _lateness(say: Sayer, oldest: datetime) -> str:
    """The days since the first of the citizen's time limits; the day it ran out at midnight counts as one."""
    return days_over(say.days_since(say.day_of(oldest)) + 1)
