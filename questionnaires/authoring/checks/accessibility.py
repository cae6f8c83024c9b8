"""Whether all can use the form: pictures in words, nothing by colour alone, sections and options to tell apart."""

import re
from collections import Counter
from collections.abc import Iterator

from questionnaires.authoring.checks.hints import Hint, Level
from questionnaires.engine import Definition, Item, ItemControl, ItemType
from questionnaires.engine.explaining import name_of
from questionnaires.engine.issues import Both

FEWEST_ALIKE = 3
"""So many options with the same beginning are hard to tell apart for those who hear them."""

WORDS_ALIKE = 2

_COLOURS = r"(?:rød|grøn|gul|blå|orange|sort|hvid|lilla|grå)"
# “det røde felt”, “markeret med grønt”, “svar i den gule zone”
_BY_COLOUR = re.compile(
    rf"\b(?:(?:det|den|de|i|ved|på)\s+{_COLOURS}[et]*\s+(?:felt\w*|knap\w*|boks\w*|zone\w*|område\w*|linje\w*|del\w*|svar\w*|"
    rf"markering\w*|prik\w*|cirk\w*)|(?:markeret|vist|skrevet|farvet|fremhævet)\s+(?:med\s+|i\s+)?{_COLOURS}[et]*)\b",
    re.IGNORECASE,
)
_STYLED = re.compile(r"(?:style\s*=\s*[\"'][^\"']*\bcolor\s*:|<font\b[^>]*\bcolor\s*=)", re.IGNORECASE)


def accessibility_hints(definition: Definition) -> Iterator[Hint]:
    """All of them, in the questionnaire's order."""
    for item in definition.walk():
        if not item.is_concealed:
            yield from _of_item(item)


def _of_item(item: Item) -> Iterator[Hint]:
    if item.type is ItemType.GROUP and not (item.text or item.xhtml).strip() and item.parent is None:
        yield _hint(
            item,
            Level.SHOULD,
            "access.section",
            "Afsnittet har ingen overskrift. Skærmlæsere og listen over sider viser overskriften.",
            "The section has no heading. Screen readers and the list of pages show it.",
        )
    yield from _pictures(item)
    texts = (item.text, item.help_text, *(option.label for option in item.options))
    if any(_BY_COLOUR.search(text) for text in texts):
        yield _hint(
            item,
            Level.SHOULD,
            "access.colour",
            "Teksten henviser til noget ved dets farve. Ikke alle kan se farver: skriv også, hvad det hedder, eller "
            "hvor det står.",
            "The text points to something by its colour. Not everybody sees colours: write what it is called, too, or "
            "where it stands.",
        )
    if any(_STYLED.search(text) for text in (item.xhtml, item.help_xhtml)):
        yield _hint(
            item,
            Level.KNOW,
            "access.styled",
            "Teksten har farver, som borgeren ikke får vist. Sørg for, at den kan forstås uden.",
            "The text has colours that citizens are not shown. See to it that it is understood without.",
        )
    yield from _options(item)
    if item.control is ItemControl.SLIDER and not (item.lower_label and item.upper_label):
        yield _hint(
            item,
            Level.SHOULD,
            "access.line-ends",
            "Tallinjen har ikke ord ved begge ender. Skriv, hvad det laveste og det højeste tal betyder.",
            "The number line has no words at both ends. Write what the lowest and the highest number mean.",
        )


def _pictures(item: Item) -> Iterator[Hint]:
    if item.image is not None and not item.image.title.strip():
        yield _hint(
            item,
            Level.SHOULD,
            "access.picture",
            "Billedet har ingen tekst. Skriv, hvad det viser, til dem, der ikke kan se det.",
            "The picture has no text. Write what it shows, for those who cannot see it.",
        )
    for option in item.options:
        if option.image is not None and not option.image.title.strip() and not _has_words(option.label):
            yield _hint(
                item,
                Level.SHOULD,
                "access.option-picture",
                f"Billedet ved svaret »{option.label}« har ingen tekst. Skriv, hvad det viser.",
                f"The picture at the answer “{option.label}” has no text. Write what it shows.",
            )


def _options(item: Item) -> Iterator[Hint]:
    beginnings = Counter(
        " ".join(words[:WORDS_ALIKE]).lower()
        for option in item.options
        if len(words := option.label.split()) > WORDS_ALIKE
    )
    for beginning, number in beginnings.items():
        if number >= FEWEST_ALIKE:
            yield _hint(
                item,
                Level.KNOW,
                "access.options-alike",
                f"{number} svarmuligheder begynder med »{beginning}«. Skriv det, der skiller dem, først.",
                f"{number} options begin with “{beginning}”. Write what tells them apart first.",
            )


def _has_words(text: str) -> bool:
    return any(map(str.isalpha, text))


def _hint(item: Item, level: Level, key: str, da: str, en: str) -> Hint:
    return Hint(level, key, Both(da, en), item.link_id, name_of(item))
