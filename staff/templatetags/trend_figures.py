"""The figures under a chart."""

from django import template
from django.utils import timezone

from plans.trends import Trend
from staff.rows import FigureRow, RowWriter

register = template.Library()


@register.filter
def newest_first(trend: Trend) -> list[FigureRow]:
    """The lines of the table under a trend's chart."""
    write = RowWriter(timezone.now())
    return [write.figure_row(point) for point in reversed(trend.points)]
