"""Finding options of a long list by a few letters, whatever their capitals, accents, and how æ, ø and å are typed."""

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires import engine
from questionnaires.engine import Item, Option

MOST_FOUND = 20
LONGEST_QUERY = 200

_AS_TYPED = str.maketrans({"æ": "ae", "ø": "o", "å": "a", "ß": "ss", "đ": "d", "ł": "l", "œ": "oe"})


def fold(text: str) -> str:
    """The text as it is compared: `Ærø`, `AERO` and `ærö` are the same, and so are `Aalborg` and `Ålborg`."""
    plain = unicodedata.normalize("NFC", text.casefold()).translate(_AS_TYPED)
    bare = "".join(one for one in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(one))
    return " ".join(bare.replace("aa", "a").replace("oe", "o").split())


def find_options(item: Item, query: str, *, most: int = MOST_FOUND) -> tuple[tuple[Option, ...], int]:
    """The options that hold every word of the query, those that begin with it first; and how many there are in all."""
    words = fold(query[:LONGEST_QUERY]).split()
    if not words:
        return item.options[:most], len(item.options)
    whole = " ".join(words)
    ranked: tuple[list[Option], ...] = ([], [], [])
    for option, label in zip(item.options, _labels(_Same(item.options)), strict=True):
        if all(word in label for word in words):
            rank = 0 if label.startswith(whole) else 1 if f" {words[0]}" in f" {label}" else 2
            ranked[rank].append(option)
    found: Sequence[Option] = [option for options in ranked for option in options]
    return tuple(found[:most]), len(found)


def option_words(item: Item, option: Option, language: str) -> str:
    """What the option is called on the screen; "" where it has no words."""
    words = option.label if item.type.is_choice else engine.display_value(item, option.value, language)
    return f"{option.prefix} {words}" if option.prefix and words else words


def found_in_words(shown: int, count: int) -> str:
    """How many options there are for what was typed, and what to do where they are too many or none."""
    if not count:
        return _("Intet passer. Prøv med færre bogstaver eller et andet ord.")
    if count > shown:
        return _("Vi viser %(shown)s af %(count)s. Skriv mere for at finde din.") % {
            "shown": shown,
            "count": number_format(count, force_grouping=True),
        }
    return ngettext("%(count)s mulighed passer.", "%(count)s muligheder passer.", count) % {"count": count}


class _Same:
    """Options that are the same only if they are one object: comparing thousands would take longer than folding."""

    def __init__(self, options: tuple[Option, ...]) -> None:
        self.options = options

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.options is self.options

    def __hash__(self) -> int:
        return id(self.options)


@lru_cache(maxsize=64)
def _labels(same: _Same) -> tuple[str, ...]:
    """The folded labels of the options, made once for each list of a compiled questionnaire."""
    return tuple(fold(_words(option)) for option in same.options)


def _words(option: Option) -> str:
    return " ".join((option.prefix, option.label, *option.translations.values()))
