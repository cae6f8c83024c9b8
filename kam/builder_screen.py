"""What the builder shows of a draft when one element is selected."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import get_language

from kam.builder_forms import AnswersForm, ElementForm, HeadForm
from kam.builder_outline import row_id
from kam.builder_words import FAMILIES, ISSUES, KINDS
from kam.panels import offered_panels
from questionnaires import building, engine
from questionnaires.authoring.answers import answers_of, has_own_answers
from questionnaires.authoring.excerpt import excerpt
from questionnaires.authoring.kinds import Kind, kind_of
from questionnaires.authoring.refusals import CannotDo
from questionnaires.authoring.tree import name_of, node_at, path_to
from questionnaires.models import QuestionnaireVersion
from questionnaires.rendering import ItemView, PageView, render_page

MOST_ANSWERS = 100
"""A longer list comes from elsewhere, and nobody writes it answer by answer."""


@dataclass
class Screen:
    """The selected element (none: the questionnaire itself) with its forms, as they are or as they were sent."""

    version: QuestionnaireVersion
    selected: str = ""
    may_edit: bool = True
    notice: str = ""
    offers_delete_all: bool = False
    element_form: ElementForm | None = None
    answers_form: AnswersForm | None = None
    head_form: HeadForm | None = None
    panel_forms: Mapping[str, forms.Form] = field(default_factory=dict)
    open_panel: str = ""
    item: dict[str, Any] | None = None
    parent: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Find the element; what is not there any more is not selected."""
        try:
            path = path_to(self.version.source, self.selected) if self.selected else ()
        except CannotDo:
            path = ()
        if not path:
            self.selected = ""
            return
        self.item = node_at(self.version.source, path)
        self.parent = node_at(self.version.source, path[:-1]) if len(path) > 1 else None

    @property
    def has_errors(self) -> bool:
        """Is there a field that says what is wrong?"""
        return any(form is not None and form.errors for form in (self.element_form, self.head_form)) or (
            self.answers_form is not None and self.answers_form.has_errors
        )

    def bar(self) -> dict[str, Any]:
        """For the line above it all: what was done last, and the ways back and forth."""
        return {
            "version": self.version,
            "may_edit": self.may_edit,
            "selected": self.selected,
            "last_step": building.last_step(self.version),
            "next_step": building.next_step(self.version),
        }

    def work(self) -> dict[str, Any]:
        """For the middle and the settings."""
        return {
            "version": self.version,
            "seen": self.version.revision.hex,
            "may_edit": self.may_edit,
            "notice": self.notice,
            "offers_delete_all": self.offers_delete_all,
            "selected": self.selected,
            "selected_row": row_id(self.selected) if self.selected else "",
            "item": self.item,
            "name": name_of(self.item) if self.item is not None else "",
            "families": FAMILIES_IN_WORDS,
            **self._preview(),
            **self._settings(),
        }

    def _settings(self) -> dict[str, Any]:
        if self.item is None:
            form = self.head_form if self._shows(self.head_form) else HeadForm(self.version.source)
            return {"head_form": form.for_screen() if form is not None else None}
        element = self.element_form if self._shows(self.element_form) else ElementForm(self.item)
        is_matrix_row = self.parent is not None and kind_of(self.parent) is Kind.MATRIX
        chooses = has_own_answers(self.item) and not is_matrix_row
        is_long = chooses and len(answers_of(self.item)) > MOST_ANSWERS
        chooses = chooses and not is_long
        answers = self.answers_form or (AnswersForm(self.item) if chooses else None)
        return {
            "kind": KINDS[kind_of(self.item)],
            "element_form": element.for_screen() if element is not None else None,
            "answers_form": answers.for_screen() if answers is not None else None,
            "answers_are_long": is_long,
            "matrix": self.parent if is_matrix_row else None,
            "panels": list(self._panels()),
        }

    def _shows(self, form: Any) -> bool:
        """A form as it was sent is shown for what is wrong in it; else what is stored."""
        return form is not None and bool(form.errors)

    def _panels(self) -> Iterator[dict[str, Any]]:
        """Only an open panel has its form made and sent: it may list every question there is."""
        for panel in offered_panels(self.version, self.item):
            sent = self.panel_forms.get(panel.name)
            is_open = sent is not None or panel.name == self.open_panel
            form = sent
            if form is None and is_open:
                form = panel.form(self.version.source, self.selected, version=self.version)
            yield {"panel": panel, "form": form, "is_open": is_open}

    def _preview(self) -> dict[str, Any]:
        compilation = engine.compile_questionnaire(excerpt(self.version.source, self.selected))
        definition = compilation.definition
        if definition is None:
            return {"page_views": (), "issues": ()}
        document = engine.new_response(definition)
        views = [render_page(definition, page, document) for page in definition.sections]
        language = get_language() or "da"
        issues = [
            str(ISSUES.get(issue.key) or issue.text(language))
            for issue in compilation.issues
            if self.selected
            and issue.link_id == self.selected
            and issue.severity is not engine.Severity.INFORMATION
        ]
        return {"page_views": views, "issues": issues, "highlight": _element_of(views, self.selected)}


def _element_of(views: list[PageView], link_id: str) -> str:
    """What the selected question is called on the page."""

    def found(items: tuple[ItemView, ...]) -> Iterator[ItemView]:
        for item in items:
            yield from item.walk()

    return next(
        (
            view.element_id
            for page in views
            for view in found(page.items)
            if view.link_id == link_id and view.field_name
        ),
        "",
    )


FAMILIES_IN_WORDS = [(family, [(kind, KINDS[kind]) for kind in kinds]) for family, kinds in FAMILIES]
