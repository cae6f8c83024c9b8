"""Reading and writing the extensions of an element."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from .tree import Json

Element = dict[str, Any]


def extensions_of(element: Json) -> list[Any]:
    found = element.get("extension")
    return found if isinstance(found, list) else []


def every(element: Json, *urls: str) -> Iterator[Json]:
    """The extensions with one of these addresses."""
    for one in extensions_of(element):
        if isinstance(one, Mapping) and one.get("url") in urls:
            yield one


def value(element: Json, *urls: str) -> Any:
    """The bare value of the first of them, None without one."""
    for one in every(element, *urls):
        for name, bare in one.items():
            if name.startswith("value"):
                return bare
    return None


def with_extensions(element: Json, extensions: Iterable[Any]) -> Element:
    """The element with exactly these; FHIR has no empty lists."""
    rest = {name: part for name, part in element.items() if name != "extension"}
    kept = list(extensions)
    return {**rest, "extension": kept} if kept else rest


def without(element: Json, *urls: str) -> Element:
    """The element without extensions of these addresses."""
    kept = [
        one for one in extensions_of(element) if not (isinstance(one, Mapping) and one.get("url") in urls)
    ]
    return with_extensions(element, kept)


def with_value(element: Json, urls: str | tuple[str, ...], given: Mapping[str, Any] | None) -> Element:
    """The element with `{"url": …, **given}` in the place of those with one of `urls`; without any for None.

    Where there are several addresses for the same thing, the first is the one that is written.
    """
    known = (urls,) if isinstance(urls, str) else urls
    place = next(
        (
            number
            for number, one in enumerate(extensions_of(element))
            if isinstance(one, Mapping) and one.get("url") in known
        ),
        None,
    )
    cleared = without(element, *known)
    if given is None:
        return cleared
    kept = list(extensions_of(cleared))
    kept.insert(len(kept) if place is None else place, {"url": known[0], **given})
    return with_extensions(cleared, kept)
