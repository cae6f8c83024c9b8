"""The forms of the control of access: a period, a citizen, a decision."""

import secrets
from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from citizens import cpr
from identity.access_selectors import Period
from identity.models import AccessReview
from staff.forms import DATE_FORMATS

USUAL_DAYS = 30
USUAL_SIZE = 20
LARGEST_SAMPLE = 100
SEEDS = 1_000_000


class PeriodForm(forms.Form):
    """From one Danish day to another, both counted. Stands in the address."""

    fra = forms.DateField(
        label=_("Fra og med"),
        input_formats=DATE_FORMATS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Skriv den første dag."),
            "invalid": _("Skriv datoen som dag, måned og år, for eksempel 01-11-2026."),
        },
    )
    til = forms.DateField(
        label=_("Til og med"),
        input_formats=DATE_FORMATS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("Skriv den sidste dag."),
            "invalid": _("Skriv datoen som dag, måned og år, for eksempel 30-11-2026."),
        },
    )

    @property
    def period(self) -> Period:
        """The days of the valid form."""
        return Period(first=self.cleaned_data["fra"], last=self.cleaned_data["til"])

    def clean(self) -> dict[str, Any]:
        """The first day comes first."""
        cleaned: dict[str, Any] = super().clean() or {}
        first, last = cleaned.get("fra"), cleaned.get("til")
        if first and last and first > last:
            self.add_error("til", _("Den sidste dag ligger før den første."))
        return cleaned


class SampleForm(PeriodForm):
    """A period, how many look-ups to draw from it, and the number that draws them."""

    antal = forms.IntegerField(
        label=_("Antal opslag"),
        min_value=1,
        max_value=LARGEST_SAMPLE,
        error_messages={
            "required": _("Skriv, hvor mange opslag der skal trækkes."),
            "invalid": _("Skriv et helt tal."),
            "min_value": _("Træk mindst ét opslag."),
            "max_value": _("Træk højst 100 opslag ad gangen."),
        },
    )
    lister = forms.BooleanField(label=_("Tag også dem med, der kun stod på en liste"), required=False)
    nummer = forms.IntegerField(
        label=_("Stikprøvens nummer"),
        help_text=_("Det samme nummer trækker de samme opslag igen."),
        min_value=0,
        max_value=SEEDS - 1,
        error_messages={"required": _("Skriv et nummer."), "invalid": _("Skriv et helt tal.")},
    )


def usual_period(last: date) -> dict[str, str]:
    """The thirty days that end with `last`, as the address says them."""
    form = DATE_FORMATS[0]
    return {"fra": (last - timedelta(days=USUAL_DAYS - 1)).strftime(form), "til": last.strftime(form)}


def new_seed() -> int:
    """A number that nobody chose."""
    return secrets.randbelow(SEEDS)


class CitizenNumberForm(forms.Form):
    """The CPR number of the citizen whose look-ups are sought."""

    text = forms.CharField(
        label=_("Find opslag på en borger"),
        help_text=_("Skriv borgerens CPR-nummer."),
        max_length=20,
        error_messages={"required": _("Skriv borgerens CPR-nummer.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def clean_text(self) -> str:
        """The normalised number."""
        try:
            return cpr.normalise(self.cleaned_data["text"])
        except cpr.InvalidCpr as problem:
            # The sentence never repeats what was typed.
            raise forms.ValidationError(str(problem)) from None


class ReviewForm(forms.Form):
    """In order, or to be followed up with a note of what."""

    outcome = forms.ChoiceField(
        label=_("Hvad er din vurdering?"),
        choices=AccessReview.Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Vælg, om opslaget er i orden, eller om der skal følges op.")},
    )
    note = forms.CharField(
        label=_("Bemærkning"),
        help_text=_("Skal der følges op, så skriv på hvad. Skriv ikke CPR-numre eller helbredsoplysninger."),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
