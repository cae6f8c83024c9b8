"""From a FHIR R4 Questionnaire, whatever is in it, to an immutable definition and the list of what is wrong."""

from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from itertools import groupby
from types import MappingProxyType
from typing import Any

from .bounds import Bounds, measure
from .conditions import Tree, decision_order
from .definition import Definition, Item, ItemType, Page
from .issues import Issue, has_errors, make_issue
from .item_reading import RawItem, build_item
from .options import ValueSets, read_options
from .reading import Json, Reader, member

_ROOT = "Questionnaire"


@dataclass(frozen=True, slots=True)
class Compilation:
    """What came of it. With an error among the issues the form must not be published, though it may be shown."""

    definition: Definition | None
    issues: tuple[Issue, ...]

    @property
    def is_usable(self) -> bool:
        """Can people be asked with it?"""
        return self.definition is not None and not has_errors(self.issues)


def compile_questionnaire(
    resource: Any, *, bounds: Bounds | None = None, value_sets: Mapping[str, Json] | None = None
) -> Compilation:
    """Compile a FHIR R4 Questionnaire given as parsed JSON.

    Never raises, whatever the JSON. `value_sets` are ValueSet resources by canonical url, for forms that refer to
    such as are not contained. There is no definition if the resource is no questionnaire, exceeds `bounds`
    or has not a single item that can be read.
    """
    bounds = bounds or Bounds()
    refusal = _refusal(resource, bounds)
    if refusal is not None:
        return Compilation(None, (refusal,))
    reader = Reader()
    raw_items, fatal = _find_items(resource, bounds, reader, ValueSets.of(resource, value_sets or {}, reader))
    if fatal is not None or not raw_items:
        reader.issues.append(fatal or make_issue("questionnaire.empty", _ROOT))
        return Compilation(None, tuple(reader.issues))
    _check_head(resource, reader)
    definition = _build(resource, raw_items, reader)
    return Compilation(definition, tuple(reader.issues))


def _refusal(resource: object, bounds: Bounds) -> Issue | None:
    if not isinstance(resource, Mapping):
        return make_issue("questionnaire.not-object", _ROOT)
    if resource.get("resourceType") != _ROOT:
        found = resource.get("resourceType")
        return make_issue(
            "questionnaire.resource-type", _ROOT, found=found if isinstance(found, str) else "?"
        )
    return measure(resource, bounds, what="questionnaire")


def _check_head(resource: Json, reader: Reader) -> None:
    for name in ("url", "title", "status"):
        if not reader.text(resource, name, _ROOT):
            reader.report(f"questionnaire.no-{name}", _ROOT)


def _find_items(
    resource: Json, bounds: Bounds, reader: Reader, value_sets: ValueSets
) -> tuple[list[RawItem], Issue | None]:
    """All items in the questionnaire's order, parents first; and the bound that was exceeded, if one was.

    Goes without recursion. Items without a link id or type, and second users of a link id, are left out with
    all below them: there is an error for each.
    """
    found: list[RawItem] = []
    seen: set[str] = set()
    stack: list[tuple[Iterator[tuple[str, Json]], str | None]] = [
        (reader.objects(resource, "item", _ROOT), None)
    ]
    count = 0
    while stack:
        siblings, parent = stack[-1]
        path, json = next(siblings, ("", None))
        if json is None:
            stack.pop()
            continue
        count += 1
        if count > bounds.max_items:
            return [], make_issue("questionnaire.too-many-items", _ROOT, limit=bounds.max_items)
        if len(stack) > bounds.max_depth:
            return [], make_issue("questionnaire.too-deep", path, limit=bounds.max_depth)
        raw = _raw_item(json, path, parent, seen, reader, value_sets)
        if raw is not None:
            seen.add(raw.link_id)
            found.append(raw)
            stack.append((reader.objects(json, "item", path), raw.link_id))
    return found, None


def _raw_item(
    json: Json, path: str, parent: str | None, seen: set[str], reader: Reader, value_sets: ValueSets
) -> RawItem | None:
    link_id = reader.text(json, "linkId", path)
    if not link_id.strip():
        reader.report("item.no-link-id", path, text=reader.text(json, "text", path))
        return None
    if link_id in seen:
        reader.report("item.duplicate-link-id", path, link_id=link_id, link=link_id)
        return None
    type_name = reader.text(json, "type", path)
    item_type = member(ItemType, type_name)
    if item_type is None:
        key = "item.unknown-type" if type_name else "item.no-type"
        reader.report(key, path, link_id=link_id, type=type_name)
        return None
    options = read_options(json, item_type, path, link_id, value_sets=value_sets, reader=reader)
    return RawItem(json=json, path=path, link_id=link_id, type=item_type, parent=parent, options=options)


def _build(resource: Json, raw_items: list[RawItem], reader: Reader) -> Definition:
    tree = Tree()
    for raw in raw_items:
        tree.add(raw.link_id, parent=raw.parent, item_type=raw.type, options=raw.options)
    built: dict[str, Item] = {}
    children: dict[str | None, list[Item]] = {}
    found_before = len(reader.issues)
    for raw in reversed(raw_items):  # children before their parents
        own = children.pop(raw.link_id, [])
        item = build_item(raw, own[::-1], tree=tree, reader=reader)
        built[raw.link_id] = item
        children.setdefault(raw.parent, []).append(item)
    # The items were built from the last to the first; issues are read from the first to the last.
    positions = tree.positions
    reader.issues[found_before:] = sorted(
        reader.issues[found_before:], key=lambda issue: positions.get(issue.link_id or "", -1)
    )
    sources = {
        link_id: [condition.question for condition in item.enable_when]
        for link_id, item in built.items()
        if item.enable_when
    }
    order, circles = decision_order(tree, sources)
    if circles:
        links = sorted(circles, key=positions.__getitem__)
        reader.report("condition.cycle", built[links[0]].path, link_id=links[0], links=", ".join(links))
    items = tuple(reversed(children[None]))
    return Definition(
        url=reader.text(resource, "url", _ROOT),
        version=reader.text(resource, "version", _ROOT),
        title=reader.text(resource, "title", _ROOT) or reader.text(resource, "name", _ROOT),
        description=reader.text(resource, "description", _ROOT),
        language=reader.text(resource, "language", _ROOT) or "da",
        items=items,
        pages=tuple(_pages(items)),
        by_link_id=MappingProxyType({raw.link_id: built[raw.link_id] for raw in raw_items}),
        source=MappingProxyType(deepcopy(dict(resource))),
        order=order,
        dependency_cycles=circles,
    )


def _pages(items: Iterable[Item]) -> Iterator[Page]:
    """One page for each top-level group, one for each run of loose items between groups.

    What is hidden makes no page of its own.
    """
    number = 0
    visible = [item for item in items if _is_shown(item)]
    for is_group, run in groupby(visible, key=lambda item: item.type is ItemType.GROUP):
        if is_group:
            for group in run:
                number += 1
                yield Page(group.link_id, number, group.text, group.items, group)
        else:
            number += 1
            yield Page(f"page-{number}", number, "", tuple(run))


def _is_shown(item: Item) -> bool:
    if item.hidden:
        return False
    if item.type is ItemType.GROUP and item.items:
        return any(_is_shown(child) for child in item.items)
    return True
