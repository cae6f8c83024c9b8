"""The answers to choose from: which are new, gone, called or counted otherwise, or stand in another order."""

from collections.abc import Iterator, Mapping

from questionnaires.authoring import extensions
from questionnaires.authoring.answers import prefix_of
from questionnaires.engine import extension_urls as urls

from .sentences import Difference, Source, about, listed, quoted, said, word_of


def option_changes(before: Source, after: Source) -> Iterator[Difference]:
    """Matched by what is stored when one is chosen, which stays when the words change."""
    old, new = _by_value(before), _by_value(after)
    for key, option in new.items():
        if key not in old:
            yield about(
                "changed", after,
                f"Svaret {said(option)} er nyt i {quoted(after)}.",
                f"The answer {said(option, 1)} is new in {quoted(after, 1)}.",
            )  # fmt: skip
        elif word_of(old[key]) != word_of(option):
            yield about(
                "changed", after,
                f"Svaret {said(old[key])} hedder nu {said(option)} i {quoted(after)}.",
                f"The answer {said(old[key], 1)} is now called {said(option, 1)} in {quoted(after, 1)}.",
            )  # fmt: skip
        if key not in old:
            continue
        was, now = prefix_of(old[key]), prefix_of(option)
        if was != now:
            yield about(
                "changed", after,
                f"Foran svaret {said(option)} i {quoted(after)} står nu {said(now)} (før: {said(was)}).",
                f"Before the answer {said(option, 1)} in {quoted(after, 1)} stands {said(now, 1)} now"
                f" (before: {said(was, 1)}).",
            )  # fmt: skip
        is_said = was != now or word_of(old[key]) != word_of(option)
        if _beside_words(old[key]) != _beside_words(option) or (old[key] != option and not is_said):
            yield about(
                "changed", after,
                f"Svaret {said(option)} i {quoted(after)} tæller eller opfører sig anderledes.",
                f"The answer {said(option, 1)} in {quoted(after, 1)} counts or behaves differently.",
            )  # fmt: skip
    for key, option in old.items():
        if key not in new:
            yield about(
                "changed", after,
                f"Svaret {said(option)} er fjernet fra {quoted(after)}.",
                f"The answer {said(option, 1)} was removed from {quoted(after, 1)}.",
            )  # fmt: skip
    if old.keys() == new.keys() and list(old) != list(new):
        yield about(
            "changed", after,
            f"Svarene i {quoted(after)} står i en anden rækkefølge.",
            f"The answers in {quoted(after, 1)} stand in another order.",
        )  # fmt: skip
    elif list(old.values()) == list(new.values()) and before.get("answerOption") != after.get("answerOption"):
        yield about(
            "changed", after,
            f"Svarene i {quoted(after)} er ændret.",
            f"The answers in {quoted(after, 1)} have changed.",
        )  # fmt: skip


def _beside_words(option: Source) -> Source:
    """An option without what has a sentence of its own: its words, and what stands before them."""
    plain, coding = extensions.without(option, urls.OPTION_PREFIX), option.get("valueCoding")
    if isinstance(coding, Mapping):
        bare = extensions.without(coding, urls.OPTION_PREFIX)
        plain["valueCoding"] = {name: part for name, part in bare.items() if name != "display"}
    return plain


def _by_value(item: Source) -> dict[str, Source]:
    """The options by what is stored when one is chosen: it stays when the words change."""
    found: dict[str, Source] = {}
    for option in listed(item.get("answerOption")):
        if isinstance(option, Mapping):
            coding = option.get("valueCoding")
            if isinstance(coding, Mapping) and coding.get("code"):
                key = f"{coding.get('system', '')}|{coding['code']}"
            else:
                key = repr(next((value for name, value in option.items() if name.startswith("value")), None))
            found.setdefault(key, option)
    return found
