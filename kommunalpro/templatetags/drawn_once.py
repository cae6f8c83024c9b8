"""Parts of pages that are the same for very many requests, drawn once for each of their variants.

    {% load drawn_once %}
    {% drawn_once "head" module %} … {% enddrawn_once %}

    {% drawn_once "greeting" module put name %} … {{ name }} … {% enddrawn_once %}

    {% for row in rows %}
      {% drawn_once "row" row.is_late put row.name row.citizen.address %}
        … {{ row.name }} … {% each_time %}{% for one in row.others %} … {% endfor %}{% endeach_time %} …
      {% enddrawn_once %}
    {% endfor %}

A part may depend on the screen's language, on the variables behind its name, and on what is put into the kept part
each time: the variables after `put`, `csrf_token` (`{% csrf_token %}` or `{{ csrf_token }}`) and
`address_to_return_to`. They are put in whole, so no filter or condition may look at them. What stands between
`each_time` and `endeach_time`, in the part itself and not in what it includes, is drawn each time, with everything that
is known outside of the part. Never let somebody's name or answers into a part in another way: it stays. Of something of
which attributes are put in, the part sees nothing else but those and the attributes behind its name.
"""

import re
import secrets
from collections.abc import Hashable, Mapping, Sequence
from functools import cache, lru_cache
from html import escape
from operator import attrgetter
from typing import Any

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.utils.functional import SimpleLazyObject
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST_KEPT = 2_000
"""Variants, of a few kilobytes each."""

_ALWAYS_PUT = ("csrf_token", "address_to_return_to")


class _Path:
    """`name` or `row.name`: what a part depends on, or what is put into it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.owner, _, attributes = path.partition(".")
        self._of = attrgetter(attributes) if attributes else None

    def read(self, owners: Mapping[str, Any]) -> Any:
        """Its value now. Raises AttributeError where there is no such attribute."""
        value = owners[self.owner]
        return value if self._of is None else self._of(value)


class _Put(_Path):
    """What is put in: while a part is drawn a mark stands for it, which nobody can guess."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.mark = secrets.token_hex(16)

    def write(self, owners: Mapping[str, Any]) -> str:
        """Its value now, as it goes into the page."""
        value = self.read(owners)
        if type(value) is SimpleLazyObject:
            value = str(value)  # the token of forms: asked once, not for each thing that it may be
        if type(value) is str:
            return escape(value)  # as `conditional_escape`, without asking what else it could be
        return "" if value is None else conditional_escape(value)


_put = cache(_Put)


class EachTimeNode(template.Node):
    """What is drawn each time; while the part around it is drawn to be kept, a mark stands for it."""

    def __init__(self, nodelist: NodeList) -> None:
        self.nodelist = nodelist
        self.mark = secrets.token_hex(16)

    def render(self, context: Context) -> SafeString:
        """Its mark; `_Drawn` puts in what it stands for."""
        return SafeString(self.mark)


class _Drawn:
    """A variant of a part as it was drawn: texts and marks in turn."""

    def __init__(
        self, pieces: Sequence[str], put: Mapping[str, _Put], each_time: Mapping[str, EachTimeNode]
    ) -> None:
        self._pieces = pieces
        marks = [(place, pieces[place]) for place in range(1, len(pieces), 2)]
        self._places = [(place, put[mark]) for place, mark in marks if mark in put]
        self._each_time = [(place, each_time[mark].nodelist) for place, mark in marks if mark in each_time]
        self._owners = {each.owner for _, each in self._places}

    def with_values(self, context: Context, owners: Mapping[str, Any]) -> SafeString:
        """The part with what is put into it now; `owners` are those of the context that were read already."""
        read = {**owners, **{name: context.get(name) for name in self._owners if name not in owners}}
        pieces = [*self._pieces]
        for place, each in self._places:
            pieces[place] = each.write(read)
        for place, nodelist in self._each_time:
            pieces[place] = nodelist.render(context)
        # Drawn by the engine, and what was put in is escaped.
        return SafeString("".join(pieces))


class DrawnOnceNode(template.Node):
    """The tag."""

    # With every page that extends another, Django looks through all of it for blocks: there are none in here.
    child_nodelists = ()

    def __init__(
        self, nodelist: NodeList, name: str, variables: Mapping[str, FilterExpression], put: Sequence[str]
    ) -> None:
        self.nodelist = nodelist
        self.name = name
        self.put = {each.mark: each for each in map(_put, (*_ALWAYS_PUT, *put))}
        found = nodelist.get_nodes_by_type(EachTimeNode)
        self._each_time = {each.mark: each for each in found if isinstance(each, EachTimeNode)}
        self._mark = re.compile(f"({'|'.join([*self.put, *self._each_time])})")
        self._owners = {path.partition(".")[0] for path in put if "." in path}
        self._of_owners = [_Path(path) for path in variables if path.partition(".")[0] in self._owners]
        self._others = [
            each for path, each in variables.items() if path.partition(".")[0] not in self._owners
        ]

    def render(self, context: Context) -> SafeString:
        """The part as it was drawn for these variables, with the request's own values in it."""
        owners = {name: context.get(name) for name in self._owners}
        told = [each.read(owners) for each in self._of_owners]
        others = [each.resolve(context, ignore_failures=True) for each in self._others]
        kept = _parts((self.name, get_language(), *told, *others))
        if not kept:
            with context.push(**self._in_its_place(told)):
                pieces = self._mark.split(self.nodelist.render(context))
            kept.append(_Drawn(pieces, self.put, self._each_time))
        return kept[0].with_values(context, owners)

    def _in_its_place(self, told: Sequence[Hashable]) -> dict[str, Any]:
        """What the part sees in place of the request's own: marks, and what this variant says of the same things."""
        seen: dict[str, Any] = {}
        for each, value in zip(self._of_owners, told, strict=True):
            _plant(seen, each.path, value)
        for put in self.put.values():
            _plant(seen, put.path, put.mark)
        return seen


def _plant(tree: dict[str, Any], path: str, value: object) -> None:
    *way, last = path.split(".")
    for name in way:
        tree = tree.setdefault(name, {})
    tree[last] = value


@lru_cache(maxsize=MOST_KEPT)
def _parts(variant: tuple[Hashable, ...]) -> list[_Drawn]:
    """A place for a variant; empty until it is drawn."""
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
    if nodelist.get_nodes_by_type(BlockNode):
        raise template.TemplateSyntaxError(
            f"{{% drawn_once {name} %}} holds a block, which another template could fill: put it inside of the block."
        )
    return DrawnOnceNode(nodelist, name, {each: parser.compile_filter(each) for each in variables}, put)


@register.tag
def each_time(parser: Parser, token: Token) -> EachTimeNode:
    """`{% each_time %}` until `{% endeach_time %}`, within a part that is drawn once."""
    del token
    nodelist = parser.parse(("endeach_time",))
    parser.delete_first_token()
    return EachTimeNode(nodelist)
