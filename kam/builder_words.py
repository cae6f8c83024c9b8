"""What the builder calls things: the kinds of element, and what can be set on them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.text import capfirst, get_text_list
from django.utils.translation import gettext_lazy as _

from questionnaires.authoring.kinds import Kind
from questionnaires.authoring.units import Counted

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

KINDS: Mapping[Kind, "StrOrPromise"] = {
    Kind.SECTION: _("Afsnit"),
    Kind.TEXT_TO_READ: _("Tekst til at læse"),
    Kind.YES_NO: _("Ja eller nej"),
    Kind.ONE_CHOICE: _("Ét svar fra en liste"),
    Kind.SEVERAL_CHOICES: _("Flere svar fra en liste"),
    Kind.OWN_WORDS: _("Liste og egne ord"),
    Kind.NUMBER: _("Tal"),
    Kind.NUMBER_WITH_UNIT: _("Tal med enhed"),
    Kind.LINE_TO_10: _("Talskala 0–10"),
    Kind.LINE_TO_100: _("Talskala 0–100"),
    Kind.DATE: _("Dato"),
    Kind.TIME: _("Klokkeslæt"),
    Kind.DATE_AND_TIME: _("Dato og klokkeslæt"),
    Kind.SHORT_TEXT: _("Kort tekst"),
    Kind.LONG_TEXT: _("Lang tekst"),
    Kind.LINK: _("Webadresse"),
    Kind.FILE: _("Billede eller fil"),
    Kind.ROWS: _("Gruppe, der kan gentages"),
    Kind.MATRIX: _("Skema med fælles svar"),
    Kind.OTHER: _("Andet"),
}

FAMILIES: tuple[tuple["StrOrPromise", tuple[Kind, ...]], ...] = (
    (_("Svar fra en liste"), (Kind.YES_NO, Kind.ONE_CHOICE, Kind.SEVERAL_CHOICES, Kind.OWN_WORDS)),
    (_("Tal"), (Kind.NUMBER, Kind.NUMBER_WITH_UNIT, Kind.LINE_TO_10, Kind.LINE_TO_100)),
    (_("Tekst og filer"), (Kind.SHORT_TEXT, Kind.LONG_TEXT, Kind.LINK, Kind.FILE)),
    (_("Dato og tid"), (Kind.DATE, Kind.TIME, Kind.DATE_AND_TIME)),
    (_("Opbygning"), (Kind.SECTION, Kind.TEXT_TO_READ, Kind.MATRIX, Kind.ROWS)),
)
"""The kinds that can be added, as the menu shows them."""

FIRST_ANSWERS: tuple["StrOrPromise", ...] = (_("Første svar"), _("Andet svar"))
"""What a new choice offers until somebody writes better."""

ISSUES: Mapping[str, "StrOrPromise"] = {
    "item.no-text": _("Der mangler en tekst, så borgeren kan se, hvad der spørges om."),
    "option.none": _("Der er ingen svar at vælge imellem. Tilføj mindst to."),
    "item.empty-group": _("Afsnittet er tomt. Tilføj et spørgsmål."),
    "item.values-reversed": _("Det mindste tal er større end det største, så intet svar kan være rigtigt."),
}
"""The engine's findings in the words of the builder, where its own are for who knows the format."""

_COUNTED: Mapping[Counted, "StrOrPromise"] = {
    Counted.BOUNDS: _("grænser"),
    Counted.COLOURS: _("farver"),
    Counted.MESSAGES: _("beskeder til borgeren"),
}


def counted_in_words(what: Sequence[Counted], unit: str) -> str:
    """What is said in the first unit, and stays as it is where another one comes first."""
    names = get_text_list([str(_COUNTED[one]) for one in what], str(_("og")))
    sentence = _(
        "%(what)s regnes i den første enhed: %(unit)s. Tallene følger ikke med, hvis du skifter den ud."
    )
    return str(sentence) % {"what": capfirst(names), "unit": unit}
