"""Which control an item has on the screen, what it is called, and how it says that it is answered."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache

from django.conf import settings
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.engine import Item, ItemControl, ItemType
from questionnaires.files import PDF, limit_in_words

# More options than this are a drop-down list instead of a wall of radio buttons.
MOST_RADIOS = 12
# More than this nobody reads through: they are searched.
MOST_IN_LIST = 40
# A table with more or longer headings than these is no easier to read than its questions one by one.
MOST_COLUMNS = 7
LONGEST_HEADING = 24


class Control(StrEnum):
    """How an item is shown; each has its template in `templates/questionnaires/`."""

    GROUP = "group"
    MATRIX = "matrix"
    ROWS = "rows"
    ROW = "row"
    DISPLAY = "display"
    FIXED = "fixed"
    RADIOS = "radios"
    CHECKBOXES = "checkboxes"
    SELECT = "select"
    SEARCH = "search"
    NUMBER = "number"
    NUMBER_LINE = "number_line"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    FILE = "file"
    UNASKABLE = "unaskable"


NOT_FIELDS = frozenset(
    {
        Control.GROUP,
        Control.MATRIX,
        Control.ROWS,
        Control.ROW,
        Control.DISPLAY,
        Control.FIXED,
        Control.UNASKABLE,
    }
)

_CONTROLS: Mapping[ItemType, Control] = {
    ItemType.GROUP: Control.GROUP,
    ItemType.DISPLAY: Control.DISPLAY,
    ItemType.BOOLEAN: Control.RADIOS,
    ItemType.INTEGER: Control.NUMBER,
    ItemType.DECIMAL: Control.NUMBER,
    ItemType.QUANTITY: Control.NUMBER,
    ItemType.DATE: Control.DATE,
    ItemType.DATE_TIME: Control.DATE_TIME,
    ItemType.TIME: Control.TIME,
    ItemType.STRING: Control.LINE,
    ItemType.URL: Control.LINE,
    ItemType.TEXT: Control.TEXT,
    ItemType.ATTACHMENT: Control.FILE,
    ItemType.REFERENCE: Control.UNASKABLE,
}


@lru_cache(maxsize=20_000)
def control_of(item: Item) -> Control:
    """How the item is shown to somebody who answers."""
    if item.type.is_question and not item.is_asked:
        return Control.FIXED
    if item.type is ItemType.ATTACHMENT:
        return Control.FILE
    if item.offers_options:
        asks_for_search = item.control is ItemControl.AUTOCOMPLETE and len(item.options) > MOST_RADIOS
        if asks_for_search or len(item.options) > MOST_IN_LIST:
            return Control.SEARCH
        if item.repeats:
            return Control.CHECKBOXES
        many = len(item.options) > MOST_RADIOS and item.control is not ItemControl.RADIO_BUTTON
        drops_down = (
            item.control in (ItemControl.DROP_DOWN, ItemControl.AUTOCOMPLETE) and len(item.options) > 2
        )
        return Control.SELECT if many or drops_down else Control.RADIOS
    if item.repeats and item.type is not ItemType.BOOLEAN:
        return Control.LINES
    if item.control is ItemControl.SLIDER and item.type.is_numeric and _has_ends(item):
        return Control.NUMBER_LINE
    return _CONTROLS[item.type]


def is_matrix(group: Item) -> bool:
    """Does the group ask for a table, and are its questions all answered on the same scale (SDC: table, gtable)?"""
    if group.control not in (ItemControl.TABLE, ItemControl.HTABLE, ItemControl.GTABLE) or group.repeats:
        return False
    scales = {
        tuple((option.key, option.label, option.prefix) for option in item.options) for item in group.items
    }
    if len(group.items) < 2 or len(scales) != 1 or any(not _is_plain_row(item) for item in group.items):
        return False
    if any(option.image is not None for item in group.items for option in item.options):
        return False
    (scale,) = scales
    return 2 <= len(scale) <= MOST_COLUMNS and all(
        len(label) <= LONGEST_HEADING for _key, label, _prefix in scale
    )


def _is_plain_row(item: Item) -> bool:
    return (
        item.type is ItemType.CHOICE
        and control_of(item) is Control.RADIOS
        and not (item.items or item.is_concealed or item.answer_expression)
    )


def _has_ends(item: Item) -> bool:
    """A line needs two ends, and at least one step between them."""
    low, high = item.min_value, item.max_value
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low + (item.step or 1) <= high


def name_of(item: Item) -> str:
    """What an item asks, as plain text."""
    text = item.text or item.label
    return f"{item.prefix} {text}" if item.prefix else text


def unit_names(item: Item) -> tuple[tuple[str, str], ...]:
    """(value, name) of the units to choose among, the question's own first; () where there is no choice."""
    return tuple((key, item.unit_name(one)) for one in item.unit_choices if (key := engine.unit_key(one)))


def unit_of(item: Item, name: str) -> str:
    """The value of the unit that is called so, in any language; the question's own for any other name."""
    values = [value for value, _name in unit_names(item)]
    called = engine.unit_called(item, name)
    return next(
        (value for value in values if called and value == engine.unit_key(called)), next(iter(values), "")
    )


def ways_to_answer(item: Item) -> Iterator[str]:
    if item.offers_options and item.repeats:
        yield _("Du kan vælge flere.")
        for option in item.options:
            if option.exclusive:
                yield _("Vælger du »%(option)s«, bliver dine andre svar fjernet.") % {"option": option.label}
    if control_of(item) is Control.DATE:
        yield _("Fx 31 12 2026.")
    elif item.type in (ItemType.DATE, ItemType.DATE_TIME) and not (item.entry_format or item.options):
        date_only = item.type is ItemType.DATE
        yield (
            _("Skriv dag, måned og år, fx 31-12-2026.")
            if date_only
            else _("Skriv det sådan: 31-12-2026 14:30.")
        )
    if control_of(item) is Control.FILE:
        yield _how_to_send(item)
    if item.type is ItemType.TIME and not (item.entry_format or item.options):
        yield _("Skriv timer og minutter, fx 14:30.")
    if control_of(item) is Control.NUMBER:
        yield _number_bounds(item)
    if item.type.is_text and item.max_length:
        yield _("Du kan skrive højst %(limit)s tegn.") % {"limit": item.max_length}


def _how_to_send(item: Item) -> str:
    most = min(item.max_size or settings.UPLOAD_LARGEST_BYTES, settings.UPLOAD_LARGEST_BYTES)
    pictures = any(kind.startswith("image/") for kind in item.file_kinds)
    if pictures and item.max_size is None:
        how = _("Du kan tage et billede eller vælge et, du har. Det må fylde højst %(most)s.")
    elif pictures:
        how = _("Du kan tage et billede eller vælge et, du har.")  # it is made smaller until it fits
    else:
        how = _("Vælg en fil på højst %(most)s.")
    words = how % {"most": limit_in_words(most)}
    if pictures and PDF in item.file_kinds:
        words = f"{words} {_('Det må også være en PDF.')}"
    return words


def _number_bounds(item: Item) -> str:
    low, high = item.min_value, item.max_value
    ends = {
        "low": number_format(low) if isinstance(low, Decimal) else "",
        "high": number_format(high) if isinstance(high, Decimal) else "",
    }
    if ends["low"] and ends["high"] and item.unit_choices:
        return _("Skriv et tal fra %(low)s til %(high)s %(unit)s.") % {**ends, "unit": item.unit}
    if ends["low"] and ends["high"]:
        return _("Skriv et tal fra %(low)s til %(high)s.") % ends
    return ""
