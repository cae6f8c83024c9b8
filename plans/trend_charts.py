"""Scores over time as `trend-chart.js` reads them."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format

from plans.selectors import Trend


def chart_data(trends: Sequence[Trend]) -> list[dict[str, Any]]:
    """The trends as `trend-chart.js` reads them: times in milliseconds, and the dates in words."""
    return [
        {
            "name": trend.name,
            "unit": trend.unit,
            "minimum": _number(trend.minimum),
            "maximum": _number(trend.maximum),
            "points": [
                {
                    "x": round(point.answered_at.timestamp() * 1000),
                    "y": float(point.value),
                    "date": date_format(timezone.localtime(point.answered_at), "SHORT_DATE_FORMAT"),
                }
                for point in trend.points
            ],
        }
        for trend in trends
    ]


def _number(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
