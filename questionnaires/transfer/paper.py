"""The empty form on paper: boxes to tick, lines to write on, and where to go on."""

from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import override

from kommunalpro.paper import Paper
from questionnaires.controls import unit_names
from questionnaires.engine import Definition, Item, ItemControl, ItemType
from questionnaires.transfer.paper_order import Entry, paper_entries

_BOX = 4.2  # mm
_ROW = 7.0
_INDENT = 8.0
_GREY = 90
_LONGEST_SCALE = 21
"""Numbers in a row of boxes; a longer scale is a line to write the number on."""

_LINES = {ItemType.TEXT: 5, ItemType.STRING: 1, ItemType.URL: 1}


def empty_form(definition: Definition, *, title: str, language: str, number: int) -> bytes:
    """The PDF, A4; its own sentences are in the form's language where we have it, else in Danish."""
    with override(language if language.lower().startswith("en") else "da"):
        paper = Paper(title=title, language=language)
        paper.write("H1", title, size=20, style="B")
        paper.write("P", _("Version %(number)s") % {"number": number}, size=9, after=2)
        paper.write(
            "P",
            _("Sæt kryds i felterne, eller skriv på linjerne. Brug en blyant eller en kuglepen."),
            after=2,
        )
        _write_on(paper, _("Navn"))
        _write_on(paper, _("Dato"))
        for entry in paper_entries(definition):
            _draw(paper, entry)
        words = definition.source.get("copyright")
        if isinstance(words, str) and words:
            paper.write("P", words, size=9, before=8)
        return paper.finished()


def _draw(paper: Paper, entry: Entry) -> None:
    item = entry.item
    if item.type is ItemType.GROUP:
        if item.heading:
            size = 15 if entry.depth == 0 else 12
            tag = "H2" if entry.depth == 0 else "H3"
            paper.write(tag, item.heading, size=size, style="B", before=7, keep_with=3)
        _sentence(paper, entry.only_if)
        if item.repeats:
            _sentence(paper, _("Kan udfyldes flere gange: tag et ark mere."))
        return
    if entry.number is None:
        paper.write("P", item.heading, before=3, after=1)
        return
    required = "" if item.required else f" {_('(kan springes over)')}"
    paper.write("P", f"{entry.number}. {item.text}{required}", style="B", before=5, keep_with=3)
    _sentence(paper, entry.only_if)
    _sentence(paper, item.help_text)
    if item.several_answers:
        _sentence(paper, _several(item))
    _answer(paper, item)
    if entry.go_to:
        paper.write("P", f"\N{RIGHTWARDS ARROW} {entry.go_to}", style="B", size=10, before=1, after=1)


def _answer(paper: Paper, item: Item) -> None:
    match item.type:
        case ItemType.BOOLEAN:
            for label in (_("Ja"), _("Nej")):
                _tick(paper, label)
        case _ if item.options:
            for option in item.options:
                _tick(paper, f"{option.prefix} {option.label}" if option.prefix else option.label)
            if item.open_choice or item.type is ItemType.OPEN_CHOICE:
                _tick(paper, item.open_label or _("Andet, skriv her:"))
                _line(paper)
        case ItemType.INTEGER if (scale := _scale(item)) is not None:
            _boxes(paper, item, scale)
        case ItemType.DATE | ItemType.DATE_TIME | ItemType.TIME:
            _write_on(paper, _in_words(item.type))
        case ItemType.ATTACHMENT:
            _sentence(paper, _("Læg billedet eller papiret ved, når du afleverer skemaet."))
        case type_ if type_.is_numeric:
            _write_on(paper, _limits(item), after=_units(item))
        case type_:
            for _number in range(_LINES.get(type_, 1)):
                _line(paper)


def _sentence(paper: Paper, words: str) -> None:
    if words:
        paper.set_text_color(_GREY)
        paper.write("P", words, size=10, keep_with=1)
        paper.set_text_color(0)


def _tick(paper: Paper, label: str) -> None:
    paper.keep_together(_ROW)
    top = paper.y + 0.8
    with paper.drawn():
        paper.rect(paper.l_margin + 1, top, _BOX, _BOX)
    paper.write("P", label, indent=_INDENT, after=1)
    paper.set_y(max(paper.y, top + _BOX + 0.6))


def _line(paper: Paper) -> None:
    paper.keep_together(9)
    paper.set_y(paper.y + 8)
    with paper.drawn():
        paper.set_draw_color(_GREY)
        paper.line(paper.l_margin + 1, paper.y, paper.l_margin + paper.epw, paper.y)
        paper.set_draw_color(0)


def _write_on(paper: Paper, before: str, *, after: str = "") -> None:
    """A short line to write on, with words before and after it."""
    paper.keep_together(10)
    paper.set_y(paper.y + 3)
    top = paper.y
    width = 0.0
    if before:
        paper.set_font("Plex", size=10)
        width = min(paper.get_string_width(before) + 3, 90)
        paper.write("P", before, size=10)
    bottom = top + 5
    left = paper.l_margin + max(width, 1)
    with paper.drawn():
        paper.set_draw_color(_GREY)
        paper.line(left, bottom, left + 60, bottom)
        paper.set_draw_color(0)
    if after:
        paper.set_y(top)
        paper.write("P", after, size=10, indent=width + 63)
    paper.set_y(max(paper.y, bottom + 1))


def _boxes(paper: Paper, item: Item, numbers: list[int]) -> None:
    """A row of boxes with a number under each, and the words for its ends."""
    step = min(paper.epw / len(numbers), 15)
    paper.keep_together(20)
    top = paper.y + 2
    with paper.drawn():
        for place, _value in enumerate(numbers):
            paper.rect(paper.l_margin + place * step + 1, top, _BOX, _BOX)
    for place, value in enumerate(numbers):
        paper.set_y(top + _BOX)
        paper.write("P", str(value), size=9, indent=place * step + (1 if value < 10 else 0.4))
    if item.lower_label or item.upper_label:
        ends = f"{numbers[0]}: {item.lower_label or '–'}   {numbers[-1]}: {item.upper_label or '–'}"
        paper.write("P", ends, size=10)


def _scale(item: Item) -> list[int] | None:
    least, most = item.min_value, item.max_value
    if item.control is not ItemControl.SLIDER and (least is None or most is None):
        return None
    if not (isinstance(least, Decimal) and isinstance(most, Decimal)):
        return None
    step = int(item.step) if item.step is not None and item.step >= 1 else 1
    numbers = list(range(int(least), min(int(most), int(least) + 1000 * step) + 1, step))
    return numbers if 2 <= len(numbers) <= _LONGEST_SCALE else None


def _limits(item: Item) -> str:
    least, most = (_figure(bound) for bound in (item.min_value, item.max_value))
    if least and most:
        return _("Fra %(least)s til %(most)s:") % {"least": least, "most": most}
    if least:
        return _("Mindst %(least)s:") % {"least": least}
    return _("Højst %(most)s:") % {"most": most} if most else ""


def _units(item: Item) -> str:
    names = [name for _value, name in unit_names(item)]
    if not names:
        return item.unit
    return _("%(units)s (sæt ring om enheden)") % {"units": " / ".join(names)}


def _figure(bound: object) -> str:
    if not isinstance(bound, Decimal):
        return ""
    return (
        str(int(bound)) if bound == bound.to_integral_value() else f"{bound.normalize():f}".replace(".", ",")
    )


def _several(item: Item) -> str:
    if item.max_occurs and item.options:
        return _("Sæt højst %(most)s krydser.") % {"most": item.max_occurs}
    return _("Du må gerne sætte flere krydser.") if item.options else _("Du må gerne skrive flere svar.")


def _in_words(type_: ItemType) -> str:
    return {
        ItemType.DATE: _("Dag, måned og år:"),
        ItemType.DATE_TIME: _("Dag, måned, år og klokkeslæt:"),
        ItemType.TIME: _("Klokken:"),
    }[type_]
