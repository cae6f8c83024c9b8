"""Languages by their tags: which way they are written, and what they call themselves."""

from functools import lru_cache

from babel import Locale, UnknownLocaleError
from django import template

register = template.Library()


@register.filter
@lru_cache(maxsize=256)
def direction(code: str) -> str:
    """For HTML's `dir`: rtl for Arabic, Persian, Urdu …, else ltr."""
    locale = _locale(code)
    return locale.text_direction if locale is not None else "ltr"


@lru_cache(maxsize=256)
def own_name(code: str) -> str:
    """Dansk, English, العربية; the tag itself for one that nobody knows."""
    locale = _locale(code)
    name = locale.get_display_name() if locale is not None else ""
    return name[0].upper() + name[1:] if name else code


def _locale(code: str) -> Locale | None:
    try:
        return Locale.parse(code, sep="-")
    except (UnknownLocaleError, ValueError):
        return None
