"""What a compiled questionnaire is: values that never change after `compile_questionnaire` has made them.

Names follow FHIR R4's Questionnaire (https://hl7.org/fhir/R4/questionnaire.html). Whatever an extension says
has become a plain attribute here, so that screens, validation and scoring never read extensions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

AnswerValue = Mapping[str, Any]
"""One answer's value as FHIR writes it: `{"valueInteger": 3}`, `{"valueCoding": {"system": …, "code": …}}`."""


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


@dataclass(frozen=True, slots=True)
class EnableWhen:
    """One condition: the item is asked when `question` is answered so.

    `value` is FHIR's answer[x] as an answer value: `{"valueBoolean": True}`. `common` is the nearest item above
    both the item and the question (the question itself, if the item stands below it; None for the top), and
    `descent` the link ids from there down to the question, `follows` whether the question
    comes after the item: how the right instance is found in repeating groups.
    """

    question: str
    operator: Operator
    value: AnswerValue
    common: str | None = None
    descent: tuple[str, ...] = ()
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Option:
    """One thing to choose. `key` is unique within its item and fits a form field's value."""

    value: AnswerValue
    key: str
    label: str
    weight: Decimal | None = None
    exclusive: bool = False
    prefix: str = ""
    initially_selected: bool = False


@dataclass(frozen=True, slots=True)
class Expression:
    """A calculation in some language; only `text/fhirpath` is calculated."""

    language: str
    text: str

    @property
    def is_fhirpath(self) -> bool:
        """Can this engine calculate it?"""
        return self.language == "text/fhirpath"


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A question, a group of questions or a text to read. Two items are equal only if they are the same object.

    `items` are the children to ask or show, in order. Help texts, units and end labels that FHIR keeps in child
    items of type display are not among them: they are `help_text`, `unit`, `lower_label` and `upper_label` here
    (and remain known in `Definition.by_link_id`).

    `min_value`/`max_value`: Decimal for numeric types, ISO text for date, dateTime and time.
    `xhtml` is raw, as imported: it must be cleaned before it reaches a page.
    `regex` must only be used with a time limit (`validation` does).
    """

    link_id: str
    type: ItemType
    text: str = ""
    prefix: str = ""
    short_text: str = ""
    help_text: str = ""
    xhtml: str = ""
    help_xhtml: str = ""
    required: bool = False
    repeats: bool = False
    read_only: bool = False
    hidden: bool = False
    control: ItemControl | None = None
    orientation: Orientation | None = None
    max_length: int | None = None
    min_length: int | None = None
    regex: str = ""
    entry_format: str = ""
    max_decimal_places: int | None = None
    min_value: Decimal | str | None = None
    max_value: Decimal | str | None = None
    step: Decimal | None = None
    unit: str = ""
    unit_coding: Mapping[str, Any] | None = None
    lower_label: str = ""
    upper_label: str = ""
    options: tuple[Option, ...] = ()
    open_choice: bool = False
    initial: tuple[AnswerValue, ...] = ()
    enable_when: tuple[EnableWhen, ...] = ()
    enable_behavior: Behavior = Behavior.ANY
    calculated: Expression | None = None
    codes: tuple[Mapping[str, Any], ...] = ()
    items: tuple["Item", ...] = field(default=(), repr=False)
    parent: str | None = None
    path: str = ""

    @property
    def label(self) -> str:
        """What to call the item in a list or message: its short text, its text, or its link id."""
        return self.short_text or self.text or self.link_id

    @property
    def is_asked(self) -> bool:
        """Does a person answer it (when it is enabled)? Not what is hidden, read-only or calculated."""
        return self.type.is_question and not (self.hidden or self.read_only or self.calculated)

    @property
    def several_answers(self) -> bool:
        """May it have more than one answer (check boxes)?"""
        return self.repeats and self.type.is_question

    def option(self, key: str) -> Option | None:
        """The option whose form value is `key`."""
        return next((option for option in self.options if option.key == key), None)

    def walk(self) -> Iterator["Item"]:
        """The item and all below it, in the questionnaire's order."""
        stack = [self]
        while stack:
            item = stack.pop()
            yield item
            stack.extend(reversed(item.items))


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What a person sees at one time: a top-level group, or top-level items that follow each other outside groups.

    `group` is the group behind the page, None where the page was made for loose items; `items` are what to show.
    """

    link_id: str
    number: int
    title: str
    items: tuple[Item, ...] = field(repr=False)
    group: Item | None = field(default=None, repr=False)

    def walk(self) -> Iterator[Item]:
        """All items of the page, the group itself included, in the questionnaire's order."""
        if self.group is not None:
            yield from self.group.walk()
        else:
            for item in self.items:
                yield from item.walk()


@dataclass(frozen=True, slots=True, eq=False)
class Definition:
    """A compiled questionnaire. `source` is the resource it was made from; do not change it.

    `order` lists every link id so that an item comes after its parent and after the questions its conditions
    name, which is the order enablement is decided in. `dependency_cycles` holds the link ids for which no such
    order exists.
    """

    url: str
    version: str
    title: str
    description: str
    language: str
    items: tuple[Item, ...]
    pages: tuple[Page, ...]
    by_link_id: Mapping[str, Item]
    source: Mapping[str, Any] = field(repr=False)
    order: tuple[str, ...] = field(default=(), repr=False)
    dependency_cycles: frozenset[str] = frozenset()

    @property
    def canonical(self) -> str:
        """`url|version`, as QuestionnaireResponse.questionnaire names it."""
        return f"{self.url}|{self.version}" if self.url and self.version else self.url

    def walk(self) -> Iterator[Item]:
        """Every item to ask or show, in the questionnaire's order."""
        for item in self.items:
            yield from item.walk()

    def page(self, link_id: str) -> Page | None:
        """The page with this link id, or None."""
        return next((page for page in self.pages if page.link_id == link_id), None)

    def page_of(self, link_id: str) -> Page | None:
        """The page on which the item stands, or None if it stands on none (hidden or unknown)."""
        return next(
            (page for page in self.pages if any(item.link_id == link_id for item in page.walk())), None
        )

    def ancestors(self, link_id: str) -> Sequence[str]:
        """Link ids from the item's parent up to the top."""
        found: list[str] = []
        item = self.by_link_id.get(link_id)
        while item is not None and item.parent is not None:
            found.append(item.parent)
            item = self.by_link_id.get(item.parent)
        return found
