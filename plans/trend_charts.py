"""Figures over time as `trend-chart.js` reads them."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils import timezone

from kommunalpro.dates import written
from plans.trend_events import TrendEvent
from plans.trends import Trend


def chart_data(trends: Sequence[Trend], events: Sequence[Sequence[TrendEvent]] = ()) -> list[dict[str, Any]]:
    """The trends as `trend-chart.js` reads them: times in milliseconds, and the dates in words.

    `events` has those of each trend, in the same order; none at all where no chart shows any.
    """
    return [
        {
            "title": trend.title,
            "name": trend.name,
            "unit": trend.unit,
            "minimum": _number(trend.minimum),
            "maximum": _number(trend.maximum),
            "points": [
                {
                    "x": _milliseconds(point.answered_at),
                    "y": float(point.value),
                    "date": _day(point.answered_at),
                    "band": point.band,
                }
                for point in trend.points
            ],
            "bands": [
                {"from": float(band.minimum), "to": float(band.maximum), "name": band.name}
                for band in trend.bands
            ],
            "events": [
                {"x": _milliseconds(event.at), "date": _day(event.at), "words": event.words}
                for event in (events[index] if events else ())
            ],
        }
        for index, trend in enumerate(trends)
    ]


def _milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def _day(moment: datetime) -> str:
    return written(timezone.localtime(moment), "SHORT_DATE_FORMAT")


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
