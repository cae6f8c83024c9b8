"""What has become of an element that both versions have."""

from collections.abc import Iterator, Mapping

from questionnaires.engine import extension_urls as urls
from questionnaires.engine.issues import Both

from .beginnings import beginning_change
from .conditions import condition_changes
from .options import option_changes
from .places import Place, names_in
from .rules import rule_changes
from .sentences import Difference, Source, about, from_to, quoted
from .settings import setting_changes

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
_COVERED = (
    {"linkId", "item", "text", "type", "enableWhen", "enableBehavior", "answerOption", "extension", "initial"}
    | _PROPERTIES.keys()
    | _TURNED.keys()
)


def element_changes(
    before: Source, after: Source, former: Mapping[str, Place], latter: Mapping[str, Place]
) -> Iterator[Difference]:
    """Everything but its place: text, type, answers, conditions, rules, settings, and that there is more."""
    if before.get("text") != after.get("text"):
        yield about("changed", after, *from_to("Teksten", "The text", before.get("text"), after.get("text")))
    if before.get("type") != after.get("type"):
        (old, old_english), (new, new_english) = _type(before), _type(after)
        yield about(
            "changed", after,
            f"{quoted(after)} er nu {new} (før {old}).",
            f"{quoted(after, 1)} is now {new_english} (was {old_english}).",
        )  # fmt: skip
    for name, ((on, on_english), (off, off_english)) in _TURNED.items():
        if bool(before.get(name)) != bool(after.get(name)):
            danish, english = (on, on_english) if after.get(name) else (off, off_english)
            yield about("changed", after, f"{quoted(after)} {danish}.", f"{quoted(after, 1)} {english}.")
    for name, (danish, english) in _PROPERTIES.items():
        if before.get(name) != after.get(name):
            yield about("changed", after, *from_to(danish, english, before.get(name), after.get(name)))
    if before.get("initial") != after.get("initial"):
        yield beginning_change(before, after)
    yield from condition_changes(before, after, former, latter)
    yield from option_changes(before, after)
    called = Both(quoted(after), quoted(after, 1))
    rules = tuple(rule_changes(before, after, names_in(former), names_in(latter), called))
    yield from (about("changed", after, words.da, words.en) for words in rules)
    yield from setting_changes(before, after, told=urls.CONSTRAINTS if rules else ())
    rest = (before.keys() | after.keys()) - _COVERED
    rest |= {name for name in _TURNED if bool(before.get(name)) == bool(after.get(name))}
    if any(before.get(name) != after.get(name) for name in rest):
        yield about(
            "changed", after,
            f"Andre indstillinger for {quoted(after)} er ændret, fx oversættelser.",
            f"Other settings of {quoted(after, 1)} have changed, such as translations.",
        )  # fmt: skip


def _type(item: Source) -> tuple[str, str]:
    return _TYPES.get(str(item.get("type")), (str(item.get("type")), str(item.get("type"))))
