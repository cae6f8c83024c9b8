"""What a compiled questionnaire is: values that never change after `compile_questionnaire` has made them.

Names follow FHIR R4's Questionnaire (https://hl7.org/fhir/R4/questionnaire.html). Whatever an extension says
has become a plain attribute here, so that screens, validation and scoring never read extensions.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from .rules import Severity
from .vocabulary import (
    FILE_KINDS,
    NOT_YET_ASKED,
    VALUE_NAMES,
    Behavior,
    Colour,
    ItemControl,
    ItemType,
    Operator,
    Orientation,
    Paging,
    UsageMode,
)

__all__ = [
    "NOT_YET_ASKED",
    "VALUE_NAMES",
    "AnswerValue",
    "Behavior",
    "Colour",
    "Constraint",
    "Definition",
    "EnableWhen",
    "Expression",
    "Feedback",
    "Image",
    "Item",
    "ItemControl",
    "ItemType",
    "Operator",
    "Option",
    "Orientation",
    "Page",
    "Paging",
    "Significance",
    "SignificanceCondition",
    "Translations",
    "UsageMode",
    "Variable",
    "in_language",
]

AnswerValue = Mapping[str, Any]
"""One answer's value as FHIR writes it: `{"valueInteger": 3}`, `{"valueCoding": {"system": …, "code": …}}`."""

Translations = Mapping[str, Mapping[str, str]]
"""Texts in other languages: the attribute's name ("text", "label") → language ("en", "en-GB") → text."""

_NO_TRANSLATIONS: Translations = MappingProxyType({})
_NO_WORDS: Mapping[str, str] = MappingProxyType({})


def _no_translations() -> Translations:
    return _NO_TRANSLATIONS


def _no_words() -> Mapping[str, str]:
    return _NO_WORDS


def unit_key(coding: Mapping[str, Any]) -> str:
    """What tells a unit from the others of its question, in whatever language."""
    return str(coding.get("code") or coding.get("display") or "")


def is_kind(kind: str, wanted: str) -> bool:
    """Is a content type (`image/png; q=1`) of a kind (`image/png`, `image/*`)?"""
    bare, wanted = kind.partition(";")[0].strip().lower(), wanted.strip().lower()
    return wanted in (bare, "*/*") or (wanted.endswith("/*") and bare.startswith(wanted[:-1]))


def in_language(text: str, translations: Mapping[str, str], language: str) -> str:
    """The text in a language, as near as there is one: "en-GB", then "en", then any other English; else `text`."""
    wanted = language.lower().replace("_", "-")
    primary = wanted.partition("-")[0]
    found = {code.lower().replace("_", "-"): words for code, words in translations.items()}
    for code in (wanted, primary):
        if code in found:
            return found[code]
    return next((words for code, words in found.items() if code.partition("-")[0] == primary), text)


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
    xhtml: str = ""
    image: "Image | None" = None
    translations: Mapping[str, str] = field(default_factory=_no_words, repr=False)

    def label_in(self, language: str) -> str:
        """What to choose, in a language if the form has it."""
        return in_language(self.label, self.translations, language)


@dataclass(frozen=True, slots=True)
class Expression:
    """A calculation in some language; only `text/fhirpath` is calculated."""

    language: str
    text: str

    @property
    def is_fhirpath(self) -> bool:
        """Can this engine calculate it?"""
        return self.language == "text/fhirpath"


@dataclass(frozen=True, slots=True)
class Variable:
    """A named intermediate result: `%name` in the expressions of its item and of everything below it."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Constraint:
    """A rule among answers that a form brings along (extensions questionnaire-constraint and targetConstraint).

    It is broken where `expression` is false, with `human` to say so. `%context` is the answer item of `link_id`,
    or the response for None. `targets` are the link ids of the items that the message belongs to, as far as
    `location` names any. An error stops the submission, a warning does not.
    """

    key: str
    severity: Severity
    human: str
    expression: Expression
    link_id: str | None = None
    targets: tuple[str, ...] = ()
    requirements: str = ""
    translations: Mapping[str, str] = field(default_factory=_no_words, repr=False)
    path: str = ""

    def human_in(self, language: str) -> str:
        """The rule in words, in a language if the form has it."""
        return in_language(self.human, self.translations, language)


@dataclass(frozen=True, slots=True)
class SignificanceCondition:
    """One end of an interval of answers, or one exact answer (FUT's ehealth-answer-Condition)."""

    operator: Operator
    value: AnswerValue


@dataclass(frozen=True, slots=True)
class Significance:
    """A colour that an answer gets when it meets every one of one or two conditions (FUT's answerSignificance)."""

    colour: Colour
    conditions: tuple[SignificanceCondition, ...]


@dataclass(frozen=True, slots=True)
class Feedback:
    """What to tell the citizen whose number is from `minimum` to `maximum`, both included (FUT's feedback)."""

    text: str
    minimum: Decimal
    maximum: Decimal
    translations: Mapping[str, str] = field(default_factory=_no_words, repr=False)

    def text_in(self, language: str) -> str:
        """The feedback in a language if the form has it."""
        return in_language(self.text, self.translations, language)


@dataclass(frozen=True, slots=True)
class Image:
    """A picture beside a question or an option: base64 `data` of a `content_type`, or the `url` where it lies.

    `terms` says under which terms it is used. It comes from FUT's ehealth-questionnaire-image (a contained Binary)
    or SDC's itemMedia and itemAnswerMedia.
    """

    content_type: str
    data: str = field(default="", repr=False)
    url: str = ""
    title: str = ""
    terms: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """A question, a group of questions or a text to read. Two items are equal only if they are the same object.

    `items` are the children to ask or show, in order. Help texts, units and end labels that FHIR keeps in child
    items of type display are not among them: they are `help_text`, `unit`, `lower_label` and `upper_label` here
    (and remain known in `Definition.by_link_id`).

    `min_value`/`max_value`: Decimal for numeric types, ISO text for date, dateTime and time. `min_quantity` and
    `max_quantity` are bounds in a unit (SDC's minQuantity and maxQuantity), for quantities in whatever unit.
    `xhtml` is raw, as imported: it must be cleaned before it reaches a page.
    `regex` must only be used with a time limit (`validation` does).
    `min_occurs`/`max_occurs` count answers, or instances of a repeating group; None where nothing is said.
    `definition` is the url of a data element, `answer_value_set` of the value set the options came from.
    `max_size` (bytes) and `mime_types` are for attachments, `reference_targets` (resource types) for references;
    neither says anything where it is empty. `unit_options` are codings; `unit_translations` are what units are called
    in other languages, by `unit_key`, `unit_words` what they are called in the one it is worded in (`wording`).

    `is_asked`: does a person answer it (when it is enabled)? Not what is hidden, read-only, calculated or only there to
    be displayed afterwards (usageMode), and not yet references and files of kinds that nobody can give here.
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
    min_quantity: Mapping[str, Any] | None = None
    max_quantity: Mapping[str, Any] | None = None
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
    min_occurs: int | None = None
    max_occurs: int | None = None
    unit_options: tuple[Mapping[str, Any], ...] = ()
    unit_value_set: str = ""
    unit_translations: Translations = field(default_factory=_no_translations, repr=False)
    unit_words: Mapping[str, str] = field(default_factory=_no_words, repr=False)
    answer_value_set: str = ""
    open_label: str = ""
    variables: tuple[Variable, ...] = ()
    initial_expression: Expression | None = None
    enable_when_expression: Expression | None = None
    answer_expression: Expression | None = None
    constraints: tuple[Constraint, ...] = ()
    usage_mode: UsageMode | None = None
    definition: str = ""
    significance: tuple[Significance, ...] = ()
    feedback: tuple[Feedback, ...] = ()
    image: Image | None = None
    is_copyright: bool = False
    mime_types: tuple[str, ...] = ()
    max_size: int | None = None
    reference_targets: tuple[str, ...] = ()
    reference_profiles: tuple[str, ...] = ()
    translations: Translations = field(default_factory=_no_translations, repr=False)
    is_asked: bool = field(init=False, repr=False)

    @property
    def label(self) -> str:
        """What to call the item in a list or message: its short text, its text, or its link id."""
        return self.short_text or self.text or self.link_id

    @property
    def heading(self) -> str:
        """Its text with the letter or number before it, as the title of a page."""
        return f"{self.prefix} {self.text}" if self.prefix and self.text else self.text

    @property
    def is_concealed(self) -> bool:
        """Is it out of sight while people answer: hidden, or only there to be displayed afterwards (usageMode)?"""
        return self.hidden or (self.usage_mode is not None and not self.usage_mode.is_captured)

    def __post_init__(self) -> None:
        """Say once what is asked of every item again and again."""
        is_asked = (
            self.type.is_question
            and self.can_be_asked
            and not (self.is_concealed or self.read_only or self.calculated)
        )
        object.__setattr__(self, "is_asked", is_asked)

    @property
    def can_be_asked(self) -> bool:
        """Is there a control for questions of its kind?"""
        return self.type not in NOT_YET_ASKED and (
            self.type is not ItemType.ATTACHMENT or bool(self.file_kinds)
        )

    @property
    def file_kinds(self) -> tuple[str, ...]:
        """The kinds of file that may be given for it, as content types; for attachments."""
        return tuple(
            kind
            for kind in FILE_KINDS
            if not self.mime_types or any(is_kind(kind, one) for one in self.mime_types)
        )

    @property
    def unit_choices(self) -> tuple[Mapping[str, Any], ...]:
        """The units a person chooses among, as codings, the item's own first; () where there is no choice."""
        if self.type is not ItemType.QUANTITY or not self.unit_options:
            return ()
        own = self.unit_coding or self.unit_options[0]
        if not own.get("display"):
            own = {**own, "display": self.unit}
        others = [one for one in self.unit_options if unit_key(one) != unit_key(own)]
        return (own, *others) if others else ()

    def unit_name(self, coding: Mapping[str, Any]) -> str:
        """What people call one of its units, in the language that it is worded in."""
        return self.unit_words.get(unit_key(coding)) or str(coding.get("display") or coding.get("code") or "")

    @property
    def several_answers(self) -> bool:
        """May it have more than one answer (check boxes)?"""
        return self.repeats and self.type.is_question

    @property
    def offers_options(self) -> bool:
        """Is it answered from a list? Choices are, and by que-5 so may be numbers, dates, times and texts."""
        return self.type.is_choice or bool(self.options)

    def text_in(self, language: str) -> str:
        """The question in a language if the form has it."""
        return self.translated("text", language)

    def translated(self, attribute: str, language: str) -> str:
        """A text attribute (text, prefix, help_text, short_text, unit …) in a language if the form has it."""
        words: str = getattr(self, attribute)
        return in_language(words, self.translations.get(attribute, _NO_WORDS), language)

    def option(self, key: str) -> Option | None:
        """The option whose form value is `key`."""
        return next((option for option in self.options if option.key == key), None)

    def offering(self, options: tuple[Option, ...]) -> "Item":
        """The same item with these options, which its answerExpression gave just now (`Evaluation.options`)."""
        return replace(self, options=options) if options else self

    def walk(self) -> Iterator["Item"]:
        """The item and all below it, in the questionnaire's order."""
        stack = [self]
        while stack:
            item = stack.pop()
            yield item
            stack.extend(reversed(item.items))


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """What a person sees at one time (`engine.paging`): mostly a section, which is a top-level group, or top-level
    items that follow each other outside groups.

    `group` is the group behind the page, None where the page was made for loose items; `items` are what to show.
    `groups` are those above items that were taken out of them, the outermost first; `section` is the number of the
    section that the page begins in.
    """

    link_id: str
    number: int
    title: str
    items: tuple[Item, ...] = field(repr=False)
    group: Item | None = field(default=None, repr=False)
    groups: tuple[Item, ...] = field(default=(), repr=False)
    section: int = 1

    def walk(self) -> Iterator[Item]:
        """All items of the page, the group itself included, in the questionnaire's order."""
        if self.group is not None:
            yield from self.group.walk()
        else:
            for item in self.items:
                yield from item.walk()


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Definition:
    """A compiled questionnaire. `source` is the resource it was made from; do not change it.

    `status` is FHIR's (draft, active, retired, unknown; "" where the form has none). `employee_title` and `usage`
    are FUT's words for staff. `launch_contexts` are the names (`patient`) that expressions may expect from outside.

    `pages` are what people see at one time: the `sections`, cut as `paging` says. `stored_as` names where whoever
    compiled it keeps it, "" where nobody does.

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
    sections: tuple[Page, ...] = field(default=(), repr=False)
    paging: Paging = Paging.SECTIONS
    stored_as: str = ""
    order: tuple[str, ...] = field(default=(), repr=False)
    dependency_cycles: frozenset[str] = frozenset()
    status: str = ""
    identifiers: tuple[Mapping[str, Any], ...] = ()
    variables: tuple[Variable, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    launch_contexts: tuple[str, ...] = ()
    employee_title: str = ""
    usage: str = ""
    translations: Translations = field(default_factory=_no_translations, repr=False)

    @property
    def canonical(self) -> str:
        """`url|version`, as QuestionnaireResponse.questionnaire names it."""
        return f"{self.url}|{self.version}" if self.url and self.version else self.url

    def translated(self, attribute: str, language: str) -> str:
        """The title or description in a language if the form has it."""
        words: str = getattr(self, attribute)
        return in_language(words, self.translations.get(attribute, _NO_WORDS), language)

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
