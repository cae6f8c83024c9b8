"""The lists of the overview: which rows each tab has, and what a line says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Case, IntegerField, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from citizens.models import Citizen
from followup.models import Attention, Colour
from followup.selectors import Whose, answers_of, with_what_is_shown
from kommunalpro.addresses import address_of
from municipalities.models import Municipality
from plans import overdue, selectors
from plans.selectors import ScoreReading
from staff.keyset import KeysetPage, keyset_page
from staff.overview_choice import Choice, Sorting, Tab
from staff.results import ScoreLine, score_lines
from staff.rows import CitizenLink, Handling, citizen_link, days_over, handling_of
from staff.templatetags.figures import said

ROWS = 25
"""On a page: what can be looked over at once; drawing rows is most of what the page costs."""

# The most serious first: a red answer before one that only became worse.
_RANK = Case(
    When(colour=Colour.RED, then=Value(3)),
    When(worsened=True, then=Value(2)),
    When(colour=Colour.YELLOW, then=Value(1)),
    default=Value(0),
    output_field=IntegerField(),
)


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
    rows, shown = answers_in(choice.tab, whose), with_what_is_shown
    newest = "" if choice.sorting is Sorting.OLDEST else "-"
    by: tuple[str, ...] = (f"{newest}answered_at", f"{newest}pk")
    if choice.tab is Tab.HANDLED:
        by = (f"{newest}handled_at", f"{newest}pk")
    elif choice.tab is Tab.MARKED:
        rows, by, shown = rows.annotate(rank=_RANK), ("-rank", *by), _with_rank
    page = keyset_page(rows, by=by, place=choice.place, size=ROWS, shown=shown)
    return KeysetPage(
        rows=answer_rows(page.rows, whose.municipality, now), before=page.before, after=page.after
    )


def _with_rank(rows: QuerySet[Attention]) -> QuerySet[Attention]:
    return with_what_is_shown(rows).annotate(rank=_RANK)


def answer_rows(found: list[Attention], municipality: Municipality, now: datetime) -> list[AnswerRow]:
    """The lines of these answers, with their scores in one query."""
    read = selectors.with_scores([one.response for one in found], municipality)
    return [_answer_row(one, its.scores, now) for one, its in zip(found, read, strict=True)]


def _answer_row(attention: Attention, scores: Sequence[ScoreReading], now: datetime) -> AnswerRow:
    version = attention.response.version
    return AnswerRow(
        citizen_id=attention.citizen_id,
        key=str(attention.pk),
        citizen=citizen_link(attention.citizen),
        address=address_of("staff:response", attention.pk),
        title=version.title,
        language=version.text_language,
        colour=attention.colour,
        worsened=attention.worsened,
        scores=score_lines(scores),
        answered=said(attention.answered_at, now),
        handling=handling_of(attention, now),
    )


def citizen_page(choice: Choice, whose: Whose, now: datetime) -> KeysetPage[CitizenRow]:
    """A page of citizens who are late or silent, the longest first. Two queries."""
    found = citizens_in(choice.tab, whose, now)
    page = keyset_page(found, by=("oldest", "citizen"), place=choice.place, size=ROWS)
    people = Citizen.objects.in_bulk([row["citizen"] for row in page.rows])
    return KeysetPage(
        rows=[_citizen_row(people[row["citizen"]], row, now) for row in page.rows],
        before=page.before,
        after=page.after,
    )


def _citizen_row(citizen: Citizen, row: Mapping[str, Any], now: datetime) -> CitizenRow:
    number, answered = row["questionnaires"], row.get("answered")
    missing = ngettext("%(number)s spørgeskema", "%(number)s spørgeskemaer", number) % {"number": number}
    return CitizenRow(
        citizen_id=citizen.pk,
        citizen=citizen_link(citizen),
        missing=missing,
        lateness=_lateness(row["oldest"], now),
        is_outside_nemsms=citizen.is_outside_nemsms,
        answered=said(answered, now) if answered else _("Aldrig"),
    )


def citizens_in(tab: Tab, whose: Whose, now: datetime) -> overdue.Rows:
    """The rows of a tab of citizens, in no order."""
    if tab is Tab.SILENT:
        return overdue.silent_citizens(whose, now)
    return overdue.overdue_citizens(whose, now)


def _lateness(oldest: datetime, now: datetime) -> str:
    """The days since the first of the citizen's time limits; the day it ran out at midnight counts as one."""
    return days_over((timezone.localdate(now) - timezone.localdate(oldest)).days + 1)
