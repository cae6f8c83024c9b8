"""What is different between two versions of a questionnaire, in sentences that a nurse reads. Pure.

    for difference in differences(former.source, latter.source):
        difference.text("da")        # “Teksten er ændret fra »Ondt?« til »Har du ondt?«.”

Elements are matched by link id, which stays when an element is moved or reworded. Two documents without a difference
are the same but for their address, version, status and dates.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from questionnaires.engine import extension_urls as urls
from questionnaires.engine.display import date_text, date_time_text, is_english, number_text, time_text
from questionnaires.engine.issues import Both
from questionnaires.engine.values import decimal_of

from . import extensions
from .answers import prefix_of
from .rule_words import rule_changes

Source = Mapping[str, Any]

_OF_THE_VERSION = frozenset(
    {"id", "url", "version", "status", "date", "meta", "derivedFrom", "resourceType", "item", "text"}
)
"""What says which version it is, and not what is asked. `text` is FHIR's narrative, made from the rest."""

_NO_NAME = ("uden tekst", "without text")
_NOTHING = ("ingenting", "nothing")


@dataclass(frozen=True, slots=True)
class Difference:
    """One change: of the element `link_id`, "" of the questionnaire itself, called `label`; in both languages.

    `kind` groups them on the screen: new, removed, moved or changed.
    """

    kind: str
    link_id: str
    label: str
    danish: str
    english: str

    def text(self, language: str = "da") -> str:
        """The sentence in Danish or English."""
        return self.english if is_english(language) else self.danish


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
    former, latter = _places(before), _places(after)
    moved = _moved(former, latter)
    for link_id, place in latter.items():
        if link_id not in former:
            yield _new(place, latter)
            continue
        old = former[link_id]
        if link_id in moved:
            yield _move(place, old, latter)
        yield from _element(old.item, place.item, former, latter)
    for link_id, place in former.items():
        if link_id not in latter:
            yield _about(
                "removed", place.item,
                f"{_what(place.item)[0]} {_quoted(place.item)} er fjernet.",
                f"{_what(place.item)[1]} {_quoted(place.item, 1)} was removed.",
            )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Place:
    item: Source
    parent: str | None
    number: int


def _places(source: Source) -> dict[str, _Place]:
    """Every element by link id, in the questionnaire's order; of two with the same id the first."""
    found: dict[str, _Place] = {}

    def walk(items: object, parent: str | None) -> None:
        for number, item in enumerate(_list(items)):
            if not isinstance(item, Mapping):
                continue
            link_id = str(item.get("linkId", ""))
            found.setdefault(link_id, _Place(item, parent, number))
            walk(item.get("item"), link_id)

    walk(source.get("item"), None)
    return found


def _moved(former: Mapping[str, _Place], latter: Mapping[str, _Place]) -> set[str]:
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


# --- the questionnaire itself ---------------------------------------------------------------------


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
            yield _own(*_from_to(danish, english, before.get(name), after.get(name)))
    names = (before.keys() | after.keys()) - _OF_THE_VERSION - _OWN_WORDS.keys()
    if any(before.get(name) != after.get(name) for name in names):
        yield _own(
            "Andre oplysninger om spørgeskemaet er ændret.",
            "Other facts about the questionnaire have changed.",
        )


# --- elements -------------------------------------------------------------------------------------


_PROPERTIES = {
    "prefix": ("Nummeret", "The number"),
    "maxLength": ("Den længste tekst, man kan skrive,", "The longest text that can be written"),
    "answerValueSet": ("Svarlisten", "The answer list"),
}
_TYPES = {
    "group": ("et afsnit", "a section"),
    "display": ("en tekst", "a text"),
    "boolean": ("ja eller nej", "yes or no"),
    "decimal": ("et tal med decimaler", "a number with decimals"),
    "integer": ("et helt tal", "a whole number"),
    "date": ("en dato", "a date"),
    "dateTime": ("en dato og et klokkeslæt", "a date and a time"),
    "time": ("et klokkeslæt", "a time"),
    "string": ("en kort tekst", "a short text"),
    "text": ("en lang tekst", "a long text"),
    "url": ("en internetadresse", "a web address"),
    "choice": ("valg mellem svar", "a choice of answers"),
    "open-choice": ("valg mellem svar eller egne ord", "a choice of answers or own words"),
    "attachment": ("en fil eller et billede", "a file or picture"),
    "reference": ("en henvisning", "a reference"),
    "quantity": ("et tal med enhed", "a number with a unit"),
}
_TURNED = {
    "required": (
        ("skal nu besvares", "must now be answered"),
        ("skal ikke længere besvares", "need no longer be answered"),
    ),
    "repeats": (
        ("kan nu besvares flere gange", "can now be answered more than once"),
        ("kan nu kun besvares én gang", "can now be answered only once"),
    ),
    "readOnly": (("kan nu kun læses", "can now only be read"), ("kan nu besvares", "can now be answered")),
}
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
_COVERED = (
    {"linkId", "item", "text", "type", "enableWhen", "enableBehavior", "answerOption", "extension", "initial"}
    | _PROPERTIES.keys()
    | _TURNED.keys()
)


def _element(
    before: Source, after: Source, former: Mapping[str, _Place], latter: Mapping[str, _Place]
) -> Iterator[Difference]:
    if before.get("text") != after.get("text"):
        yield _about(
            "changed", after, *_from_to("Teksten", "The text", before.get("text"), after.get("text"))
        )
    if before.get("type") != after.get("type"):
        (old, old_english), (new, new_english) = _type(before), _type(after)
        yield _about(
            "changed", after,
            f"{_quoted(after)} er nu {new} (før {old}).",
            f"{_quoted(after, 1)} is now {new_english} (was {old_english}).",
        )  # fmt: skip
    for name, ((on, on_english), (off, off_english)) in _TURNED.items():
        if bool(before.get(name)) != bool(after.get(name)):
            danish, english = (on, on_english) if after.get(name) else (off, off_english)
            yield _about("changed", after, f"{_quoted(after)} {danish}.", f"{_quoted(after, 1)} {english}.")
    for name, (danish, english) in _PROPERTIES.items():
        if before.get(name) != after.get(name):
            yield _about("changed", after, *_from_to(danish, english, before.get(name), after.get(name)))
    if before.get("initial") != after.get("initial"):
        yield _initial(before, after)
    yield from _conditions(before, after, former, latter)
    yield from _options(before, after)
    called = Both(_quoted(after), _quoted(after, 1))
    rules = tuple(rule_changes(before, after, _names(former), _names(latter), called))
    yield from (_about("changed", after, words.da, words.en) for words in rules)
    yield from _extensions(before, after, told=urls.CONSTRAINTS if rules else ())
    rest = (before.keys() | after.keys()) - _COVERED
    rest |= {name for name in _TURNED if bool(before.get(name)) == bool(after.get(name))}
    if any(before.get(name) != after.get(name) for name in rest):
        yield _about(
            "changed", after,
            f"Andre indstillinger for {_quoted(after)} er ændret, fx oversættelser.",
            f"Other settings of {_quoted(after, 1)} have changed, such as translations.",
        )  # fmt: skip


def _names(places: Mapping[str, _Place]) -> dict[str, str]:
    return {link_id: str(place.item.get("text") or "") for link_id, place in places.items()}


def _conditions(
    before: Source, after: Source, former: Mapping[str, _Place], latter: Mapping[str, _Place]
) -> Iterator[Difference]:
    names = ("enableWhen", "enableBehavior")
    if all(before.get(name) == after.get(name) for name in names):
        return
    old, old_english = _condition_of(before, former)
    new, new_english = _condition_of(after, latter)
    yield _about(
        "changed", after,
        f"{_quoted(after)} vises nu {new} (før: {old}).",
        f"{_quoted(after, 1)} is now shown {new_english} (before: {old_english}).",
    )  # fmt: skip


def _initial(before: Source, after: Source) -> Difference:
    (old, old_english), (new, new_english) = _begins(before), _begins(after)
    if old == new:
        return _about(
            "changed", after,
            f"Det, der står fra start i {_quoted(after)}, er ændret.",
            f"What stands in {_quoted(after, 1)} from the beginning has changed.",
        )  # fmt: skip
    return _about(
        "changed", after,
        f"{_quoted(after)} begynder nu med {new} (før: {old}).",
        f"{_quoted(after, 1)} now begins with {new_english} (before: {old_english}).",
    )  # fmt: skip


_AS_READ = {"valueDate": date_text, "valueDateTime": date_time_text, "valueTime": time_text}


def _begins(item: Source) -> tuple[str, str]:
    """The answers that it begins with, in both languages; “ingenting” without any."""
    words: tuple[list[str], list[str]] = ([], [])
    for one in _list(item.get("initial")):
        for name, value in one.items() if isinstance(one, Mapping) else ():
            for english in (0, 1):
                words[english].append(_value(_as_answered(name, value, english), english))
    return ", ".join(words[0]) or _NOTHING[0], ", ".join(words[1]) or _NOTHING[1]


def _as_answered(name: str, value: object, english: int) -> object:
    """Dates, times and numbers as people write them; anything else as it is."""
    number = decimal_of(value.get("value") if isinstance(value, Mapping) else value)
    if number is not None:
        words = number_text(number, ("da", "en")[english])
        unit = value.get("unit") or value.get("code") if isinstance(value, Mapping) else ""
        return f"{words} {unit}" if unit else words
    return _AS_READ[name](value) if name in _AS_READ and isinstance(value, str) else value


_COMPARED = {
    "=": ("er", "is"),
    "!=": ("ikke er", "is not"),
    ">": ("er over", "is above"),
    ">=": ("er mindst", "is at least"),
    "<": ("er under", "is below"),
    "<=": ("er højst", "is at most"),
}


def _condition_of(item: Source, places: Mapping[str, _Place]) -> tuple[str, str]:
    """“når »Har du smerter?« er »Ja«”, in both languages; “altid” without a condition."""
    parts = [one for one in _list(item.get("enableWhen")) if isinstance(one, Mapping)]
    if not parts:
        return "altid", "always"
    every = item.get("enableBehavior") != "any"
    sentences = [_one_condition(one, places) for one in parts]
    return (
        "når " + (" og " if every else " eller ").join(danish for danish, _ in sentences),
        "when " + (" and " if every else " or ").join(english for _, english in sentences),
    )


def _one_condition(condition: Source, places: Mapping[str, _Place]) -> tuple[str, str]:
    asked = places.get(str(condition.get("question", "")))
    question = asked.item if asked is not None else {}
    value = next((value for name, value in condition.items() if str(name).startswith("answer")), None)
    if condition.get("operator") == "exists":
        danish, english = ("er besvaret", "is answered") if value else ("ikke er besvaret", "is not answered")
        return f"{_quoted(question)} {danish}", f"{_quoted(question, 1)} {english}"
    danish, english = _COMPARED.get(str(condition.get("operator")), ("passer med", "fits"))
    return (
        f"{_quoted(question)} {danish} {_value(value)}",
        f"{_quoted(question, 1)} {english} {_value(value, 1)}",
    )


def _options(before: Source, after: Source) -> Iterator[Difference]:
    old, new = _by_value(before), _by_value(after)
    for key, option in new.items():
        if key not in old:
            yield _about(
                "changed", after,
                f"Svaret {_value(option)} er nyt i {_quoted(after)}.",
                f"The answer {_value(option, 1)} is new in {_quoted(after, 1)}.",
            )  # fmt: skip
        elif _word(old[key]) != _word(option):
            yield _about(
                "changed", after,
                f"Svaret {_value(old[key])} hedder nu {_value(option)} i {_quoted(after)}.",
                f"The answer {_value(old[key], 1)} is now called {_value(option, 1)} in {_quoted(after, 1)}.",
            )  # fmt: skip
        if key not in old:
            continue
        was, now = prefix_of(old[key]), prefix_of(option)
        if was != now:
            yield _about(
                "changed", after,
                f"Foran svaret {_value(option)} i {_quoted(after)} står nu {_value(now)} (før: {_value(was)}).",
                f"Before the answer {_value(option, 1)} in {_quoted(after, 1)} stands {_value(now, 1)} now"
                f" (before: {_value(was, 1)}).",
            )  # fmt: skip
        is_said = was != now or _word(old[key]) != _word(option)
        if _beside_words(old[key]) != _beside_words(option) or (old[key] != option and not is_said):
            yield _about(
                "changed", after,
                f"Svaret {_value(option)} i {_quoted(after)} tæller eller opfører sig anderledes.",
                f"The answer {_value(option, 1)} in {_quoted(after, 1)} counts or behaves differently.",
            )  # fmt: skip
    for key, option in old.items():
        if key not in new:
            yield _about(
                "changed", after,
                f"Svaret {_value(option)} er fjernet fra {_quoted(after)}.",
                f"The answer {_value(option, 1)} was removed from {_quoted(after, 1)}.",
            )  # fmt: skip
    if old.keys() == new.keys() and list(old) != list(new):
        yield _about(
            "changed", after,
            f"Svarene i {_quoted(after)} står i en anden rækkefølge.",
            f"The answers in {_quoted(after, 1)} stand in another order.",
        )  # fmt: skip
    elif list(old.values()) == list(new.values()) and before.get("answerOption") != after.get("answerOption"):
        yield _about(
            "changed", after,
            f"Svarene i {_quoted(after)} er ændret.",
            f"The answers in {_quoted(after, 1)} have changed.",
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
    for option in _list(item.get("answerOption")):
        if isinstance(option, Mapping):
            coding = option.get("valueCoding")
            if isinstance(coding, Mapping) and coding.get("code"):
                key = f"{coding.get('system', '')}|{coding['code']}"
            else:
                key = repr(next((value for name, value in option.items() if name.startswith("value")), None))
            found.setdefault(key, option)
    return found


def _extensions(before: Source, after: Source, told: Sequence[str] = ()) -> Iterator[Difference]:
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
            yield _about(
                "changed", after,
                f"{name[0]} {became[0]} for {_quoted(after)}.", f"{name[1]} {became[1]} for {_quoted(after, 1)}.",
            )  # fmt: skip
            continue
        what = (
            ("er fjernet", "was removed")
            if url not in new
            else ("er kommet til", "is new")
            if url not in old
            else ("er ændret", "has changed")
        )
        yield _about(
            "changed", after,
            f"{name[0]} {what[0]} for {_quoted(after)}.", f"{name[1]} {what[1]} for {_quoted(after, 1)}.",
        )  # fmt: skip
    if old == new and before.get("extension") != after.get("extension"):
        yield _about(
            "changed", after,
            f"Rækkefølgen af indstillinger for {_quoted(after)} er ændret.",
            f"The order of the settings of {_quoted(after, 1)} has changed.",
        )  # fmt: skip


def _became(old: Sequence[Any], new: Sequence[Any]) -> tuple[str, str] | None:
    """“er ændret fra »10« til »7«”, in both languages; None where words cannot tell them apart."""
    if len(new) > 1 or len(old) > 1:
        return _became_several(old, new)
    if len(new) != 1 or _word(new[0]) in ("", _word(old[0]) if old else ""):
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
    if not new or [_word(one) for one in old] == [_word(one) for one in new]:
        return None
    now, now_english = (", ".join(_as_read(one, english) for one in new) for english in (0, 1))
    if not old:
        return f"er nu {now}", f"are now {now_english}"
    was, was_english = (", ".join(_as_read(one, english) for one in old) for english in (0, 1))
    return f"er nu {now} (før: {was})", f"are now {now_english} (before: {was_english})"


def _as_read(extension: object, english: int = 0) -> str:
    """The value in quotation marks; a number with the comma of the language."""
    word = _word(extension)
    if not english and isinstance(extension, Mapping) and isinstance(extension.get("valueDecimal"), float):
        word = word.replace(".", ",")
    return _in_quotes(word, english)


def _by_url(item: Source) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in _list(item.get("extension")):
        url = one.get("url") if isinstance(one, Mapping) else ""
        found.setdefault(str(url), []).append(one)
    return found


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


# --- words ----------------------------------------------------------------------------------------


def _new(place: _Place, places: Mapping[str, _Place]) -> Difference:
    danish, english = _what(place.item)
    where, where_english = _under(place, places)
    new = "ny" if place.item.get("type") == "display" else "nyt"
    return _about(
        "new", place.item,
        f"{danish} {_quoted(place.item)} er {new}{where}.",
        f"{english} {_quoted(place.item, 1)} is new{where_english}.",
    )  # fmt: skip


def _move(place: _Place, old: _Place, places: Mapping[str, _Place]) -> Difference:
    danish, english = _what(place.item)
    where, where_english = _under(place, places) if old.parent != place.parent else ("", "")
    return _about(
        "moved", place.item,
        f"{danish} {_quoted(place.item)} er flyttet{where}.",
        f"{english} {_quoted(place.item, 1)} was moved{where_english}.",
    )  # fmt: skip


def _under(place: _Place, places: Mapping[str, _Place]) -> tuple[str, str]:
    if place.parent is None or place.parent not in places:
        return "", ""
    above = places[place.parent].item
    return f" under {_quoted(above)}", f" under {_quoted(above, 1)}"


def _what(item: Source) -> tuple[str, str]:
    match item.get("type"):
        case "group":
            return "Afsnittet", "The section"
        case "display":
            return "Teksten", "The text"
    return "Spørgsmålet", "The question"


def _type(item: Source) -> tuple[str, str]:
    return _TYPES.get(str(item.get("type")), (str(item.get("type")), str(item.get("type"))))


def _from_to(danish: str, english: str, before: object, after: object) -> tuple[str, str]:
    return (
        f"{danish} er ændret fra {_value(before)} til {_value(after)}.",
        f"{english} has changed from {_value(before, 1)} to {_value(after, 1)}.",
    )


def _value(value: object, english: int = 0) -> str:
    """A text, number or option in quotation marks."""
    word = _word(value)
    if value is True or value is False:
        word = (("Ja", "Yes") if value else ("Nej", "No"))[english]
    return _in_quotes(word, english) if word else _NOTHING[english]


def _word(value: object) -> str:
    if isinstance(value, Mapping):
        inner = next((part for name, part in value.items() if str(name).startswith("value")), None)
        if isinstance(inner, Mapping):
            return _word(inner)
        if inner is not None and "display" not in value:
            return " ".join(filter(None, [str(inner), str(value.get("unit") or "")]))
        return str(value.get("display") or value.get("code") or value.get("value") or "")
    return "" if value is None else str(value)


def _quoted(item: Source, english: int = 0) -> str:
    text = " ".join(str(item.get("text") or "").split())
    return _in_quotes(text, english) if text else f"({_NO_NAME[english]})"


def _in_quotes(text: str, english: int) -> str:
    short = " ".join(text.split())
    short = short if len(short) <= 300 else short[:299] + "…"
    return f"“{short}”" if english else f"»{short}«"


def _own(danish: str, english: str) -> Difference:
    return Difference("changed", "", "", danish, english)


def _about(kind: str, item: Source, danish: str, english: str) -> Difference:
    label = " ".join(str(item.get("text") or "").split())
    return Difference(kind, str(item.get("linkId", "")), label, danish, english)


def by_element(found: Iterable[Difference]) -> list[tuple[str, list[Difference]]]:
    """The sentences under the text of the element that they are about, in their order."""
    grouped: dict[str, tuple[str, list[Difference]]] = {}
    for one in found:
        grouped.setdefault(one.link_id, (one.label, []))[1].append(one)
    return list(grouped.values())
