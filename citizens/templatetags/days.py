"""Days as people say them."""

from datetime import date, datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import pgettext

register = template.Library()


@register.filter
def day_in_words(day: date | datetime) -> str:
    """“tirsdag den 1. december”; an instant is said as it is in Denmark."""
    if isinstance(day, datetime):
        day = timezone.localtime(day)
    # The translation is a format in Django's letters (https://docs.djangoproject.com/en/5.2/ref/templates/builtins/#date).
    return date_format(day, pgettext("date format", r"l \d\e\n j. F"))


@register.filter
def day_and_year_in_words(day: date | datetime) -> str:
    """“tirsdag den 1. december 2026”."""
    if isinstance(day, datetime):
        day = timezone.localtime(day)
    return date_format(day, pgettext("date format", r"l \d\e\n j. F Y"))
