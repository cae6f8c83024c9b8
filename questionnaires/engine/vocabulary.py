"""The closed sets of a questionnaire: what FHIR R4, SDC and FUT allow to be said, by the codes they say it with."""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType


class ItemType(StrEnum):
    """FHIR R4's sixteen item types."""

    GROUP = "group"
    DISPLAY = "display"
    BOOLEAN = "boolean"
    DECIMAL = "decimal"
    INTEGER = "integer"
    DATE = "date"
    DATE_TIME = "dateTime"
    TIME = "time"
    STRING = "string"
    TEXT = "text"
    URL = "url"
    CHOICE = "choice"
    OPEN_CHOICE = "open-choice"
    ATTACHMENT = "attachment"
    REFERENCE = "reference"
    QUANTITY = "quantity"

    @property
    def is_question(self) -> bool:
        """Can it hold an answer?"""
        return self not in (ItemType.GROUP, ItemType.DISPLAY)

    @property
    def is_choice(self) -> bool:
        """Is it answered by choosing among options?"""
        return self in (ItemType.CHOICE, ItemType.OPEN_CHOICE)

    @property
    def is_numeric(self) -> bool:
        """Is its answer a number, with or without a unit?"""
        return self in (ItemType.INTEGER, ItemType.DECIMAL, ItemType.QUANTITY)

    @property
    def is_text(self) -> bool:
        """Is its answer free text?"""
        return self in (ItemType.STRING, ItemType.TEXT, ItemType.URL)


NOT_YET_ASKED = frozenset({ItemType.REFERENCE})
"""Questions that the engine knows and no screen can put to a citizen yet."""

FILE_KINDS = ("image/jpeg", "image/png", "application/pdf")
"""The kinds of file that can be given as an answer."""


VALUE_NAMES: Mapping[ItemType, str] = MappingProxyType(
    {
        ItemType.BOOLEAN: "valueBoolean",
        ItemType.DECIMAL: "valueDecimal",
        ItemType.INTEGER: "valueInteger",
        ItemType.DATE: "valueDate",
        ItemType.DATE_TIME: "valueDateTime",
        ItemType.TIME: "valueTime",
        ItemType.STRING: "valueString",
        ItemType.TEXT: "valueString",
        ItemType.URL: "valueUri",
        ItemType.CHOICE: "valueCoding",
        ItemType.OPEN_CHOICE: "valueCoding",
        ItemType.ATTACHMENT: "valueAttachment",
        ItemType.REFERENCE: "valueReference",
        ItemType.QUANTITY: "valueQuantity",
    }
)
"""The element of QuestionnaireResponse.item.answer that holds an answer of each type."""


class ItemControl(StrEnum):
    """How an item wants to be shown (code system questionnaire-item-control, R4 and SDC)."""

    LIST = "list"
    TABLE = "table"
    HTABLE = "htable"
    GTABLE = "gtable"
    ATABLE = "atable"
    HEADER = "header"
    FOOTER = "footer"
    PAGE = "page"
    TAB_CONTAINER = "tab-container"
    INLINE = "inline"
    PROMPT = "prompt"
    UNIT = "unit"
    LOWER = "lower"
    UPPER = "upper"
    FLYOVER = "flyover"
    HELP = "help"
    SECURITY = "security"
    LEGAL = "legal"
    AUTOCOMPLETE = "autocomplete"
    DROP_DOWN = "drop-down"
    CHECK_BOX = "check-box"
    LOOKUP = "lookup"
    RADIO_BUTTON = "radio-button"
    SLIDER = "slider"
    SPINNER = "spinner"
    TEXT_BOX = "text-box"


class Paging(StrEnum):
    """What people see of a questionnaire at one time."""

    SECTIONS = "sections"
    QUESTIONS = "questions"
    WHOLE = "whole"


class Orientation(StrEnum):
    """Whether options stand beside or below each other (extension choiceOrientation)."""

    HORIZONTAL = "horizontal"
    VERTICAL = "vertical"


class Operator(StrEnum):
    """The seven operators of enableWhen."""

    EXISTS = "exists"
    EQUALS = "="
    NOT_EQUALS = "!="
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="

    @property
    def orders(self) -> bool:
        """Does it ask which of two values is the greater?"""
        return self not in (Operator.EXISTS, Operator.EQUALS, Operator.NOT_EQUALS)


class Behavior(StrEnum):
    """Whether all conditions must hold, or any one is enough (enableBehavior)."""

    ALL = "all"
    ANY = "any"


class UsageMode(StrEnum):
    """In which mode an item is shown (extension questionnaire-usageMode, R4's questionnaire-usage-mode)."""

    CAPTURE_AND_DISPLAY = "capture-display"
    CAPTURE = "capture"
    DISPLAY = "display"
    DISPLAY_NON_EMPTY = "display-non-empty"
    CAPTURE_DISPLAY_NON_EMPTY = "capture-display-non-empty"

    @property
    def is_captured(self) -> bool:
        """Is the item there while the questionnaire is being answered?"""
        return self not in (UsageMode.DISPLAY, UsageMode.DISPLAY_NON_EMPTY)


class Colour(StrEnum):
    """What an answer signifies (FUT's code system questionnaire-item-significance-indicator)."""

    GREEN = "green"
    YELLOW = "yellow"
    RED = "red"

    @property
    def urgency(self) -> int:
        """0 for green, 1 for yellow, 2 for red: the greater, the sooner somebody should look."""
        return list(Colour).index(self)
