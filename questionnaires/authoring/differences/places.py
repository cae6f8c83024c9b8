"""Where the elements of a version stand, and which of them were moved."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .sentences import Source, listed


@dataclass(frozen=True, slots=True)
class Place:
    """An element, the link id of the one above it, and how many siblings come before it."""

    item: Source
    parent: str | None
    number: int


def places_of(source: Source) -> dict[str, Place]:
    """Every element by link id, in the questionnaire's order; of two with the same id the first."""
    found: dict[str, Place] = {}

    def walk(items: object, parent: str | None) -> None:
        for number, item in enumerate(listed(items)):
            if not isinstance(item, Mapping):
                continue
            link_id = str(item.get("linkId", ""))
            found.setdefault(link_id, Place(item, parent, number))
            walk(item.get("item"), link_id)

    walk(source.get("item"), None)
    return found


def names_in(places: Mapping[str, Place]) -> dict[str, str]:
    """What the elements are called, by link id."""
    return {link_id: str(place.item.get("text") or "") for link_id, place in places.items()}


def moved_among(former: Mapping[str, Place], latter: Mapping[str, Place]) -> set[str]:
    """What stands under another heading, or has changed places with its neighbours; as few as explain the order."""
    moved = {one for one in latter if one in former and former[one].parent != latter[one].parent}
    by_parent: dict[str | None, list[str]] = {}
    for link_id, place in latter.items():
        if link_id in former and link_id not in moved:
            by_parent.setdefault(place.parent, []).append(link_id)
    for siblings in by_parent.values():
        stayed = _longest_rising([former[one].number for one in siblings])
        moved |= {one for place, one in enumerate(siblings) if place not in stayed}
    return moved


def _longest_rising(numbers: Sequence[int]) -> set[int]:
    """The places of a longest part of `numbers` that rises all the way."""
    ends: list[int] = []
    before: list[int] = []
    for place, number in enumerate(numbers):
        low, high = 0, len(ends)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if numbers[ends[middle]] < number else (low, middle)
        before.append(ends[low - 1] if low else -1)
        ends[low:] = [place, *ends[low + 1 :]]
    found: set[int] = set()
    place = ends[-1] if ends else -1
    while place >= 0:
        found.add(place)
        place = before[place]
    return found
