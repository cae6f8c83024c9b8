"""What an administrator fills in for the key of a program."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from identity.actors import StaffActor
from identity.models import ProgramKey
from identity.roles import Permission

# How long a key can be chosen to live.
DAYS = (30, 90, 180, ProgramKey.LONGEST.days)
USUAL_DAYS = 90

RIGHTS = {
    Permission.EDIT_QUESTIONNAIRE: ("may_edit", gettext_lazy("Skrive kladder og sende dem til gennemsyn")),
    Permission.PUBLISH_QUESTIONNAIRE: ("may_publish", gettext_lazy("Udgive spørgeskemaer")),
}


class ProgramKeyForm(forms.Form):
    """Offers the rights that `by` has, and ends counted from `now`."""

    name = forms.CharField(
        label=gettext_lazy("Programmets navn"),
        max_length=ProgramKey.LONGEST_NAME,
        help_text=gettext_lazy(
            "Fx »Udgivelse fra Git«. Navnet står i historikken ved alt, hvad programmet gør."
        ),
        error_messages={
            "required": gettext_lazy("Skriv et navn, som dine kolleger kan kende programmet på.")
        },
    )
    rights = forms.MultipleChoiceField(
        label=gettext_lazy("Hvad må programmet?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy(
            "Det kan altid læse de spørgeskemaer, I selv ser. Du kan kun give det, du selv må."
        ),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Hvor længe skal nøglen virke?"),
        coerce=int,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("Derefter skal programmet have en ny. Du kan trække nøglen tilbage før."),
    )

    def __init__(self, data: Any = None, *, by: StaffActor, now: datetime) -> None:
        super().__init__(data, initial={"days": USUAL_DAYS})
        rights, days = self.fields["rights"], self.fields["days"]
        assert isinstance(rights, forms.MultipleChoiceField)  # noqa: S101 - declared above
        assert isinstance(days, forms.TypedChoiceField)  # noqa: S101 - declared above
        rights.choices = [choice for permission, choice in RIGHTS.items() if by.may(permission)]
        days.choices = [(number, _until(number, now)) for number in DAYS]

    @property
    def given(self) -> dict[str, Any]:
        """What `programs.make_key` takes, once the form is valid."""
        rights = self.cleaned_data["rights"]
        return {
            "name": self.cleaned_data["name"],
            "may_edit": "may_edit" in rights,
            "may_publish": "may_publish" in rights,
            "lives": timedelta(days=self.cleaned_data["days"]),
        }


def _until(days: int, now: datetime) -> str:
    length = ngettext("%(number)s dag", "%(number)s dage", days) % {"number": days}
    if days == ProgramKey.LONGEST.days:
        length = _("Et år")
    last = date_format(timezone.localtime(now + timedelta(days=days)), "DATE_FORMAT")
    return _("%(length)s, til %(day)s") % {"length": length, "day": last}
