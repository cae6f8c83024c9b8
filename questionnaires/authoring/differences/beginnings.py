"""The answers that a question begins with."""

from collections.abc import Mapping

from questionnaires.engine.display import date_text, date_time_text, number_text, time_text
from questionnaires.engine.values import decimal_of

from .sentences import NOTHING, Difference, Source, about, listed, quoted, said


def beginning_change(before: Source, after: Source) -> Difference:
    """Of two that differ: what it was and what it is, as far as words tell them apart."""
    (old, old_english), (new, new_english) = _begins(before), _begins(after)
    if old == new:
        return about(
            "changed", after,
            f"Det, der står fra start i {quoted(after)}, er ændret.",
            f"What stands in {quoted(after, 1)} from the beginning has changed.",
        )  # fmt: skip
    return about(
        "changed", after,
        f"{quoted(after)} begynder nu med {new} (før: {old}).",
        f"{quoted(after, 1)} now begins with {new_english} (before: {old_english}).",
    )  # fmt: skip


def _begins(item: Source) -> tuple[str, str]:
    """The answers that it begins with, in both languages; “ingenting” without any."""
    words: tuple[list[str], list[str]] = ([], [])
    for one in listed(item.get("initial")):
        for name, value in one.items() if isinstance(one, Mapping) else ():
            for english in (0, 1):
                words[english].append(said(_as_answered(name, value, english), english))
    return ", ".join(words[0]) or NOTHING[0], ", ".join(words[1]) or NOTHING[1]


_AS_READ = {"valueDate": date_text, "valueDateTime": date_time_text, "valueTime": time_text}


def _as_answered(name: str, value: object, english: int) -> object:
    """Dates, times and numbers as people write them; anything else as it is."""
    number = decimal_of(value.get("value") if isinstance(value, Mapping) else value)
    if number is not None:
        words = number_text(number, ("da", "en")[english])
        unit = value.get("unit") or value.get("code") if isinstance(value, Mapping) else ""
        return f"{words} {unit}" if unit else words
    return _AS_READ[name](value) if name in _AS_READ and isinstance(value, str) else value
