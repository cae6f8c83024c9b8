"""What is done on the overview itself: an answer is handled, or not after all; a choice is kept."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from followup import handling, saved_views
from followup.models import Attention
from followup.notes import NoteRefused
from followup.selectors import Whose, answers_of, with_what_is_shown
from followup.teams import ALL_TEAMS
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.numbers import waiting_and_tabs
from staff.overview_lists import answer_rows
from staff.pages import may, way_on
from staff.rows import RowWriter
from staff.seen import nobody_seen, seen
from staff.views.overview import chosen_before, tabs_of


@require_POST
@municipal_staff(Permission.HANDLE_ANSWERS)
def handle(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """Mark an answer as handled, with a note where one was written."""
    attention = _attention(request, response_id)
    problem = ""
    try:
        handling.handle(
            attention=attention,
            by=member_of_staff(request),
            at=timezone.now(),
            note=request.POST.get("note", ""),
            municipality=request.municipality,
        )
    except (handling.HandledByAnother, NoteRefused) as refusal:
        problem = refusal.sentence
    return _answer(request, attention, _("Svaret er håndteret."), problem)


@require_POST
@municipal_staff(Permission.HANDLE_ANSWERS)
def take_back(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """The answer is new again."""
    attention = _attention(request, response_id)
    handling.take_back(attention=attention, municipality=request.municipality)
    return _answer(request, attention, _("Svaret er ikke håndteret længere."))


def _attention(request: MunicipalRequest, response_id: UUID) -> Attention:
    own = answers_of(Whose(municipality=request.municipality, teams=ALL_TEAMS))
    attention = get_object_or_404(own, pk=response_id)
    use = Use(What.RESPONSE, Action.CHANGE, subject_id=attention.pk)
    seen(request, [attention.citizen_id], use, at=timezone.now())
    return attention


def _answer(request: MunicipalRequest, attention: Attention, done: str, problem: str = "") -> HttpResponse:
    """The line, and the numbers in the tabs; without a script back to where it was done."""
    place = request.POST.get("place", "row")
    if not request.htmx:
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, done)
        return redirect(way_on(request, reverse("staff:overview")))
    found = with_what_is_shown(Attention.objects.filter(pk=attention.pk))
    now = timezone.now()
    context: dict[str, Any] = {**may(request), "place": "response"}
    if place == "response":
        return render(
            request,
            "staff/_handled.html",
            {**context, "handling": RowWriter(now).handling_of(found.get(), problem)},
        )
    answers = answer_rows(list(found), request.municipality, now, problem)
    choice = chosen_before(request)
    numbers = waiting_and_tabs(request, choice.whose(request), now)
    context |= {"answers": answers, "is_changed": True, **tabs_of(request, choice, numbers)}
    return render(request, "staff/_answer_row_changed.html", context)


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def save_view(request: MunicipalRequest) -> HttpResponse:
    """Keep what is chosen under a name."""
    nobody_seen(request)
    choice = chosen_before(request)
    try:
        saved = saved_views.save_view(
            name=request.POST.get("name", ""),
            choices=choice.to_query(),
            by=member_of_staff(request),
            municipality=request.municipality,
            at=timezone.now(),
        )
    except saved_views.ViewNotSaved as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, _("Visningen »%(name)s« er gemt.") % {"name": saved.name})
    return redirect(f"{reverse('staff:overview')}?{choice.query}")


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def delete_view(request: MunicipalRequest, view_id: int) -> HttpResponse:
    """Forget a saved view."""
    nobody_seen(request)
    saved_views.delete_view(view_id=view_id, by=member_of_staff(request))
    messages.success(request, _("Visningen er slettet."))
    return redirect("staff:overview")
