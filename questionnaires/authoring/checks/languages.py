"""Languages that were begun: what is missing, and what was changed since it was translated."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from questionnaires.authoring.checks.hints import Hint, Level
from questionnaires.authoring.translations import languages_in, own_language, progress, texts_of
from questionnaires.engine.issues import Both


def language_hints(source: Mapping[str, Any], name_of_language: Callable[[str], Both]) -> Iterator[Hint]:
    """One for each language that misses something, and one for each in which something is old."""
    texts = texts_of(source)
    for code in languages_in(texts, own_language(source)):
        found, name = progress(texts, code), name_of_language(code)
        if found.missing:
            yield Hint(
                Level.SHOULD,
                "language.missing",
                Both(
                    f"Oversættelsen til {name.da} mangler {found.missing} af {found.every} tekster.",
                    f"The translation to {name.en} misses {found.missing} of {found.every} texts.",
                ),
                name=code,
            )
        if found.changed:
            yield Hint(
                Level.SHOULD,
                "language.changed",
                Both(
                    f"{found.changed} {'tekst er' if found.changed == 1 else 'tekster er'} ændret, efter at "
                    f"{'den' if found.changed == 1 else 'de'} blev oversat til {name.da}.",
                    f"{found.changed} {'text was' if found.changed == 1 else 'texts were'} changed after "
                    f"{'it was' if found.changed == 1 else 'they were'} translated to {name.en}.",
                ),
                name=code,
            )
