"""A citizen's data as such: held in a case, handed out, erased; and how long the municipality keeps them."""

from datetime import datetime
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from citizens.models import Citizen
from identity import rate_limits
from identity.access import missing_permission
from identity.access_log import Action, Purpose, Use, What
from identity.roles import Permission
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from privacy import archive, selectors, services
from privacy.deletion import Kind
from privacy.models import LegalHold
from privacy.retention import DEFAULT_YEARS, SHORTEST_YEARS, takes_effect_on
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.pages import page_of, render_page
from staff.privacy_forms import HoldForm, RetentionForm
from staff.seen import nobody_seen, seen
from staff.views.citizens import about

DECISIONS = 50


@require_safe
@municipal_staff(Permission.SEE_CITIZENS)
def data(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """What is kept of a citizen and until when, the holds on it, and what was asked for."""
    citizen = _citizen(request, citizen_id)
    _say(request, citizen, Action.READ)
    return _data_page(request, citizen, HoldForm())


@require_POST
@municipal_staff(Permission.HOLD_DATA)
def hold(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Hold everything of the citizen's."""
    citizen, form = _citizen(request, citizen_id), HoldForm(request.POST)
    _say(request, citizen, Action.CHANGE if form.is_valid() else Action.READ)
    if not form.is_valid():
        return _data_page(request, citizen, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    services.hold(
        citizen=citizen,
        municipality=request.municipality,
        reason=form.cleaned_data["reason"],
        by=member_of_staff(request),
        at=timezone.now(),
    )
    return _back(citizen)


@require_POST
@municipal_staff(Permission.HOLD_DATA)
def lift(request: MunicipalRequest, hold_id: UUID) -> HttpResponse:
    """Lift a hold of one's own municipality."""
    found = get_object_or_404(LegalHold, pk=hold_id, municipality=request.municipality)
    _say(request, found.citizen, Action.CHANGE)
    services.lift(hold=found, by=member_of_staff(request), at=timezone.now())
    return _back(found.citizen)


@require_POST
@municipal_staff(Permission.HOLD_DATA)
def erase(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Note that the citizen has asked to be forgotten, and give the answer that the rules give."""
    citizen = _citizen(request, citizen_id)
    if request.POST.get("sure") != "yes":
        nobody_seen(request)
        return _back(citizen)
    _say(request, citizen, Action.DELETE)
    services.erase(
        citizen_id=citizen.pk,
        municipality=request.municipality,
        noted_by=member_of_staff(request),
        at=timezone.now(),
    )
    with within(Scope.system()):
        is_gone = not Citizen.objects.filter(pk=citizen.pk).exists()
    return redirect("staff:citizens") if is_gone else _back(citizen)


@require_POST
@municipal_staff(Permission.EXPORT_DATA)
@rate_limits.limited(rate_limits.Action.EXPORT, "POST")
def export(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """The municipality's data about a citizen as one file; noted, for the citizen to see.

    It holds answers, so the right to see those is needed as well.
    """
    if not request.actor.may(Permission.SEE_ANSWERS):
        nobody_seen(request)
        return missing_permission(request, Permission.SEE_ANSWERS)
    citizen, now = _citizen(request, citizen_id), timezone.now()
    _say(request, citizen, Action.EXPORT)
    content = archive.export(
        citizen=citizen, municipality=request.municipality, by=member_of_staff(request), at=now
    )
    return HttpResponse(
        content,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="{archive.file_name(now, is_own=False)}"'},
    )


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.SET_RETENTION)
def retention(request: MunicipalRequest) -> HttpResponse:
    """How long the municipality keeps courses, what the next run would delete, and what earlier ones did."""
    now, municipality = timezone.now(), request.municipality
    today = selectors.today_in_denmark(now)
    years = selectors.years_of(municipality, today=today)
    newest = selectors.newest_decision(municipality)
    is_choice = request.method == "POST" and "take_back" not in request.POST
    form = RetentionForm(
        request.POST if is_choice else None,
        initial={
            "years": years,
            "only_five_year_professions": bool(newest and newest.only_five_year_professions),
        },
    )
    problem, chosen = "", None
    try:
        if request.method == "POST" and not is_choice:
            services.take_back_retention(municipality=municipality, by=member_of_staff(request), at=now)
            nobody_seen(request)
            return HttpResponseRedirect(request.path)
        if form.is_valid() and "confirm" in request.POST:
            services.decide_retention(
                municipality=municipality, by=member_of_staff(request), at=now, **form.cleaned_data
            )
            nobody_seen(request)
            return HttpResponseRedirect(request.path)
        if form.is_valid():
            services.check_retention(**form.cleaned_data)
            chosen = _chosen(form.cleaned_data["years"], years, municipality, now)
    except services.RetentionNotLawful as refusal:
        form.add_error("years", refusal.sentence)
    except services.NothingToDecide as refusal:
        problem = refusal.sentence
    holds = list(selectors.standing_holds_in(municipality))
    # Who decides how long need not be somebody who may see whose: then there is only the number of them.
    may_see = request.actor.may(Permission.SEE_CITIZENS)
    shown = [hold.citizen_id for hold in holds] if may_see else []
    seen(request, shown, Use(What.DATA, Action.LIST, Purpose.ADMINISTRATION), at=now)
    records = page_of(request, selectors.records_of(municipality))
    context = {
        "form": form,
        "problem": problem,
        "chosen": chosen,
        "kept_years": years,
        "waiting": newest if newest and newest.takes_effect_on > today else None,
        "decisions": selectors.decisions_of(municipality)[:DECISIONS],
        "default_years": DEFAULT_YEARS,
        "shortest_years": SHORTEST_YEARS,
        "preview": selectors.preview(municipality=municipality, at=now),
        "holds": holds,
        "may_see_citizens": may_see,
        "page": records,
        "records": [
            (record, ", ".join(f"{Kind(kind).label}: {number}" for kind, number in record.counts.items()))
            for record in records.object_list
        ],
    }
    return render_page(
        request, "staff/retention.html", context, now=now, status=422 if form.errors or problem else None
    )


def _chosen(years: int, before: int, municipality: Municipality, now: datetime) -> dict[str, Any]:
    """What a number of years would mean: from when, and what would go on that day."""
    starts_on = takes_effect_on(selectors.today_in_denmark(now), is_shorter=years < before)
    wait = starts_on - selectors.today_in_denmark(now)
    return {
        "years": years,
        "is_shorter": years < before,
        "starts_on": starts_on,
        "preview": selectors.preview(municipality=municipality, at=now + wait, years=years),
    }


def _data_page(
    request: MunicipalRequest, citizen: Citizen, form: HoldForm, status: int | None = None
) -> HttpResponse:
    now = timezone.now()
    context = {
        **about(citizen, request, now=now),
        "has_moved": citizen.municipality_id != request.municipality.pk,
        "form": form,
        "holds": selectors.holds_on(citizen_id=citizen.pk, municipality=request.municipality),
        "kept": selectors.kept_courses(
            citizen_id=citizen.pk,
            today=selectors.today_in_denmark(now),
            municipality=request.municipality,
        ),
        "requests": selectors.erasure_requests_of(citizen.pk).filter(municipality=request.municipality),
        "exports": selectors.exports_of(citizen.pk).filter(municipality=request.municipality),
        "years": selectors.years_of(request.municipality, today=selectors.today_in_denmark(now)),
        "may_hold": request.actor.may(Permission.HOLD_DATA),
        "may_export": request.actor.may(Permission.EXPORT_DATA) and request.actor.may(Permission.SEE_ANSWERS),
        "page_title": _("Data og opbevaring"),
    }
    return render_page(request, "staff/data.html", context, now=now, status=status)


def _say(request: MunicipalRequest, citizen: Citizen, action: Action) -> None:
    """Enter what is shown or done into the access log, where the citizen sees it."""
    seen(request, [citizen.pk], Use(What.DATA, action, Purpose.ADMINISTRATION), at=timezone.now())


def _citizen(request: MunicipalRequest, citizen_id: UUID) -> Citizen:
    found: Citizen = get_object_or_404(selectors.citizens_with_data_in(request.municipality), pk=citizen_id)
    return found


def _back(citizen: Citizen) -> HttpResponse:
    return redirect("staff:citizen_data", citizen.pk)
