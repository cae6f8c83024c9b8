"""What happened in a citizen's course that a figure over time may have to do with: marked lines in the charts."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Value
from django.utils.translation import gettext as _

from citizens.models import Citizen
from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from plans.history import said_of
from plans.models import CarePlan, CarePlanEvent
from plans.selectors import responses_seen_by
from plans.trends import Trend
from questionnaires.models import Response

BEFORE_THE_FIRST = timedelta(days=31)
"""How long before the first figure an event is still shown: mostly the plan that asked for it."""

MOST_EVENTS = 50


@dataclass(frozen=True, slots=True)
class TrendEvent:
    """Something at a moment, in words. `questionnaire_id`: only charts of this questionnaire show it; None is all."""

    at: datetime
    words: str
    questionnaire_id: UUID | None = None


def trend_events(
    citizen: Citizen, municipality: Municipality, *, since: datetime | None = None
) -> list[TrendEvent]:
    """Plans that were given, paused, changed or ended here, and answers corrected, the earliest first; two queries."""
    whose = {"citizen_id": citizen.pk, "municipality_id": municipality.pk, "since": since}
    done, mended = _DONE.all(**whose), _MENDED.all(**whose)
    events = [TrendEvent(at, said_of(kind, title)) for at, title, kind in done]
    events += [
        TrendEvent(at, _("Svar rettet: %(questionnaire)s") % {"questionnaire": title}, questionnaire)
        for at, title, questionnaire in mended
        if at is not None
    ]
    return sorted(events, key=lambda event: event.at)


def _plans(*, citizen_id: UUID, municipality_id: int, since: datetime | None) -> QuerySet[CarePlan, Any]:
    plans = CarePlan.objects.filter(citizen=citizen_id, municipality=municipality_id)
    later = CarePlanEvent.objects.filter(citizen=citizen_id, municipality=municipality_id)
    if since is not None:
        plans, later = plans.filter(assigned_at__gte=since), later.filter(at__gte=since)
    given = (
        plans.order_by().annotate(what=Value("assigned")).values_list("assigned_at", "plan__title", "what")
    )
    changed = later.order_by().values_list("at", "care_plan__plan__title", "kind")
    return given.union(changed, all=True).order_by("-assigned_at")[:MOST_EVENTS]


def _mended(*, citizen_id: UUID, municipality_id: int, since: datetime | None) -> QuerySet[Response, Any]:
    corrected = responses_seen_by(Municipality(pk=municipality_id)).filter(
        citizen=citizen_id, replaces__isnull=False
    )
    if since is not None:
        corrected = corrected.filter(completed_at__gte=since)
    return corrected.order_by("-completed_at").values_list(
        "completed_at", "version__title", "version__questionnaire"
    )[:MOST_EVENTS]


_DONE = CompiledQuery(_plans)
_MENDED = CompiledQuery(_mended)


def events_beside(trend: Trend, events: list[TrendEvent]) -> list[TrendEvent]:
    """Those of the events that a chart of this trend shows: about its questionnaire or all, and near its figures."""
    if not trend.points:
        return []
    begins = trend.points[0].answered_at - BEFORE_THE_FIRST
    return [
        event
        for event in events
        if event.at >= begins and event.questionnaire_id in {None, trend.questionnaire_id}
    ]


@dataclass(frozen=True, slots=True)
class TrendRow:
    """A line of the table beside a chart: a figure (`value`), or an event (`words`)."""

    at: datetime
    response_id: UUID | None = None
    value: Decimal | None = None
    band: str = ""
    words: str = ""
    number: int = 0


def rows_beside(trend: Trend, events: list[TrendEvent]) -> list[TrendRow]:
    """The figures and the events of a chart as lines of a table, the newest first; events are numbered from one."""
    figures = [
        TrendRow(point.answered_at, point.response_id, point.value, point.band) for point in trend.points
    ]
    happened = [
        TrendRow(event.at, words=event.words, number=number) for number, event in enumerate(events, 1)
    ]
    return sorted([*figures, *happened], key=lambda row: row.at, reverse=True)
