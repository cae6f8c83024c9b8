"""What is different between two versions of a questionnaire, in sentences that a nurse reads. Pure.

    for difference in differences(former.source, latter.source):
        difference.text("da")        # “Teksten er ændret fra »Ondt?« til »Har du ondt?«.”

Elements are matched by link id, which stays when an element is moved or reworded. Two documents without a difference
are the same but for their address, version, status and dates.
"""

from collections.abc import Iterable, Iterator, Mapping

from .elements import element_changes
from .places import Place, moved_among, places_of
from .sentences import Difference, Source, about, from_to, own, quoted

__all__ = ["Difference", "by_element", "differences"]

_OF_THE_VERSION = frozenset(
    {"id", "url", "version", "status", "date", "meta", "derivedFrom", "resourceType", "item", "text"}
)
"""What says which version it is, and not what is asked. `text` is FHIR's narrative, made from the rest."""
_OTHERS = Difference(
    "changed",
    "",
    "",
    "Andre oplysninger om spørgeskemaet er ændret.",
    "Other facts about the questionnaire have changed.",
)


def differences(before: Source, after: Source) -> tuple[Difference, ...]:
    """From `before` to `after`: the questionnaire's own first, then each element in the order of `after`."""
    found = tuple(_all(before, after))
    if not found and before.get("item") != after.get("item"):
        return (_OTHERS,)
    return found


def _all(before: Source, after: Source) -> Iterator[Difference]:
    yield from _document(before, after)
    former, latter = places_of(before), places_of(after)
    moved = moved_among(former, latter)
    for link_id, place in latter.items():
        if link_id not in former:
            yield _new(place, latter)
            continue
        old = former[link_id]
        if link_id in moved:
            yield _move(place, old, latter)
        yield from element_changes(old.item, place.item, former, latter)
    for link_id, place in former.items():
        if link_id not in latter:
            yield about(
                "removed", place.item,
                f"{_what(place.item)[0]} {quoted(place.item)} er fjernet.",
                f"{_what(place.item)[1]} {quoted(place.item, 1)} was removed.",
            )  # fmt: skip


_OWN_WORDS = {
    "title": ("Titlen", "The title"),
    "description": ("Beskrivelsen", "The description"),
    "purpose": ("Formålet", "The purpose"),
    "copyright": ("Ophavsretten", "The copyright"),
    "language": ("Sproget", "The language"),
}


def _document(before: Source, after: Source) -> Iterator[Difference]:
    for name, (danish, english) in _OWN_WORDS.items():
        if before.get(name) != after.get(name):
            yield own(*from_to(danish, english, before.get(name), after.get(name)))
    names = (before.keys() | after.keys()) - _OF_THE_VERSION - _OWN_WORDS.keys()
    if any(before.get(name) != after.get(name) for name in names):
        yield own(
            "Andre oplysninger om spørgeskemaet er ændret.",
            "Other facts about the questionnaire have changed.",
        )


def _new(place: Place, places: Mapping[str, Place]) -> Difference:
    danish, english = _what(place.item)
    where, where_english = _under(place, places)
    new = "ny" if place.item.get("type") == "display" else "nyt"
    return about(
        "new", place.item,
        f"{danish} {quoted(place.item)} er {new}{where}.",
        f"{english} {quoted(place.item, 1)} is new{where_english}.",
    )  # fmt: skip


def _move(place: Place, old: Place, places: Mapping[str, Place]) -> Difference:
    danish, english = _what(place.item)
    where, where_english = _under(place, places) if old.parent != place.parent else ("", "")
    return about(
        "moved", place.item,
        f"{danish} {quoted(place.item)} er flyttet{where}.",
        f"{english} {quoted(place.item, 1)} was moved{where_english}.",
    )  # fmt: skip


def _under(place: Place, places: Mapping[str, Place]) -> tuple[str, str]:
    if place.parent is None or place.parent not in places:
        return "", ""
    above = places[place.parent].item
    return f" under {quoted(above)}", f" under {quoted(above, 1)}"


def _what(item: Source) -> tuple[str, str]:
    match item.get("type"):
        case "group":
            return "Afsnittet", "The section"
        case "display":
            return "Teksten", "The text"
    return "Spørgsmålet", "The question"


def by_element(found: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """The sentences under the text of the element that they are about, in their order."""
    grouped: dict[str, tuple[str, list[Difference]]] = {}
    for one in found:
        grouped.setdefault(one.link_id, (one.label, []))[1].append(one)
    return list(grouped.values())
