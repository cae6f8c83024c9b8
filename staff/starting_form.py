"""What the forms share that give plans, to one citizen or to many: the first day and the appointment."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from plans.models import Plan
from staff.forms import LATEST_APPOINTMENT


class StartingForm(forms.Form):
    """A form with `plan`, `starts_on` and `appointment_on`, held against `today`, which the form sets."""

    today: date

    @property
    def asks_appointment(self) -> bool:
        """Whether the plan, or one of the plans, that was chosen is counted from an appointment."""
        chosen = getattr(self, "cleaned_data", {}).get("plan") or ()
        return any(plan.needs_appointment for plan in ([chosen] if isinstance(chosen, Plan) else chosen))

    def clean_starts_on(self) -> date:
        """Today or later: a task cannot open in the past."""
        day: date = self.cleaned_data["starts_on"]
        if day < self.today:
            raise forms.ValidationError(_("Datoen ligger i fortiden. Vælg i dag eller en senere dag."))
        return day

    def clean(self) -> dict[str, Any]:
        """A plan that is counted from an appointment needs its date; for another it says nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        if not self.asks_appointment:
            cleaned["appointment_on"] = None
            self.errors.pop("appointment_on", None)
            return cleaned
        appointment, start = cleaned.get("appointment_on"), cleaned.get("starts_on")
        if "appointment_on" in self.errors or start is None:
            return cleaned
        if appointment is None:
            self.add_error("appointment_on", _("Skriv datoen for aftalen."))
        elif not start <= appointment <= start + LATEST_APPOINTMENT:
            self.add_error(
                "appointment_on", _("Aftalen skal være på startdatoen eller senere, højst fem år efter.")
            )
        return cleaned
