"""What is wrong with a finished item: the invariants of R4 and FUT, and whatever nobody could be asked."""

from collections.abc import Callable, Sequence

from .definition import Item, ItemType
from .extension_urls import STYLE_SENSITIVE, SUB_QUESTIONNAIRE
from .item_reading import RawItem
from .reading import Json, Reader


def check_item(raw: RawItem, item: Item, children: Sequence[Item], reader: Reader) -> None:
    """Report what a form can break and still be asked (que-1 to que-9), and what cannot be asked (errors).

    `children` are all of them, also those that became texts of their parent.
    """

    def say(key: str, **facts: object) -> None:
        reader.report(key, item.path, link_id=item.link_id, label=item.label, type=item.type, **facts)

    check_modifiers(raw.json, item.path, item.link_id, reader)
    if item.type is ItemType.GROUP and not children:
        say("item.empty-group")
    if item.type is ItemType.GROUP and raw.json.get("required") is True and not item.required:
        say("item.required-group-not-asked")
    if item.type is ItemType.DISPLAY:
        if children:
            say("item.display-children")
        if item.codes:
            say("item.display-code")
        if raw.json.get("required") is True or raw.json.get("repeats") is True:
            say("item.display-flags")
        if item.read_only:
            say("item.display-read-only")
    if item.is_copyright and item.type.is_question:
        say("item.copyright-question")
    if raw.extensions.first(SUB_QUESTIONNAIRE) is not None:
        say("item.sub-questionnaire", url=_sub_questionnaire(raw))
    if item.type.is_question:
        _check_question(raw, item, say=say)


def _check_question(raw: RawItem, item: Item, *, say: Callable[..., None]) -> None:
    is_demanded = item.required or bool(item.min_occurs)
    has_answer = bool(item.initial or item.calculated)
    if item.is_asked and not (item.text or item.xhtml or item.prefix):
        say("item.no-text")
    if item.hidden and item.required and not (has_answer or item.initial_expression):
        say("item.hidden-required")
    if item.type is ItemType.CHOICE and not item.options and not raw.json.get("answerValueSet"):
        _check_empty_choice(raw, item, say=say)
    if not item.can_be_asked and not (raw.is_concealed or item.read_only or item.calculated):
        say("item.not-askable" if is_demanded else "item.not-asked")


def _check_empty_choice(raw: RawItem, item: Item, *, say: Callable[..., None]) -> None:
    if item.answer_expression is not None:
        return
    if item.initial:
        say("option.only-initial")
    elif raw.is_concealed or item.read_only or item.calculated:
        say("option.none-not-asked")
    else:
        say("option.none")


def _sub_questionnaire(raw: RawItem) -> str:
    place = raw.extensions.first(SUB_QUESTIONNAIRE)
    return str(place[0].get("valueCanonical") or "?") if place is not None else "?"


def check_modifiers(json: Json, path: str, link_id: str | None, reader: Reader) -> None:
    """FHIR forbids to go on with a modifier extension that one does not know: it may turn the meaning round.

    http://hl7.org/fhir/R4/extensibility.html#modifierExtension. That formatted text must be shown as such
    (rendering-styleSensitive) is known.
    """
    if json.get("modifierExtension") is None:
        return
    for element_path, element in reader.objects(json, "modifierExtension", path):
        url = element.get("url")
        if url != STYLE_SENSITIVE:
            reader.report("element.modifier", element_path, link_id=link_id, url=url or "?")
