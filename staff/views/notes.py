"""Notes about a citizen, and the employee's own list."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from citizens.models import Citizen
from followup import following
from followup.notes import NoteRefused, notes_of, write_note
from identity.access_log import Action, Use, What
from identity.roles import Permission
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.desk_forms import NoteForm
from staff.pages import NOTES
from staff.seen import seen


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def write(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Keep a note. Whoever may see the citizen may write one: all of them follow up, or put citizens in."""
    person = _citizen(request, citizen_id, What.NOTE)
    form, problem = NoteForm(request.POST), ""
    if form.is_valid():
        try:
            write_note(
                citizen=person,
                municipality=request.municipality,
                text=form.cleaned_data["text"],
                by=member_of_staff(request),
                at=timezone.now(),
            )
        except NoteRefused as refusal:
            form.add_error("text", refusal.sentence)
    if not request.htmx:
        problem = " ".join(str(error) for error in form.errors.get("text", []))
        if problem:
            messages.error(request, problem)
        else:
            messages.success(request, _("Noten er gemt."))
        return _back(person, "notes")
    notes = notes_of(person.pk, request.municipality)[:NOTES]
    context = {
        "citizen": person,
        "notes": notes,
        "note_form": form if form.errors else NoteForm(),
        "is_written": not form.errors,
        "now": timezone.now(),
    }
    return render(request, "staff/_notes.html", context)


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def follow(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Onto the employee's own list."""
    person = _citizen(request, citizen_id, What.FOLLOWING)
    following.follow(
        citizen=person, by=member_of_staff(request), municipality=request.municipality, at=timezone.now()
    )
    return _followed(request, person, is_followed=True)


@require_POST
@municipal_staff(Permission.SEE_CITIZENS)
def unfollow(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Off it."""
    person = _citizen(request, citizen_id, What.FOLLOWING)
    following.unfollow(citizen=person, by=member_of_staff(request))
    return _followed(request, person, is_followed=False)


def _followed(request: MunicipalRequest, person: Citizen, *, is_followed: bool) -> HttpResponse:
    if request.htmx:
        context = {"citizen": person, "is_followed": is_followed, "is_changed": True}
        return render(request, "staff/_following.html", context)
    done = _("Borgeren er på din liste.") if is_followed else _("Borgeren er ikke på din liste længere.")
    messages.success(request, done)
    return _back(person)


def _citizen(request: MunicipalRequest, citizen_id: UUID, what: What) -> Citizen:
    person: Citizen = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    seen(request, [person.pk], Use(what, Action.CHANGE), at=timezone.now())
    return person


def _back(person: Citizen, part: str = "") -> HttpResponseRedirect:
    address = reverse("staff:citizen", args=[person.pk])
    answer: HttpResponseRedirect = redirect(f"{address}#{part}" if part else address)
    return answer
