"""Decision support of one questionnaire: off, or on with what it is for."""

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
from kommunalpro.problems import Problem
from questionnaires import decision_support
from questionnaires.definitions import definition_of
from questionnaires.models import DecisionSupport, QuestionnaireVersion
from questionnaires.significance_words import rules_in_words


class SwitchOnForm(forms.Form):
    intended_purpose = forms.CharField(
        label=gettext_lazy("Formål"),
        max_length=DecisionSupport.LONGEST_PURPOSE,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("Hvem farverne er til, hvad de skal støtte, og hvem der vurderer dem."),
        error_messages={"required": gettext_lazy("Skriv, hvad farverne skal bruges til.")},
    )
    algorithm_version = forms.CharField(
        label=gettext_lazy("Reglernes version"),
        max_length=50,
        help_text=gettext_lazy("Fx 1.0. Personalet ser den ved hver farve."),
        error_messages={"required": gettext_lazy("Skriv, hvilken version reglerne har.")},
    )


@permission_required(Permission.PUBLISH_QUESTIONNAIRE)
def support(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """What it is now, with the rules in words; a form to switch it on, and a button to switch it off."""
    version = visible_version(request, version_id, own=True)
    on = decision_support.active_support(version.questionnaire_id)
    is_off = request.POST.get("act") == "off"
    form = SwitchOnForm(request.POST if request.method == "POST" and not is_off else None)
    if request.method == "POST" and (is_off or form.is_valid()):
        try:
            _switch(request, version, form, is_off=is_off)
        except Problem as refusal:
            messages.warning(request, refusal.sentence)
        return redirect("kam:questionnaire", version_id=version.pk)
    context = {
        "version": version,
        "support": on,
        "form": form,
        "rules": rules_in_words(definition_of(version)),
    }
    return render(request, "kam/decision_support.html", context, status=422 if form.is_bound else 200)


def _switch(
    request: StaffRequest, version: QuestionnaireVersion, form: SwitchOnForm, *, is_off: bool
) -> None:
    questionnaire, by, at = version.questionnaire, staff_member(request), timezone.now()
    if is_off:
        decision_support.switch_off(
            questionnaire=questionnaire, by=by, at=at, comment=request.POST.get("comment", "")
        )
        messages.success(request, _("Beslutningsstøtten er slået fra. Ingen ser farverne mere."))
        return
    decision_support.switch_on(questionnaire=questionnaire, by=by, at=at, **form.cleaned_data)
    messages.success(
        request,
        _(
            "Beslutningsstøtten er slået til. Farverne vises, når den næste version er godkendt og udgivet af to."
        ),
    )
