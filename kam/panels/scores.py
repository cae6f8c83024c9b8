"""A number that is calculated: which questions, sum or mean, weights, missing answers, and named bands."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _

from kam.panels.base import Json, PanelForm, Source
from questionnaires.authoring import scores
from questionnaires.authoring.kinds import LINES, kind_of
from questionnaires.authoring.scores import LARGEST_WEIGHT, Band, Calculation, Missing, Part, Scoring
from questionnaires.authoring.tree import find, link_id_of, name_of

MOST_BANDS = 20
SPARE_BANDS = 2
LONGEST_NAME = 80
LONGEST_TEXT = 1000
_NUMBER = {
    "invalid": _("Skriv et tal, fx 10 eller 2,5."),
    "max_digits": _("Tallet er for langt."),
    "max_whole_digits": _("Tallet er for langt."),
    "max_decimal_places": _("Skriv højst 3 decimaler."),
    "min_value": _("Skriv et tal over 0."),
    "max_value": _("Skriv et tal på højst 1000."),
}


@dataclass(frozen=True, slots=True)
class QuestionRow:
    """A question that can count."""

    name: str
    chosen: BoundField
    weight: BoundField


@dataclass(frozen=True, slots=True)
class BandRow:
    """The fields of one band."""

    number: int
    fields: tuple[BoundField, ...]


def is_for(item: Json) -> bool:
    """Numbers that are calculated, or could be; a line is for somebody to set."""
    return scores.can_be_score(item) and (scores.is_score(item) or kind_of(item) not in LINES)


def _number(label: Any, **more: Any) -> forms.DecimalField:
    return forms.DecimalField(
        label=label,
        required=False,
        localize=True,
        max_digits=12,
        decimal_places=3,
        widget=forms.TextInput(attrs={"inputmode": "decimal"}),
        error_messages=_NUMBER,
        **more,
    )


class ScoresForm(PanelForm):
    panel_name = "scores"

    def prepare(self) -> None:
        item = find(self.source, self.link_id)
        self.is_score = scores.is_score(item)
        self.rule = scores.score_rule_of(self.source, self.link_id)
        self.is_imported = self.is_score and self.rule is None
        self.bands_before = scores.bands_of(item)
        self._questions = scores.questions_for(self.source, self.link_id)
        if not self.is_imported:
            self._add_rule()
        if self.is_score:
            self.fields["remove"] = forms.BooleanField(
                label=_("Fjern beregningen"),
                required=False,
                help_text=_("Så bliver tallet igen et, som borgeren selv skriver."),
            )
        self._band_count = min(MOST_BANDS, max(len(self.bands_before) + SPARE_BANDS, self._sent_bands()))
        for number in range(self._band_count):
            self._add_band(number, self.bands_before[number] if number < len(self.bands_before) else None)

    def _add_rule(self) -> None:
        weights = {part.question: part.weight for part in self.rule.parts} if self.rule else {}
        for number, item in enumerate(self._questions):
            own = link_id_of(item)
            self.fields[f"use-{number}"] = forms.BooleanField(
                label=name_of(item) or _("Spørgsmål uden tekst"), required=False, initial=own in weights
            )
            weight = _number(_("Vægt"), max_value=LARGEST_WEIGHT)
            weight.initial = weights.get(own, Decimal(1))
            self.fields[f"weight-{number}"] = weight
        self.fields["calculation"] = forms.ChoiceField(
            label=_("Hvordan bliver svarene til ét tal?"),
            choices=[
                (Calculation.SUM.value, _("Læg dem sammen (sum)")),
                (Calculation.MEAN.value, _("Tag gennemsnittet")),
            ],
            initial=(self.rule.calculation if self.rule else Calculation.SUM).value,
            widget=forms.RadioSelect,
            error_messages={"required": _("Vælg sum eller gennemsnit.")},
        )
        self.fields["missing"] = forms.ChoiceField(
            label=_("Hvad sker der, når der mangler svar?"),
            choices=[
                (Missing.ALL.value, _("Alle spørgsmål skal være besvaret, ellers er der intet tal")),
                (
                    Missing.AT_LEAST.value,
                    _("Nogle må mangle. Et manglende svar tæller som gennemsnittet af de andre"),
                ),
                (Missing.ZERO.value, _("Et manglende svar tæller 0. Mindst ét skal være besvaret")),
            ],
            initial=(self.rule.missing if self.rule else Missing.ALL).value,
            widget=forms.RadioSelect,
            error_messages={"required": _("Vælg, hvad der sker, når der mangler svar.")},
        )
        self.fields["least"] = forms.IntegerField(
            label=_("Hvor mange skal mindst være besvaret?"),
            required=False,
            min_value=1,
            initial=(self.rule.least or None) if self.rule else None,
            help_text=_("Kun når nogle svar må mangle."),
            error_messages={"invalid": _("Skriv et helt tal."), "min_value": _("Skriv et tal på mindst 1.")},
        )

    def _sent_bands(self) -> int:
        sent = self.sent("bands") or ""
        return int(sent) if sent.isascii() and sent.isdigit() and len(sent) < 4 else 0

    def _add_band(self, number: int, band: Band | None) -> None:
        for name, label, end in (
            ("from", _("Fra"), band and band.minimum),
            ("to", _("Til og med"), band and band.maximum),
        ):
            self.fields[f"{name}-{number}"] = _number(label)
            self.fields[f"{name}-{number}"].initial = end
        self.fields[f"name-{number}"] = forms.CharField(
            label=_("Navn"),
            required=False,
            max_length=LONGEST_NAME,
            initial=band.name if band else "",
            error_messages={"max_length": _("Navnet er for langt. Skriv højst 80 tegn.")},
        )
        self.fields[f"text-{number}"] = forms.CharField(
            label=_("Tekst til borgeren"),
            required=False,
            max_length=LONGEST_TEXT,
            initial=band.text if band else "",
            widget=forms.Textarea(attrs={"rows": 2}),
            error_messages={"max_length": _("Teksten er for lang. Skriv højst 1000 tegn.")},
        )

    def question_rows(self) -> list[QuestionRow]:
        """The questions for the screen."""
        return [
            QuestionRow(name_of(item), self[f"use-{number}"], self[f"weight-{number}"])
            for number, item in enumerate(self._questions if not self.is_imported else ())
        ]

    def band_rows(self) -> Iterator[BandRow]:
        """The bands for the screen."""
        for number in range(self._band_count):
            names = ("from", "to", "name", "text")
            yield BandRow(number + 1, tuple(self[f"{name}-{number}"] for name in names))

    @property
    def band_count(self) -> int:
        return self._band_count

    def clean(self) -> dict[str, Any]:
        """The rule and the bands, with each error at its own field."""
        cleaned = super().clean() or {}
        self.new_rule: Scoring | None = None
        self.bands = self._cleaned_bands(cleaned)
        if cleaned.get("remove"):
            for name in [name for name in self.errors if name not in ("remove",)]:
                del self.errors[name]
        elif not self.is_imported:
            self._clean_rule(cleaned)
        return cleaned

    def _clean_rule(self, cleaned: dict[str, Any]) -> None:
        parts = []
        for number, item in enumerate(self._questions):
            if not cleaned.get(f"use-{number}") or f"weight-{number}" in self.errors:
                continue
            weight = cleaned.get(f"weight-{number}")
            weight = Decimal(1) if weight is None else weight
            if weight <= 0:
                self.add_error(f"weight-{number}", _NUMBER["min_value"])
                continue
            parts.append(Part(link_id_of(item), weight))
        if self.errors:
            return
        if not parts:
            self.add_error("use-0" if self._questions else None, _("Vælg mindst ét spørgsmål."))
            return
        missing = Missing(cleaned["missing"])
        least = cleaned.get("least") or 0
        if missing is Missing.AT_LEAST and not 1 <= least <= len(parts):
            self.add_error(
                "least",
                _("Skriv et tal fra 1 til %(most)s, som er så mange spørgsmål, du har valgt.")
                % {"most": len(parts)},
            )
            return
        self.new_rule = Scoring(
            tuple(parts),
            Calculation(cleaned["calculation"]),
            missing,
            least if missing is Missing.AT_LEAST else 0,
        )

    def _cleaned_bands(self, cleaned: dict[str, Any]) -> list[Band]:
        found: list[tuple[int, Band]] = []
        for number in range(self._band_count):
            low, high, name, text = (
                cleaned.get(f"{part}-{number}") for part in ("from", "to", "name", "text")
            )
            if low is None and high is None and not name and not text:
                continue
            missing = [part for part, end in (("from", low), ("to", high)) if end is None]
            for part in missing:
                if f"{part}-{number}" not in self.errors:
                    self.add_error(f"{part}-{number}", _("Skriv, hvor intervallet begynder og slutter."))
            if not name and not text and f"name-{number}" not in self.errors:
                self.add_error(f"name-{number}", _("Giv intervallet et navn."))
            if low is None or high is None:
                continue
            if low > high:
                self.add_error(f"to-{number}", _("Slutningen skal være mindst lige så stor som begyndelsen."))
                continue
            found.append((number, Band(low, high, name or "", text or "")))
        found.sort(key=lambda each: each[1].minimum)
        reached: Decimal | None = None
        for number, band in found:
            if reached is not None and band.minimum <= reached:
                self.add_error(f"from-{number}", _("Intervallet overlapper et andet. Ret begyndelsen."))
            reached = band.maximum if reached is None else max(reached, band.maximum)
        return [band for _number_of, band in found]

    def changed(self, source: Source) -> Source:
        if self.cleaned_data.get("remove"):
            return scores.without_score(source, self.link_id)
        if self.new_rule is not None:
            source = scores.with_score(source, self.link_id, self.new_rule)
        if tuple(self.bands) == self.bands_before:
            return source
        return scores.with_bands(source, self.link_id, self.bands)
