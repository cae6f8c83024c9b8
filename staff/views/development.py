"""A citizen's figures over time: scores and single answers, with what happened in their course."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from citizens.models import Citizen
from identity.access_log import Action, Use, What
from identity.roles import Permission
from plans.trend_charts import chart_data
from plans.trend_events import events_beside, rows_beside, trend_events
from plans.trends import Trend, Versions, answer_trends, trends, with_bands
from staff.access import MunicipalRequest, municipal_staff
from staff.citizen_lists import citizen_of
from staff.pages import render_page
from staff.seen import seen
from staff.views.citizens import about

MOST_CHARTS = 12


class Period(StrEnum):
    """How far back, as the address says it."""

    MONTHS = "3-maaneder"
    YEAR = "et-aar"
    ALL = "alt"

    def since(self, now: datetime) -> datetime | None:
        """The first moment of the period; None for all there is."""
        days = {Period.MONTHS: 92, Period.YEAR: 365}.get(self)
        return None if days is None else now - timedelta(days=days)


@require_safe
@municipal_staff(Permission.SEE_ANSWERS, keeps_plans=True)
def development(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """The chosen figures as charts and tables; the scores where nothing is chosen."""
    now = timezone.now()
    context = _shown(request, citizen_id, Action.READ, now)
    return render_page(request, "staff/development.html", context, now=now)


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def paper(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """The same to print. Who opens it prints it: so the access log says."""
    now = timezone.now()
    context = _shown(request, citizen_id, Action.PRINT, now) | {"is_paper": True}
    return render_page(request, "staff/development.html", context, now=now)


@require_POST
@municipal_staff(Permission.SEE_ANSWERS)
def picture_kept(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """A chart was kept as a picture, which the browser makes by itself: it stands in the access log."""
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    seen(request, [person.pk], Use(What.CITIZEN, Action.EXPORT), at=timezone.now())
    return HttpResponse(status=204)


def _shown(request: MunicipalRequest, citizen_id: UUID, action: Action, now: datetime) -> dict[str, Any]:
    municipality = request.municipality
    person = citizen_of(citizen_id, municipality)
    if person is None:
        raise Http404
    seen(request, [person.pk], Use(What.CITIZEN, action), at=now)
    period = _period(request.GET.get("periode", ""))
    since = period.since(now)
    scores = trends(person, municipality, since=since)
    known: Versions = {}
    answers = answer_trends(person, municipality, since=since, known=known)
    shown = with_bands(_chosen(request.GET.getlist("tal"), scores, answers)[:MOST_CHARTS], known=known)
    events = trend_events(person, municipality, since=since)
    beside = [events_beside(trend, events) for trend in shown]
    keys = {trend.key for trend in shown}
    return {
        **about(person, request, now=now),
        "period": period,
        "periods": [
            (Period.MONTHS, _("3 måneder")),
            (Period.YEAR, _("1 år")),
            (Period.ALL, _("Alt")),
        ],
        "score_choices": [(trend.key, trend.title) for trend in scores],
        "answer_choices": [(trend.key, _with_unit(trend)) for trend in answers],
        "chosen": keys,
        "trends": [
            (trend, events, rows_beside(trend, events)) for trend, events in zip(shown, beside, strict=True)
        ],
        "chart_data": chart_data(shown, beside),
        "most": MOST_CHARTS,
    }


def _period(said: str) -> Period:
    return Period(said) if said in set(Period) else Period.YEAR


def _chosen(keys: list[str], scores: list[Trend], answers: list[Trend]) -> list[Trend]:
    """Those whose key is named; else the scores, and the single answers where there are no scores."""
    named = [trend for trend in [*scores, *answers] if trend.key in keys]
    return named or scores or answers


def _with_unit(trend: Trend) -> str:
    return f"{trend.title} ({trend.unit})" if trend.unit else trend.title
