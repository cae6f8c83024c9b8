"""Who names whom: conditions name questions, and so do calculations, in quotes."""

import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Any

from questionnaires.engine.expression_names import texts_in
from questionnaires.engine.extension_urls import CALCULATED

from . import extensions
from .tree import Json, Source, changed_at, link_id_of, name_of, strings_in, walk

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
_EXPRESSIONS = frozenset({"expression", "location"})
"""The parts of an extension that hold FHIRPath as a plain text (questionnaire-constraint)."""


@dataclass(frozen=True, slots=True)
class Use:
    """An element names another. `link_id` is None for the questionnaire itself; `is_score`: it is calculated so."""

    link_id: str | None
    name: str
    is_score: bool = False


def uses_of(source: Json, named: Set[str]) -> Iterator[Use]:
    """The elements outside `named` that name one of them, in the questionnaire's order."""
    if _names_any(source.get("extension"), named):
        yield Use(None, name_of(source))
    for _, item in walk(source):
        link_id = link_id_of(item)
        if link_id in named:
            continue
        in_conditions = any(question in named for question in _questions(item))
        parts = {name: part for name, part in item.items() if name not in ("item", "enableWhen")}
        if in_conditions or _names_any(parts, named):
            is_score = any(_names_any(one, named) for one in extensions.every(item, CALCULATED))
            yield Use(link_id, name_of(item), is_score)


def questions_of(item: Json) -> set[str]:
    """The link ids that the element's conditions name."""
    return set(_questions(item))


def released(source: Source, gone: Set[str]) -> Source:
    """The document in which no condition and no calculation names the elements that are gone."""
    for path, item in list(walk(source)):
        if any(question in gone for question in _questions(item)):
            source = changed_at(source, path, lambda one: _without_conditions(one, gone))
        if any(_names_any(one, gone) for one in extensions.extensions_of(item)):
            source = changed_at(source, path, lambda one: _without_expressions(one, gone))
    return source


def renamed(value: Any, names: Mapping[str, str]) -> Any:
    """A copied element whose link ids, conditions and calculations say the new names for the old."""
    if isinstance(value, list):
        return [renamed(one, names) for one in value]
    if not isinstance(value, Mapping):
        return value
    found = {}
    for name, part in value.items():
        if name in ("linkId", "question") and isinstance(part, str):
            found[name] = names.get(part, part)
        elif isinstance(part, str) and _is_expression(value, name):
            found[name] = _QUOTED.sub(lambda match: _requoted(match, names), part)
        else:
            found[name] = renamed(part, names)
    return found


def _requoted(match: re.Match[str], names: Mapping[str, str]) -> str:
    bare = re.sub(r"\\(.)", r"\1", match[1])
    return f"'{names[bare]}'" if bare in names else match[0]


def _is_expression(holder: Mapping[str, Any], name: str) -> bool:
    return name == "expression" or (name == "valueString" and holder.get("url") in _EXPRESSIONS)


def _questions(item: Json) -> Iterator[str]:
    for condition in _conditions(item):
        question = condition.get("question") if isinstance(condition, Mapping) else None
        if isinstance(question, str):
            yield question


def _conditions(item: Json) -> list[Any]:
    found = item.get("enableWhen")
    return found if isinstance(found, list) else []


def _names_any(value: Any, named: Set[str]) -> bool:
    """Does an expression anywhere in it name one of them?"""
    return any(
        _is_expression(holder, name) and not named.isdisjoint(texts_in(text))
        for holder, name, text in strings_in(value)
    )


def _without_conditions(item: dict[str, Any], gone: Set[str]) -> dict[str, Any]:
    kept = [
        one
        for one in _conditions(item)
        if not (isinstance(one, Mapping) and isinstance(one.get("question"), str) and one["question"] in gone)
    ]
    rest = {name: part for name, part in item.items() if name != "enableWhen"}
    if not kept:
        rest.pop("enableBehavior", None)
        return rest
    return {**rest, "enableWhen": kept}


def _without_expressions(item: dict[str, Any], gone: Set[str]) -> dict[str, Any]:
    kept = [one for one in extensions.extensions_of(item) if not _names_any(one, gone)]
    return extensions.with_extensions(item, kept)
