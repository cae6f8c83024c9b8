"""The test cases of a questionnaire: which pass, what differs, what is expected."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from identity.access import StaffRequest, permission_required
from identity.models import StaffMember
from identity.roles import Permission
from kam.versions import may_edit_tests, visible_version
from questionnaires import engine, test_cases
from questionnaires.definitions import definition_of
from questionnaires.engine.explaining import name_of
from questionnaires.models import QuestionnaireTest, QuestionnaireVersion
from questionnaires.test_cases import CaseRefused, Run

SHOWN, HIDDEN, EITHER = "shown", "hidden", ""


@require_GET
@permission_required(Permission.SEE_KAM)
def tests(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """All of them as they go now; who publishes reads why a draft is held back."""
    version = visible_version(request, version_id, own=True)
    runs = test_cases.runs_of(version)
    failed = sum(not run.has_passed for run in runs)
    makers = dict(
        StaffMember.objects.filter(pk__in={run.test.made_by_id for run in runs}).values_list("pk", "name")
    )
    context = {
        "version": version,
        "runs": [{**_in_words(run), "made_by": makers.get(run.test.made_by_id, "")} for run in runs],
        "failed": failed,
        "passed": len(runs) - failed,
        "may_edit": may_edit_tests(request, version),
    }
    return render(request, "kam/tests.html", context)


@require_GET
@permission_required(Permission.SEE_KAM)
def test_state(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """How the tests go now, in a line: the builder asks after every change."""
    version = visible_version(request, version_id, own=True)
    runs = test_cases.runs_of(version)
    failed = sum(not run.has_passed for run in runs)
    context = {"version": version, "failed": failed, "passed": len(runs) - failed}
    return render(request, "kam/_test_state.html", context)


@require_http_methods(["GET", "POST"])
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def test(request: StaffRequest, version_id: UUID, test_id: UUID) -> HttpResponseBase:
    """What is expected of one test, to be changed."""
    version = visible_version(request, version_id, own=True)
    case = _own_test(version, test_id)
    form = ExpectationForm(request.POST or None, test=case, version=version)
    if request.method == "POST" and form.is_valid():
        try:
            changed = test_cases.expect(test=case, **form.expected())
        except CaseRefused as refusal:
            form.add_error("name", refusal.sentence)
        else:
            messages.success(request, _("»%(name)s« er gemt.") % {"name": changed.name})
            return redirect("kam:tests", version_id=version.pk)
    [run] = [run for run in test_cases.runs_of(version) if run.test.pk == case.pk]
    context = {"version": version, "form": form, "run": _in_words(run), "answers": _answers(version, case)}
    return render(request, "kam/test.html", context, status=422 if form.is_bound else 200)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def expect_what_follows_now(request: StaffRequest, version_id: UUID, test_id: UUID) -> HttpResponseBase:
    version = visible_version(request, version_id, own=True)
    changed = test_cases.expect_what_follows_now(test=_own_test(version, test_id), version=version)
    messages.success(
        request, _("»%(name)s« forventer nu det, som skemaet giver i dag.") % {"name": changed.name}
    )
    return redirect("kam:tests", version_id=version.pk)


@require_POST
@permission_required(Permission.EDIT_QUESTIONNAIRE)
def delete(request: StaffRequest, version_id: UUID, test_id: UUID) -> HttpResponseBase:
    version = visible_version(request, version_id, own=True)
    case = _own_test(version, test_id)
    case.delete()
    messages.success(request, _("Prøven »%(name)s« er slettet.") % {"name": case.name})
    return redirect("kam:tests", version_id=version.pk)


class ExpectationForm(forms.Form):
    """The name of a test, the value of each score, and whether each question that comes and goes is shown."""

    name = forms.CharField(
        label=gettext_lazy("Prøvens navn"),
        max_length=QuestionnaireTest.LONGEST_NAME,
        error_messages={"required": gettext_lazy("Giv prøven et navn.")},
    )

    def __init__(self, *args: Any, test: QuestionnaireTest, version: QuestionnaireVersion, **kw: Any) -> None:
        super().__init__(*args, **kw)
        definition = definition_of(version)
        language = get_language() or "da"
        self.fields["name"].initial = test.name
        self.scores, self.questions = (
            list(test.expected_scores),
            [*test.expected_shown, *test.expected_hidden],
        )

        def called(link_id: str) -> str:
            item = definition.by_link_id.get(link_id)
            return name_of(item) if item is not None else str(test.names.get(link_id, link_id))

        for number, link_id in enumerate(self.scores):
            text = test.expected_scores[link_id]
            self.fields[f"score-{number}"] = forms.CharField(
                label=called(link_id),
                required=False,
                max_length=30,
                initial="" if text is None else engine.number_text(Decimal(text), language, group=False),
                help_text=_("Lad feltet være tomt, hvis tallet ikke skal kunne regnes ud."),
            )
        for number, link_id in enumerate(self.questions):
            self.fields[f"question-{number}"] = forms.ChoiceField(
                label=called(link_id),
                required=False,
                choices=[(SHOWN, _("Skal vises")), (HIDDEN, _("Skal ikke vises")), (EITHER, _("Lige meget"))],
                initial=SHOWN if link_id in test.expected_shown else HIDDEN,
            )

    def clean(self) -> dict[str, Any]:
        """Numbers as people write them in Danish: 12,5."""
        cleaned: dict[str, Any] = super().clean() or {}
        for number in range(len(self.scores)):
            text = str(cleaned.get(f"score-{number}") or "").strip().replace("−", "-").replace(",", ".")
            try:
                value = Decimal(text) if text else None
            except ArithmeticError:
                value = Decimal("NaN")
            if value is not None and not value.is_finite():
                self.add_error(f"score-{number}", _("Skriv et tal, for eksempel 12 eller 3,5."))
            cleaned[f"score-{number}"] = value
        return cleaned

    def expected(self) -> dict[str, Any]:
        """What `test_cases.expect` takes."""
        said = self.cleaned_data
        chosen = {link_id: said[f"question-{number}"] for number, link_id in enumerate(self.questions)}
        return {
            "name": said["name"],
            "scores": {link_id: said[f"score-{number}"] for number, link_id in enumerate(self.scores)},
            "shown": [link_id for link_id, choice in chosen.items() if choice == SHOWN],
            "hidden": [link_id for link_id, choice in chosen.items() if choice == HIDDEN],
        }


def _own_test(version: QuestionnaireVersion, test_id: UUID) -> QuestionnaireTest:
    tests_of_it = QuestionnaireTest.objects.filter(questionnaire_id=version.questionnaire_id)
    return get_object_or_404(tests_of_it, pk=test_id)


def _in_words(run: Run) -> dict[str, Any]:
    language = get_language() or "da"
    return {
        "test": run.test,
        "has_passed": run.has_passed,
        "differences": [one.text(language) for one in run.differences],
    }


def _answers(version: QuestionnaireVersion, case: QuestionnaireTest) -> Sequence[tuple[str, str]]:
    """What is answered in the test: question and answer in words."""
    definition = definition_of(version)
    language = get_language() or "da"
    found: list[tuple[str, str]] = []
    for link_id, answers in engine.every_answer({"item": case.answers}).items():
        item = definition.by_link_id.get(link_id)
        if item is None:
            found.append((str(case.names.get(link_id, link_id)), _("Spørgsmålet findes ikke mere.")))
        elif item.calculated is None:
            words = ", ".join(engine.display_value(item, answer, language) for answer in answers)
            found.append((name_of(item), words))
    return found
