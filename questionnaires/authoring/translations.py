"""Every text of a questionnaire that people read, with what it is in other languages, and writing those.

    texts_of(source)                                      -> each with its kind, its words, its translations
    translated(source, "en", [Wanted(key, seen, was, "Are you in pain?")])  -> the source with it, saved and refused

A translation stands where the engine reads it: in FHIR's extension `translation` on the text's shadow element
(`_text` beside `text`), for codes of a value set in `designation`. Beside it stands what it was made from, in an
extension of our own: so a text that is changed afterwards is found, wherever the question is moved or copied to, and in
whichever version.

    {"url": "https://kommunalpro.dk/fhir/StructureDefinition/translated-from", "extension": [
        {"url": "lang", "valueCode": "en"}, {"url": "content", "valueString": "Har du smerter?"}
    ]}
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from hashlib import sha256
from types import MappingProxyType
from typing import Any

from questionnaires.engine.definition import unit_key
from questionnaires.engine.extension_urls import (
    CONSTRAINTS,
    FEEDBACK,
    HELP_TEXT,
    HIDDEN,
    INSTRUCTION,
    ITEM_CONTROL,
    OPEN_LABEL,
    SHORT_TEXTS,
    TRANSLATION,
    UNIT,
    UNIT_OPTION,
    USAGE_MODE,
)
from questionnaires.engine.issues import Both
from questionnaires.engine.reading import clean_text, elements, extension_text, extension_value
from questionnaires.engine.vocabulary import UsageMode

TRANSLATED_FROM = "https://kommunalpro.dk/fhir/StructureDefinition/translated-from"

LONGEST_TRANSLATION = 20_000
"""Characters of one translated text."""

Json = Mapping[str, Any]
Steps = tuple[str | int, ...]


class Kind(StrEnum):
    """What a text is for those who read it."""

    TITLE = "title"
    DESCRIPTION = "description"
    SECTION = "section"
    QUESTION = "question"
    TEXT = "text"
    PREFIX = "prefix"
    SHORT = "short"
    HELP = "help"
    UNIT = "unit"
    LOWER = "lower"
    UPPER = "upper"
    OPTION = "option"
    OPEN_LABEL = "open"
    FEEDBACK = "feedback"
    CONSTRAINT = "constraint"


class State(StrEnum):
    """How far a text is in one language."""

    MISSING = "missing"
    CHANGED = "changed"
    DONE = "done"


_NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Text:
    """One text. `key` names it, `link_id` the item it belongs to (None for the questionnaire's own).

    `made_from`: by language, what the text was when it was translated, as far as that is known. `is_needed`: a language
    is not shown to citizens before it has this text, too. `place` and `name` say where it stands in the JSON; `twins`
    are the places where the same stands once more, and is written along.
    """

    key: str
    kind: Kind
    link_id: str | None
    words: str
    place: Steps
    name: str
    is_needed: bool = True
    is_designation: bool = False
    twins: tuple[Steps, ...] = ()
    translations: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    made_from: Mapping[str, str] = field(default_factory=lambda: _NOTHING)

    def state(self, language: str) -> State:
        """Missing, changed since it was translated, or done."""
        if not self.translations.get(language):
            return State.MISSING
        made_from = self.made_from.get(language)
        return State.CHANGED if made_from is not None and made_from != self.words else State.DONE

    @property
    def fingerprint(self) -> str:
        """Names the words, for a form to say which it was filled in from."""
        return mark_of(self.words)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A translation as somebody wrote it. `seen` and `was` mark (`mark_of`) the text and the translation they saw.

    `confirms`: the translation still fits, though the text was changed.
    """

    key: str
    seen: str
    was: str
    words: str
    confirms: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The source as it now is, the keys of what was changed in it, and why others were not."""

    source: dict[str, Any]
    saved: frozenset[str] = frozenset()
    refused: Mapping[str, Both] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Progress:
    """Of a language: how many texts there are, have a translation, and were changed since."""

    every: int
    done: int
    changed: int

    @property
    def missing(self) -> int:
        """How many have no translation."""
        return self.every - self.done


def mark_of(words: str) -> str:
    """A short name for a text."""
    return sha256(words.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def own_language(source: Json) -> str:
    """What the texts themselves are written in; Danish where nothing is said."""
    language = source.get("language")
    return language if isinstance(language, str) and language else "da"


def languages_in(texts: Sequence[Text], own: str) -> tuple[str, ...]:
    """The languages that any text has a translation to, in alphabetical order."""
    return tuple(sorted({code for text in texts for code in text.translations if code != own}))


def progress(texts: Sequence[Text], language: str) -> Progress:
    """How far a language is."""
    states = [text.state(language) for text in texts]
    return Progress(
        every=len(states),
        done=sum(state is not State.MISSING for state in states),
        changed=sum(state is State.CHANGED for state in states),
    )


# --- finding ------------------------------------------------------------------------------------------------------

_COMPANIONS = {
    "help": Kind.HELP,
    "flyover": Kind.HELP,
    "unit": Kind.UNIT,
    "lower": Kind.LOWER,
    "upper": Kind.UPPER,
}
_ONE_TEXT = {
    **dict.fromkeys(SHORT_TEXTS, Kind.SHORT),
    OPEN_LABEL: Kind.OPEN_LABEL,
    INSTRUCTION: Kind.HELP,
}
_PARTS = {
    HELP_TEXT: ("text", Kind.HELP),
    FEEDBACK: ("value", Kind.FEEDBACK),
    **dict.fromkeys(CONSTRAINTS, ("human", Kind.CONSTRAINT)),
}
_NEEDED = frozenset(Kind) - {
    Kind.TITLE,
    Kind.DESCRIPTION,
    Kind.PREFIX,
    Kind.SHORT,
    Kind.UNIT,
    Kind.OPEN_LABEL,
    Kind.CONSTRAINT,
}
"""Those without which `engine.languages_of` does not count a language."""


def texts_of(source: Json) -> tuple[Text, ...]:
    """Every text in the order in which it is read; codes of contained value sets last. Takes any JSON."""
    return tuple(_with_own_keys(_found(source)))


def _with_own_keys(texts: Iterator[Text]) -> Iterator[Text]:
    seen: dict[str, int] = {}
    for text in texts:
        number = seen[text.key] = seen.get(text.key, -1) + 1
        yield replace(text, key=f"{text.key}/{number}")


def _found(source: Json) -> Iterator[Text]:
    yield from _text(source, "title", (), Kind.TITLE)
    yield from _text(source, "description", (), Kind.DESCRIPTION)
    yield from _of_extensions(source, (), None, is_seen=True)
    waiting: list[tuple[Json, Steps, bool]]
    waiting = [(item, place, True) for item, place in _objects(source, "item", ())][::-1]
    while waiting:
        item, place, is_seen = waiting.pop()
        is_seen = is_seen and not _is_hidden(item)
        yield from _of_item(item, place, is_seen)
        below = [(child, way, is_seen) for child, way in _objects(item, "item", place)]
        waiting.extend(reversed(below))
    for resource, place in _objects(source, "contained", ()):
        yield from _of_contained(resource, place)


def _of_item(item: Json, place: Steps, is_seen: bool) -> Iterator[Text]:
    link_id = item.get("linkId")
    if not isinstance(link_id, str):
        return
    prefix = item.get("prefix")
    if isinstance(prefix, str) and sum(map(str.isalpha, prefix)) > 1:
        yield from _text(item, "prefix", place, Kind.PREFIX, link_id, is_seen)
    yield from _text(item, "text", place, _kind(item), link_id, is_seen)
    yield from _of_extensions(item, place, link_id, is_seen=is_seen)
    for option, way in _objects(item, "answerOption", place):
        coding = option.get("valueCoding")
        if isinstance(coding, Mapping):
            yield from _lettered(coding, "display", (*way, "valueCoding"), link_id, is_seen)
        else:
            yield from _lettered(option, "valueString", way, link_id, is_seen)


def _kind(item: Json) -> Kind:
    if item.get("type") == "group":
        return Kind.SECTION
    if item.get("type") != "display":
        return Kind.QUESTION
    concept = extension_value(item, ITEM_CONTROL, "valueCodeableConcept")
    codes = (
        [one.get("code") for one, _ in elements(concept, "coding", "")]
        if isinstance(concept, Mapping)
        else []
    )
    return next((_COMPANIONS[code] for code in codes if code in _COMPANIONS), Kind.TEXT)


def _is_hidden(item: Json) -> bool:
    mode = extension_value(item, USAGE_MODE, "valueCode")
    unseen = (UsageMode.DISPLAY.value, UsageMode.DISPLAY_NON_EMPTY.value)
    return extension_value(item, HIDDEN, "valueBoolean") is True or mode in unseen


def _of_extensions(element: Json, place: Steps, link_id: str | None, *, is_seen: bool) -> Iterator[Text]:
    units = _units(element, place, link_id, is_seen)
    for one, way in _objects(element, "extension", place):
        url = one.get("url")
        if not isinstance(url, str):
            continue
        if url in _ONE_TEXT:
            yield from _text(one, "valueString", way, _ONE_TEXT[url], link_id, is_seen)
        elif way in units:
            yield units[way]
        elif url in _PARTS:
            part_url, kind = _PARTS[url]
            for part, to_part in _objects(one, "extension", way):
                if part.get("url") == part_url:
                    yield from _text(part, "valueString", to_part, kind, link_id, is_seen)


def _units(element: Json, place: Steps, link_id: str | None, is_seen: bool) -> Mapping[Steps, Text]:
    """The units by where each is named first: the question's own stands among those to choose from once more."""
    named: dict[str, list[tuple[Steps, Json]]] = {}
    for one, way in _objects(element, "extension", place):
        coding = one.get("valueCoding")
        if one.get("url") in (UNIT, UNIT_OPTION) and isinstance(coding, Mapping):
            named.setdefault(unit_key(coding), []).append((way, coding))
    found = {}
    for (way, coding), *others in named.values():
        twins = [
            (*to, "valueCoding") for to, other in others if other.get("display") == coding.get("display")
        ]
        for text in _text(coding, "display", (*way, "valueCoding"), Kind.UNIT, link_id, is_seen):
            found[way] = replace(text, twins=tuple(twins))
    return found


def _of_contained(resource: Json, place: Steps) -> Iterator[Text]:
    """The codes of a value set or code system that the form brings along."""
    name = str(resource.get("id") or place[-1])
    lists: list[tuple[str, Json, Steps]] = []
    if resource.get("resourceType") == "CodeSystem":
        lists = [("concept", resource, place)]
    elif resource.get("resourceType") == "ValueSet":
        compose, expansion = resource.get("compose"), resource.get("expansion")
        if isinstance(compose, Mapping):
            lists = [("concept", one, way) for one, way in _objects(compose, "include", (*place, "compose"))]
        if isinstance(expansion, Mapping):
            lists.append(("contains", expansion, (*place, "expansion")))
    for list_name, holder, way in lists:
        waiting = [*_objects(holder, list_name, way)][::-1]
        while waiting:
            concept, here = waiting.pop()
            display = concept.get("display")
            if isinstance(display, str) and any(map(str.isalpha, display)):
                yield _designated(concept, display, here, f"#{name}/{concept.get('code')}")
            waiting.extend(reversed([*_objects(concept, list_name, here)]))


def _designated(concept: Json, display: str, place: Steps, key: str) -> Text:
    listed = [one for one, _ in elements(concept, "designation", "") if isinstance(one.get("language"), str)]
    return Text(
        key=key,
        kind=Kind.OPTION,
        link_id=None,
        words=clean_text(display),
        place=place,
        name="display",
        is_designation=True,
        translations={
            one["language"]: clean_text(one["value"]) for one in listed if isinstance(one.get("value"), str)
        },
        made_from={
            one["language"]: words
            for one in listed
            if (words := extension_text(one, TRANSLATED_FROM, "valueString"))
        },
    )


def _lettered(holder: Json, name: str, place: Steps, link_id: str | None, is_seen: bool) -> Iterator[Text]:
    """An option's text; one without a letter (5, 10–20) is the same everywhere."""
    words = holder.get(name)
    if isinstance(words, str) and any(map(str.isalpha, words)):
        yield from _text(holder, name, place, Kind.OPTION, link_id, is_seen)


def _text(
    holder: Json, name: str, place: Steps, kind: Kind, link_id: str | None = None, is_seen: bool = True
) -> Iterator[Text]:
    words = holder.get(name)
    if not isinstance(words, str) or not words.strip():
        return
    shadow = holder.get(f"_{name}")
    yield Text(
        key=f"{link_id or ''}/{kind}",
        kind=kind,
        link_id=link_id,
        words=clean_text(words),
        place=place,
        name=name,
        is_needed=is_seen and kind in _NEEDED,
        translations=_by_language(shadow, TRANSLATION),
        made_from=_by_language(shadow, TRANSLATED_FROM),
    )


def _by_language(shadow: object, url: str) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for one, _ in elements(shadow, "extension", "") if isinstance(shadow, Mapping) else ():
        if one.get("url") == url:
            language = extension_value(one, "lang", "valueCode", "valueString")
            words = extension_text(one, "content", "valueString", "valueMarkdown")
            if isinstance(language, str) and language and words:
                found.setdefault(language, words)
    return found


def _objects(holder: Json, name: str, place: Steps) -> Iterator[tuple[Json, Steps]]:
    listed = holder.get(name)
    if isinstance(listed, list | tuple):
        for index, one in enumerate(listed):
            if isinstance(one, Mapping):
                yield one, (*place, name, index)


# --- writing ------------------------------------------------------------------------------------------------------

_GONE = Both(
    "Teksten findes ikke mere. Hent siden igen.", "The text does not exist any more. Load the page again."
)
_OTHER_TEXT = Both(
    "Den danske tekst er ændret, siden du åbnede siden. Læs den, som den er nu, og gem igen.",
    "The Danish text has been changed since you opened the page. Read it as it is now, and save again.",
)
_OTHER_TRANSLATION = Both(
    "En anden har oversat teksten imens. Se oversættelsen, som den er nu, og gem igen, hvis din skal gælde.",
    "Somebody else has translated the text meanwhile. See it as it is now, and save again if yours is to count.",
)
_TOO_LONG = Both(
    "Oversættelsen er for lang. Skriv højst 20.000 tegn.",
    "The translation is too long. Write 20,000 characters at most.",
)


def translated(source: dict[str, Any], language: str, wanted: Sequence[Wanted]) -> Outcome:
    """The source with these translations to a language; empty words take one away. `source` stays as it was."""
    texts = {text.key: text for text in texts_of(source)}
    saved: set[str] = set()
    refused: dict[str, Both] = {}
    for one in wanted:
        text = texts.get(one.key)
        words = clean_text(one.words).strip()
        present = text.translations.get(language, "") if text is not None else ""
        if text is None:
            if mark_of(words) != one.was:
                refused[one.key] = _GONE
            continue
        is_new = words != present
        if not is_new and not (one.confirms and text.state(language) is State.CHANGED):
            continue
        if is_new and mark_of(words) == one.was:
            continue  # left alone here, and written by somebody else meanwhile
        if text.fingerprint != one.seen:
            refused[one.key] = _OTHER_TEXT
        elif is_new and mark_of(present) != one.was:
            refused[one.key] = _OTHER_TRANSLATION
        elif len(words) > LONGEST_TRANSLATION:
            refused[one.key] = _TOO_LONG
        else:
            for place in (text.place, *text.twins):
                source = _changed(source, place, _writer(text, language, words))
            saved.add(one.key)
    return Outcome(source, frozenset(saved), refused)


def _writer(text: Text, language: str, words: str) -> Callable[[Json], dict[str, Any]]:
    write = _with_designation if text.is_designation else _with_shadow
    return lambda holder: write(holder, text, language, words)


def _with_shadow(holder: Json, text: Text, language: str, words: str) -> dict[str, Any]:
    name = f"_{text.name}"
    known = holder.get(name)
    shadow = dict(known) if isinstance(known, Mapping) else {}
    listed = shadow.get("extension")
    kept = [one for one in listed if not _is_about(one, language)] if isinstance(listed, list | tuple) else []
    if words:
        kept += [_extension(TRANSLATION, language, words), _extension(TRANSLATED_FROM, language, text.words)]
    shadow.pop("extension", None)
    if kept:
        shadow["extension"] = kept
    changed = {key: value for key, value in holder.items() if key != name}
    return {**changed, name: shadow} if shadow else changed


def _is_about(one: object, language: str) -> bool:
    return (
        isinstance(one, Mapping)
        and one.get("url") in (TRANSLATION, TRANSLATED_FROM)
        and extension_value(one, "lang", "valueCode", "valueString") == language
    )


def _extension(url: str, language: str, words: str) -> dict[str, Any]:
    return {
        "url": url,
        "extension": [{"url": "lang", "valueCode": language}, {"url": "content", "valueString": words}],
    }


def _with_designation(holder: Json, text: Text, language: str, words: str) -> dict[str, Any]:
    listed = holder.get("designation")
    kept = [
        one
        for one in (listed if isinstance(listed, list | tuple) else ())
        if not (isinstance(one, Mapping) and one.get("language") == language)
    ]
    if words:
        made_from = {"url": TRANSLATED_FROM, "valueString": text.words}
        kept.append({"extension": [made_from], "language": language, "value": words})
    changed = {key: value for key, value in holder.items() if key != "designation"}
    return {**changed, "designation": kept} if kept else changed


def _changed(json: Any, place: Steps, change: Callable[[Json], dict[str, Any]]) -> Any:
    """The JSON with the object at a place exchanged; all that does not lie on the way is shared."""
    if not place:
        return change(json)
    step, rest = place[0], place[1:]
    copied: Any = list(json) if isinstance(step, int) else dict(json)
    copied[step] = _changed(json[step], rest, change)
    return copied
