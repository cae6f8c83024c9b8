"""The forms that begin an assisted visit."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.assisting import Checked, Consent
from staff.access_forms import CitizenNumberForm


class WhomForm(CitizenNumberForm):
    """The CPR number of the citizen who asks for help."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["text"].label = _("Borgerens CPR-nummer")
        self.fields["text"].help_text = _("For eksempel 010203-1234.")


class VisitForm(forms.Form):
    """How the citizen agreed, and how the employee made sure who it is; both are required."""

    identity_checked = forms.TypedChoiceField(
        label=_("Hvordan har du sikret dig, hvem borgeren er?"),
        choices=Checked.choices,
        coerce=Checked,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Vælg, hvordan du har sikret dig, hvem borgeren er.")
        ),
    )
    consent = forms.TypedChoiceField(
        label=_("Hvordan har borgeren givet samtykke?"),
        choices=Consent.choices,
        coerce=Consent,
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(
            ["required", "invalid_choice"], _("Vælg, hvordan borgeren har givet samtykke.")
        ),
    )
