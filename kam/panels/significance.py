"""Red, yellow and green: a colour for each option, or for intervals of a number. Decision support: off by default."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from kam.panels.base import PanelForm, Source
from questionnaires.authoring import significance_editing as editing
from questionnaires.authoring.conditions import answer_key, answers_for
from questionnaires.authoring.significance_editing import Interval
from questionnaires.authoring.tree import find
from questionnaires.engine import Colour

SPARE_INTERVALS = 2
MOST_INTERVALS = 12

# The shapes are those that staff see beside the words (components/significance.html).
COLOURS = [
    ("", _("Ingen farve")),
    (Colour.RED.value, _("▲ Rød: kræver opmærksomhed")),
    (Colour.YELLOW.value, _("◆ Gul: kan kræve opmærksomhed")),
    (Colour.GREEN.value, _("● Grøn: kræver ikke opmærksomhed")),
]


@dataclass(frozen=True, slots=True)
class IntervalRow:
    """The fields of one interval."""

    number: int
    fields: tuple[BoundField, ...]


is_for = editing.has_colours


class SignificanceForm(PanelForm):
    panel_name = "significance"

    def prepare(self) -> None:
        item = find(self.source, self.link_id)
        self.colours = editing.colours_of(item)
        self._answers = answers_for(item)
        words = {"true": _("Ja"), "false": _("Nej")} if item.get("type") == "boolean" else {}
        for number, (answer, label) in enumerate(self._answers):
            key = answer_key(answer)
            self.fields[f"answer-{number}"] = self._colour(
                words.get(key, label), self.colours.of_answers.get(key)
            )
        sent = self.sent("intervals") or ""
        asked = int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0
        self.interval_count = 0
        if editing.is_number(item):
            least = len(self.colours.intervals) + SPARE_INTERVALS
            self.interval_count = min(MOST_INTERVALS, max(least, asked))
        for number in range(self.interval_count):
            known = self.colours.intervals
            self._add_interval(number, known[number] if number < len(known) else None)

    def _colour(self, label: Any, chosen: Colour | None) -> forms.ChoiceField:
        return forms.ChoiceField(
            label=label,
            choices=COLOURS,
            required=False,
            initial=chosen.value if chosen else "",
            error_messages={"invalid_choice": _("Vælg en farve fra listen.")},
        )

    def _add_interval(self, number: int, stored: Interval | None) -> None:
        for name, label, end in (
            ("from", _("Fra"), stored and stored.minimum),
            ("to", _("Til og med"), stored and stored.maximum),
        ):
            self.fields[f"{name}-{number}"] = forms.DecimalField(
                label=label,
                required=False,
                localize=True,
                max_digits=12,
                decimal_places=3,
                initial=end,
                widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                error_messages={
                    "invalid": _("Skriv et tal, fx 10 eller 2,5."),
                    "max_digits": _("Tallet er for langt."),
                    "max_whole_digits": _("Tallet er for langt."),
                    "max_decimal_places": _("Skriv højst 3 decimaler."),
                },
            )
        self.fields[f"colour-{number}"] = self._colour(_("Farve"), stored.colour if stored else None)

    def answer_fields(self) -> Iterator[BoundField]:
        """A choice of colour for each option."""
        for number in range(len(self._answers)):
            yield self[f"answer-{number}"]

    def interval_rows(self) -> Iterator[IntervalRow]:
        """The intervals for the screen."""
        for number in range(self.interval_count):
            yield IntervalRow(
                number + 1, tuple(self[f"{name}-{number}"] for name in ("from", "to", "colour"))
            )

    def clean(self) -> dict[str, Any]:
        """The intervals, with each error at its own field."""
        cleaned = super().clean() or {}
        found: list[tuple[int, Interval]] = []
        for number in range(self.interval_count):
            low, high, colour = (cleaned.get(f"{name}-{number}") for name in ("from", "to", "colour"))
            if any(f"{name}-{number}" in self.errors for name in ("from", "to", "colour")):
                continue
            if low is None and high is None:
                if colour:
                    self.add_error(f"from-{number}", _("Skriv, hvor intervallet begynder eller slutter."))
                continue
            if not colour:
                self.add_error(f"colour-{number}", _("Vælg en farve til intervallet."))
            elif low is not None and high is not None and low > high:
                self.add_error(f"to-{number}", _("Slutningen skal være mindst lige så stor som begyndelsen."))
            else:
                found.append((number, Interval(Colour(colour), low, high)))
        found.sort(key=lambda each: Decimal("-Infinity") if each[1].minimum is None else each[1].minimum)
        for (_before, lower), (number, upper) in itertools.pairwise(found):
            if lower.maximum is None or upper.minimum is None or upper.minimum <= lower.maximum:
                self.add_error(f"from-{number}", _("Intervallet overlapper et andet. Ret begyndelsen."))
        self.intervals = [one for _number, one in found]
        return cleaned

    def changed(self, source: Source) -> Source:
        chosen = {
            answer_key(answer): Colour(colour)
            for number, (answer, _label) in enumerate(self._answers)
            if (colour := self.cleaned_data.get(f"answer-{number}"))
        }
        return editing.with_colours(source, self.link_id, chosen, self.intervals)
