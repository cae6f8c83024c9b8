"""One response as it was answered: on the screen, on paper, as a file, and as text for the journal."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from followup.selectors import attention_to
from identity.access_log import Action, Use, What
from identity.roles import Permission
from plans import correcting, selectors
from questionnaires.models import Response
from questionnaires.response_pdf import as_pdf
from staff.access import MunicipalRequest, municipal_staff
from staff.pages import render_page
from staff.reading_responses import Read
from staff.rows import RowWriter
from staff.seen import seen
from staff.views.citizens import about
from staff.views.editions import corrections_of


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def response(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """Own words first, then the scores, then every question with its answer."""
    now = timezone.now()
    read = _read(request, response_id, Action.READ, now)
    attention = attention_to(response_id, request.municipality)
    context = {
        **_shown(request, read, now),
        "corrections": corrections_of(read.response),
        "correcting": correcting.correcting(read.response.task, now, by_staff=True),
        "journal_text": read.journal_text,
        "handling": None if attention is None else RowWriter(now).handling_of(attention),
    }
    return render_page(request, "staff/response.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def paper(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """The response as it goes on paper. Who opens it prints it: so the access log says."""
    now = timezone.now()
    read = _read(request, response_id, Action.PRINT, now)
    return render_page(request, "staff/response_paper.html", _shown(request, read, now), now=now)


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def pdf(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """The response as a file, made at this moment."""
    now = timezone.now()
    read = _read(request, response_id, Action.EXPORT, now)
    # The day alone: what a file is called stands in lists of downloads.
    day = timezone.localtime(read.response.completed_at).date().isoformat()
    return HttpResponse(
        as_pdf(
            response=read.response,
            groups=read.groups,
            name=read.response.citizen.shown_name,
            own_words=[(one.question, one.text) for one in read.free_texts],
            results=[result.as_journal.line for result in read.results],
        ),
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="svar-{day}.pdf"'},
    )


@require_POST
@municipal_staff(Permission.SEE_ANSWERS)
def copied(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """The journal's text was copied. Where no script did that, a page with the text to mark by hand."""
    now = timezone.now()
    read = _read(request, response_id, Action.EXPORT, now)
    if request.htmx:
        return HttpResponse(status=204)
    return render_page(
        request,
        "staff/journal_copy.html",
        {
            **about(read.response.citizen, request, now=now),
            "response": read.response,
            "journal_text": read.journal_text,
        },
        now=now,
    )


def _read(request: MunicipalRequest, response_id: UUID, action: Action, now: datetime) -> Read:
    """The response, after the access log has it. Raises Http404 for what is not this municipality's."""
    found: Response = get_object_or_404(selectors.responses_seen_by(request.municipality), pk=response_id)
    seen(request, [found.citizen_id], Use(What.RESPONSE, action, subject_id=found.pk), at=now)
    return Read(found, request.municipality)


def _shown(request: MunicipalRequest, read: Read, now: datetime) -> dict[str, Any]:
    return {
        **about(read.response.citizen, request, now=now),
        "response": read.response,
        "results": read.results,
        "free_texts": read.free_texts,
        "groups": read.groups,
        "coloured": read.coloured,
        "support": read.response.version.decision_support,
    }
