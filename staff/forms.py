"""The forms of the Medarbejdermodul."""

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.formats import date_format
from django.utils.timezone import localdate, localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from citizens import cpr
from municipalities.models import CareTeam
from plans.models import Plan, Task
from plans.registering import first_day
from questionnaires.models import Response

DATE_FORMATS = ["%d-%m-%Y", "%d.%m.%Y", "%d/%m/%Y", "%d/%m-%Y", "%d %m %Y", "%d%m%Y", "%Y-%m-%d"]
SHORTEST_NAME = 2
_WRITE_A_DATE = _("Skriv en dato.")


def day_field(label: Any, *, missing: Any = _WRITE_A_DATE, **more: Any) -> forms.DateField:
    """A day as staff write it; `missing` asks for one that is required."""
    return forms.DateField(
        label=label,
        input_formats=DATE_FORMATS,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": missing,
            "invalid": _("Skriv datoen som dag, måned og år, for eksempel 24-12-2026."),
        },
        **more,
    )


class TeamField(forms.ModelChoiceField):  # type: ignore[type-arg]
    """One of the municipality's teams; the form says which there are."""

    def __init__(self, **more: Any) -> None:
        super().__init__(
            label=_("Team"),
            queryset=CareTeam.objects.none(),
            empty_label=_("Vælg et team"),
            error_messages={
                "required": _("Vælg et team."),
                "invalid_choice": _("Teamet findes ikke i kommunen. Vælg et andet."),
            },
            **more,
        )


class CitizenSearchForm(forms.Form):
    """A CPR number or a name; whatever holds a digit is meant as a CPR number."""

    text = forms.CharField(
        label=_("Find en borger"),
        help_text=_("Skriv et CPR-nummer eller et navn."),
        max_length=100,
        error_messages={"required": _("Skriv et CPR-nummer eller et navn.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    @property
    def is_cpr(self) -> bool:
        """Whether the valid text is a CPR number, not a name."""
        return any(character.isdigit() for character in self.cleaned_data["text"])

    def clean_text(self) -> str:
        """The normalised CPR number, or the name."""
        text: str = self.cleaned_data["text"]
        if any(character.isdigit() for character in text):
            try:
                return cpr.normalise(text)
            except cpr.InvalidCpr as problem:
                # The sentence never repeats what was typed.
                raise forms.ValidationError(str(problem)) from None
        if len(text) < SHORTEST_NAME:
            raise forms.ValidationError(_("Skriv mindst to bogstaver af navnet."))
        return text


class PlanTitles:
    """Labels of plans: their titles. Where several have the same it says whose each is, and if need be since when."""

    def choose_among(self, plans: QuerySet[Plan]) -> None:
        """Offer these plans."""
        self.queryset = plans.select_related("owner")
        of_whom = list(plans.values_list("title", "owner"))
        self.titles = Counter(title for title, _owner in of_whom)
        self.titles_of_owners: Counter[tuple[str, int | None]] = Counter(of_whom)

    def label_from_instance(self, obj: Plan) -> str:
        """The plan's title, with what tells it from others of that title."""
        if self.titles[obj.title] < 2:
            return obj.title
        owner = obj.owner.authority_name if obj.owner is not None else gettext("National")
        if self.titles_of_owners[obj.title, obj.owner_id] < 2 or obj.published_at is None:
            return f"{obj.title} ({owner})"
        published = date_format(localtime(obj.published_at), "SHORT_DATETIME_FORMAT")
        return gettext("%(plan)s (%(owner)s, udgivet %(when)s)") % {
            "plan": obj.title,
            "owner": owner,
            "when": published,
        }


class PlanChoiceField(PlanTitles, forms.ModelChoiceField):  # type: ignore[type-arg, misc]
    """One plan."""


class PlansChoiceField(PlanTitles, forms.ModelMultipleChoiceField):  # type: ignore[type-arg, misc]
    """Any number of plans."""


LATEST_APPOINTMENT = timedelta(days=5 * 366)


class GivenForm(forms.Form):
    """How and when the citizen gave the answers that are entered."""

    mode = forms.TypedChoiceField(
        label=_("Hvordan har borgeren givet svarene?"),
        choices=[(mode.value, mode.label) for mode in Response.REGISTERED],
        coerce=Response.Mode,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Vælg, hvordan borgeren har givet svarene.")
        ),
    )
    on = day_field(_("Hvilken dag gav borgeren svarene?"), missing=_("Skriv den dag, borgeren gav svarene."))

    def __init__(
        self, data: Any = None, *, task: Task, now: datetime, correction: Response | None = None
    ) -> None:
        self.today, self.first_day = localdate(now), first_day(task)
        entered = correction or task.response
        given_on = self.today if entered is None or entered.given_on is None else entered.given_on
        # The day is written as the hint shows it, whatever the language: it must read back as the same day.
        known = {"mode": entered.mode if entered else None, "on": given_on.strftime(DATE_FORMATS[0])}
        super().__init__(data, initial=known)
        hint = (
            gettext("Fra %(first)s til i dag, %(today)s.")
            if self.first_day < self.today
            else gettext("Spørgeskemaet åbnede i dag, så svarene er fra i dag, %(today)s.")
        )
        self.fields["on"].help_text = hint % {
            "first": self.first_day.strftime(DATE_FORMATS[0]),
            "today": self.today.strftime(DATE_FORMATS[0]),
        }

    def clean_on(self) -> date:
        """From the day the questionnaire opened until today; the use case refuses others, too."""
        day: date = self.cleaned_data["on"]
        if day > self.today:
            raise forms.ValidationError(_("Datoen ligger i fremtiden. Skriv den dag, borgeren gav svarene."))
        if day < self.first_day:
            raise forms.ValidationError(
                _("Spørgeskemaet åbnede først %(day)s. Skriv den dag eller en senere.")
                % {"day": self.first_day.strftime(DATE_FORMATS[0])}
            )
        return day
