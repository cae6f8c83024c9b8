"""Items as a page shows them before anybody answers: the same for everybody, so each is made once for a definition.

They go with the definition: an active version's is kept for the life of the process, a draft's with the request.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import partial
from weakref import WeakKeyDictionary

from django.utils.html import conditional_escape, format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from questionnaires.controls import NOT_FIELDS, Control, control_of, name_of, unit_names, ways_to_answer
from questionnaires.engine import Definition, Item, ItemType, Option
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.item_views import ItemView
from questionnaires.option_search import option_words
from questionnaires.pictures import picture_view
from questionnaires.places import address_of
from questionnaires.rich_text import clean_block, clean_inline

# What is read and not answered is drawn from no answers.
_OF_NOTHING = answers_fingerprint(())

_kept: WeakKeyDictionary[Definition, dict[tuple[str, str, bool], ItemView]] = WeakKeyDictionary()


def blank_view(
    definition: Definition,
    item: Item,
    *,
    language: str,
    text_language: str,
    marks_optional: bool,
    is_kept: bool,
) -> ItemView:
    """The item as it is before anybody answers it, outside of rows.

    `is_kept`: not one whose options were worked out just now. `text_language` is the questionnaire's, `language` the
    screen's; `marks_optional` where a page mixes questions that may be skipped with some that may not.
    """
    kept = _kept.setdefault(definition, {})
    key = item.link_id, language, marks_optional
    blank = kept.get(key) if is_kept else None
    if blank is None:
        blank = _made(definition, item, language, text_language, marks_optional)
        if is_kept:
            kept[key] = blank = replace(blank, drawings={}, answered={})
    return blank


def _made(
    definition: Definition, item: Item, language: str, text_language: str, marks_optional: bool
) -> ItemView:
    control = control_of(item)
    address = address_of(item.link_id)
    picture = picture_view(definition, item.link_id)
    if control is Control.DISPLAY:
        text = SafeString(linebreaks(item.heading, autoescape=True))
        if item.xhtml:
            text = clean_block(item.xhtml)
            text = format_html("<p>{}</p>{}", item.prefix, text) if item.prefix else text
        return ItemView(
            link_id=item.link_id,
            address=address,
            control=control,
            name=item.text,
            content=text,
            picture=picture,
            shown=_OF_NOTHING,
        )
    bare = ItemView(
        link_id=item.link_id,
        address=address,
        control=control,
        name=name_of(item),
        label=label_of(item),
        picture=picture,
    )
    if control in NOT_FIELDS:
        return replace(bare, shown=_OF_NOTHING)
    ours = partial(_said_by_us, language=language, text_language=text_language)
    view = replace(
        bare,
        options=_options(definition, item, language, ours) if control is not Control.SEARCH else (),
        is_open=item.open_choice,
        hint=_hint(item, ours),
        limit=item.max_length,
        has_feedback=bool(item.feedback),
        optional=marks_optional and not item.required,
    )
    return _with_number(view, item) if item.type.is_numeric and not item.options else view


def _options(
    definition: Definition, item: Item, language: str, ours: Callable[[str], str]
) -> tuple[tuple[str, str], ...]:
    if item.type is ItemType.BOOLEAN:
        return (("true", ours(_("Ja"))), ("false", ours(_("Nej"))))
    return tuple(
        (option.key, _with_picture(definition, item, option, words))
        for option in item.options
        if (words := option_words(item, option, language))
    )


def _with_picture(definition: Definition, item: Item, option: Option, words: str) -> str:
    """What is chosen, and its picture below: the words say what it is, so it needs none of its own."""
    picture = picture_view(definition, item.link_id, option.key) if option.image else None
    if picture is None or control_of(item) is Control.SELECT:
        return words
    size = format_html(' width="{}" height="{}"', picture.width, picture.height) if picture.width else ""
    image = '{}<img class="option-picture" src="{}" alt="" loading="lazy"{}>'
    return format_html(image, words, picture.address, size)


def _hint(item: Item, ours: Callable[[str], str]) -> str:
    """The item's help, and how to answer where that is not plain to see."""
    help_text = clean_inline(item.help_xhtml) if item.help_xhtml else item.help_text
    how = " ".join(part for part in ways_to_answer(item) if part)
    parts = [part for part in (help_text, item.entry_format, ours(how)) if part]
    return SafeString(" ".join(conditional_escape(part) for part in parts)) if parts else ""


def _said_by_us(words: str, *, language: str, text_language: str) -> str:
    """Words of the screen among those of the questionnaire: read aloud in the screen's language, not in theirs."""
    if not words or language == text_language:
        return words
    return format_html('<span lang="{}">{}</span>', language, words)


def label_of(item: Item) -> str:
    """The question for HTML: plain text, which templates escape, or cleaned formatted text."""
    if not item.xhtml:
        return name_of(item)
    formatted = clean_inline(item.xhtml)
    return format_html("{} {}", item.prefix, formatted) if item.prefix else formatted


def _with_number(view: ItemView, item: Item) -> ItemView:
    low, high = item.min_value, item.max_value
    return replace(
        view,
        unit=item.unit,
        units=unit_names(item),
        unit_chosen=next((value for value, _name in unit_names(item)), ""),
        minimum=f"{low:f}" if isinstance(low, Decimal) else "",
        maximum=f"{high:f}" if isinstance(high, Decimal) else "",
        step=f"{item.step:f}" if item.step else "1",
        low=item.lower_label,
        high=item.upper_label,
        whole=item.type is ItemType.INTEGER,
    )
