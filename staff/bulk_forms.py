"""The form that gives many citizens a plan."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from plans import selectors
from plans.bulk_assigning import Order
from plans.models import Plan
from staff.forms import DATE_FORMATS, PlanChoiceField, TeamField, day_field
from staff.starting_form import StartingForm


class AssignToManyForm(StartingForm):
    """Which plan, which team, from when; the same for everybody. `bulk` is the work's own id: sent twice it is one."""

    plan = PlanChoiceField(
        label=_("Plan"),
        queryset=Plan.objects.none(),
        empty_label=_("Vælg en plan"),
        error_messages={
            "required": _("Vælg en plan."),
            "invalid_choice": _("Planen kan ikke bruges mere. Vælg en anden."),
        },
    )
    care_team = TeamField()
    starts_on = day_field(
        _("Startdato"),
        missing=_("Skriv en startdato."),
        help_text=_("For eksempel 24-12-2026. Borgerne kan svare fra denne dag."),
    )
    appointment_on = day_field(
        _("Dato for aftalen"),
        required=False,
        help_text=_(
            "Planen regner nogle af opgaverne fra en aftale. Datoen kommer til at gælde for alle. Har borgerne hver "
            "sin dato, så tildel planen på den enkelte borgers side."
        ),
    )
    bulk = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, municipality: Municipality, now: datetime, is_for_a_team: bool
    ) -> None:
        self.today = localdate(now)
        teams = selectors.care_teams_of(municipality)
        only = list(teams[:2])
        initial = {
            "care_team": only[0] if len(only) == 1 else None,
            # The day is written as the hint shows it, whatever the language: it must read back as the same day.
            "starts_on": self.today.strftime(DATE_FORMATS[0]),
            "bulk": uuid4(),
        }
        super().__init__(data, initial=initial)
        self.fields["plan"].choose_among(selectors.assignable_plans(municipality))  # type: ignore[attr-defined]
        self.fields["care_team"].queryset = teams  # type: ignore[attr-defined]
        self.fields["care_team"].help_text = (
            _("Alle, som teamet følger, får planen.") if is_for_a_team else _("Teamet følger borgernes svar.")
        )

    @property
    def id_of_work(self) -> UUID:
        """The id that the work has or will have."""
        given: UUID = self.cleaned_data["bulk"]
        return given

    @property
    def order(self) -> Order:
        """What the valid form asks for."""
        data = self.cleaned_data
        return Order(
            plan=data["plan"],
            care_team=data["care_team"],
            starts_on=data["starts_on"],
            appointment_on=data["appointment_on"],
        )
