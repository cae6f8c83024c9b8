"""The forms with which a citizen is put into a course, and with which the course is changed."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from citizens import cpr
from municipalities.models import Municipality
from plans import selectors
from plans.enrolling import Person, Yes
from plans.models import CourseConsent, EpisodeOfCare
from staff.forms import DATE_FORMATS, TeamField, day_field


class ConsentForm(forms.Form):
    """How and when the citizen said yes."""

    given = forms.TypedChoiceField(
        label=_("Hvordan har borgeren givet samtykke?"),
        choices=CourseConsent.Given.choices,
        coerce=CourseConsent.Given,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Vælg, hvordan borgeren har givet samtykke.")
        ),
    )
    given_on = day_field(_("Hvilken dag gav borgeren samtykke?"))

    def __init__(self, data: Any = None, *, now: datetime, **more: Any) -> None:
        self.today = localdate(now)
        super().__init__(data, initial={"given_on": self.today.strftime(DATE_FORMATS[0])}, **more)

    def clean_given_on(self) -> date:
        day: date = self.cleaned_data["given_on"]
        if day > self.today:
            raise forms.ValidationError(_("Datoen ligger i fremtiden. Skriv den dag, borgeren gav samtykke."))
        return day

    @property
    def consent(self) -> Yes:
        """Of a valid form."""
        return Yes(given=self.cleaned_data["given"], on=self.cleaned_data["given_on"])


class CourseForm(ConsentForm):
    """The team that follows a new course, and the consent to it."""

    care_team = TeamField(help_text=_("Teamet følger borgerens svar."))
    field_order = ["care_team", "given", "given_on"]

    def __init__(self, data: Any = None, *, municipality: Municipality, now: datetime) -> None:
        super().__init__(data, now=now)
        teams = selectors.care_teams_of(municipality)
        self.fields["care_team"].queryset = teams  # type: ignore[attr-defined]
        only = list(teams[:2])
        if len(only) == 1:
            self.initial["care_team"] = only[0].pk


class EnrolForm(CourseForm):
    """Who the citizen is, the team, and the consent."""

    cpr_number = forms.CharField(
        label=_("CPR-nummer"),
        max_length=20,
        help_text=_("Fødselsdato og køn følger af nummeret."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        error_messages={"required": _("Skriv borgerens CPR-nummer.")},
    )
    given_name = forms.CharField(
        label=_("Fornavn"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Skriv borgerens fornavn.")},
    )
    family_name = forms.CharField(
        label=_("Efternavn"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Skriv borgerens efternavn.")},
    )
    is_name_protected = forms.BooleanField(
        label=_("Borgeren har navne- og adressebeskyttelse"),
        required=False,
        help_text=_("Så står navnet ikke på lister, og borgeren findes kun med CPR-nummer."),
    )
    field_order = [
        "cpr_number",
        "given_name",
        "family_name",
        "is_name_protected",
        "care_team",
        "given",
        "given_on",
    ]

    def clean_cpr_number(self) -> str:
        """The normalised number; the sentence never repeats what was typed."""
        try:
            return cpr.normalise(self.cleaned_data["cpr_number"])
        except cpr.InvalidCpr as problem:
            raise forms.ValidationError(str(problem)) from None

    def forget_number(self) -> None:
        """Before it is shown again: the number goes back to no screen, and is asked for once more."""
        if "cpr_number" not in self.errors:
            self.add_error("cpr_number", _("Skriv CPR-nummeret igen. Det vises ikke på skærmen."))
        self.data = {**{name: self.data[name] for name in self.data}, "cpr_number": ""}

    @property
    def person(self) -> Person:
        """Of a valid form."""
        return Person(
            cpr_number=self.cleaned_data["cpr_number"],
            given_name=self.cleaned_data["given_name"],
            family_name=self.cleaned_data["family_name"],
            is_name_protected=self.cleaned_data["is_name_protected"],
        )


class TeamForm(forms.Form):
    """Another team for a course."""

    care_team = TeamField(help_text=_("Det nye team følger borgerens svar fra nu af."))

    def __init__(self, data: Any = None, *, episode: EpisodeOfCare, municipality: Municipality) -> None:
        super().__init__(data)
        teams = selectors.care_teams_of(municipality).exclude(pk=episode.care_team_id)
        self.fields["care_team"].queryset = teams  # type: ignore[attr-defined]
