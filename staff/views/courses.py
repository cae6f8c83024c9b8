"""Putting citizens into a course: who they are, the team and the consent; and what becomes of the course."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from citizens import cpr
from citizens.models import Citizen
from identity import rate_limits
from identity.access_log import Action, Use, What
from identity.roles import Permission
from kommunalpro.problems import Problem
from plans import consent_texts, enrolling, selectors, services
from plans.models import CourseConsent, EpisodeOfCare
from staff.access import MunicipalRequest, member_of_staff, municipal_staff
from staff.course_forms import ConsentForm, CourseForm, EnrolForm, TeamForm
from staff.pages import render_page
from staff.seen import nobody_seen, seen
from staff.views.citizens import about


@sensitive_post_parameters("cpr_number", "given_name", "family_name")
@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENROL_CITIZEN)
@rate_limits.limited(rate_limits.Action.CITIZEN_SEARCH, "POST")
def enrol(request: MunicipalRequest) -> HttpResponse:
    """Put in a citizen whom nobody has yet, with a course. Whom we have, gets the course on a page of their own."""
    now = timezone.now()
    data = request.POST if request.method == "POST" else None
    form = EnrolForm(data, municipality=request.municipality, now=now)
    context: dict[str, Any] = {"form": form, "consent_text": consent_texts.text_of(consent_texts.CURRENT)}
    known = _known(form, request)
    if known is not None:
        searching = Use(What.COURSE, Action.SEARCH, criterion=known.masked_cpr)
        seen(request, [known.pk], searching, at=now)
        messages.info(request, _("Borgeren findes allerede i kommunen. Her kan du oprette et forløb."))
        return redirect("staff:begin_course", known.pk)
    if form.is_valid():
        try:
            episode = enrolling.enrol(
                person=form.person,
                care_team=form.cleaned_data["care_team"],
                consent=form.consent,
                by=member_of_staff(request),
                at=now,
            )
        except Problem as refusal:
            context["problem"] = refusal.sentence
            searching = Use(What.COURSE, Action.SEARCH, criterion=cpr.masked(form.cleaned_data["cpr_number"]))
            seen(request, [], searching, at=now)
            form.forget_number()
            return render_page(request, "staff/enrol.html", context, now=now, status=422)
        seen(request, [episode.citizen_id], _change(episode), at=now)
        messages.success(request, _("Borgeren og forløbet er oprettet. Nu kan du tildele en plan."))
        return redirect("staff:citizen", episode.citizen_id)
    nobody_seen(request)
    if form.is_bound:
        form.forget_number()
    return render_page(request, "staff/enrol.html", context, now=now, status=422 if form.errors else 200)


def _known(form: EnrolForm, request: MunicipalRequest) -> Citizen | None:
    """The municipality's citizen with the number, where that was written right."""
    form.is_valid()
    number = form.cleaned_data.get("cpr_number") if form.is_bound else None
    return selectors.citizen_with_cpr(number, request.municipality) if number else None


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENROL_CITIZEN)
def begin(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """The courses of a citizen we have, and one more."""
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    data = request.POST if request.method == "POST" else None
    form = CourseForm(data, municipality=request.municipality, now=now)
    problem = ""
    if form.is_valid():
        try:
            episode = enrolling.begin_course(
                citizen=person,
                care_team=form.cleaned_data["care_team"],
                consent=form.consent,
                by=member_of_staff(request),
                at=now,
            )
        except Problem as refusal:
            problem = refusal.sentence
        else:
            seen(request, [person.pk], _change(episode), at=now)
            messages.success(request, _("Forløbet er oprettet."))
            return redirect("staff:citizen", person.pk)
    seen(request, [person.pk], Use(What.COURSE), at=now)
    context = {
        **about(person, request, now=now),
        "form": form,
        "problem": problem,
        "courses": selectors.courses_of(person.pk, request.municipality),
        "consent_text": consent_texts.text_of(consent_texts.CURRENT),
    }
    status = 422 if form.errors or problem else 200
    return render_page(request, "staff/begin_course.html", context, now=now, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@municipal_staff(Permission.ENROL_CITIZEN)
def course(request: MunicipalRequest, episode_id: UUID) -> HttpResponse:
    """GET: the course. POST: one of its acts, named by the button `act`."""
    now = timezone.now()
    found = EpisodeOfCare.objects.filter(
        municipality=request.municipality, citizen__municipality=request.municipality
    ).select_related("citizen", "care_team")
    episode = get_object_or_404(found, pk=episode_id)
    act = request.POST.get("act", "") if request.method == "POST" else ""
    consent_form = ConsentForm(request.POST if act == "consent" else None, now=now)
    team_form = TeamForm(
        request.POST if act == "team" else None, episode=episode, municipality=request.municipality
    )
    acts: dict[str, tuple[forms.Form | None, Callable[[], object], str]] = {
        "consent": (
            consent_form,
            lambda: enrolling.record_consent(
                episode=episode, consent=consent_form.consent, by=member_of_staff(request), at=now
            ),
            _("Samtykket er noteret."),
        ),
        "withdraw": (
            None,
            lambda: enrolling.withdraw_consent(episode=episode, by=member_of_staff(request), at=now),
            _(
                "Det er noteret, at samtykket er trukket tilbage. Planerne er stoppet, og forløbet er afsluttet."
            ),
        ),
        "team": (
            team_form,
            lambda: enrolling.change_team(
                episode=episode, care_team=team_form.cleaned_data["care_team"], at=now
            ),
            _("Forløbet følges nu af det nye team."),
        ),
        "end": (
            None,
            lambda: services.finish_episode(episode=episode, at=now),
            _("Forløbet er afsluttet."),
        ),
    }
    problem, wrong = "", None
    if act in acts:
        form, do, sentence = acts[act]
        if form is None or form.is_valid():
            try:
                do()
            except Problem as refusal:
                problem = refusal.sentence
            else:
                seen(request, [episode.citizen_id], _change(episode), at=now)
                messages.success(request, sentence)
                return redirect("staff:course", episode.pk)
        else:
            wrong = form
    seen(request, [episode.citizen_id], Use(What.COURSE, subject_id=episode.pk), at=now)
    consents = list(
        CourseConsent.objects.filter(episode=episode).select_related("recorded_by").order_by("recorded_at")
    )
    context = {
        **about(episode.citizen, request, now=now),
        "episode": episode,
        "consents": consents,
        "standing": next((one for one in consents if not one.is_withdrawn), None),
        "consent_form": consent_form,
        "team_form": team_form,
        "consent_text": consent_texts.text_of(consent_texts.CURRENT),
        "problem": problem,
        "wrong": wrong,
    }
    status = 422 if problem or wrong else 200
    return render_page(request, "staff/course.html", context, now=now, status=status)


def _change(episode: EpisodeOfCare) -> Use:
    return Use(What.COURSE, Action.CHANGE, subject_id=episode.pk)
