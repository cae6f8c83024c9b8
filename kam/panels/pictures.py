"""Pictures beside a question and its options: judged by their content, drawn anew, always with words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from kam.panels.base import PanelForm, Source
from questionnaires.authoring import pictures_editing as editing
from questionnaires.authoring.pictures_editing import MOST_BYTES, Picture, Place
from questionnaires.authoring.tree import find
from questionnaires.files import JPEG, PNG, NotTaken, made_harmless, too_large

LONGEST_WORDS = 300


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """The fields for one place."""

    place: Place
    fields: tuple[BoundField, ...]


is_for = editing.can_have_picture


class PicturesForm(PanelForm):
    panel_name = "pictures"

    def prepare(self) -> None:
        self.places = editing.places_of(find(self.source, self.link_id))
        for number, place in enumerate(self.places):
            self.fields[f"file-{number}"] = forms.FileField(
                label=_("Nyt billede") if place.has_picture else _("Billede"),
                required=False,
                help_text=_("JPEG eller PNG. Store billeder bliver gjort mindre.") if not number else "",
                widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp"}),
                error_messages={
                    "invalid": _("Vælg et billede."),
                    "empty": _("Filen er tom. Vælg en anden fil."),
                    "missing": _("Vælg et billede."),
                },
            )
            self.fields[f"words-{number}"] = forms.CharField(
                label=_("Hvad viser billedet?"),
                required=False,
                max_length=LONGEST_WORDS,
                initial=place.words,
                help_text=_("Læses op for den, der ikke kan se billedet.") if not number else "",
                error_messages={"max_length": _("Teksten er for lang. Skriv højst 300 tegn.")},
            )
            if place.has_picture:
                self.fields[f"remove-{number}"] = forms.BooleanField(
                    label=_("Fjern billedet"), required=False
                )

    def rows(self) -> Iterator[PlaceRow]:
        """Each place with its fields, for the screen."""
        for number, place in enumerate(self.places):
            names = [f"{name}-{number}" for name in ("file", "words", "remove")]
            yield PlaceRow(place, tuple(self[name] for name in names if name in self.fields))

    def clean(self) -> dict[str, Any]:
        """The pictures as they are kept, with each error at its own field."""
        cleaned = super().clean() or {}
        self.pictures: dict[str, Picture | None] = {}
        self.words: dict[str, str] = {}
        for number, place in enumerate(self.places):
            file, words = cleaned.get(f"file-{number}"), cleaned.get(f"words-{number}", "")
            if cleaned.get(f"remove-{number}"):
                self.pictures[place.key] = None
                continue
            keeps_one = place.has_picture and words != place.words
            if (file or keeps_one) and not words and f"words-{number}" not in self.errors:
                self.add_error(f"words-{number}", _("Skriv, hvad billedet viser."))
            if words and not file and not place.has_picture and f"file-{number}" not in self.errors:
                self.add_error(f"file-{number}", _("Vælg billedet til teksten."))
            if file:
                self._take(number, place, file, words)
            elif keeps_one:
                self.words[place.key] = words
        return cleaned

    def _take(self, number: int, place: Place, file: Any, words: str) -> None:
        try:
            if file.size > settings.UPLOAD_LARGEST_BYTES:
                raise NotTaken(too_large(settings.UPLOAD_LARGEST_BYTES))
            made = made_harmless(file.read(), name=file.name or "", kinds=(JPEG, PNG), most=MOST_BYTES)
        except NotTaken as refusal:
            self.add_error(f"file-{number}", refusal.sentence)
        else:
            self.pictures[place.key] = Picture(made.content_type, made.content, words)

    def changed(self, source: Source) -> Source:
        for key, picture in self.pictures.items():
            source = editing.with_picture(source, self.link_id, key, picture)
        for key, words in self.words.items():
            source = editing.with_words(source, self.link_id, key, words)
        return source
