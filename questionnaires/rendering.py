"""A page of a questionnaire as a citizen sees it: which items, as which controls, with which answers and errors.

The one rendering of questionnaires, for the Borgermodul and for KAM's preview:

    page_view = render_page(definition, page, document, problems=issues, raw=fields)
    {% include "questionnaires/page.html" %}                            takes `page_view`; inside a <form>
    fields = form_fields(definition, page, request.POST, document=document)

Form fields are called by their question's address (`questionnaires.places`) with the prefix `a:`: its link id, and in a
repeating group its row. Radio buttons and check boxes say nothing when none is chosen, so a form also lists which of
them it showed (`asked`); what a form did not show is never read from it (`questionnaires.form_reading`). And it says
from which answers it began (`shown`), so that what another page saved meanwhile is not overwritten.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import Any

from django.utils import timezone
from django.utils.html import linebreaks
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from questionnaires import engine
from questionnaires.blank_views import blank_view, label_of
from questionnaires.controls import NOT_FIELDS, Control, control_of, is_matrix, name_of, unit_of
from questionnaires.engine import (
    Definition,
    Evaluation,
    Issue,
    Item,
    ItemType,
    Occurrence,
    Page,
    Scope,
)
from questionnaires.file_views import files_in
from questionnaires.fingerprints import answers_fingerprint
from questionnaires.form_reading import DATE_PREFIXES, form_fields, is_half_a_date, shown_with
from questionnaires.item_views import ItemView, PageView
from questionnaires.models import language_of_texts
from questionnaires.option_search import find_options, found_in_words, option_words
from questionnaires.pictures import picture_view
from questionnaires.places import address_of, field_name
from questionnaires.rich_text import clean_block

__all__ = [
    "Control",
    "ItemView",
    "PageView",
    "control_of",
    "error_about",
    "field_name",
    "form_fields",
    "language_of",
    "name_of",
    "pages_to_show",
    "render_page",
    "shown_with",
]

DEEPEST_HEADING = 4
MOST_KEPT = 100
"""Views of a question, in its answers. A list of boxes to tick has more combinations than are ever seen."""

_AMONG_OPTIONS = frozenset({Control.RADIOS, Control.CHECKBOXES, Control.SELECT})


def render_page(
    definition: Definition,
    page: Page,
    document: Mapping[str, Any],
    *,
    problems: Iterable[Issue] = (),
    raw: Mapping[str, Sequence[str]] | None = None,
    evaluation: Evaluation | None = None,
    contested: Mapping[str, str] | None = None,
    lines: Mapping[str, int] | None = None,
    units: Mapping[str, Sequence[str]] | None = None,
    going: str = "",
) -> PageView:
    """The page with the answers of `document` (a draft or a finished response).

    `problems` are shown at their questions. Where one has a problem, `raw` (address → what was typed) is shown
    instead of the saved answer. `evaluation` spares a caller who has it already a second one. `contested`: questions
    that were answered here and on another page, and the fingerprint this one began from. `lines`: how many fields
    questions with several answers have at least. `units`: those chosen beside numbers that are not written yet
    (`form_reading.units_waiting`). `going`: the address of a row to ask about before it is removed.
    """
    now = timezone.now()
    evaluation = evaluation or engine.evaluate(definition, document, now=now)
    occurrences = engine.occurrences_of(definition, document, evaluation, now=now)
    renderer = Renderer.of(
        definition,
        page,
        evaluation,
        errors=_first_errors(problems, get_language() or "da"),
        raw=raw or {},
        contested=contested or {},
        lines=lines or {},
        units=units or {},
        going=going,
    )
    depth = min(len(page.groups[1:]) + 2, DEEPEST_HEADING)
    views = tuple(renderer.views(children_on(page, occurrences), level=depth))
    items = renderer.below(page.groups[1:], views, occurrences)
    return PageView(
        link_id=page.link_id,
        number=page.number,
        title=page.title,
        introduction=_introduction(page.group or next(iter(page.groups), None)),
        items=items,
        errors=tuple(_error_list(page, items, renderer.errors)),
        may_skip_all=required_on(page) == {False},
        has_conditions=_has_conditions(page),
        language=language_of(definition),
        picture=picture_view(definition, page.group.link_id) if page.group is not None else None,
    )


def required_on(page: Page) -> set[bool]:
    """Whether its questions have to be answered: both, where some have to and some need not."""
    return {item.required for item in page.walk() if item.is_asked}


def children_on(page: Page, occurrences: engine.Occurrences) -> Sequence[Occurrence]:
    """What stands on the page, in every place: below its group, or the group itself where it repeats."""
    if page.group is None:
        return [one for item in page.items for one in occurrences.by_link_id[item.link_id]]
    instances = occurrences.by_link_id[page.group.link_id]
    return instances if engine.has_rows(page.group) else _children(instances[0])


def _children(occurrence: Occurrence) -> Sequence[Occurrence]:
    return occurrence.scopes[0].all_children if occurrence.scopes else ()


def language_of(definition: Definition) -> str:
    """What the questionnaire is written in, for HTML's `lang`; Danish where it does not say so."""
    return language_of_texts(definition.language)


def pages_to_show(
    definition: Definition, evaluation: Evaluation, document: Mapping[str, Any]
) -> tuple[Page, ...]:
    """The pages with something to answer or to read, as the answers stand."""
    occurrences = engine.occurrences_of(definition, document, evaluation, now=timezone.now())

    def shows(children: Iterable[Occurrence]) -> bool:
        return any(
            _is_visible(one) or any(shows(scope.all_children) for scope in one.scopes)
            for one in children
            if one.enabled and not one.item.is_concealed
        )

    return tuple(page for page in evaluation.pages if shows(children_on(page, occurrences)))


def _is_visible(one: Occurrence) -> bool:
    if one.item.type is ItemType.GROUP:
        return False
    return one.item.is_asked or one.item.type is ItemType.DISPLAY or bool(one.effective)


def _first_errors(problems: Iterable[Issue], language: str) -> dict[str, str]:
    """Address → the first error about it; a warning stops nobody and stays unsaid."""
    found: dict[str, str] = {}
    for issue in problems:
        if issue.is_error and issue.link_id is not None:
            found.setdefault(address_of(issue.link_id, issue.rows), issue.text(language))
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
class Renderer:
    """What every item of a page needs to know to be shown."""

    definition: Definition
    evaluation: Evaluation
    language: str
    text_language: str
    marks_optional: bool
    errors: Mapping[str, str] = field(default_factory=dict)
    raw: Mapping[str, Sequence[str]] = field(default_factory=dict)
    contested: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    going: str = ""

    @classmethod
    def of(cls, definition: Definition, page: Page, evaluation: Evaluation, **facts: Any) -> "Renderer":
        """For the items of one page; `facts` are the fields with a default."""
        return cls(
            definition=definition,
            evaluation=evaluation,
            language=get_language() or "da",
            text_language=language_of(definition),
            marks_optional=len(required_on(page)) == 2,
            **facts,
        )

    def views(self, children: Iterable[Occurrence], *, level: int) -> Iterator[ItemView]:
        """The visible ones among `children`; the children of a question follow it."""
        for item, every in groupby(children, key=lambda one: one.item):
            instances = [one for one in every if one.enabled]
            if item.is_concealed or not instances:
                continue
            if item.type is ItemType.GROUP:
                rows = engine.has_rows(item)
                group = self._rows(instances, level) if rows else self._group(instances[0], level)
                if is_matrix(item) and group.items:
                    group = replace(group, control=Control.MATRIX, options=group.items[0].options)
                if group.items:
                    yield group
                continue
            view = self.leaf(instances[0])
            if view is not None:
                yield view
            yield from self._below_question(instances[0], level)

    def _below_question(self, question: Occurrence, level: int) -> Iterator[ItemView]:
        """What is asked about the answers of a question: of each, where it has several."""
        for number, scope in enumerate(question.scopes):
            views = tuple(self.views(scope.all_children, level=min(level + 1, DEEPEST_HEADING)))
            if len(question.scopes) == 1 or not views:
                yield from self.views(scope.all_children, level=level)
                continue
            words = self._words(question, question.effective[number : number + 1])
            yield ItemView(
                link_id=question.layout.link_id,
                address=address_of(question.layout.link_id, (*engine.rows_of(question), str(number))),
                control=Control.GROUP,
                name=words,
                label=words,
                level=level,
                items=views,
            )

    def below(
        self, groups: Sequence[Item], items: tuple[ItemView, ...], occurrences: engine.Occurrences
    ) -> tuple[ItemView, ...]:
        """The items under the headings of the groups that they were taken out of."""
        for depth, group in reversed(list(enumerate(groups))):
            heading = self._heading(occurrences.by_link_id[group.link_id][0], min(2 + depth, DEEPEST_HEADING))
            items = (replace(heading, items=items),) if items else ()
        return items

    def _group(self, one: Occurrence, level: int) -> ItemView:
        below = tuple(self._in_scopes(one.scopes, min(level + 1, DEEPEST_HEADING)))
        return replace(self._heading(one, level), items=below)

    def _heading(self, one: Occurrence, level: int) -> ItemView:
        item, address = one.item, address_of(one.layout.link_id, engine.rows_of(one))
        return ItemView(
            link_id=item.link_id,
            address=address,
            control=Control.GROUP,
            name=item.text,
            label=label_of(item) if item.text or item.xhtml else "",
            content=_introduction(item),
            error=self.errors.get(address, ""),
            level=level,
            picture=picture_view(self.definition, item.link_id),
        )

    def _in_scopes(self, scopes: Sequence[Scope], level: int) -> Iterator[ItemView]:
        for scope in scopes:
            yield from self.views(scope.all_children, level=level)

    def _rows(self, instances: Sequence[Occurrence], level: int) -> ItemView:
        """A repeating group: a row for each instance, with a way to add and to remove one."""
        item = instances[0].item
        group = replace(self._heading(instances[0], level), control=Control.ROWS)
        most, count = engine.most_rows(item), len(instances)
        rows = [self._row(one, group, level, number, count) for number, one in enumerate(instances, 1)]
        shown = tuple(row for row in rows if row.items)
        return replace(group, items=shown, can_add=count < most, hint=_how_many(item))

    def _row(self, one: Occurrence, group: ItemView, level: int, number: int, count: int) -> ItemView:
        item = one.item
        address = address_of(item.link_id, (*engine.rows_of(one), engine.own_key(one)))
        can_remove = count > max(item.min_occurs or 0, 1)
        return ItemView(
            link_id=item.link_id,
            address=address,
            control=Control.ROW,
            name=item.text,
            label=_("%(number)s af %(count)s") % {"number": number, "count": count} if count > 1 else "",
            level=min(level + 1, DEEPEST_HEADING) if group.label else level,
            can_remove=can_remove,
            is_going=can_remove and address == self.going,
            items=tuple(self._in_scopes(one.scopes, min(level + 2, DEEPEST_HEADING))),
        )

    def leaf(self, one: Occurrence) -> ItemView | None:
        """A text or a question; None for a fixed one that has nothing to say yet."""
        item = one.item.offering(self.evaluation.options.get(one.layout.link_id, ()))
        blank = blank_view(
            self.definition,
            item,
            language=self.language,
            text_language=self.text_language,
            marks_optional=self.marks_optional,
            is_kept=item is one.item,
        )
        rows = engine.rows_of(one)
        if rows:
            blank = replace(blank, address=address_of(item.link_id, rows), drawings=None, answered=None)
        if blank.control is Control.FIXED:
            words = self._words(one, one.effective)
            return replace(blank, words=words, shown=answers_fingerprint(one.effective)) if words else None
        if blank.control in NOT_FIELDS:
            return blank
        if not (blank.answered is not None and self._looks_as_for_anybody(item, blank)):
            return self._question(one, item, blank)
        printed = answers_fingerprint(one.answers)
        view = blank.answered.get(printed)
        if view is None:
            view = self._question(one, item, blank)
            chosen_only = {key for key, _label in view.options}.issuperset(view.values)
            if chosen_only and len(blank.answered) < MOST_KEPT:
                blank.answered[printed] = view
        return view

    def _looks_as_for_anybody(self, item: Item, blank: ItemView) -> bool:
        """Does nothing but the options that were chosen decide how it looks?"""
        return (
            blank.control in _AMONG_OPTIONS
            and not (item.open_choice or item.feedback)
            and blank.address not in self.errors
            and blank.address not in self.contested
        )

    def _words(self, one: Occurrence, answers: Sequence[engine.AnswerValue]) -> str:
        return ", ".join(engine.display_value(one.item, answer, self.language) for answer in answers)

    def _question(self, one: Occurrence, item: Item, blank: ItemView) -> ItemView:
        address, answers, control = blank.address, one.answers, blank.control
        error = self.errors.get(address, "")
        values = tuple(engine.form_values(item, answers))
        elsewhere = None
        if address in self.contested:
            elsewhere = self._words(one, answers)
            error = error or _(
                "Du har også svaret på spørgsmålet et andet sted. Vælg det svar, der skal gælde."
            )
        raw = self.raw.get(address)
        if raw is not None and (error or (control is Control.DATE and is_half_a_date(raw))):
            values = tuple(raw)
        if control is Control.DATE and values and len(values[0].split("-")) != len(DATE_PREFIXES):
            control = Control.LINE  # less than a day, or no date at all: as it is
        if control is Control.NUMBER_LINE:
            # A number field of HTML takes a decimal point only.
            values = tuple(value.replace(",", ".") for value in values)
        view = replace(
            blank,
            control=control,
            field_name=field_name(address),
            values=values,
            feedback=tuple(feedback.text_in(self.text_language) for feedback in engine.feedback_for(one))
            if item.feedback
            else (),
            error=error,
            can_clear=control is Control.RADIOS and not item.required and bool(values),
            shown=self.contested.get(address) or answers_fingerprint(answers),
            elsewhere=elsewhere,
        )
        if control is Control.SEARCH:
            view = self._searched(view, item)
        if control is Control.FILE:
            view = replace(
                view,
                values=(),
                files=files_in(answers),
                accept=",".join(item.file_kinds),
                can_add=item.repeats,
            )
        if view.units and control is Control.NUMBER:
            ((number, unit),) = self._in_units(item, address, values or ("",))
            view = replace(view, values=(number,) if values else (), unit_chosen=unit)
        if item.open_choice:
            keys = {key for key, _label in view.options}
            view = replace(view, own_words=", ".join(value for value in values if value not in keys))
        return self._with_lines(view, item) if control is Control.LINES else view

    def _searched(self, view: ItemView, item: Item) -> ItemView:
        """What is chosen of a long list, and what is found by the words that were typed and chose nothing."""
        chosen = [option for value in view.values if (option := item.option(value)) is not None]
        unread = [value for value in view.values if item.option(value) is None]
        query = unread[-1] if unread and not item.open_choice else ""
        options, found = chosen, ""
        if query:
            some, count = find_options(item, query)
            options = [*chosen, *[option for option in some if option not in chosen]]
            found = found_in_words(len(some), count)
        elif chosen and not item.repeats:
            query = chosen[0].label
        return replace(
            view,
            options=tuple((option.key, option_words(item, option, self.language)) for option in options),
            takes_several=item.repeats,
            query=query,
            found=found,
            can_clear=bool(chosen) and not (item.required or item.repeats),
        )

    def _with_lines(self, view: ItemView, item: Item) -> ItemView:
        most = engine.most_rows(item)
        wanted = max(len(view.values), item.min_occurs or 1, min(self.lines.get(view.address, 1), most))
        lines = (*view.values, *[""] * (wanted - len(view.values)))
        if view.units:
            parts = self._in_units(item, view.address, lines)
            lines = tuple(number for number, _unit in parts)
            view = replace(view, line_units=tuple(unit for _number, unit in parts))
        return replace(view, lines=lines, can_add=len(lines) < most, is_long=item.type is ItemType.TEXT)

    def _in_units(self, item: Item, address: str, texts: Sequence[str]) -> list[tuple[str, str]]:
        """(number, value of its unit) of each field; beside one without a number the unit that was chosen before it."""
        waiting = iter(self.units.get(address, ()))
        parts = []
        for text in texts:
            number, unit = engine.split_unit(item, text) if text else ("", next(waiting, ""))
            parts.append((number, unit_of(item, unit)))
        return parts


def _how_many(item: Item) -> str:
    """How many rows there have to be, and may be, where the questionnaire says so."""
    low, high = item.min_occurs or 0, item.max_occurs
    if low > 1 and high is not None:
        return _("Udfyld fra %(low)s til %(high)s.") % {"low": low, "high": high}
    if low > 1:
        return _("Udfyld mindst %(low)s.") % {"low": low}
    return _("Du kan udfylde højst %(high)s.") % {"high": high} if high is not None and high > 1 else ""
