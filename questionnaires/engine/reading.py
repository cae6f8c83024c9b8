"""Reading JSON of unknown shape: each wrong shape is an issue and the element is skipped, nothing raises."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import Any, TypeVar

from .extension_urls import TRANSLATION
from .extension_urls import WEIGHTS as WEIGHTS
from .issues import Both, Issue, make_issue

Json = Mapping[str, Any]
Named = TypeVar("Named", bound=StrEnum)

_SHAPES: dict[type, Both] = {
    str: Both("tekst", "text"),
    bool: Both("sandt eller falsk", "true or false"),
    int: Both("et helt tal", "a whole number"),
    list: Both("en liste", "a list"),
    dict: Both("et objekt", "an object"),
}


@dataclass(slots=True)
class Reader:
    """Reads elements by their expected shape and collects the issues of all that had another one."""

    issues: list[Issue] = field(default_factory=list)

    def report(
        self, key: str, path: str, *, link_id: str | None = None, label: str = "", **facts: object
    ) -> None:
        """Note an issue of the catalogue."""
        self.issues.append(make_issue(key, path, link_id=link_id, label=label, **facts))

    def _shape(self, path: str, name: str, expected: type) -> None:
        self.report("element.shape", f"{path}.{name}", name=name, expected=_SHAPES[expected])

    def text(self, json: Json, name: str, path: str) -> str:
        """A string, "" where there is none. Characters that no database or page takes are left out."""
        value = json.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self._shape(path, name, str)
            return ""
        return clean_text(value)

    def flag(self, json: Json, name: str, path: str) -> bool:
        """A boolean, False where there is none."""
        value = json.get(name)
        if value is not None and not isinstance(value, bool):
            self._shape(path, name, bool)
        return value is True

    def whole_number(self, json: Json, name: str, path: str) -> int | None:
        """An integer, None where there is none."""
        value = json.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int):
            self._shape(path, name, int)
            return None
        return value

    def objects(self, json: Json, name: str, path: str) -> Iterator[tuple[str, Json]]:
        """The objects of a list with the path of each."""
        value = json.get(name)
        if value is None:
            return
        if not isinstance(value, list | tuple):
            self._shape(path, name, list)
            return
        for index, element in enumerate(value):
            if isinstance(element, Mapping):
                yield f"{path}.{name}[{index}]", element
            else:
                self._shape(path, f"{name}[{index}]", dict)


def member(closed_set: type[Named], name: object) -> Named | None:
    """The member of an enumeration with this value, or None."""
    found = closed_set._value2member_map_.get(name) if isinstance(name, str) else None
    return found if isinstance(found, closed_set) else None


_REMOVED = {
    code: None for code in (*range(32), *range(127, 160), *range(0xD800, 0xE000)) if chr(code) not in "\t\n"
}


def clean_text(text: str) -> str:
    """The text without control characters and half characters, with plain line ends."""
    if text.isprintable():
        return text
    return text.replace("\r\n", "\n").replace("\r", "\n").translate(_REMOVED)


Place = tuple[Json, str]
"""An object in the JSON, and the path to it."""


def elements(json: Mapping[str, Any], name: str, path: str) -> list[Place]:
    """The objects of a list with the path of each; nothing where there is no list."""
    value = json.get(name)
    if not isinstance(value, list | tuple):
        return []
    return [
        (element, f"{path}.{name}[{i}]") for i, element in enumerate(value) if isinstance(element, Mapping)
    ]


class Extensions:
    """The extensions of one element, looked up by url.

    Whoever reads a value says under which names it may stand (`valueInteger`). An extension that is there without
    such a value is an issue: whoever wrote it meant something by it.
    """

    __slots__ = ("_by_url", "_reader", "link_id")

    def __init__(self, json: object, path: str, *, reader: "Reader", link_id: str | None = None) -> None:
        self._by_url: dict[str, list[Place]] = {}
        self._reader = reader
        self.link_id = link_id
        if not isinstance(json, Mapping) or json.get("extension") is None:
            return
        for element_path, element in reader.objects(json, "extension", path):
            url = element.get("url")
            if isinstance(url, str):
                self._by_url.setdefault(url, []).append((element, element_path))

    def every(self, *urls: str) -> list[Place]:
        """All extensions with one of the urls, with the path of each; the first url before the second."""
        if not self._by_url:
            return []
        return [place for url in urls for place in self._by_url.get(url, ())]

    def has_any(self, urls: frozenset[str]) -> bool:
        """Is there one with any of these urls?"""
        return not self._by_url.keys().isdisjoint(urls)

    def first(self, *urls: str) -> Place | None:
        """The first of them."""
        if self._by_url:
            for url in urls:
                if url in self._by_url:
                    return self._by_url[url][0]
        return None

    def value(self, url: str, *names: str) -> Any:
        """The value that the first with this url has under one of these names, else None."""
        if url not in self._by_url:
            return None
        element, path = self._by_url[url][0]
        for name in names:
            if element.get(name) is not None:
                return element[name]
        self.unusable(element, path)
        return None

    def text(self, url: str, *names: str) -> str:
        """A value as text, "" without one."""
        if url not in self._by_url:
            return ""
        value = self.value(url, *(names or ("valueString", "valueMarkdown", "valueCode")))
        if value is None or isinstance(value, str):
            return clean_text(value) if value else ""
        self.unusable(*self._by_url[url][0])
        return ""

    def flag(self, url: str) -> bool:
        """A boolean, False without one."""
        if url not in self._by_url:
            return False
        value = self.value(url, "valueBoolean")
        if value is not None and not isinstance(value, bool):
            self.unusable(*self._by_url[url][0])
        return value is True

    def count(self, url: str) -> int | None:
        """A whole number from 0 up, None without one."""
        if url not in self._by_url:
            return None
        value = self.value(url, "valueInteger", "valuePositiveInt", "valueUnsignedInt")
        if value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0):
            return value
        self.unusable(*self._by_url[url][0])
        return None

    def member(self, url: str, closed_set: type[Named]) -> Named | None:
        """The member of a closed set that a code names, None without one."""
        if url not in self._by_url:
            return None
        element, path = self._by_url[url][0]
        found = member(closed_set, element.get("valueCode"))
        if found is None:
            self.unusable(element, path)
        return found

    def texts(self, url: str, *names: str) -> tuple[str, ...]:
        """The texts of all of them."""
        if url not in self._by_url:
            return ()
        found: list[str] = []
        for element, path in self._by_url[url]:
            value = next((element[name] for name in names if isinstance(element.get(name), str)), "")
            if value:
                found.append(clean_text(value))
            else:
                self.unusable(element, path)
        return tuple(found)

    def unusable(self, element: Json, path: str) -> None:
        """Say that an extension is there and says nothing that can be used."""
        name = str(element.get("url")).rpartition("/")[2]
        self._reader.report("element.extension", path, link_id=self.link_id, name=name)


def extension(json: object, *urls: str) -> Json | None:
    """The first extension with one of the urls, the first url before the second; None without one."""
    if not isinstance(json, dict | Mapping):
        return None
    extensions = json.get("extension")
    if not isinstance(extensions, list | tuple):
        return None
    for url in urls:
        for candidate in extensions:
            if isinstance(candidate, Mapping) and candidate.get("url") == url:
                return candidate
    return None


def extension_value(json: object, url: str, *names: str) -> Any:
    """The extension's value if it has one of these names (`valueInteger`), else None."""
    found = extension(json, url)
    if found is None:
        return None
    return next((found[name] for name in names if found.get(name) is not None), None)


def extension_text(json: object, url: str, *names: str) -> str:
    """The extension's value as text, "" without one."""
    value = extension_value(json, url, *(names or ("valueString", "valueMarkdown", "valueCode")))
    return clean_text(value) if isinstance(value, str) else ""


_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def translations_of(json: object, name: str) -> Mapping[str, str]:
    """What the element `name` of an object is in other languages (extension translation): language → text.

    Translations stand on the primitive's shadow: `_text` beside `text`. One without language or text says nothing.
    """
    shadow = json.get(f"_{name}") if isinstance(json, dict | Mapping) else None
    if (
        shadow is None
        or not isinstance(shadow, Mapping)
        or not isinstance(shadow.get("extension"), list | tuple)
    ):
        return _NO_WORDS
    found: dict[str, str] = {}
    for element in shadow["extension"]:
        if isinstance(element, Mapping) and element.get("url") == TRANSLATION:
            language = extension_value(element, "lang", "valueCode", "valueString")
            words = extension_text(element, "content", "valueString", "valueMarkdown")
            if isinstance(language, str) and language and words:
                found.setdefault(language, words)
    return MappingProxyType(found) if found else _NO_WORDS
