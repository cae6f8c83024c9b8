"""Drawing the questions of a page; those that many people see alike are drawn once.

    {% load questions %}
    {% question item %}
    {% question item out_of_band=True %}    for htmx, beside the place where the page is put

A question is drawn from its `ItemView` and the screen's language alone. One whose answer is nothing, or among its own
options, is kept as it was drawn: it says how a questionnaire looks and nothing of who answers. What somebody has
written on one line, or what was calculated, is put into the place that is left for it in the kept question, and
itself kept nowhere; what depends on the answer in other ways is drawn each time.
"""

import secrets
from collections.abc import Hashable
from dataclasses import replace

from django import template
from django.template import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import mark_safe
from django.utils.translation import get_language

from questionnaires.form_reading import DATE_PREFIXES
from questionnaires.rendering import Control, ItemView

register = template.Library()

MOST_KEPT = 100
"""Of a question, in its answers and languages. A list of boxes to tick has more combinations than are ever seen."""

_AMONG_OPTIONS = frozenset({Control.RADIOS, Control.CHECKBOXES, Control.SELECT})
_ON_ONE_LINE = frozenset({Control.LINE, Control.NUMBER, Control.DATE, Control.TIME, Control.DATE_TIME})

# Stand for what differs from one citizen to the next while a question is drawn. Nobody can guess them, so no text
# of a questionnaire and no answer holds one.
_SHOWN, _WORDS = secrets.token_hex(8), secrets.token_hex(8)
_VALUES = tuple(secrets.token_hex(8) for _ in DATE_PREFIXES)
_BETWEEN_PARTS = "-"


@register.simple_tag(takes_context=True)
def question(context: Context, item: ItemView, out_of_band: bool = False) -> str:
    """One question, text or group of a page, for its place in a form.

    Of the page's own context a question that is searched gets `search_url`, one with files `files_at` (what their
    address is called), and so does what holds others.
    """
    if item.drawings is None or not _is_anybodys(item):
        return _draw(
            item,
            out_of_band,
            search_url=str(context.get("search_url") or ""),
            files_at=str(context.get("files_at") or ""),
        )
    if item.control is Control.FIXED:
        drawn = _kept(replace(item, words=_WORDS), (), out_of_band).replace(_SHOWN, item.shown)
        return mark_safe(drawn.replace(_WORDS, escape(item.words)))  # noqa: S308 - what was put in is escaped
    written = _written(item) if item.control in _ON_ONE_LINE else ()
    marks = tuple([mark if text else "" for mark, text in zip(_VALUES, written, strict=False)])
    values = (_BETWEEN_PARTS.join(marks),) if any(marks) else item.values if not written else ()
    drawn = _kept(item, values, out_of_band).replace(_SHOWN, item.shown)
    for mark, text in zip(marks, written, strict=False):
        if mark:
            drawn = drawn.replace(mark, escape(text))
    return mark_safe(drawn)  # noqa: S308 - what was put in is escaped


def _kept(item: ItemView, values: tuple[str, ...], out_of_band: bool) -> str:
    """The question with these values and a place for what it was shown with, drawn now or before."""
    drawings = item.drawings if item.drawings is not None else {}
    # Everything by which a view differs from the others that are made from the same blank one.
    is_shown = bool(item.shown)
    variant: Hashable = (
        values, out_of_band, get_language(), item.control, item.field_name, item.can_clear, item.feedback, is_shown,
        item.unit_chosen,
    )  # fmt: skip
    drawn = drawings.get(variant)
    if drawn is None:
        drawn = _draw(replace(item, values=values, shown=_SHOWN if is_shown else ""), out_of_band)
        if len(drawings) < MOST_KEPT:
            drawings[variant] = drawn
    return drawn


def _is_anybodys(item: ItemView) -> bool:
    """Whether it can be kept: nothing in it depends on what somebody wrote, or is one page's alone."""
    if item.control in (Control.SEARCH, Control.FILE):
        return False
    if item.items or item.lines or item.own_words or item.files or item.error or item.elsewhere is not None:
        return False
    if item.control in _ON_ONE_LINE:
        return len(item.values) < 2 and not item.feedback
    return not item.values or item.control in _AMONG_OPTIONS


def _written(item: ItemView) -> tuple[str, ...]:
    """What stands in its fields: three of a date, else one."""
    return item.date_parts if item.control is Control.DATE else (item.value,)


def _draw(item: ItemView, out_of_band: bool, *, search_url: str = "", files_at: str = "") -> str:
    facts = {"item": item, "out_of_band": out_of_band, "search_url": search_url, "files_at": files_at}
    # What has no field has nothing around it: its own template is the whole of it.
    return render_to_string("questionnaires/item.html" if item.field_name else item.template, facts)
