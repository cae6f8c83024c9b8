"""Forms about how long data are kept, and holding them."""

from django import forms
from django.utils.translation import gettext_lazy as _

from privacy.models import LegalHold
from privacy.retention import LONGEST_YEARS, SHORTEST_YEARS


class HoldForm(forms.Form):
    """Why a citizen's data must stay."""

    reason = forms.CharField(
        label=_("Hvorfor skal oplysningerne bevares?"),
        help_text=_(
            "Skriv sagens nummer, og hvad den handler om. Borgeren kan læse det i et udtræk af sine data."
        ),
        max_length=LegalHold.LONGEST_REASON,
        error_messages={
            "required": _("Skriv, hvorfor oplysningerne skal bevares, for eksempel sagens nummer.")
        },
    )


class RetentionForm(forms.Form):
    """For how many years a course is kept; whether that is lawful is decided by the use case."""

    years = forms.IntegerField(
        label=_("Antal år efter den seneste kontakt"),
        min_value=SHORTEST_YEARS,
        max_value=LONGEST_YEARS,
        error_messages={
            "required": _("Skriv et antal år."),
            "invalid": _("Skriv antallet af år som et helt tal."),
        },
    )
    only_five_year_professions = forms.BooleanField(
        label=_(
            "Ingen i kommunen, der fører journal her, hører til en faggruppe, der skal gemme den i ti år"
        ),
        required=False,
    )
