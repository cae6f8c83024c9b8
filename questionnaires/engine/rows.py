"""Rows: the instances of a repeating group, and the answers of a question that each have questions below them.

A row is named by a key that stays the same while other rows come and go: the `id` of its element in the response
(https://hl7.org/fhir/R4/element.html), or where it has none, its number from 0. So a page that was shown before a row
was removed elsewhere still speaks of the right ones. The row that nobody has touched yet is "0".
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .definition import Definition, Item, ItemType
from .occurrences import Occurrence

Rows = tuple[str, ...]
"""The keys of the rows that an item stands in, the outermost first; () for one that stands in none."""

FIRST = "0"
MOST_ROWS = 100
"""Rows of one group; nobody fills in more of them, and each costs a page its room."""

_KEY = re.compile(r"[A-Za-z0-9.-]{1,64}", re.ASCII)


def has_rows(item: Item) -> bool:
    """Does each instance (of a group) or each answer (of a question) have items of its own?"""
    return item.repeats and bool(item.items)


def most_rows(item: Item) -> int:
    """How many rows of the group there may be."""
    return MOST_ROWS if item.max_occurs is None else min(item.max_occurs, MOST_ROWS)


def row_key(node: Mapping[str, Any], index: int) -> str:
    """The key of the instance of a repeating group that is the `index`th of its list."""
    name = node.get("id")
    return name if isinstance(name, str) and _KEY.fullmatch(name) else str(index)


def is_key(text: str) -> bool:
    """Can this be the key of a row?"""
    return _KEY.fullmatch(text) is not None


def rows_of(occurrence: Occurrence) -> Rows:
    """The rows that the occurrence stands in. A repeating group does not stand in its own row."""
    keys: list[str] = []
    scope = occurrence.scope
    while scope.owner is not None:
        owner = scope.owner
        if has_rows(owner.item):
            keys.append(str(owner.scopes.index(scope)) if owner.layout.is_question else own_key(owner))
        scope = owner.scope
    return tuple(reversed(keys))


def own_key(instance: Occurrence) -> str:
    """The key of this instance of a repeating group."""
    siblings = instance.scope.children[instance.layout.link_id]
    index = siblings.index(instance)
    return row_key(instance.places[0][0], index) if instance.places else str(index)


def outer_rows(definition: Definition, link_id: str) -> int:
    """In how many rows an item with this link id stands."""
    return sum(has_rows(definition.by_link_id[above]) for above in definition.ancestors(link_id))


@dataclass(frozen=True, slots=True)
class Found:
    """`within` as `answers_of` and `with_answers` take it; `missing` are the rows that are not in the response."""

    within: Mapping[str, int]
    missing: tuple[tuple[str, Rows], ...] = ()


def row_keys(
    definition: Definition, response: Mapping[str, Any], link_id: str, rows: Rows
) -> tuple[str, ...]:
    """The keys of the rows of a repeating group that stands in these rows; the first, if there are none yet."""
    containers: list[Mapping[str, Any]] = [response]
    within = find_rows(definition, response, link_id, rows).within
    for above in reversed(definition.ancestors(link_id)):
        item = definition.by_link_id[above]
        nodes = _named(containers, above)
        if item.type is not ItemType.GROUP:
            nodes = [answer for node in nodes for answer in _objects(node, "answer")]
        index = within.get(above)
        containers = nodes if index is None else nodes[index : index + 1]
    own = _named(containers, link_id)
    return tuple(row_key(node, index) for index, node in enumerate(own)) or (FIRST,)


def _named(containers: Sequence[Mapping[str, Any]], link_id: str) -> list[Mapping[str, Any]]:
    return [node for one in containers for node in _objects(one, "item") if node.get("linkId") == link_id]


def find_rows(definition: Definition, response: Mapping[str, Any], link_id: str, rows: Rows) -> Found:
    """Where the item with this link id stands in the response, in these rows.

    A missing row is named by the group's link id and the keys down to the row, as `with_row` takes them.
    """
    within: dict[str, int] = {}
    missing: list[tuple[str, Rows]] = []
    containers: list[Mapping[str, Any]] = [response]
    keys = iter(rows)
    used: Rows = ()
    for above in reversed(definition.ancestors(link_id)):
        item = definition.by_link_id[above]
        nodes = _named(containers, above)
        if item.type is not ItemType.GROUP:
            nodes = [answer for node in nodes for answer in _objects(node, "answer")]
        if not has_rows(item):
            containers = nodes
            continue
        key = next(keys, FIRST)
        used = (*used, key)
        if item.type is ItemType.GROUP:
            known = [row_key(node, index) for index, node in enumerate(nodes)]
            index = known.index(key) if key in known else len(nodes)
            if index == len(nodes) and (nodes or key != FIRST):
                missing.append((above, used))
        else:
            index = int(key) if key.isdecimal() and len(key) < 5 else 0
        within[above] = index
        containers = nodes[index : index + 1]
    return Found(within, tuple(missing))


def with_row(definition: Definition, response: Mapping[str, Any], link_id: str, rows: Rows) -> dict[str, Any]:
    """The response with one more row of the repeating group; the last of `rows` is its key.

    Rows above it that are missing are made as well. The first row, which is there before anybody touches it, is
    made beside the one that is added.
    """
    return _changed(definition, response, link_id, rows, _added)


def without_row(
    definition: Definition, response: Mapping[str, Any], link_id: str, rows: Rows
) -> dict[str, Any]:
    """The response without the row of the repeating group; the last of `rows` is its key. The others keep theirs."""
    return _changed(definition, response, link_id, rows, _removed)


def _changed(
    definition: Definition, response: Mapping[str, Any], link_id: str, rows: Rows, change: Any
) -> dict[str, Any]:
    within = find_rows(definition, response, link_id, rows[:-1]).within
    chain = [definition.by_link_id[above] for above in reversed(definition.ancestors(link_id))]
    item = definition.by_link_id[link_id]
    changed = {name: value for name, value in response.items() if name != "item"}
    changed.setdefault("resourceType", "QuestionnaireResponse")
    items = _below(_objects(response, "item"), definition.items, [*chain, item], within, rows, change)
    return {**changed, "item": items} if items else changed


def _below(
    nodes: list[Mapping[str, Any]],
    siblings: Sequence[Item],
    chain: Sequence[Item],
    within: Mapping[str, int],
    rows: Rows,
    change: Any,
) -> list[Mapping[str, Any]]:
    """The nodes of one level, with the change made where the chain of items leads."""
    item, rest = chain[0], chain[1:]
    own = [node for node in nodes if node.get("linkId") == item.link_id]
    if not rest:
        changed = change(own, item, rows[-1])
    else:
        is_group = item.type is ItemType.GROUP
        index = within.get(item.link_id, 0) if is_group else 0
        changed = list(own) if index < len(own) else [*own, {"linkId": item.link_id}]
        index = min(index, len(changed) - 1)
        node = dict(changed[index])
        if is_group:
            holder, name = [node], "item"
            place = 0
        else:
            holder, name = [dict(answer) for answer in _objects(node, "answer")] or [{}], "answer"
            place = min(within.get(item.link_id, 0), len(holder) - 1)
        items = _below(_objects(holder[place], "item"), item.items, rest, within, rows, change)
        if items:
            holder[place]["item"] = items
        else:
            holder[place].pop("item", None)
        if name == "answer":
            node["answer"] = [answer for answer in holder if answer]
        else:
            node = holder[0]
        changed[index] = node
    return _replaced(nodes, changed, item, siblings)


def _replaced(
    nodes: list[Mapping[str, Any]],
    changed: Sequence[Mapping[str, Any]],
    item: Item,
    siblings: Sequence[Item],
) -> list[Mapping[str, Any]]:
    """The nodes with those of the item replaced, in the questionnaire's order."""
    ranks: dict[object, int] = {sibling.link_id: rank for rank, sibling in enumerate(siblings)}
    own = ranks[item.link_id]
    others = [node for node in nodes if node.get("linkId") != item.link_id]
    place = next(
        (i for i, other in enumerate(others) if ranks.get(other.get("linkId"), -1) > own), len(others)
    )
    return [*others[:place], *changed, *others[place:]]


def _added(own: list[Mapping[str, Any]], item: Item, key: str) -> list[Mapping[str, Any]]:
    first: list[Mapping[str, Any]] = own or [{"linkId": item.link_id, "id": FIRST}]
    keys = {row_key(node, index) for index, node in enumerate(first)}
    return list(first) if key in keys else [*first, {"linkId": item.link_id, "id": key}]


def _removed(own: list[Mapping[str, Any]], item: Item, key: str) -> list[Mapping[str, Any]]:
    named = [{**node, "id": row_key(node, index)} for index, node in enumerate(own)]
    return [node for node in named if node["id"] != key]


def _objects(container: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    listed = container.get(name)
    if not isinstance(listed, list | tuple):
        return []
    return [one for one in listed if isinstance(one, Mapping)]
