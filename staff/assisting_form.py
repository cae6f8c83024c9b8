"""The form that begins an assisted visit."""

from django import forms
from django.utils.translation import gettext_lazy as _

from identity.assisting import Checked, Consent


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
