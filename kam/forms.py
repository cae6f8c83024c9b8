"""What an administrator fills in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from plans.models import MOST_CORRECTION_DAYS
from plans.schedule import Repeat
from questionnaires.engine import Paging
from questionnaires.models import QuestionnaireVersion
from questionnaires.paging import PagingChoice

LARGEST_FILE = 5 * 1024 * 1024
LONGEST_TEXT = 2000


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Fil med spørgeskema"),
        help_text=_("Et FHIR R4-spørgeskema (Questionnaire) som JSON, højst 5 MB."),
        error_messages={
            "required": _("Vælg en fil, før du importerer."),
            "empty": _("Filen er tom. Vælg en anden fil."),
        },
        widget=forms.ClearableFileInput(attrs={"accept": ".json,application/json,application/fhir+json"}),
    )

    def clean_file(self) -> bytes:
        """The content. A larger file is refused before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("Filen er større end 5 MB. Vælg en mindre fil."))
        content: bytes = file.read()
        return content


class PagingForm(forms.Form):
    paging = forms.TypedChoiceField(
        label=_("Hvor meget ser borgeren ad gangen?"),
        choices=PagingChoice.choices,
        coerce=Paging,
        widget=forms.RadioSelect,
        help_text=_("Tabeller og det, der kan udfyldes flere gange, bliver altid vist samlet."),
    )


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
    questionnaire = forms.ModelChoiceField(
        label=_("Spørgeskema"),
        queryset=QuestionnaireVersion.objects.none(),
        empty_label=_("Vælg et spørgeskema"),
        error_messages={"required": _("Vælg det spørgeskema, planen skal bruge.")},
    )
    repeat = forms.ChoiceField(
        label=_("Hvor ofte skal borgeren svare?"),
        choices=[(Repeat.ONCE.value, _("Én gang")), (Repeat.WEEKLY.value, _("Hver uge"))],
        initial=Repeat.ONCE.value,
        widget=forms.RadioSelect,
    )
    occurrences = forms.IntegerField(
        label=_("Antal uger"),
        min_value=1,
        max_value=104,
        initial=12,
        help_text=_("Kun når borgeren skal svare hver uge: fra 1 til 104."),
        error_messages={
            "required": _("Skriv, hvor mange uger borgeren skal svare."),
            "invalid": _("Skriv et helt tal mellem 1 og 104."),
            "min_value": _("Skriv et helt tal mellem 1 og 104."),
            "max_value": _("Skriv et helt tal mellem 1 og 104."),
        },
    )
    answer_days = forms.IntegerField(
        label=_("Dage til at svare"),
        min_value=1,
        max_value=90,
        initial=7,
        help_text=_("Så mange dage har borgeren, fra spørgeskemaet er klar."),
        error_messages={
            "required": _("Skriv, hvor mange dage borgeren har til at svare."),
            "invalid": _("Skriv et helt tal mellem 1 og 90."),
            "min_value": _("Skriv et helt tal mellem 1 og 90."),
            "max_value": _("Skriv et helt tal mellem 1 og 90."),
        },
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

    def __init__(self, *args: Any, owner: Municipality | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = QuestionnaireVersion.objects.active().usable_by(owner).order_by("title")
        self.fields["questionnaire"].queryset = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Once is once, whatever the number of weeks says."""
        cleaned: dict[str, Any] = super().clean() or {}
        cleaned["correction_days"] = cleaned.get("correction_days") or 0
        if cleaned.get("repeat") == Repeat.ONCE:
            cleaned["occurrences"] = 1
            self.errors.pop("occurrences", None)
        return cleaned
