"""The forms with which a citizen's plan is paused, resumed, changed, stopped, and asked about once more."""

from datetime import date, datetime
from typing import Any

from django import forms
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from plans.models import CarePlan, CarePlanEvent, Plan
from plans.schedule import MOST_ANSWER_DAYS
from staff.forms import DATE_FORMATS, day_field


class ReasonForm(forms.Form):
    """Why; read by colleagues, and by the citizen who asks for their data."""

    reason = forms.CharField(
        label=_("Hvorfor?"),
        max_length=CarePlanEvent.LONGEST_REASON,
        help_text=_("Kort. Kolleger kan læse det, og borgeren kan få det at se. Skriv ikke CPR-numre."),
        error_messages={"required": _("Skriv kort hvorfor.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class ResumeForm(forms.Form):
    """From which day the plan goes on."""

    on = day_field(_("Genoptag fra"), help_text=_("I dag eller senere, for eksempel 24-12-2026."))

    def __init__(self, data: Any = None, *, now: datetime) -> None:
        self.today = localdate(now)
        super().__init__(data, initial={"on": self.today.strftime(DATE_FORMATS[0])})

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if day < self.today:
            raise forms.ValidationError(_("Planen kan tidligst genoptages i dag."))
        return day


class ChangeForm(ReasonForm):
    """From which days the plan counts, in which version, and why."""

    plan = forms.ModelChoiceField(
        label=_("Version"),
        queryset=Plan.objects.none(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Vælg en version af planen.")),
    )
    starts_on = day_field(
        _("Regnes fra"), help_text=_("Planens startdato. Det, der er åbent eller besvaret, bliver stående.")
    )
    appointment_on = day_field(_("Dato for aftalen"), required=False)
    field_order = ["plan", "starts_on", "appointment_on", "reason"]

    def __init__(self, data: Any = None, *, care_plan: CarePlan, versions: list[Plan]) -> None:
        appointment = care_plan.appointment_on
        super().__init__(
            data,
            initial={
                "plan": care_plan.plan_id,
                "starts_on": care_plan.starts_on.strftime(DATE_FORMATS[0]),
                "appointment_on": appointment.strftime(DATE_FORMATS[0]) if appointment else "",
            },
        )
        self.fields["plan"].queryset = Plan.objects.filter(pk__in=[one.pk for one in versions])  # type: ignore[attr-defined]
        self.fields["plan"].choices = [  # type: ignore[attr-defined]
            (one.pk, self._label(one, care_plan)) for one in versions
        ]
        if not any(one.needs_appointment for one in versions):
            del self.fields["appointment_on"]

    @staticmethod
    def _label(plan: Plan, care_plan: CarePlan) -> Any:
        if plan.pk == care_plan.plan_id:
            return _("Den, borgeren har (version %(number)s)") % {"number": plan.version}
        return _("Den nyeste (version %(number)s)") % {"number": plan.version}


class ExtraForm(forms.Form):
    """Which questionnaire of the plan to ask once more, and for how long."""

    activity = forms.ChoiceField(
        label=_("Spørgeskema"),
        error_messages=dict.fromkeys(["required", "invalid_choice"], _("Vælg et spørgeskema.")),
    )
    days = forms.IntegerField(
        label=_("Dage til at svare"),
        min_value=1,
        max_value=MOST_ANSWER_DAYS,
        help_text=_("1 er til midnat i dag."),
        error_messages={
            "required": _("Skriv, hvor mange dage borgeren har."),
            "invalid": _("Skriv et helt tal."),
            "min_value": _("Borgeren skal have mindst 1 dag."),
            "max_value": _("Borgeren kan højst have 90 dage."),
        },
    )
    reason = forms.CharField(
        label=_("Hvorfor?"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, data: Any = None, *, care_plan: CarePlan) -> None:
        super().__init__(data, initial={"days": 7})
        self.activities = {
            str(one.pk): one
            for one in care_plan.plan.activities.select_related("version").defer("version__source")
        }
        self.fields["activity"].choices = [  # type: ignore[attr-defined]
            (key, one.shown_title) for key, one in self.activities.items()
        ]
