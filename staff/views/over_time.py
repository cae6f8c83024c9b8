"""The same questionnaire as it was answered several times, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity.access_log import Use, What
from identity.roles import Permission
from plans import selectors
from questionnaires.definitions import definition_of
from questionnaires.models import Response
from questionnaires.side_by_side import Cell, Row, side_by_side
from staff.access import MunicipalRequest, municipal_staff
from staff.pages import render_page
from staff.results import Result, results_of
from staff.seen import seen
from staff.views.citizens import about

COLUMNS = 4
"""How many answers stand beside each other unless somebody chooses otherwise."""

MOST_COLUMNS = 6

TO_CHOOSE_AMONG = 24


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A score through the answers shown, each with its answer; None where an answer has none."""

    name: str
    cells: tuple[tuple[Response, Result | None], ...]


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question through the answers shown, each with its answer."""

    question: str
    section: str
    cells: tuple[tuple[Response, Cell], ...]


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def over_time(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """The chosen answers to the questionnaire of this one, the newest first: scores on top, then each question."""
    now = timezone.now()
    seen_here = selectors.responses_seen_by(request.municipality)
    asked = get_object_or_404(seen_here.defer("document"), pk=response_id)
    seen(request, [asked.citizen_id], Use(What.RESPONSE, subject_id=asked.pk), at=now)
    every = seen_here.filter(
        citizen=asked.citizen_id, version__questionnaire=asked.version.questionnaire_id
    ).order_by("-completed_at", "-pk")
    candidates = list(every.defer("document", "version__source")[:TO_CHOOSE_AMONG])
    chosen = _chosen(request.GET.getlist("svar"), candidates, asked)
    responses = list(every.filter(Q(pk__in=chosen)).defer("version__source"))
    forms = [definition_of(response.version) for response in responses]
    read = selectors.with_scores(responses, request.municipality)
    results = [results_of(each.scores, form) for each, form in zip(read, forms, strict=True)]
    only_changed = "kun-aendret" in request.GET
    context = {
        **about(asked.citizen, request, now=now),
        "response": asked,
        "columns": responses,
        "score_rows": _score_rows(results, responses),
        "parts": [
            (part.title, [_beside(row, responses) for row in part.rows if row.is_changed or not only_changed])
            for part in side_by_side(
                [(form, each.document) for form, each in zip(forms, responses, strict=True)]
            )
        ],
        "candidates": [(candidate, candidate.pk in chosen) for candidate in candidates],
        "most": MOST_COLUMNS,
        "only_changed": only_changed,
    }
    return render_page(request, "staff/over_time.html", context, now=now)


def _chosen(named: Sequence[str], candidates: Sequence[Response], asked: Response) -> list[UUID]:
    """The ids that the address names; else the newest few from the one that was asked for on, itself among them."""
    wanted = [candidate.pk for candidate in candidates if str(candidate.pk) in named][:MOST_COLUMNS]
    if wanted:
        return wanted
    ids = [candidate.pk for candidate in candidates]
    place = ids.index(asked.pk) if asked.pk in ids else 0
    first = place if place >= COLUMNS else 0
    return ids[first : first + COLUMNS] if asked.pk in ids else [asked.pk]


def _beside(row: Row, responses: Sequence[Response]) -> QuestionRow:
    return QuestionRow(row.question, row.section, tuple(zip(responses, row.cells, strict=True)))


def _score_rows(results: Sequence[Sequence[Result]], responses: Sequence[Response]) -> list[ScoreRow]:
    """A row for each score, in the order of the newest answer that has it."""
    names: dict[str, str] = {}
    for column in results:
        for result in column:
            names.setdefault(result.score.link_id, result.score.name)
    found = [{result.score.link_id: result for result in column} for column in results]
    return [
        ScoreRow(
            name,
            tuple((response, column.get(link_id)) for response, column in zip(responses, found, strict=True)),
        )
        for link_id, name in names.items()
    ]
