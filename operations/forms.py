"""What the system administration fills in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from citizens.cpr_pattern import without_cpr


class PauseForm(forms.Form):
    reason = forms.CharField(
        label=_("Hvorfor?"),
        max_length=500,
        help_text=_("Kolleger ser det her på siden. Skriv ikke noget om borgere."),
        error_messages={"required": _("Skriv, hvorfor kanalen skal holde pause.")},
    )

    def clean_reason(self) -> str:
        return without_cpr(self.cleaned_data["reason"])
