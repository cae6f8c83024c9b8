"""The form with which a citizen is given plans."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from followup.teams import ALL_TEAMS, Teams
from municipalities.models import Municipality
from plans import selectors
from plans.models import Plan
from staff.forms import DATE_FORMATS, PlansChoiceField, TeamField, day_field
from staff.starting_form import StartingForm


class AssignForm(StartingForm):
    """Which plans, which team follows them, and from when."""

    plan = PlansChoiceField(
        label=_("Planer"),
        queryset=Plan.objects.none(),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Vælg en eller flere."),
        error_messages={
            "required": _("Vælg en plan."),
            "invalid_choice": _("Planen kan ikke bruges mere. Vælg en anden."),
            "invalid_pk_value": _("Planen kan ikke bruges mere. Vælg en anden."),
        },
    )
    care_team = TeamField(help_text=_("Teamet følger borgerens svar."))
    starts_on = day_field(
        _("Startdato"),
        missing=_("Skriv en startdato."),
        help_text=_("For eksempel 24-12-2026. Borgeren kan svare fra denne dag."),
    )
    appointment_on = day_field(
        _("Dato for aftalen"),
        required=False,
        help_text=_("Planen regner nogle af opgaverne fra en aftale. Skriv, hvilken dag den er."),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        citizen: Citizen,
        municipality: Municipality,
        now: datetime,
        teams: Teams = ALL_TEAMS,
    ) -> None:
        self.today = localdate(now)
        team = None if data is not None else selectors.usual_care_team(citizen, municipality, teams)
        # The day is written as the hint shows it, whatever the language: it must read back as the same day.
        super().__init__(data, initial={"care_team": team, "starts_on": self.today.strftime(DATE_FORMATS[0])})
        self.fields["plan"].choose_among(selectors.assignable_plans(municipality))  # type: ignore[attr-defined]
        self.fields["care_team"].queryset = selectors.care_teams_of(municipality)  # type: ignore[attr-defined]
