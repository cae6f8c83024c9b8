"""Rules among answers that a form brings along: extensions questionnaire-constraint (R4) and targetConstraint (SDC)."""

import re
from collections.abc import Callable, Iterator

from .definition import Constraint
from .expression_names import names_in
from .extension_urls import CONSTRAINTS
from .reading import (
    Extensions,
    Json,
    Reader,
    elements,
    extension,
    extension_text,
    extension_value,
    translations_of,
)
from .rules import Severity
from .scopes import Scope, is_readable, read_expression

_PLACE = re.compile(r"Questionnaire((?:\.item\[\d{1,6}\])+)", re.ASCII)

TargetFinder = Callable[[str], str | None]
"""From what a `location` says (a link id, or `Questionnaire.item[0].item[2]`) to the link id of an item."""


def target_finder(link_ids_by_path: dict[str, str]) -> TargetFinder:
    """Finds items by link id or by their path in the questionnaire."""
    known = frozenset(link_ids_by_path.values())

    def find(location: str) -> str | None:
        if location in known:
            return location
        return link_ids_by_path.get(location) if _PLACE.fullmatch(location) else None

    return find


def read_constraints(
    extensions: Extensions, scope: Scope, link_id: str | None, *, find: TargetFinder, reader: Reader
) -> tuple[Constraint, ...]:
    """The constraints of an item, or of the questionnaire (`link_id` None); those that cannot be used are issues."""
    return tuple(
        constraint
        for element, path in extensions.every(*CONSTRAINTS)
        if (constraint := _constraint(element, path, scope, link_id, find=find, reader=reader)) is not None
    )


def _constraint(
    element: Json, path: str, scope: Scope, link_id: str | None, *, find: TargetFinder, reader: Reader
) -> Constraint | None:
    part = extension(element, "expression")
    expression = read_expression(part, path, reader) if part is not None else None
    if expression is None:
        reader.report("constraint.incomplete", path, link_id=link_id)
        return None
    if not is_readable(expression, path, link_id, reader):
        return None
    missing = sorted(names_in(expression.text) - scope.usable)
    if missing:
        reader.report("constraint.outside", path, link_id=link_id, names=", ".join(missing))
        return None
    key = extension_text(element, "key", "valueId", "valueString", "valueCode")
    human = extension_text(element, "human")
    if not human:
        reader.report("constraint.no-words", path, link_id=link_id, name=key or "?")
    severity = extension_value(element, "severity", "valueCode")
    if severity not in ("error", "warning"):
        reader.report("constraint.severity", path, link_id=link_id, found=severity or "?")
    return Constraint(
        key=key,
        severity=Severity.WARNING if severity == "warning" else Severity.ERROR,
        human=human,
        expression=expression,
        link_id=link_id,
        targets=tuple(dict.fromkeys(_targets(element, path, link_id, find=find, reader=reader))),
        requirements=extension_text(element, "requirements", "valueString", "valueMarkdown", "valueId"),
        translations=translations_of(extension(element, "human"), "valueString"),
        path=path,
    )


def _targets(
    element: Json, path: str, link_id: str | None, *, find: TargetFinder, reader: Reader
) -> Iterator[str]:
    located = False
    for part, _ in elements(element, "extension", path):
        location = part.get("valueString") if part.get("url") == "location" else None
        if not isinstance(location, str):
            continue
        located = True
        target = find(location)
        if target is None:
            reader.report("constraint.location", path, link_id=link_id, location=location)
        else:
            yield target
    if not located and link_id is not None:
        yield link_id
