"""What a page of a questionnaire shows, item by item: values for the templates, made by `questionnaires.rendering`."""

from collections.abc import Hashable, Iterator
from dataclasses import dataclass, field

from kommunalpro.templatetags.fields import field_id
from questionnaires.controls import Control
from questionnaires.file_views import FileView
from questionnaires.form_reading import DATE_PREFIXES, UNIT_PREFIX
from questionnaires.pictures import PictureView
from questionnaires.places import field_name


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item to show.

    `name` is what it asks, as plain text; `label` the same for HTML (formatted where the questionnaire is).
    `values` are what its form fields hold; `options` are (value, label) as the field components take them, and
    `own_words` what an open choice (`is_open`) has beside them. `optional` is true where the page mixes questions
    that may be skipped with some that may not. `shown` is the fingerprint of the answers that it began from,
    `elsewhere` what was answered on another page meanwhile, in words: the citizen has to choose. `words` is the
    answer of an item that is shown and not asked, `query` what a long list is searched for, `found` how many that
    finds, `feedback` what the questionnaire says to the answer (where it says anything to any: `has_feedback`),
    `content` the text of one that is only read. `level` is the heading's, for groups. `address` is the link id,
    with its rows where it stands in any; `lines` are the values of a question that takes several answers, one a
    field. `can_add`: may there be one more row or line; `can_remove`: may this row go, `is_going`: is the citizen
    asked whether it may. `picture` is shown with what it asks; `files` are those that were
    given, `accept` the kinds that may be. `units` are (value, name) of those to choose among for a number, its own
    first; `unit_chosen` is the value of the chosen one, `line_units` those of the lines.

    `drawings` are of the view before anybody answered (`blank_views`) and of all that are made from it by an answer:
    how each was drawn (`templatetags.questions`). None where nothing is kept. `answered` are those views themselves,
    by the fingerprint of an answer among the question's own options (`rendering`).
    """

    link_id: str
    control: Control
    address: str = ""
    name: str = ""
    label: str = ""
    field_name: str = ""
    values: tuple[str, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    is_open: bool = False
    own_words: str = ""
    hint: str = ""
    error: str = ""
    optional: bool = False
    can_clear: bool = False
    shown: str = ""
    elsewhere: str | None = None
    words: str = ""
    content: str = ""
    unit: str = ""
    units: tuple[tuple[str, str], ...] = ()
    unit_chosen: str = ""
    line_units: tuple[str, ...] = ()
    minimum: str = ""
    maximum: str = ""
    step: str = "1"
    low: str = ""
    high: str = ""
    whole: bool = False
    level: int = 2
    has_feedback: bool = False
    feedback: tuple[str, ...] = ()
    limit: int | None = None
    takes_several: bool = False
    query: str = ""
    found: str = ""
    lines: tuple[str, ...] = ()
    is_long: bool = False
    can_add: bool = False
    can_remove: bool = False
    is_going: bool = False
    picture: PictureView | None = None
    files: tuple[FileView, ...] = ()
    accept: str = ""
    items: tuple["ItemView", ...] = ()
    drawings: dict[Hashable, str] | None = field(default=None, compare=False, repr=False)
    answered: dict[str, "ItemView"] | None = field(default=None, compare=False, repr=False)

    @property
    def template(self) -> str:
        """The template that draws it."""
        return f"questionnaires/{self.control.value}.html"

    @property
    def value(self) -> str:
        """The value of a control that has only one."""
        return self.values[0] if self.values else ""

    @property
    def element_id(self) -> str:
        """What its element is called in HTML: its control, or with an ending of its own what stands around it."""
        return field_id(field_name(self.address))

    @property
    def numbered_lines(self) -> list[tuple[str, str, str]]:
        """(id, value, chosen unit) of each of its fields. The first has the field's own id, for links to it."""
        units = self.line_units or ("",) * len(self.lines)
        return [
            (self.line_id(number), value, unit)
            for number, (value, unit) in enumerate(zip(self.lines, units, strict=True), 1)
        ]

    @property
    def unit_field(self) -> str:
        """What the field is called in which the unit is chosen."""
        return f"{UNIT_PREFIX}{self.address}"

    @property
    def date_parts(self) -> tuple[str, ...]:
        """Day, month and year, each as it stands in its field."""
        parts = self.value.split("-") if self.value else []
        return tuple(parts) if len(parts) == len(DATE_PREFIXES) else ("", "", "")

    @property
    def room_left(self) -> int:
        """How many characters there is room for; below zero for how many are too many."""
        return (self.limit or 0) - len(self.value.replace("\r\n", "\n"))

    @property
    def too_many(self) -> int:
        """How many characters are too many."""
        return max(-self.room_left, 0)

    @property
    def next_line_id(self) -> str:
        """The id that one more field would have."""
        return self.line_id(len(self.lines) + 1)

    def line_id(self, number: int) -> str:
        """The id of its field of this number, from 1."""
        return self.element_id if number == 1 else f"{self.element_id}-{number}"

    @property
    def says_nothing_when_empty(self) -> bool:
        """Does a form leave it out when nothing is chosen?"""
        return self.control in (Control.RADIOS, Control.CHECKBOXES, Control.SEARCH, Control.DATE)

    def walk(self) -> Iterator["ItemView"]:
        """It and all below it, in order."""
        yield self
        for item in self.items:
            yield from item.walk()

    def first_field(self) -> str:
        """The name of its form field, or of the first one below it; "" without any."""
        return next((view.field_name for view in self.walk() if view.field_name), "")


@dataclass(frozen=True, slots=True)
class PageView:
    """One page to show: only what the answers make visible.

    `errors` are (field name, sentence) for the list at the top. `has_conditions`: an answer on this page decides
    whether another of its questions is asked. `language` is what the questionnaire is written in, whatever the
    screen speaks.
    """

    link_id: str
    number: int
    title: str
    introduction: str
    items: tuple[ItemView, ...]
    errors: tuple[tuple[str, str], ...]
    may_skip_all: bool
    has_conditions: bool
    language: str
    picture: PictureView | None = None

    def walk(self) -> Iterator[ItemView]:
        """All items, in order."""
        for item in self.items:
            yield from item.walk()

    @property
    def is_flawed(self) -> bool:
        """Does it say that something is wrong, or ask which of two answers counts?"""
        return bool(self.errors) or any(view.error or view.elsewhere is not None for view in self.walk())

    @property
    def takes_files(self) -> bool:
        """Does it ask for a picture or a file? Then its form is sent in parts."""
        return any(item.control is Control.FILE for item in self.walk())

    @property
    def asked(self) -> frozenset[str]:
        """The addresses of the questions it asks."""
        return frozenset(item.address for item in self.walk() if item.field_name)
