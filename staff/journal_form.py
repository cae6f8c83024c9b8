"""The form of the journal's text: each part's place in it."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from followup.journal_models import JournalPart
from staff.journal import usual_place


class JournalLayoutForm(forms.Form):
    """A field for each part: its place from the top, or that it is left out."""

    def __init__(self, data: Any = None, *, parts: Sequence[JournalPart]) -> None:
        super().__init__(data)
        self.parts = tuple(parts)
        choices = [
            ("0", _("Ikke med")),
            *((str(place), f"{place}.") for place in range(1, len(JournalPart) + 1)),
        ]
        for part in JournalPart:
            self.fields[part.value] = forms.ChoiceField(
                label=part.label, choices=choices, initial=str(usual_place(part, self.parts))
            )

    def shown_parts(self) -> tuple[JournalPart, ...]:
        """The parts as they are chosen in the form, by place; what cannot be read is left out.

        Two parts with the same place stand as they do in the list.
        """
        if not self.is_bound:
            return self.parts
        self.is_valid()
        places = {part: int(self.cleaned_data.get(part.value) or 0) for part in JournalPart}
        return tuple(sorted((part for part in JournalPart if places[part]), key=lambda part: places[part]))
