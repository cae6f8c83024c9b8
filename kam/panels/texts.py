"""The question and its help text with bold and italic, lists and links where there is room for them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kam.panels.base import Json, PanelForm, Source
from questionnaires.authoring import texts
from questionnaires.authoring.kinds import kind_of
from questionnaires.authoring.markup import to_plain
from questionnaires.authoring.settings import SETTINGS
from questionnaires.authoring.tree import find

LONGEST_TEXT = 4000
_TOO_LONG = {"max_length": _("Teksten er for lang. Skriv højst 4000 tegn.")}
_LINE = _("Her kan du bruge fed og kursiv.")
_BLOCK = _("Her kan du bruge fed, kursiv, lister og links.")


def is_for(item: Json) -> bool:
    """Whatever has words."""
    return bool(item.get("linkId"))


class TextsForm(PanelForm):
    panel_name = "texts"

    def prepare(self) -> None:
        item = find(self.source, self.link_id)
        self.text, self.help = texts.text_of(item), None
        if self.text is not None:
            label = _("Tekst") if texts.is_block(item) else _("Spørgsmål eller overskrift")
            self._add("text", label, self.text, is_block=texts.is_block(item))
        self.has_help = kind_of(item) in SETTINGS["help"].kinds
        if self.has_help:
            self.help = texts.help_of(item)
            if self.help is not None:
                self._add("help", _("Hjælpetekst"), self.help, is_block=texts.has_block_help(item))

    @property
    def is_imported(self) -> bool:
        """Is there a text with more in it than can be written here?"""
        return self.text is None or (self.has_help and self.help is None)

    def _add(self, name: str, label: Any, initial: str, *, is_block: bool) -> None:
        self.fields[name] = forms.CharField(
            label=label,
            required=False,
            max_length=LONGEST_TEXT,
            initial=initial,
            help_text=_BLOCK if is_block else _LINE,
            widget=forms.Textarea(attrs={"rows": 5 if is_block else 3}),
            error_messages=_TOO_LONG,
        )

    def changed(self, source: Source) -> Source:
        for name, before, change in (
            ("text", self.text, texts.with_text),
            ("help", self.help, texts.with_help),
        ):
            written = self.cleaned_data.get(name)
            if written is not None and written.replace("\r\n", "\n") != before:
                source = change(source, self.link_id, written if to_plain(written).strip() else "")
        return source
