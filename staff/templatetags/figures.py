"""Figures, times and addresses as the lists of the Medarbejdermodul write them."""

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kommunalpro.addresses import address_of
from kommunalpro.dates import strftime_pattern, written

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
    """A past moment as people say it: “i dag kl. 10.12”, “i går kl. 10.12”, “20-11-2026 kl. 10.12”."""
    there = timezone.localtime(moment)
    days = (timezone.localdate(now) - there.date()).days
    return there.strftime(_pattern(days if days in {0, 1} else None, get_language()))


@lru_cache(maxsize=20)
def _pattern(days: int | None, language: str | None) -> str:
    """The sentence of `said` for `strftime`, of a moment `days` days ago."""
    named = {0: _("i dag").replace("%", "%%"), 1: _("i går").replace("%", "%%")}
    day = strftime_pattern("SHORT_DATE_FORMAT", language) if days is None else named[days]
    sentence = _("%(date)s kl. %(time)s")
    return sentence % {"date": day, "time": strftime_pattern("TIME_FORMAT", language)}
