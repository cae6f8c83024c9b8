"""Parts of pages that are the same for very many requests, drawn once for each of their variants.

    {% load drawn_once %}
    {% drawn_once "head" module %} … {% enddrawn_once %}

A part may depend on the screen's language, on the variables behind its name, and on the two that are put into the kept
part each time: `csrf_token` (whole: `{% csrf_token %}` or `{{ csrf_token }}`) and `address_to_return_to` (whole, not
through a filter). Never put somebody's name or answers into one: it stays.
"""

import secrets
from collections.abc import Hashable
from functools import lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST_KEPT = 500
"""Variants, of a few kilobytes each."""

# Nobody can guess what stands for these while a part is drawn.
_MARKS = {name: secrets.token_hex(16) for name in ("csrf_token", "address_to_return_to")}


class DrawnOnceNode(template.Node):
    """The tag."""

    def __init__(self, nodelist: NodeList, name: str, variables: list[FilterExpression]) -> None:
        self.nodelist = nodelist
        self.name = name
        self.variables = variables

    def render(self, context: Context) -> SafeString:
        """The part as it was drawn for these variables, with the request's own values in it."""
        variant: tuple[Hashable, ...] = tuple(
            each.resolve(context, ignore_failures=True) for each in self.variables
        )
        kept = _parts((self.name, get_language(), *variant))
        if not kept:
            with context.push(**_MARKS):
                kept.append(self.nodelist.render(context))
        drawn: str = kept[0]
        for variable, mark in _MARKS.items():
            if mark in drawn:
                drawn = drawn.replace(mark, escape(str(context.get(variable, ""))))
        return mark_safe(drawn)  # noqa: S308 - drawn by the engine, and what was put in is escaped


@lru_cache(maxsize=MOST_KEPT)
def _parts(variant: tuple[Hashable, ...]) -> list[Any]:
    """A place for the part of one variant; empty until it is drawn."""
    del variant
    return []


@register.tag
def drawn_once(parser: Parser, token: Token) -> DrawnOnceNode:
    """`{% drawn_once "name" variable … %}` until `{% enddrawn_once %}`."""
    _tag, name, *variables = token.split_contents()
    nodelist = parser.parse(("enddrawn_once",))
    parser.delete_first_token()
    return DrawnOnceNode(nodelist, name, [parser.compile_filter(each) for each in variables])
