"""A page of a questionnaire as a citizen sees it: which items, as which controls, with which answers and errors.

The one rendering of questionnaires, for the Borgermodul and for KAM's preview:

    page_view = render_page(definition, page, document, problems=issues, raw=fields)
    {% include "questionnaires/page.html" %}                            takes `page_view`; inside a <form>
    fields = form_fields(definition, page, request.POST, document=document)

Form fields are called by their link id with the prefix `a:`. Radio buttons and check boxes say nothing when none is
chosen, so a form also lists which of them it showed (`asked`); what a form did not show is never read from it. And it
says from which answers it began (`shown`), so that what another page saved meanwhile is not overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.http import QueryDict
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.html import conditional_escape, format_html, linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.engine import (
    AnswerValue,
    Definition,
    Evaluation,
    Issue,
    Item,
    ItemControl,
    ItemType,
    Page,
)
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.rich_text import clean_block, clean_inline

FIELD_PREFIX = "a:"
ASKED = "asked"
# “link id, space, fingerprint of the answers it was shown with”, one a question.
SHOWN = "shown"
CLEAR = "clear"

# More options than this are a drop-down list instead of a wall of radio buttons.
MOST_RADIOS = 12
DEEPEST_HEADING = 4


class Control(StrEnum):
    """How an item is shown; each has its template in `templates/questionnaires/`."""

    GROUP = "group"
    DISPLAY = "display"
    FIXED = "fixed"
    RADIOS = "radios"
    CHECKBOXES = "checkboxes"
    SELECT = "select"
    NUMBER = "number"
    NUMBER_LINE = "number_line"
    DATE = "date"
    TIME = "time"
    DATE_TIME = "date_time"
    LINE = "line"
    TEXT = "text"
    UNASKABLE = "unaskable"


NOT_FIELDS = frozenset({Control.GROUP, Control.DISPLAY, Control.FIXED, Control.UNASKABLE})

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
    ItemType.ATTACHMENT: Control.UNASKABLE,
    ItemType.REFERENCE: Control.UNASKABLE,
}


@dataclass(frozen=True, slots=True)
class ItemView:
    """One item to show.

    `name` is what it asks, as plain text; `label` the same for HTML (formatted where the questionnaire is).
    `values` are what its form fields hold; `options` are (value, label) as the field components take them, and
    `own_words` what an open choice (`is_open`) has beside them. `optional` is true where the page mixes questions
    that may be skipped with some that may not. `shown` is the fingerprint of the answers that it began from,
    `elsewhere` what was answered on another page meanwhile, in words: the citizen has to choose. `words` is the
    answer of an item that is shown and not asked, `content` the text of one that is only read. `level` is the
    heading's, for groups.
    """

    link_id: str
    control: Control
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
    minimum: str = ""
    maximum: str = ""
    step: str = "1"
    low: str = ""
    high: str = ""
    whole: bool = False
    level: int = 2
    items: tuple["ItemView", ...] = ()

    @property
    def template(self) -> str:
        """The template that draws it."""
        return f"questionnaires/{self.control.value}.html"

    @property
    def value(self) -> str:
        """The value of a control that has only one."""
        return self.values[0] if self.values else ""

    @property
    def says_nothing_when_empty(self) -> bool:
        """Does a form leave it out when nothing is chosen?"""
        return self.control in (Control.RADIOS, Control.CHECKBOXES)

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

    def walk(self) -> Iterator[ItemView]:
        """All items, in order."""
        for item in self.items:
            yield from item.walk()

    @property
    def asked(self) -> frozenset[str]:
        """The link ids of the questions it asks."""
        return frozenset(item.link_id for item in self.walk() if item.field_name)


def field_name(link_id: str) -> str:
    """What the form fields of an item are called."""
    return f"{FIELD_PREFIX}{link_id}"


def render_page(
    definition: Definition,
    page: Page,
    document: Mapping[str, Any],
    *,
    problems: Iterable[Issue] = (),
    raw: Mapping[str, Sequence[str]] | None = None,
    evaluation: Evaluation | None = None,
    contested: Mapping[str, str] | None = None,
) -> PageView:
    """The page with the answers of `document` (a draft or a finished response).

    `problems` are shown at their questions. Where one has a problem, `raw` (link id → what was typed) is shown
    instead of the saved answer. `evaluation` spares a caller who has it already a second one. `contested`: questions
    that were answered here and on another page, and the fingerprint this one began from.
    """
    language = get_language() or "da"
    asked = [item for item in page.walk() if item.is_asked]
    renderer = _Renderer(
        document=document,
        evaluation=evaluation or engine.evaluate(definition, document, now=timezone.now()),
        language=language,
        text_language=language_of(definition),
        errors=_first_errors(problems, language),
        raw=raw or {},
        contested=contested or {},
        marks_optional=len({item.required for item in asked}) == 2,
    )
    items = tuple(renderer.views(page.items, level=2))
    return PageView(
        link_id=page.link_id,
        number=page.number,
        title=page.title,
        introduction=_introduction(page.group),
        items=items,
        errors=tuple(_error_list(page, items, renderer.errors)),
        may_skip_all=bool(asked) and not any(item.required for item in asked),
        has_conditions=_has_conditions(page),
        language=language_of(definition),
    )


def language_of(definition: Definition) -> str:
    """What the questionnaire is written in, for HTML's `lang`; Danish where it does not say so."""
    return definition.language or settings.LANGUAGE_CODE


def pages_to_show(evaluation: Evaluation, document: Mapping[str, Any]) -> tuple[Page, ...]:
    """The pages with something to answer or to read, as the answers stand."""

    def shows(items: Iterable[Item]) -> bool:
        return any(
            _is_visible(item, evaluation, document) or shows(item.items)
            for item in items
            if not item.is_concealed
        )

    return tuple(page for page in evaluation.pages if shows(page.items))


def _is_visible(item: Item, evaluation: Evaluation, document: Mapping[str, Any]) -> bool:
    if item.type is ItemType.GROUP or not evaluation.is_enabled(item.link_id):
        return False
    return item.is_asked or item.type is ItemType.DISPLAY or bool(answers_shown(item, document, evaluation))


def _first_errors(problems: Iterable[Issue], language: str) -> dict[str, str]:
    """Link id → the first error about it; a warning stops nobody and stays unsaid."""
    found: dict[str, str] = {}
    for issue in problems:
        if issue.is_error and issue.link_id is not None:
            found.setdefault(issue.link_id, issue.text(language))
    return found


def _introduction(group: Item | None) -> str:
    """What a page's group says beyond its title."""
    if group is None:
        return ""
    if group.help_xhtml:
        return clean_block(group.help_xhtml)
    return SafeString(linebreaks(group.help_text, autoescape=True)) if group.help_text else ""


def _error_list(
    page: Page, items: Sequence[ItemView], errors: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    """What is wrong, in the page's order. A group has no field of its own: its error leads to its first question."""
    if page.group is not None and page.group.link_id in errors:
        first = next((item.first_field() for item in items if item.first_field()), "")
        yield first, errors[page.group.link_id]
    for item in items:
        for view in item.walk():
            if view.error:
                yield view.first_field(), error_about(view.name, view.error)


def error_about(name: str, error: str) -> str:
    """An error for a list away from its question: “Hvor gør det ondt? Vælg et svar.”"""
    return f"{name} {error}" if name.rstrip().endswith(("?", ".", "!", ":")) else f"{name}: {error}"


def _has_conditions(page: Page) -> bool:
    here = {item.link_id for item in page.walk()}
    return any(condition.question in here for item in page.walk() for condition in item.enable_when)


@dataclass(frozen=True, slots=True)
class _Renderer:
    """What every item of a page needs to know to be shown."""

    document: Mapping[str, Any]
    evaluation: Evaluation
    language: str
    text_language: str
    errors: Mapping[str, str]
    raw: Mapping[str, Sequence[str]]
    contested: Mapping[str, str]
    marks_optional: bool

    def views(self, items: Iterable[Item], *, level: int) -> Iterator[ItemView]:
        """The visible ones among `items`; the children of a question follow it."""
        for item in items:
            if item.is_concealed or not self.evaluation.is_enabled(item.link_id):
                continue
            if item.type is ItemType.GROUP:
                group = self._group(item, level)
                if group.items:
                    yield group
                continue
            view = self._leaf(item.offering(self.evaluation.options.get(item.link_id, ())))
            if view is not None:
                yield view
            yield from self.views(item.items, level=level)

    def _group(self, item: Item, level: int) -> ItemView:
        return ItemView(
            link_id=item.link_id,
            control=Control.GROUP,
            name=item.text,
            label=_label(item) if item.text or item.xhtml else "",
            content=_introduction(item),
            error=self.errors.get(item.link_id, ""),
            level=level,
            items=tuple(self.views(item.items, level=min(level + 1, DEEPEST_HEADING))),
        )

    def _leaf(self, item: Item) -> ItemView | None:
        """A text or a question; None for a fixed one that has nothing to say yet."""
        control = control_of(item)
        if control is Control.DISPLAY:
            content = (
                clean_block(item.xhtml) if item.xhtml else SafeString(linebreaks(item.text, autoescape=True))
            )
            return ItemView(link_id=item.link_id, control=control, name=item.text, content=content)
        bare = ItemView(link_id=item.link_id, control=control, name=name_of(item), label=_label(item))
        if control is Control.FIXED:
            words = self._words(item)
            return replace(bare, words=words) if words else None
        return bare if control in NOT_FIELDS else self._question(item, bare)

    def _words(self, item: Item) -> str:
        answers = answers_shown(item, self.document, self.evaluation)
        return ", ".join(engine.display_value(item, answer, self.language) for answer in answers)

    def _question(self, item: Item, bare: ItemView) -> ItemView:
        error = self.errors.get(item.link_id, "")
        answers = engine.answers_of(self.document, item.link_id)
        values = tuple(engine.form_values(item, answers))
        elsewhere = None
        if item.link_id in self.contested:
            elsewhere = ", ".join(engine.display_value(item, answer, self.language) for answer in answers)
            error = error or _(
                "Du har også svaret på spørgsmålet et andet sted. Vælg det svar, der skal gælde."
            )
        if error and item.link_id in self.raw:
            values = tuple(self.raw[item.link_id])
        view = replace(
            bare,
            field_name=field_name(item.link_id),
            values=values,
            options=self._options(item),
            is_open=item.open_choice,
            hint=self._hint(item),
            error=error,
            optional=self.marks_optional and not item.required,
            can_clear=bare.control is Control.RADIOS and not item.required and bool(values),
            shown=self.contested.get(item.link_id, answers_fingerprint(answers)),
            elsewhere=elsewhere,
        )
        if item.open_choice:
            keys = {key for key, _label in view.options}
            view = replace(view, own_words=", ".join(value for value in values if value not in keys))
        return _with_number(view, item) if item.type.is_numeric and not item.options else view

    def _options(self, item: Item) -> tuple[tuple[str, str], ...]:
        if item.type is ItemType.BOOLEAN:
            return (("true", self._said_by_us(_("Ja"))), ("false", self._said_by_us(_("Nej"))))
        return tuple(
            (option.key, f"{option.prefix} {words}" if option.prefix else words)
            for option in item.options
            if (
                words := option.label
                if item.type.is_choice
                else engine.display_value(item, option.value, self.language)
            )
        )

    def _hint(self, item: Item) -> str:
        """The item's help, and how to answer where that is not plain to see."""
        help_text = clean_inline(item.help_xhtml) if item.help_xhtml else item.help_text
        how = " ".join(part for part in _ways_to_answer(item) if part)
        parts = [part for part in (help_text, item.entry_format, self._said_by_us(how)) if part]
        return SafeString(" ".join(conditional_escape(part) for part in parts)) if parts else ""

    def _said_by_us(self, words: str) -> str:
        """Words of the screen among those of the questionnaire: read aloud in the screen's language, not in theirs."""
        if not words or self.language == self.text_language:
            return words
        return format_html('<span lang="{}">{}</span>', self.language, words)


def control_of(item: Item) -> Control:
    """How the item is shown to somebody who answers."""
    if item.type.is_question and not item.is_asked:
        return Control.FIXED
    if item.offers_options:
        if item.repeats:
            return Control.CHECKBOXES
        many = len(item.options) > MOST_RADIOS and item.control is not ItemControl.RADIO_BUTTON
        drops_down = (
            item.control in (ItemControl.DROP_DOWN, ItemControl.AUTOCOMPLETE) and len(item.options) > 2
        )
        return Control.SELECT if many or drops_down else Control.RADIOS
    if item.control is ItemControl.SLIDER and item.type.is_numeric and _has_ends(item):
        return Control.NUMBER_LINE
    return _CONTROLS[item.type]


def _has_ends(item: Item) -> bool:
    """A line needs two ends, and at least one step between them."""
    low, high = item.min_value, item.max_value
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low + (item.step or 1) <= high


def name_of(item: Item) -> str:
    """What an item asks, as plain text."""
    text = item.text or item.label
    return f"{item.prefix} {text}" if item.prefix else text


def _label(item: Item) -> str:
    """The question for HTML: plain text, which templates escape, or cleaned formatted text."""
    if not item.xhtml:
        return name_of(item)
    formatted = clean_inline(item.xhtml)
    return format_html("{} {}", item.prefix, formatted) if item.prefix else formatted


def _ways_to_answer(item: Item) -> Iterator[str]:
    if item.offers_options and item.repeats:
        yield _("Du kan vælge flere.")
        for option in item.options:
            if option.exclusive:
                yield _("Vælger du »%(option)s«, bliver dine andre svar fjernet.") % {"option": option.label}
    if item.type in (ItemType.DATE, ItemType.DATE_TIME) and not (item.entry_format or item.options):
        date_only = item.type is ItemType.DATE
        yield (
            _("Skriv dag, måned og år, fx 31-12-2026.")
            if date_only
            else _("Skriv det sådan: 31-12-2026 14:30.")
        )
    if item.type is ItemType.TIME and not (item.entry_format or item.options):
        yield _("Skriv timer og minutter, fx 14:30.")
    if control_of(item) is Control.NUMBER:
        yield _number_bounds(item)
    if item.type.is_text and item.max_length:
        yield _("Du kan skrive højst %(limit)s tegn.") % {"limit": item.max_length}


def _number_bounds(item: Item) -> str:
    low, high = item.min_value, item.max_value
    ends = {
        "low": number_format(low) if isinstance(low, Decimal) else "",
        "high": number_format(high) if isinstance(high, Decimal) else "",
    }
    if ends["low"] and ends["high"]:
        return _("Skriv et tal fra %(low)s til %(high)s.") % ends
    return ""


def _with_number(view: ItemView, item: Item) -> ItemView:
    low, high = item.min_value, item.max_value
    view = replace(
        view,
        unit=item.unit,
        minimum=f"{low:f}" if isinstance(low, Decimal) else "",
        maximum=f"{high:f}" if isinstance(high, Decimal) else "",
        step=f"{item.step:f}" if item.step else "1",
        low=item.lower_label,
        high=item.upper_label,
        whole=item.type is ItemType.INTEGER,
    )
    if view.control is Control.NUMBER_LINE:
        # A number field of HTML takes a decimal point only.
        return replace(view, values=tuple(value.replace(",", ".") for value in view.values))
    return view


def answers_shown(item: Item, document: Mapping[str, Any], evaluation: Evaluation) -> Sequence[AnswerValue]:
    """The answers to an item as they stand now: what was calculated, else what the document holds."""
    calculated = evaluation.calculated.get(item.link_id)
    if calculated is not None:
        return (calculated,)
    return engine.answers_of(document, item.link_id)


def form_fields(
    definition: Definition, page: Page, post: QueryDict, *, document: Mapping[str, Any] | None = None
) -> dict[str, list[str]]:
    """Link id → what the form says of each question it showed; [] for what is empty, unticked or cleared.

    With `document` (the answers before), an option that excludes the others gives way to one ticked after it.
    """
    shown = frozenset(post.getlist(ASKED))
    cleared = frozenset(post.getlist(CLEAR))
    fields: dict[str, list[str]] = {}
    for item in page.walk():
        name = field_name(item.link_id)
        if not item.is_asked or (name not in post and item.link_id not in shown):
            continue
        values = [] if name in cleared else [value for value in post.getlist(name) if value.strip()]
        if control_of(item) is Control.NUMBER_LINE:
            # HTML's number fields write 1.250 for one and a quarter, which people write for a thousand.
            values = [value.replace(".", ",") for value in values]
        before = engine.answers_of(document, item.link_id) if document is not None else ()
        fields[item.link_id] = _without_excluded(item, values, engine.form_values(item, before))
    return fields


def shown_with(post: QueryDict) -> dict[str, str]:
    """Link id → the fingerprint of the answers with which the form was shown."""
    pairs = (said.rpartition(" ") for said in post.getlist(SHOWN))
    return {link_id: printed for link_id, _space, printed in pairs if link_id}


def _without_excluded(item: Item, values: list[str], before: Sequence[str]) -> list[str]:
    """“None of these” stands alone: it clears the others, unless it was there before and another one came."""
    exclusive = [option.key for option in item.options if option.exclusive and option.key in values]
    if not exclusive or len(values) == 1:
        return values
    newly = [key for key in exclusive if key not in before]
    if newly:
        return newly[:1]
    others = [value for value in values if value not in exclusive]
    return others if any(value not in before for value in others) else exclusive[:1]
