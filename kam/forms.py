"""What an administrator fills in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from questionnaires.engine import Paging
from questionnaires.paging import PagingChoice

LARGEST_FILE = 5 * 1024 * 1024


class ImportForm(forms.Form):
    file = forms.FileField(
        label=_("Fil med spørgeskemaer"),
        help_text=_(
            "FHIR R4 som JSON, regneark (.xlsx eller .csv), DK-QFDD (.xml) eller en zip-fil med flere. Højst 5 MB."
        ),
        error_messages={
            "required": _("Vælg en fil, før du importerer."),
            "empty": _("Filen er tom. Vælg en anden fil."),
        },
        widget=forms.ClearableFileInput(
            attrs={"accept": ".json,.ndjson,.csv,.xlsx,.xml,.zip,application/json,application/fhir+json"}
        ),
    )

    def clean_file(self) -> bytes:
        """The content. A larger file is refused before it is read."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(_("Filen er større end 5 MB. Vælg en mindre fil."))
        content: bytes = file.read()
        self.cleaned_data["file_name"] = file.name or ""
        return content


class PagingForm(forms.Form):
    paging = forms.TypedChoiceField(
        label=_("Hvor meget ser borgeren ad gangen?"),
        choices=PagingChoice.choices,
        coerce=Paging,
        widget=forms.RadioSelect,
        help_text=_("Tabeller og det, der kan udfyldes flere gange, bliver altid vist samlet."),
    )
