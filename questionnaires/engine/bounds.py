"""How large a questionnaire or a response may be, measured without ever recursing into it."""

from collections.abc import Mapping
from dataclasses import dataclass

from .issues import Issue, make_issue

DEEPEST_JSON = 200
"""Layers of objects and lists; the deepest form of real life has about 40."""


_CONTAINERS = (dict, list, tuple)


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
    layer: list[object] = [resource]
    for _ in range(DEEPEST_JSON):
        below: list[object] = []
        for value in layer:
            if isinstance(value, str):
                size += len(value) if value.isascii() else len(value.encode("utf-8", "surrogatepass"))
            elif isinstance(value, _CONTAINERS):  # before Mapping, whose check is many times as slow
                below.extend(value)
                if isinstance(value, dict):
                    below.extend(value.values())
            elif isinstance(value, Mapping):
                below.extend(value)
                below.extend(value.values())
            size += 1
            if size > bounds.max_bytes:
                root = "Questionnaire" if what == "questionnaire" else "QuestionnaireResponse"
                return make_issue(f"{what}.too-large", root, limit=bounds.max_bytes)
        if not below:
            return None
        layer = below
    root = "Questionnaire" if what == "questionnaire" else "QuestionnaireResponse"
    return make_issue(f"{what}.too-nested", root, limit=DEEPEST_JSON)
