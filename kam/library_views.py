"""The library: all questionnaires that somebody may see in KAM."""

from typing import Any

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language_info, gettext_lazy
from django.views.decorators.http import require_GET

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import owner_of
from questionnaires import library
from questionnaires.library import Search, Whose
from questionnaires.models import Area, PublicationStatus

_ANY = gettext_lazy("Alle")


def _language(code: str) -> str:
    """The language's own name, which is how its readers know it; the code where Django has no name."""
    try:
        return str(get_language_info(code)["name_local"]).capitalize()
    except KeyError:
        return code


class SearchForm(forms.Form):
    words = forms.CharField(label=gettext_lazy("Søg i titler og spørgsmål"), max_length=200, required=False)
    area = forms.ChoiceField(
        label=gettext_lazy("Område"), choices=[("", _ANY), *Area.choices], required=False
    )
    whose = forms.ChoiceField(
        label=gettext_lazy("Ejer"),
        choices=[
            ("", _ANY),
            (Whose.OWN.value, gettext_lazy("Vores egne")),
            (Whose.NATIONAL.value, gettext_lazy("Nationale")),
            (Whose.SHARED.value, gettext_lazy("Delt af andre kommuner")),
        ],
        required=False,
    )
    status = forms.ChoiceField(
        label=gettext_lazy("Status"), choices=[("", _ANY), *PublicationStatus.choices], required=False
    )
    language = forms.ChoiceField(label=gettext_lazy("Sprog"), required=False)

    def __init__(self, *args: Any, languages: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["language"].choices = [  # type: ignore[attr-defined]
            ("", _ANY), *((code, _language(code)) for code in languages)
        ]  # fmt: skip

    @property
    def search(self) -> Search:
        """What was asked; a filter that nobody offers asks for nothing."""
        self.is_valid()
        return Search(**{name: self.cleaned_data.get(name, "") for name in self.fields})


@require_GET
@permission_required(Permission.SEE_KAM)
def questionnaires(request: StaffRequest) -> HttpResponse:
    owner = owner_of(request)
    form = SearchForm(request.GET, languages=library.languages(owner))
    asked = form.search
    page = library.search(asked, owner=owner, page=request.GET.get("page", "1"))
    context = {
        "form": form,
        "asked": asked,
        "page": page,
        "entries": library.entries(list(page.object_list), owner),
        "may_import": request.actor.may(Permission.EDIT_QUESTIONNAIRE),
    }
    return render(request, "kam/questionnaires.html", context)
