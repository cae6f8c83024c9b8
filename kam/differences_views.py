"""What is different between two versions, in sentences."""

from uuid import UUID

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from identity.access import StaffRequest, permission_required
from identity.roles import Permission
from kam.owners import owner_of
from kam.versions import visible_version
from questionnaires.authoring.differences import by_element, differences
from questionnaires.models import QuestionnaireVersion


@require_GET
@permission_required(Permission.SEE_KAM)
def page(request: StaffRequest, version_id: UUID) -> HttpResponse:
    """Against `fra`, a version's id; without it against the one before, or what it was copied from."""
    version = visible_version(request, version_id)
    former = _former(request, version)
    language = get_language() or "da"
    found = differences(former.source, version.source) if former is not None else ()
    context = {
        "version": version,
        "former": former,
        "count": len(found),
        "groups": [
            (label, [(one.kind, one.text(language)) for one in those]) for label, those in by_element(found)
        ],
        "others": _others(request, version, former),
    }
    return render(request, "kam/differences.html", context)


def _former(request: StaffRequest, version: QuestionnaireVersion) -> QuestionnaireVersion | None:
    if asked := request.GET.get("fra"):
        try:
            return visible_version(request, UUID(asked))
        except ValueError:
            raise Http404 from None
    visible = QuestionnaireVersion.objects.visible_in_kam(owner_of(request)).select_related(
        "questionnaire__owner"
    )
    before = visible.filter(questionnaire=version.questionnaire_id, number__lt=version.number)
    former = before.order_by("-number").first()
    if former is None and (origin := version.questionnaire.copied_from_id) is not None:
        return visible.filter(pk=origin).first()
    return former


def _others(
    request: StaffRequest, version: QuestionnaireVersion, former: QuestionnaireVersion | None
) -> list[QuestionnaireVersion]:
    """What else it can be held against: the other versions, and what it was copied from."""
    visible = QuestionnaireVersion.objects.visible_in_kam(owner_of(request)).defer("source")
    known = visible.filter(Q(questionnaire=version.questionnaire_id) | Q(copies=version.questionnaire_id))
    left_out = {version.pk, former.pk if former is not None else None}
    return [
        one for one in known.select_related("questionnaire").order_by("-number") if one.pk not in left_out
    ]
