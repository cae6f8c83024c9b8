"""A questionnaire from top to bottom, in words: what is asked, how it is answered, and when it is shown."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from questionnaires.engine import Definition, Item, ItemType
from questionnaires.engine.explaining import rule_in_words

KINDS: dict[ItemType, Promise] = {
    ItemType.GROUP: _("Afsnit"),
    ItemType.DISPLAY: _("Tekst"),
    ItemType.BOOLEAN: _("Ja eller nej"),
    ItemType.DECIMAL: _("Tal"),
    ItemType.INTEGER: _("Helt tal"),
    ItemType.DATE: _("Dato"),
    ItemType.DATE_TIME: _("Dato og klokkeslæt"),
    ItemType.TIME: _("Klokkeslæt"),
    ItemType.STRING: _("Kort tekst"),
    ItemType.TEXT: _("Lang tekst"),
    ItemType.URL: _("Webadresse"),
    ItemType.CHOICE: _("Vælg et svar"),
    ItemType.OPEN_CHOICE: _("Vælg, eller skriv selv"),
    ItemType.ATTACHMENT: _("Billede eller fil"),
    ItemType.REFERENCE: _("Henvisning"),
    ItemType.QUANTITY: _("Tal med enhed"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One element. `anchor` is its HTML id, `depth` how far in it stands."""

    link_id: str
    anchor: str
    depth: int
    text: str
    kind: Promise
    is_section: bool
    is_required: bool
    is_hidden: bool
    is_calculated: bool
    rule: str
    options: tuple[str, ...]


MOST_OPTIONS = 12


def outline_of(definition: Definition) -> Iterator[Line]:
    """Every element, in the questionnaire's order."""
    language = get_language() or "da"
    anchors = anchors_of(definition)
    for item in definition.walk():
        rule = rule_in_words(definition, item)
        yield Line(
            link_id=item.link_id,
            anchor=anchors[item.link_id],
            depth=min(len(definition.ancestors(item.link_id)), 4),
            text=item.text or item.label,
            kind=_kind(item),
            is_section=item.type is ItemType.GROUP,
            is_required=item.required and item.is_asked,
            is_hidden=item.is_concealed,
            is_calculated=item.calculated is not None,
            rule="" if rule is None else rule.text(language),
            options=tuple(option.label for option in item.options[:MOST_OPTIONS])
            + (("…",) if len(item.options) > MOST_OPTIONS else ()),
        )


def _kind(item: Item) -> Promise:
    if item.type.is_choice and item.repeats:
        return _("Vælg et eller flere svar")
    return KINDS[item.type]


def anchors_of(definition: Definition) -> dict[str, str]:
    """The HTML id of each element; a help text or a unit is found at what it belongs to."""
    walked = {item.link_id: f"punkt-{number}" for number, item in enumerate(definition.walk(), 1)}
    for link_id, item in definition.by_link_id.items():
        if link_id not in walked and item.parent in walked:
            walked[link_id] = walked[item.parent]
    return walked
