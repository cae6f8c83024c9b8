"""What an administrator fills in about a plan, and for which dates its time line is drawn."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.building import PlanTexts
from plans.models import MOST_CORRECTION_DAYS

LONGEST_TEXT = 2000
DATE_FORMATS = ["%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%Y-%m-%d"]
EXAMPLE_APPOINTMENT = timedelta(days=30)


class PlanForm(forms.Form):
    title = forms.CharField(
        label=_("Titel"),
        max_length=200,
        help_text=_("Det navn, personalet vælger planen efter."),
        error_messages={"required": _("Giv planen en titel.")},
    )
    description = forms.CharField(
        label=_("Beskrivelse"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Hvem planen er til, og hvad svarene bruges til."),
    )
    what_happens_now = forms.CharField(
        label=_("Hvad sker der nu?"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Det læser borgeren, når svarene er sendt. Skriv, hvem der læser dem, og hvornår borgeren hører fra jer."
            " Er feltet tomt, står der, at personalet kan se svarene og bruger dem, når I taler sammen."
        ),
        error_messages={"max_length": _("Teksten er for lang. Skriv højst 2.000 tegn.")},
    )
    if_you_get_worse = forms.CharField(
        label=_("Hvis borgeren får det værre"),
        required=False,
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_(
            "Hvem borgeren kan ringe til, med telefonnumre. At man ringer 112, når det er alvorligt og haster, står der"
            " altid. Er feltet tomt, henviser vi til egen læge og lægevagten."
        ),
        error_messages={"max_length": _("Teksten er for lang. Skriv højst 2.000 tegn.")},
    )

    citizens_see_scores = forms.BooleanField(
        label=_("Borgeren kan se sine tal og deres udvikling"),
        required=False,
        help_text=_("Sæt kun kryds, når tallene giver mening for borgeren uden en forklaring."),
    )
    correction_days = forms.IntegerField(
        label=_("Dage til at rette sendte svar"),
        min_value=0,
        max_value=MOST_CORRECTION_DAYS,
        initial=3,
        required=False,
        help_text=_(
            "Så længe kan borgeren rette, hvad der er sendt: fra 0 (slet ikke) til 14 dage. I ser altid det nyeste"
            " svar, og det tidligere bliver gemt. Planen slutter først, når tiden er gået."
        ),
        error_messages={
            "invalid": _("Skriv et helt tal mellem 0 og 14."),
            "min_value": _("Skriv et helt tal mellem 0 og 14."),
            "max_value": _("Skriv et helt tal mellem 0 og 14."),
        },
    )

    def texts(self) -> PlanTexts:
        """What a valid form says."""
        return PlanTexts(
            **{**self.cleaned_data, "correction_days": self.cleaned_data["correction_days"] or 0}
        )


class ExampleForm(forms.Form):
    """For which dates the time line is drawn."""

    start = forms.DateField(
        label=_("Eksempel på startdato"),
        input_formats=DATE_FORMATS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Skriv datoen som dag, måned og år, for eksempel 24-12-2026.")},
    )
    appointment = forms.DateField(
        label=_("Eksempel på dato for aftalen"),
        input_formats=DATE_FORMATS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"invalid": _("Skriv datoen som dag, måned og år, for eksempel 24-12-2026.")},
    )

    def __init__(self, data: Any, *, today: date) -> None:
        given = {name: data[name] for name in ("start", "appointment") if data.get(name)}
        shown = {
            "start": today.strftime(DATE_FORMATS[0]),
            "appointment": (today + EXAMPLE_APPOINTMENT).strftime(DATE_FORMATS[0]),
        }
        super().__init__({**shown, **given})
        self.today = today

    def dates(self) -> tuple[date, date]:
        """The start, and an appointment that is not before it; today and a month on where nothing fits."""
        said = self.cleaned_data if self.is_valid() else {}
        start = said.get("start") or self.today
        if not EARLIEST <= start <= LATEST:
            start = self.today
        appointment = said.get("appointment") or start + EXAMPLE_APPOINTMENT
        if not start <= appointment <= LATEST:
            appointment = start + EXAMPLE_APPOINTMENT
        return start, appointment


EARLIEST, LATEST = date(2000, 1, 1), date(2199, 12, 31)
