"""How large a questionnaire or a response may be, measured without ever recursing into it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .issues import Issue, make_issue

DEEPEST_JSON = 200
"""Layers of objects and lists; the deepest form of real life has about 40."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What is accepted: bytes of JSON (about), items, and levels of items below each other (at most 100)."""

    max_bytes: int = 5_000_000
    max_items: int = 5_000
    max_depth: int = 20

    def __post_init__(self) -> None:
        """Refuse a depth that the rest of the engine, which recurses over items, could not bear."""
        if not 1 <= self.max_depth <= 100:
            raise ValueError(f"max_depth must be from 1 to 100, not {self.max_depth}")


def measure(resource: object, bounds: Bounds, *, what: str) -> Issue | None:
    """The issue of a resource that is too large or too nested, else None. `what`: questionnaire or response.

    Bytes are counted from below (texts, names, and one for anything else), which is near enough for a limit.
    """
    size = 0
    root = "Questionnaire" if what == "questionnaire" else "QuestionnaireResponse"
    layer: list[Any] = [resource]
    for _ in range(DEEPEST_JSON):
        below: list[Any] = []
        texts: list[str] = []
        for value in layer:
            # Exact types first: they are nearly all there is, and `Mapping` takes many times as long to ask for.
            kind = type(value)
            if kind is str:
                texts.append(value)
            elif kind is dict or isinstance(value, Mapping):
                texts.extend(map(str, value))
                below.extend(value.values())
            elif kind is list or isinstance(value, list | tuple):
                below.extend(value)
            elif isinstance(value, str):
                texts.append(value)
        joined = "".join(texts)
        size += len(layer) + (
            len(joined) if joined.isascii() else len(joined.encode("utf-8", "surrogatepass"))
        )
        if size > bounds.max_bytes:
            return make_issue(f"{what}.too-large", root, limit=bounds.max_bytes)
        if not below:
            return None
        layer = below
    return make_issue(f"{what}.too-nested", root, limit=DEEPEST_JSON)
