"""Parts of pages that are the same for very many requests, drawn once for each of their variants.

    {% load drawn_once %}
    {% drawn_once "head" module %} … {% enddrawn_once %}

    {% drawn_once "greeting" module put name %} … {{ name }} … {% enddrawn_once %}

A part may depend on the screen's language, on the variables behind its name, and on what is put into the kept part
each time: the variables after `put`, `csrf_token` (`{% csrf_token %}` or `{{ csrf_token }}`) and
`address_to_return_to`. They are put in whole, so no filter or condition may look at them. Never let somebody's name or
answers into a part in another way: it stays.
"""

import secrets
from collections.abc import Hashable, Sequence
from functools import cache, lru_cache
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

register = template.Library()

MOST_KEPT = 2_000
"""Variants, of a few kilobytes each."""

_ALWAYS_PUT = ("csrf_token", "address_to_return_to")


@cache
def _mark(variable: str) -> str:
    """What stands for a variable while a part is drawn. Nobody can guess it."""
    return secrets.token_hex(16)


class DrawnOnceNode(template.Node):
    """The tag."""

    def __init__(
        self, nodelist: NodeList, name: str, variables: list[FilterExpression], put: Sequence[str]
    ) -> None:
        self.nodelist = nodelist
        self.name = name
        self.variables = variables
        self.marks = {variable: _mark(variable) for variable in (*_ALWAYS_PUT, *put)}

    def render(self, context: Context) -> SafeString:
        """The part as it was drawn for these variables, with the request's own values in it."""
        variant: tuple[Hashable, ...] = tuple(
            each.resolve(context, ignore_failures=True) for each in self.variables
        )
        kept = _parts((self.name, get_language(), *variant))
        if not kept:
            with context.push(**self.marks):
                kept.append(self.nodelist.render(context))
        drawn: str = kept[0]
        for variable, mark in self.marks.items():
            if mark in drawn:
                value = context.get(variable)
                drawn = drawn.replace(mark, "" if value is None else conditional_escape(value))
        return mark_safe(drawn)  # noqa: S308 - drawn by the engine, and what was put in is escaped


@lru_cache(maxsize=MOST_KEPT)
def _parts(variant: tuple[Hashable, ...]) -> list[Any]:
    """A place for the part of one variant; empty until it is drawn."""
    del variant
    return []


@register.tag
def drawn_once(parser: Parser, token: Token) -> DrawnOnceNode:
    """`{% drawn_once "name" variable … put variable … %}` until `{% enddrawn_once %}`."""
    _tag, name, *variables = token.split_contents()
    put: list[str] = []
    if "put" in variables:
        place = variables.index("put")
        variables, put = variables[:place], variables[place + 1 :]
    nodelist = parser.parse(("enddrawn_once",))
    parser.delete_first_token()
    return DrawnOnceNode(nodelist, name, [parser.compile_filter(each) for each in variables], put)
