"""The municipality's control of who has looked at its citizens: a random sample, look-ups by employee or citizen.

To look at the access log is to look at citizens, so it is entered into the log like everything else.
"""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citizens import cpr
from citizens.models import Citizen
from identity import access_log, access_selectors, rate_limits
from identity.access_log import Action, Purpose, Use, What
from identity.models import AccessEntry, AccessReview
from identity.roles import Permission
from plans import selectors
from staff.access import MunicipalRequest, municipal_staff
from staff.access_forms import (
    USUAL_SIZE,
    CitizenNumberForm,
    PeriodForm,
    ReviewForm,
    SampleForm,
    new_seed,
    usual_period,
)
from staff.access_rows import AccessRow, access_rows
from staff.pages import page_of
from staff.seen import nobody_seen, seen


@require_safe
@municipal_staff(Permission.CONTROL_ACCESS)
def sample(request: MunicipalRequest) -> HttpResponse:
    """A random sample of a period. What draws it stands in the address, so that it can be drawn again."""
    now = timezone.now()
    today = timezone.localdate(now)
    if "nummer" not in request.GET:
        nobody_seen(request)
        # Days that are over: nothing more comes into them.
        chosen = {**usual_period(today - timedelta(days=1)), "antal": USUAL_SIZE} | request.GET.dict()
        return redirect(f"{reverse('staff:access_sample')}?{urlencode({**chosen, 'nummer': new_seed()})}")
    form = SampleForm(request.GET)
    if not form.is_valid():
        nobody_seen(request)
        return _page(request, "staff/access_sample.html", {"form": form}, status=422)
    found = access_selectors.entries_of(request.municipality, form.period)
    if not form.cleaned_data["lister"]:
        found = access_selectors.without_lists(found)
    drawn = access_selectors.random_sample(
        found, seed=form.cleaned_data["nummer"], size=form.cleaned_data["antal"]
    )
    rows = _rows(request, drawn)
    seen(request, _citizens(drawn), Use(What.ACCESS_LOG, Action.LIST, Purpose.CONTROL), at=now)
    context = {
        "form": form,
        "rows": rows,
        "undecided": sum(row.review is None for row in rows),
        "is_unfinished": form.period.last >= today,
        "again": urlencode({**request.GET.dict(), "nummer": new_seed()}),
    }
    return _page(request, "staff/access_sample.html", context)


@require_safe
@municipal_staff(Permission.CONTROL_ACCESS)
def entries(request: MunicipalRequest) -> HttpResponse:
    """Every look-up of a period, by one employee or of one citizen or both."""
    now = timezone.now()
    form = PeriodForm(usual_period(timezone.localdate(now)) | request.GET.dict())
    if not form.is_valid():
        nobody_seen(request)
        return _page(request, "staff/access_entries.html", {"form": form}, status=422)
    found = access_selectors.entries_of(request.municipality, form.period)
    employees = access_selectors.employees_in(found)
    staff_id, citizen_id = _id(request, "medarbejder"), _id(request, "borger")
    if staff_id is None and citizen_id is None:
        found = access_selectors.without_control(found)
    found = _of(found, staff_id=staff_id, citizen_id=citizen_id)
    page = page_of(request, found)
    citizen = Citizen.objects.of(request.municipality).filter(pk=citizen_id).first()
    # Also where nobody has looked: that is an answer about the citizen too.
    shown = [*([citizen.pk] if citizen else []), *_citizens(page.object_list)]
    seen(request, shown, Use(What.ACCESS_LOG, Action.LIST, Purpose.CONTROL), at=now)
    context = {
        "form": form,
        "page": page,
        "rows": _rows(request, page.object_list),
        "employees": [(str(each.staff_id), each.name) for each in employees],
        "staff_id": str(staff_id or ""),
        "citizen_id": str(citizen_id or ""),
        "citizen": citizen,
    }
    return _page(request, "staff/access_entries.html", context)


@sensitive_post_parameters("text")
@require_POST
@municipal_staff(Permission.CONTROL_ACCESS)
@rate_limits.limited(rate_limits.Action.CITIZEN_SEARCH, "POST")
def find(request: MunicipalRequest) -> HttpResponse:
    """From a CPR number to the look-ups of that citizen. A POST: the number must be in no address, history or log."""
    now = timezone.now()
    number_form = CitizenNumberForm(request.POST)
    form = PeriodForm(usual_period(timezone.localdate(now)))
    context: dict[str, Any] = {"form": form, "number_form": number_form}
    if not number_form.is_valid():
        nobody_seen(request)
        return _page(request, "staff/access_entries.html", context, status=422)
    number = number_form.cleaned_data["text"]
    citizen = selectors.citizen_with_cpr(number, request.municipality)
    hits = [] if citizen is None else [citizen.pk]
    use = Use(What.ACCESS_LOG, Action.SEARCH, Purpose.CONTROL, criterion=cpr.masked(number))
    seen(request, hits, use, at=now)
    if citizen is None:
        # The number goes no further: neither back to the screen nor anywhere else.
        return _page(
            request,
            "staff/access_entries.html",
            {**context, "number_form": CitizenNumberForm(), "is_unknown": True},
        )
    to = f"{reverse('staff:access_entries')}?{urlencode({'borger': citizen.pk})}"
    return HttpResponseRedirect(to, status=303)


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.CONTROL_ACCESS)
def entry(request: MunicipalRequest, entry_id: int) -> HttpResponse:
    """One look-up with what is needed to judge it; a POST notes the judgement."""
    now = timezone.now()
    found = get_object_or_404(AccessEntry.objects.filter(municipality=request.municipality), pk=entry_id)
    seen(request, _citizens([found]), Use(What.ACCESS_LOG, purpose=Purpose.CONTROL), at=now)
    form = ReviewForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            access_log.review(
                entry=found,
                outcome=AccessReview.Outcome(form.cleaned_data["outcome"]),
                note=form.cleaned_data["note"],
                by=request.actor,
                at=now,
            )
        except access_log.ReviewNotPossible as refusal:
            form.add_error("note", refusal.sentence)
        else:
            messages.success(request, _("Din vurdering er noteret."))
            return redirect(_back(request))
    [row] = _rows(request, [found])
    context: dict[str, Any] = {
        "row": row,
        "form": form,
        "reviews": access_selectors.reviews_of(found),
        "same_day": access_selectors.same_day(found) if found.citizen_id else [],
        "courses": selectors.courses_of(found.citizen_id, request.municipality) if found.citizen_id else [],
        "is_own": found.staff_id == request.actor.staff_id,
        "back": _back(request),
    }
    return _page(request, "staff/access_entry.html", context, status=422 if form.errors else None)


def _page(
    request: MunicipalRequest, template: str, context: dict[str, Any], *, status: int | None = None
) -> HttpResponse:
    shared = {
        "number_form": CitizenNumberForm(),
        "months": settings.ACCESS_LOG_MONTHS,
        "query": _query(request),
    }
    return render(request, template, shared | context, status=status)


def _rows(request: MunicipalRequest, found: Iterable[AccessEntry]) -> list[AccessRow]:
    found = list(found)
    people = Citizen.objects.of(request.municipality).in_bulk(_citizens(found))
    return access_rows(found, citizens=people, reviews=access_selectors.newest_reviews(found))


def _citizens(found: Iterable[AccessEntry]) -> list[UUID]:
    return [each.citizen_id for each in found if each.citizen_id is not None]


def _of(
    found: QuerySet[AccessEntry], *, staff_id: UUID | None, citizen_id: UUID | None
) -> QuerySet[AccessEntry]:
    if staff_id is not None:
        found = found.filter(staff_id=staff_id)
    if citizen_id is not None:
        found = found.filter(citizen_id=citizen_id)
    return found


def _id(request: MunicipalRequest, name: str) -> UUID | None:
    """The id of that name in the address; what is none counts as not given."""
    field = forms.UUIDField(required=False)
    try:
        chosen: UUID | None = field.clean(request.GET.get(name, ""))
    except forms.ValidationError:
        return None
    return chosen


def _query(request: MunicipalRequest) -> str:
    """What was chosen, to carry along: a sample's number leads back to it, an employee or citizen to the list."""
    return request.GET.urlencode()


def _back(request: MunicipalRequest) -> str:
    """The list that led to the entry."""
    view = "staff:access_sample" if "nummer" in request.GET else "staff:access_entries"
    query = _query(request)
    return reverse(view) + (f"?{query}" if query else "")
