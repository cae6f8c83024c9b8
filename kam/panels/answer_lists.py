"""Options from a list that is kept: copied into the question, which then is whole by itself."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kam.panels.base import PanelForm, Source
from questionnaires.authoring import answer_lists
from questionnaires.authoring.answer_lists import ListOption
from questionnaires.authoring.refusals import CannotDo
from questionnaires.kept_answer_lists import options_in
from questionnaires.models import AnswerList

is_for = answer_lists.can_use_list


class AnswerListsForm(PanelForm):
    panel_name = "answer-lists"

    def prepare(self) -> None:
        lists = AnswerList.objects.none()
        if self.version is not None:
            lists = AnswerList.objects.usable_by(self.version.questionnaire.owner).order_by("name")
        self.has_lists = lists.exists()
        self.fields["kept"] = _ListField(
            queryset=lists,
            label=_("Svarliste"),
            empty_label=_("Vælg en svarliste"),
            help_text=_("Listens svar træder i stedet for dem, spørgsmålet har nu."),
            error_messages={
                "required": _("Vælg den svarliste, du vil bruge."),
                "invalid_choice": _("Den svarliste findes ikke mere. Vælg en anden."),
            },
        )

    def clean(self) -> dict[str, Any]:
        """Whether the options can be exchanged at all."""
        cleaned = super().clean() or {}
        self.options: tuple[ListOption, ...] = ()
        if kept := cleaned.get("kept"):
            self.options = options_in(kept)
            try:
                self.changed(self.source)
            except CannotDo:
                self.add_error(
                    "kept",
                    _("En betingelse bruger et af de svar, spørgsmålet har nu. Fjern den betingelse først."),
                )
        return cleaned

    def changed(self, source: Source) -> Source:
        return answer_lists.with_list(source, self.link_id, self.options)


class _ListField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic at run time
    def label_from_instance(self, obj: AnswerList) -> Any:
        """The name of the list, how long it is, and whether it is everybody's."""
        words = {"name": obj.name, "number": len(obj.options)}
        if obj.is_national:
            return _("%(name)s (%(number)s svar, national)") % words
        return _("%(name)s (%(number)s svar)") % words
