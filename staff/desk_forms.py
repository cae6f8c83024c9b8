"""The forms of notes, errands and an employee's own settings."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from followup.errands import colleagues_of
from followup.models import LONGEST_NOTE
from identity.models import StaffMember
from municipalities.models import CareTeam, Municipality
from plans import selectors
from staff.forms import day_field

TOO_LONG = _("Teksten er for lang. Skriv højst %(limit_value)d tegn.")


class NoteForm(forms.Form):
    """What is written about a citizen."""

    text = forms.CharField(
        label=_("Ny note"),
        help_text=_("Til dig selv og kolleger. Borgeren kan få den at se i en udskrift af sine data."),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Skriv noten."), "max_length": TOO_LONG},
    )


class ErrandForm(forms.Form):
    """Whom to ask, for what, and before when."""

    whom = forms.ChoiceField(
        label=_("Hvem skal gøre det?"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Vælg en kollega eller et team.")),
    )
    text = forms.CharField(
        label=_("Hvad skal der gøres?"),
        max_length=LONGEST_NOTE,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("Skriv, hvad der skal gøres."), "max_length": TOO_LONG},
    )
    due_on = day_field(_("Senest hvilken dag?"), required=False, help_text=_("For eksempel 24-12-2026."))

    def __init__(self, data: Any = None, *, municipality: Municipality, now: datetime) -> None:
        super().__init__(data)
        self.today = localdate(now)
        self.members: dict[UUID, StaffMember] = colleagues_of(municipality, now).in_bulk()
        self.teams: dict[int, CareTeam] = selectors.care_teams_of(municipality).in_bulk()
        teams = [
            (f"team-{one.pk}", gettext("Team: %(name)s") % {"name": one.name}) for one in self.teams.values()
        ]
        people = [(f"member-{one.pk}", one.name) for one in self.members.values()]
        self.fields["whom"].choices = [("", gettext("Vælg")), *teams, *people]  # type: ignore[attr-defined]

    def clean_due_on(self) -> date | None:
        """Today or later."""
        day: date | None = self.cleaned_data["due_on"]
        if day is not None and day < self.today:
            raise forms.ValidationError(_("Datoen ligger i fortiden. Vælg i dag eller en senere dag."))
        return day

    @property
    def asked(self) -> dict[str, Any]:
        """Whom the valid form asks, as `errands.ask` wants it."""
        sort, _hyphen, key = self.cleaned_data["whom"].partition("-")
        return (
            {"for_team": self.teams[int(key)]} if sort == "team" else {"for_member": self.members[UUID(key)]}
        )


class DigestForm(forms.Form):
    """Where the day's numbers go."""

    to = forms.EmailField(
        label=_("Din arbejdsmail"),
        help_text=_("Mailen kommer kl. 7 på hverdage. Der står kun tal i den, intet om nogen borger."),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages=dict.fromkeys(
            ["required", "invalid"], _("Skriv en mailadresse, for eksempel navn@kommune.dk.")
        ),
    )
