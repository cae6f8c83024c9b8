"""One response as it was answered."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from identity.access_log import Use, What
from identity.roles import Permission
from plans import selectors
from questionnaires.answers import answered_items
from questionnaires.definitions import definition_of
from staff.access import MunicipalRequest, municipal_staff
from staff.free_text import free_texts
from staff.pages import render_page
from staff.seen import seen
from staff.views.citizens import about
from staff.views.editions import corrections_of


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def response(request: MunicipalRequest, response_id: UUID) -> HttpResponse:
    """Own words first, then the scores, then every question with its answer."""
    now = timezone.now()
    answered = get_object_or_404(selectors.responses_seen_by(request.municipality), pk=response_id)
    seen(request, [answered.citizen_id], Use(What.RESPONSE, subject_id=answered.pk), at=now)
    definition = definition_of(answered.version)
    context = {
        **about(answered.citizen, request, now=now),
        "response": answered,
        "scores": selectors.with_scores([answered], request.municipality)[0].scores,
        "free_texts": free_texts(definition, answered.document),
        "groups": answered_items(definition, answered.document),
        "corrections": corrections_of(answered),
    }
    return render_page(request, "staff/response.html", context, now=now)
