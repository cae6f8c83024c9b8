"""Drawing the questions of a page; those that many people see alike are drawn once.

    {% load questions %}
    {% question item %}
    {% question item out_of_band=True %}    for htmx, beside the place where the page is put

A question is drawn from its `ItemView` and the screen's language alone. One whose answer is nothing, or among its own
options, is kept as it was drawn: it says how a questionnaire looks and nothing of who answers. What somebody has
written is drawn each time and kept nowhere.
"""

from functools import lru_cache

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from questionnaires.rendering import Control, ItemView

register = template.Library()

MOST_KEPT = 8_000
"""Some twenty questionnaires of twenty questions in each of their answers and both languages; some 20 MB."""

_AMONG_OPTIONS = frozenset({Control.RADIOS, Control.CHECKBOXES, Control.SELECT})


@register.simple_tag(takes_context=True)
def question(context: Context, item: ItemView, out_of_band: bool = False) -> str:
    """One question, text or group of a page, for its place in a form.

    Of the page's own context a question that is searched gets `search_url`, and so does what holds others.
    """
    if not _is_anybodys(item):
        return _draw(item, out_of_band, search_url=str(context.get("search_url") or ""))
    return _drawn(item, out_of_band, get_language() or "", _marks(item))


def _is_anybodys(item: ItemView) -> bool:
    """Whether it holds nothing that somebody wrote or that is one page's alone, and no question that does."""
    if item.control is Control.SEARCH:
        return False
    if item.items or item.lines or item.words or item.own_words or item.error or item.elsewhere is not None:
        return False
    return not item.values or item.control in _AMONG_OPTIONS


def _marks(item: ItemView) -> tuple[bool, ...]:
    """Which of its texts are HTML: a text and the same letters as HTML are equal, and drawn differently."""
    texts = (item.label, item.hint, item.content, *(label for _key, label in item.options))
    return tuple(isinstance(text, SafeString) for text in texts)


@lru_cache(maxsize=MOST_KEPT)
def _drawn(item: ItemView, out_of_band: bool, language: str, marks: tuple[bool, ...]) -> str:
    del language, marks  # they tell apart what is drawn differently
    return _draw(item, out_of_band)


def _draw(item: ItemView, out_of_band: bool, *, search_url: str = "") -> str:
    facts = {"item": item, "out_of_band": out_of_band, "search_url": search_url}
    return render_to_string("questionnaires/item.html", facts)
