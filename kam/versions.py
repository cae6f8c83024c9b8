"""The version that an address names, as the administrator may see it, and what the engine says of it."""

from uuid import UUID

from django.shortcuts import get_object_or_404

from identity.access import StaffRequest
from identity.roles import Permission
from kam.owners import owner_of
from questionnaires.models import QuestionnaireVersion


def visible_version(
    request: StaffRequest, version_id: UUID, *, own: bool = False, without_source: bool = False
) -> QuestionnaireVersion:
    """Not found where the administrator may not see it; with `own`, where somebody else made it, too.

    `without_source`: its document is only read when it is asked for, or is put in by `kept_drafts`.
    """
    owner = owner_of(request)
    visible = QuestionnaireVersion.objects.visible_in_kam(owner)
    if own:
        visible = visible.filter(questionnaire__owner=owner)
    if without_source:
        visible = visible.defer("source")
    return get_object_or_404(
        visible.select_related(
            "questionnaire__owner", "published_by", "approved_by", "edited_by", "decision_support"
        ),
        pk=version_id,
    )


def is_own(request: StaffRequest, version: QuestionnaireVersion) -> bool:
    """Is it the administrator's own municipality's (or the system administration's)?"""
    return version.questionnaire.owner_id == request.actor.municipality_id


def may_edit_tests(request: StaffRequest, version: QuestionnaireVersion) -> bool:
    return request.actor.may(Permission.EDIT_QUESTIONNAIRE) and is_own(request, version)
