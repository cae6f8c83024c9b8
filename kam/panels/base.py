"""What a panel of the builder is: a piece of an element's settings with a form of its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from questionnaires.models import QuestionnaireVersion

Json = Mapping[str, Any]
Source = dict[str, Any]


class PanelForm(forms.Form):
    """A form about one element. Its fields are named after the panel, so that panels share a page."""

    panel_name = ""

    def __init__(
        self,
        source: Source,
        link_id: str,
        data: Any = None,
        files: Any = None,
        *,
        version: QuestionnaireVersion | None = None,
    ) -> None:
        super().__init__(data, files, prefix=self.panel_name)
        self.source = source
        self.link_id = link_id
        self.version = version
        self.prepare()

    def prepare(self) -> None:
        """Make the fields that depend on the element."""

    def changed(self, source: Source) -> Source:
        """The document with what the form says; only asked of a valid form. Raises CannotDo."""
        raise NotImplementedError

    def sent(self, name: str) -> str | None:
        """What was sent in a field, None where the form was not sent or lacks it."""
        return self.data.get(self.add_prefix(name)) if self.is_bound else None


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel: `name` in addresses, `template` for the inside of its form (`panel_form`, `item`, `version`)."""

    name: str
    title: str | Promise
    form_class: type[PanelForm]
    is_for: Callable[[Json], bool]
    is_decision_support: bool = False

    @property
    def template(self) -> str:
        """The include that draws it."""
        return f"kam/panels/{self.name}.html"

    def form(
        self,
        source: Source,
        link_id: str,
        data: Any = None,
        files: Any = None,
        *,
        version: QuestionnaireVersion | None = None,
    ) -> PanelForm:
        """The form about an element, empty or as it was sent."""
        return self.form_class(source, link_id, data, files, version=version)

    def changed(self, source: Source, link_id: str, form: forms.Form) -> Source:
        """The document with what a valid form says. Raises CannotDo."""
        if not isinstance(form, PanelForm) or form.link_id != link_id:
            raise TypeError("a panel's form changes the element it was made for")
        return form.changed(source)
