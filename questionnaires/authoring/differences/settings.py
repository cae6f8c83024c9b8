"""What extensions say of an element: limits, units, calculations, texts of fields, and all others."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from questionnaires.engine import extension_urls as urls

from .sentences import Difference, Source, about, in_quotes, listed, quoted, word_of

_EXTENSIONS: dict[str, tuple[str, str]] = {
    urls.ANSWER_SIGNIFICANCE: ("Reglerne for farver", "The rules for colours"),
    urls.FEEDBACK: ("Det, borgeren får at vide om sit tal,", "What the citizen is told about their number"),
    urls.CALCULATED: ("Beregningen", "The calculation"),
    urls.INITIAL_EXPRESSION: ("Det, der står fra start,", "What stands there from the beginning"),
    urls.ENABLE_WHEN_EXPRESSION: ("Betingelsen", "The condition"),
    urls.HIDDEN: ("Om det bliver vist for borgeren,", "Whether the citizen sees it"),
    urls.HELP_TEXT: ("Hjælpeteksten", "The help text"),
    urls.UNIT: ("Enheden", "The unit"),
    urls.UNIT_OPTION: ("Enhederne at vælge imellem", "The units to choose from"),
    urls.ITEM_CONTROL: ("Måden at svare på", "The way to answer"),
    urls.CHOICE_ORIENTATION: ("Svarenes retning", "The direction of the answers"),
    urls.MIN_OCCURS: ("Det mindste antal svar", "The least number of answers"),
    urls.MAX_OCCURS: ("Det højeste antal svar", "The greatest number of answers"),
    **dict.fromkeys(urls.MIN_VALUES, ("Den mindste værdi", "The least value")),
    **dict.fromkeys(urls.MAX_VALUES, ("Den højeste værdi", "The greatest value")),
    **dict.fromkeys(
        urls.CONSTRAINTS, ("Reglen for, hvad der kan svares,", "The rule for what can be answered")
    ),
    **dict.fromkeys(urls.SLIDER_STEPS, ("Skalaens trin", "The steps of the scale")),
    **dict.fromkeys(urls.ITEM_MEDIA, ("Billedet", "The picture")),
    urls.IMAGE: ("Billedet", "The picture"),
    **dict.fromkeys(urls.SHORT_TEXTS, ("Det korte navn", "The short name")),
    urls.REGEX: ("Reglen for, hvordan svaret skal se ud,", "The rule for what the answer must look like"),
    urls.ENTRY_FORMAT: ("Vejledningen i feltet", "The guidance in the field"),
    urls.OPEN_LABEL: ("Teksten ved feltet til egne ord", "The text at the field for own words"),
    urls.MIN_LENGTH: ("Den korteste tekst, man kan skrive,", "The shortest text that can be written"),
    urls.MIME_TYPE: ("De filer, der må sendes,", "The files that may be sent"),
    urls.MAX_SIZE: ("Den største fil, der må sendes,", "The largest file that may be sent"),
}
_SAID_AS_THEY_ARE = frozenset(
    {
        urls.UNIT, urls.UNIT_OPTION, urls.MIN_OCCURS, urls.MAX_OCCURS, urls.MIN_LENGTH, urls.ENTRY_FORMAT,
        urls.OPEN_LABEL, *urls.MIN_VALUES, *urls.MAX_VALUES, *urls.SLIDER_STEPS, *urls.SHORT_TEXTS,
    }
)  # fmt: skip
"""Values that are words and numbers: what it was and what it is now stand in the sentence."""


def setting_changes(before: Source, after: Source, told: Sequence[str] = ()) -> Iterator[Difference]:
    """Of all extensions but those of which something was `told` already."""
    old, new = _by_url(before), _by_url(after)
    said: set[tuple[str, str]] = set()
    for url in sorted(old.keys() | new.keys(), key=lambda url: (url not in _EXTENSIONS, url)):
        if url in told or old.get(url) == new.get(url):
            continue
        name = _EXTENSIONS.get(url, ("En anden indstilling", "Another setting"))
        if name in said:
            continue
        said.add(name)
        if url in _SAID_AS_THEY_ARE and (became := _became(old.get(url, []), new.get(url, []))):
            yield about(
                "changed", after,
                f"{name[0]} {became[0]} for {quoted(after)}.", f"{name[1]} {became[1]} for {quoted(after, 1)}.",
            )  # fmt: skip
            continue
        what = (
            ("er fjernet", "was removed")
            if url not in new
            else ("er kommet til", "is new")
            if url not in old
            else ("er ændret", "has changed")
        )
        yield about(
            "changed", after,
            f"{name[0]} {what[0]} for {quoted(after)}.", f"{name[1]} {what[1]} for {quoted(after, 1)}.",
        )  # fmt: skip
    if old == new and before.get("extension") != after.get("extension"):
        yield about(
            "changed", after,
            f"Rækkefølgen af indstillinger for {quoted(after)} er ændret.",
            f"The order of the settings of {quoted(after, 1)} has changed.",
        )  # fmt: skip


def _became(old: Sequence[Any], new: Sequence[Any]) -> tuple[str, str] | None:
    """“er ændret fra »10« til »7«”, in both languages; None where words cannot tell them apart."""
    if len(new) > 1 or len(old) > 1:
        return _became_several(old, new)
    if len(new) != 1 or word_of(new[0]) in ("", word_of(old[0]) if old else ""):
        return None
    now, now_english = _as_read(new[0]), _as_read(new[0], 1)
    if not old:
        return f"er nu {now}", f"is now {now_english}"
    return (
        f"er ændret fra {_as_read(old[0])} til {now}",
        f"has changed from {_as_read(old[0], 1)} to {now_english}",
    )


def _became_several(old: Sequence[Any], new: Sequence[Any]) -> tuple[str, str] | None:
    """“er nu »kg«, »lb« (før: »kg«)”, in both languages; None where words cannot tell them apart."""
    if not new or [word_of(one) for one in old] == [word_of(one) for one in new]:
        return None
    now, now_english = (", ".join(_as_read(one, english) for one in new) for english in (0, 1))
    if not old:
        return f"er nu {now}", f"are now {now_english}"
    was, was_english = (", ".join(_as_read(one, english) for one in old) for english in (0, 1))
    return f"er nu {now} (før: {was})", f"are now {now_english} (before: {was_english})"


def _as_read(extension: object, english: int = 0) -> str:
    """The value in quotation marks; a number with the comma of the language."""
    word = word_of(extension)
    if not english and isinstance(extension, Mapping) and isinstance(extension.get("valueDecimal"), float):
        word = word.replace(".", ",")
    return in_quotes(word, english)


def _by_url(item: Source) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in listed(item.get("extension")):
        url = one.get("url") if isinstance(one, Mapping) else ""
        found.setdefault(str(url), []).append(one)
    return found
