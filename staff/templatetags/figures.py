"""Figures, times and addresses as the lists of the Medarbejdermodul write them."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language

from kommunalpro.addresses import address_of
from kommunalpro.dates import written
from staff.said import Sayer

register = template.Library()

# As `{% url %}`, of a page about one thing with a UUID.
register.simple_tag(address_of)

HUNDREDTH = Decimal("0.01")


@register.filter
def figure(value: Decimal) -> str:
    """At most two decimals and no zeros at the end: 6.1000 is “6,1”, 40 is “40”."""
    return _figure(value, get_language())


@lru_cache(maxsize=1_000)
def _figure(value: Decimal, language: str | None) -> str:
    """A page writes the same few figures a hundred times."""
    del language  # `number_format` takes it by itself
    rounded = value.quantize(HUNDREDTH, rounding=ROUND_HALF_UP)
    return number_format(f"{rounded:f}".rstrip("0").rstrip("."))


@register.filter
def day(moment: date) -> str:
    """A day, or the one of a moment, in figures: as `date:"SHORT_DATE_FORMAT"`, for tables."""
    local = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return written(local, "SHORT_DATE_FORMAT")


@register.filter
def said(moment: datetime, now: datetime) -> str:
    """A past moment as people say it (`staff.said`)."""
    return Sayer(now).moment(moment)
