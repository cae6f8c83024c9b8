"""What a form wants calculated at an item, as far as this engine can: with an issue for what it cannot.

A calculation that cannot be done is left out for good, so that what happens instead is decided here, once:
a calculated answer stays empty and nobody is asked for it; a condition shows its item always; an initial answer
stays away.
"""

from dataclasses import dataclass

from .definition import Expression, ItemType
from .expression_names import names_in
from .extension_urls import (
    ANSWER_EXPRESSION,
    CALCULATED,
    CQF_EXPRESSION,
    ENABLE_WHEN_EXPRESSION,
    INITIAL_EXPRESSION,
)
from .reading import Extensions, Place, Reader
from .scopes import Scope, is_readable, read_expression


@dataclass(frozen=True, slots=True)
class Calculations:
    """The usable expressions of an item. `is_lost`: it has a calculated answer that cannot be calculated."""

    calculated: Expression | None = None
    is_lost: bool = False
    initial: Expression | None = None
    enable_when: Expression | None = None
    options: Expression | None = None


_NOTHING = Calculations()
_URLS = frozenset({CALCULATED, CQF_EXPRESSION, INITIAL_EXPRESSION, ENABLE_WHEN_EXPRESSION, ANSWER_EXPRESSION})


def calculated_place(extensions: Extensions, item_type: ItemType) -> Place | None:
    """Where the calculation of an item's answer stands.

    Forms in production write it as core's cqf-expression, as a bare string (seen in Norway's).
    """
    return extensions.first(CALCULATED, CQF_EXPRESSION) if item_type.is_question else None


def read_calculations(
    extensions: Extensions, scope: Scope, item_type: ItemType, reader: Reader
) -> Calculations:
    """All expressions of an item."""
    if not extensions.has_any(_URLS):
        return _NOTHING
    place = calculated_place(extensions, item_type)
    calculated = _usable(place, "expression.outside", extensions, scope, reader)
    condition = extensions.first(ENABLE_WHEN_EXPRESSION)
    return Calculations(
        calculated=calculated,
        is_lost=place is not None and calculated is None,
        initial=_usable(
            extensions.first(INITIAL_EXPRESSION) if item_type.is_question else None,
            "expression.initial-outside",
            extensions,
            scope,
            reader,
        ),
        enable_when=_usable(condition, "condition.outside", extensions, scope, reader, is_condition=True),
        options=_usable(
            extensions.first(ANSWER_EXPRESSION) if item_type.is_choice else None,
            "option.expression-outside",
            extensions,
            scope,
            reader,
        ),
    )


def _usable(
    place: Place | None,
    outside: str,
    extensions: Extensions,
    scope: Scope,
    reader: Reader,
    *,
    is_condition: bool = False,
) -> Expression | None:
    """The expression there, None where there is none that can be calculated (then there is an issue)."""
    if place is None:
        return None
    element, path = place
    expression = read_expression(element, path, reader)
    if expression is None:
        extensions.unusable(element, path)
        return None
    if not is_readable(expression, path, extensions.link_id, reader):
        if is_condition:
            reader.report("condition.expression", path, link_id=extensions.link_id)
        return None
    missing = sorted(names_in(expression.text) - scope.usable)
    if missing:
        reader.report(outside, path, link_id=extensions.link_id, names=", ".join(missing))
        return None
    return expression
