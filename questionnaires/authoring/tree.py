"""Finding, replacing, putting in and taking out elements of a questionnaire.

A path is the places of an element and of those above it: (0, 2) is the third below the first.
"""

import secrets
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

from .refusals import CannotDo, Reason

Json = Mapping[str, Any]
Source = dict[str, Any]
Path = tuple[int, ...]


def items_of(node: Json) -> list[Any]:
    """The elements right below; what an import left there that is no element keeps its place."""
    below = node.get("item")
    return below if isinstance(below, list) else []


def walk(node: Json, above: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """All elements below, parents first, with the paths to them from the node that `above` leads to."""
    stack = [(above, node)]
    while stack:
        path, one = stack.pop()
        if path != above:
            yield path, one  # type: ignore[misc]
        stack.extend(
            ((*path, place), below)
            for place, below in reversed(list(enumerate(items_of(one))))
            if isinstance(below, dict)
        )


def strings_in(value: Any) -> Iterator[tuple[Json, str, str]]:
    """Every string that is a part of something, wherever in `value`: what holds it, its name there, and the string."""
    stack = [value]
    while stack:
        one = stack.pop()
        if isinstance(one, list):
            stack.extend(one)
        elif isinstance(one, Mapping):
            for name, part in one.items():
                if isinstance(part, str):
                    yield one, name, part
                else:
                    stack.append(part)


def link_id_of(item: Json) -> str:
    """What names the element; "" where an import left it without."""
    link_id = item.get("linkId")
    return link_id if isinstance(link_id, str) else ""


def link_ids(node: Json) -> set[str]:
    """Of the node itself and of all below it."""
    return {link_id for one in (node, *(item for _, item in walk(node))) if (link_id := link_id_of(one))}


def new_link_id(taken: Collection[str]) -> str:
    """One that nobody has. It means nothing and is never shown."""
    while (made := f"e-{secrets.token_hex(4)}") in taken:
        pass
    return made


def path_to(source: Json, link_id: str) -> Path:
    """Where the element stands. Raises CannotDo."""
    places = _places_up(source, link_id)
    if places is None:
        raise CannotDo(Reason.GONE)
    return tuple(reversed(places))


def _places_up(node: Json, link_id: str) -> list[int] | None:
    """The places from the element up to `node`: every act looks for one, so nothing is made on the way down."""
    for place, item in enumerate(items_of(node)):
        if not isinstance(item, dict):
            continue
        if item.get("linkId") == link_id:
            return [place]
        if "item" in item and (found := _places_up(item, link_id)) is not None:
            found.append(place)
            return found
    return None


def node_at(source: Json, path: Path) -> dict[str, Any]:
    """The element at a path; the questionnaire itself at ()."""
    node: Any = source
    for place in path:
        node = items_of(node)[place]
    return node  # type: ignore[no-any-return]


def find(source: Json, link_id: str) -> dict[str, Any]:
    """The element with this link id. Raises CannotDo."""
    return node_at(source, path_to(source, link_id))


def name_of(item: Json) -> str:
    """What to call the element in a sentence: its text."""
    text = item.get("text") or item.get("title")
    return text if isinstance(text, str) else ""


def with_items(node: Json, items: list[Any]) -> dict[str, Any]:
    """The node with these right below; FHIR has no empty lists."""
    rest = {name: value for name, value in node.items() if name != "item"}
    return {**rest, "item": items} if items else rest


def changed_at(source: Json, path: Path, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Source:
    """The document with the node at `path` changed; all others are shared."""
    if not path:
        return change(dict(source))
    items = list(items_of(source))
    items[path[0]] = changed_at(items[path[0]], path[1:], change)
    return with_items(source, items) if items else dict(source)


def changed(source: Json, link_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> Source:
    """The document with the element changed. Raises CannotDo."""
    return changed_at(source, path_to(source, link_id), change)


def put_in(source: Json, path: Path, item: Json) -> Source:
    """The document with `item` at `path`; what stood there and after it moves on by one."""

    def put(node: dict[str, Any]) -> dict[str, Any]:
        items = list(items_of(node))
        items.insert(path[-1], item)
        return with_items(node, items)

    return changed_at(source, path[:-1], put)


def taken_out(source: Json, path: Path) -> Source:
    """The document without the element at `path`."""

    def take(node: dict[str, Any]) -> dict[str, Any]:
        items = list(items_of(node))
        del items[path[-1]]
        return with_items(node, items)

    return changed_at(source, path[:-1], take)
