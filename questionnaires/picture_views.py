"""The address of a picture in a questionnaire."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_safe

from identity.access import to_login
from identity.actors import StaffActor
from identity.middleware import actor_of
from identity.roles import Permission
from kommunalpro.headers import kept_by_browsers
from questionnaires.definitions import definition_of
from questionnaires.models import QuestionnaireVersion
from questionnaires.pictures import picture_named

# An SVG opened by its address is a document of our origin: it may draw itself, and nothing else.
ONLY_DRAW = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'"


@require_safe
def picture(request: HttpRequest, version_id: UUID, digest: str) -> HttpResponseBase:
    """One picture of a published questionnaire, or of a draft for those who work on it.

    The wall decides which versions there are: drafts are their owner's alone.
    """
    actor = actor_of(request)
    if actor is None:
        return to_login(request, "citizen")
    version = QuestionnaireVersion.objects.filter(pk=version_id).first()
    may_see_drafts = isinstance(actor, StaffActor) and actor.may(Permission.SEE_KAM)
    if version is None or (not version.is_published and not may_see_drafts):
        raise Http404
    found = picture_named(definition_of(version), digest)
    if found is None:
        raise Http404
    headers = {"Content-Security-Policy": ONLY_DRAW, "X-Content-Type-Options": "nosniff"}
    response = HttpResponse(found.content, content_type=found.content_type, headers=headers)
    return kept_by_browsers(response) if version.is_published else response
