"""A questionnaire in another of its languages: the same items and link ids, only the words differ.

    languages_of(definition)             -> ("ar", "en"): those that nothing is missing in
    worded(definition, "ar")             -> a Definition to show; what is saved and judged stays the first one's

A language counts when every text and option that people read has it: half a questionnaire in Arabic is read aloud
wrongly and understood worse. Titles, descriptions and units may be missing: they stay as they are.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from .definition import Definition, Feedback, Item, Option, Page, in_language, unit_key

_WORDS = ("text", "prefix", "short_text", "help_text", "open_label", "unit", "lower_label", "upper_label")
"""The attributes of an item that are read."""

_MUST_BE_THERE = ("text", "help_text", "lower_label", "upper_label")
"""Those of them without which a language is not whole."""


def languages_of(definition: Definition) -> tuple[str, ...]:
    """The languages beside its own that the whole questionnaire is in, in alphabetical order."""
    texts = [words for item in definition.walk() if not item.is_concealed for words in _read_in(item)]
    if not texts:
        return ()
    known = {code for words in texts for code in words}
    own = definition.language.lower()
    return tuple(
        sorted(code for code in known if code.lower() != own and all(_is_in(words, code) for words in texts))
    )


def _read_in(item: Item) -> Iterator[Mapping[str, str]]:
    """What each text of the item, and each of its options, is called in other languages."""
    for attribute in _MUST_BE_THERE:
        if getattr(item, attribute):
            yield item.translations.get(attribute, {})
    if item.xhtml and not item.text:
        yield {}
    for option in item.options:
        if any(character.isalpha() for character in option.label):
            yield option.translations
    for feedback in item.feedback:
        yield feedback.translations


def _is_in(words: Mapping[str, str], language: str) -> bool:
    return bool(in_language("", words, language))


def worded(definition: Definition, language: str) -> Definition:
    """The questionnaire in `language`, one of `languages_of`; formatted texts give way to the plain translated ones."""
    made: dict[str, Item] = {}
    items = tuple(_item(item, language, made) for item in definition.items)
    return replace(
        definition,
        title=definition.translated("title", language),
        description=definition.translated("description", language),
        language=language,
        items=items,
        pages=tuple(_page(page, made) for page in definition.pages),
        sections=tuple(_page(page, made) for page in definition.sections),
        by_link_id={link_id: made.get(link_id, item) for link_id, item in definition.by_link_id.items()},
    )


def _item(item: Item, language: str, made: dict[str, Item]) -> Item:
    words: dict[str, Any] = {attribute: item.translated(attribute, language) for attribute in _WORDS}
    units = {key: in_language("", names, language) for key, names in item.unit_translations.items()}
    if item.unit_coding is not None and units.get(unit_key(item.unit_coding)):
        words["unit"] = units[unit_key(item.unit_coding)]
    new = replace(
        item,
        **words,
        unit_words={key: name for key, name in units.items() if name},
        xhtml="",
        help_xhtml="",
        entry_format="",
        options=tuple(_option(option, language) for option in item.options),
        feedback=tuple(_feedback(feedback, language) for feedback in item.feedback),
        items=tuple(_item(child, language, made) for child in item.items),  # as deep as the bounds allow
    )
    made[item.link_id] = new
    return new


def _option(option: Option, language: str) -> Option:
    return replace(option, label=option.label_in(language), xhtml="")


def _feedback(feedback: Feedback, language: str) -> Feedback:
    return replace(feedback, text=feedback.text_in(language))


def _page(page: Page, made: Mapping[str, Item]) -> Page:
    group = made[page.group.link_id] if page.group is not None else None
    groups = tuple(made[one.link_id] for one in page.groups)
    above = group or next(iter(groups), None)
    return replace(
        page,
        title=above.heading if above is not None else page.title,
        items=tuple(made[item.link_id] for item in page.items),
        group=group,
        groups=groups,
    )
