"""When an element is shown: what that has become."""

from collections.abc import Iterator, Mapping

from .places import Place
from .sentences import Difference, Source, about, listed, quoted, said


def condition_changes(
    before: Source, after: Source, former: Mapping[str, Place], latter: Mapping[str, Place]
) -> Iterator[Difference]:
    """One sentence with both conditions, where they differ."""
    names = ("enableWhen", "enableBehavior")
    if all(before.get(name) == after.get(name) for name in names):
        return
    old, old_english = _condition_of(before, former)
    new, new_english = _condition_of(after, latter)
    yield about(
        "changed", after,
        f"{quoted(after)} vises nu {new} (før: {old}).",
        f"{quoted(after, 1)} is now shown {new_english} (before: {old_english}).",
    )  # fmt: skip


_COMPARED = {
    "=": ("er", "is"),
    "!=": ("ikke er", "is not"),
    ">": ("er over", "is above"),
    ">=": ("er mindst", "is at least"),
    "<": ("er under", "is below"),
    "<=": ("er højst", "is at most"),
}


def _condition_of(item: Source, places: Mapping[str, Place]) -> tuple[str, str]:
    """“når »Har du smerter?« er »Ja«”, in both languages; “altid” without a condition."""
    parts = [one for one in listed(item.get("enableWhen")) if isinstance(one, Mapping)]
    if not parts:
        return "altid", "always"
    every = item.get("enableBehavior") != "any"
    sentences = [_one_condition(one, places) for one in parts]
    return (
        "når " + (" og " if every else " eller ").join(danish for danish, _ in sentences),
        "when " + (" and " if every else " or ").join(english for _, english in sentences),
    )


def _one_condition(condition: Source, places: Mapping[str, Place]) -> tuple[str, str]:
    asked = places.get(str(condition.get("question", "")))
    question = asked.item if asked is not None else {}
    value = next((value for name, value in condition.items() if str(name).startswith("answer")), None)
    if condition.get("operator") == "exists":
        danish, english = ("er besvaret", "is answered") if value else ("ikke er besvaret", "is not answered")
        return f"{quoted(question)} {danish}", f"{quoted(question, 1)} {english}"
    danish, english = _COMPARED.get(str(condition.get("operator")), ("passer med", "fits"))
    return (
        f"{quoted(question)} {danish} {said(value)}",
        f"{quoted(question, 1)} {english} {said(value, 1)}",
    )
