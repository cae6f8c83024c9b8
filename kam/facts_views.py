"""What the library says of a questionnaire: its area, licence and source."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import staff_member
from kam.versions import visible_version
from questionnaires.facts import Facts, change_facts
from questionnaires.models import Area


class FactsForm(forms.Form):
    area = forms.ChoiceField(
        label=gettext_lazy("Område"),
        choices=[("", gettext_lazy("Intet bestemt område")), *Area.choices],
        required=False,
    )
    source = forms.CharField(
        label=gettext_lazy("Kilde"),
        max_length=500,
        required=False,
        help_text=gettext_lazy("Hvem der har lavet spørgeskemaet, og hvor det er beskrevet."),
    )
    licence = forms.CharField(
        label=gettext_lazy("Licens"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Hvad det må bruges til. Fx: Må bruges frit."),
    )
    permission_needed = forms.BooleanField(
        label=gettext_lazy("Det må kun bruges med tilladelse"),
        required=False,
        help_text=gettext_lazy(
            "Den, der udgiver, skal bekræfte, at I har tilladelsen. Det bliver skrevet i historikken."
        ),
    )


@permission_required(Permission.EDIT_QUESTIONNAIRE)
def facts(request: StaffRequest, version_id: UUID) -> HttpResponse:
    version = visible_version(request, version_id, own=True)
    questionnaire = version.questionnaire
    now = {name: getattr(questionnaire, name) for name in FactsForm.base_fields}
    form = FactsForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        change_facts(
            questionnaire=questionnaire,
            facts=Facts(**form.cleaned_data),
            by=staff_member(request),
            at=timezone.now(),
        )
        messages.success(request, _("Oplysningerne er gemt."))
        return redirect("kam:questionnaire", version_id=version.pk)
    context = {"version": version, "form": form}
    return render(request, "kam/facts.html", context, status=422 if form.is_bound else 200)
