"""Asking a colleague to do something about a citizen, and what one is asked oneself."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citizens.models import Citizen
from followup import errands as use_cases
from followup.models import Errand
from followup.notes import NoteRefused
from identity.access_log import Action, Use, What
from identity.roles import Permission
from plans import selectors
from questionnaires.models import Response
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.desk_forms import ErrandForm
from staff.pages import may, render_page
from staff.seen import seen
from staff.views.citizens import about

ROWS = 50


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SEE_CITIZENS)
def ask(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Ask a colleague or a team; `?svar=` names the answer that it is about."""
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    response = _response(request, person)
    action = Action.CHANGE if request.method == "POST" else Action.READ
    seen(request, [person.pk], Use(What.ERRAND, action), at=now)
    form = ErrandForm(request.POST or None, municipality=request.municipality, now=now)
    if request.method == "POST" and form.is_valid():
        try:
            use_cases.ask(
                citizen=person,
                municipality=request.municipality,
                text=form.cleaned_data["text"],
                due_on=form.cleaned_data["due_on"],
                by=member_of_staff(request),
                at=now,
                response=response,
                **form.asked,
            )
        except NoteRefused as refusal:
            form.add_error("text", refusal.sentence)
        else:
            whom = form.asked.get("for_member") or form.asked["for_team"]
            messages.success(request, _("%(name)s er bedt om det.") % {"name": whom.name})
            return (
                redirect("staff:response", response.pk) if response else redirect("staff:citizen", person.pk)
            )
    context = {**about(person, request, now=now), "form": form, "response": response}
    status = 422 if form.errors else None
    return render_page(request, "staff/ask.html", context, now=now, status=status)


def _response(request: MunicipalRequest, person: Citizen) -> Response | None:
    """The citizen's answer that the address names, if it does and the employee may see answers."""
    named = request.GET.get("svar", "")
    if not named or not request.actor.may(Permission.SEE_ANSWERS):
        return None
    try:
        response_id = UUID(named)
    except ValueError:
        return None
    answers = selectors.responses_seen_by(request.municipality).filter(citizen=person)
    found: Response = get_object_or_404(answers, pk=response_id)
    return found


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def errands(request: MunicipalRequest) -> HttpResponse:
    """What I am asked, what my teams are, what I have asked of others, and what was done lately."""
    now = timezone.now()
    today = timezone.localdate(now)
    me, here = request.actor.staff_id, request.municipality
    lists = {
        "waiting": use_cases.waiting_for(me, request.teams, here),
        "asked": use_cases.asked_by(me, here),
        "done": use_cases.done_lately(me, here, now),
    }
    shown = {
        name: list(use_cases.with_what_is_shown(rows, today)[: ROWS + 1]) for name, rows in lists.items()
    }
    people = dict.fromkeys(row.citizen_id for rows in shown.values() for row in rows[:ROWS])
    seen(request, people, Use(What.ERRAND, Action.LIST), at=now)
    context: dict[str, Any] = {name: rows[:ROWS] for name, rows in shown.items()}
    context["has_more"] = any(len(rows) > ROWS for rows in shown.values())
    context["most"] = ROWS
    return render_page(request, "staff/errands.html", context, now=now)


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def finish(request: MunicipalRequest, errand_id: UUID) -> HttpResponse:
    """It is done."""
    errand, problem = _errand(request, errand_id), ""
    try:
        use_cases.finish(errand=errand, by=member_of_staff(request), at=timezone.now())
    except use_cases.DoneByAnother as refusal:
        problem = refusal.sentence
    return _answer(request, errand, _("Opgaven er løst."), problem)


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def take_back(request: MunicipalRequest, errand_id: UUID) -> HttpResponse:
    """It is not done after all."""
    errand, problem = _errand(request, errand_id), ""
    try:
        use_cases.take_back(errand=errand, by=member_of_staff(request))
    except use_cases.DoneByAnother as refusal:
        problem = refusal.sentence
    return _answer(request, errand, _("Opgaven mangler igen."), problem)


def _errand(request: MunicipalRequest, errand_id: UUID) -> Errand:
    errand = get_object_or_404(use_cases.errands_of(request.municipality), pk=errand_id)
    use = Use(What.ERRAND, Action.CHANGE, subject_id=errand.pk)
    seen(request, [errand.citizen_id], use, at=timezone.now())
    return errand


def _answer(request: MunicipalRequest, errand: Errand, done: str, problem: str) -> HttpResponse:
    """The line as it is now; without a script back to the list."""
    if request.htmx:
        row = use_cases.with_what_is_shown(Errand.objects.filter(pk=errand.pk), timezone.localdate()).get()
        context = {**may(request), "row": row, "problem": problem, "now": timezone.now()}
        return render(request, "staff/_errand.html", context)
    if problem:
        messages.error(request, problem)
    else:
        messages.success(request, done)
    return redirect("staff:errands")
