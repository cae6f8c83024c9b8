"""A citizen's newest answers to look at together with them, on one screen."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.views.decorators.http import require_safe

from citizens.models import Citizen
from identity.access_log import Use, What
from identity.roles import Permission
from plans import selectors
from plans.trend_charts import chart_data
from plans.trends import trends
from questionnaires.definitions import definition_of
from questionnaires.models import Response
from staff.access import MunicipalRequest, municipal_staff
from staff.conversation import differences, to_talk_about
from staff.free_text import free_texts
from staff.pages import render_page
from staff.seen import seen

ANSWERS_LOOKED_AT = 60
"""Among how many of the newest answers the questionnaires to choose are found."""


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def conversation(request: MunicipalRequest, citizen_id: UUID) -> HttpResponse:
    """Own words, what is otherwise than last time, the figures over time, and what there is to talk about.

    `?skema=` names a questionnaire; else it is the one that was answered last. Nothing that is for staff alone: no CPR
    number, no colours, no bands.
    """
    now = timezone.now()
    person = get_object_or_404(Citizen.objects.of(request.municipality), pk=citizen_id)
    answered = selectors.responses_seen_by(request.municipality).filter(citizen=person)
    heads = list(
        answered.order_by("-completed_at", "-pk").defer("document", "version__source")[:ANSWERS_LOOKED_AT]
    )
    choices = {head.version.questionnaire_id: head.version.title for head in reversed(heads)}
    named = next((one for one in choices if str(one) == request.GET.get("skema")), None)
    chosen = named or (heads[0].version.questionnaire_id if heads else None)
    newest_two: list[Response] = []
    if chosen is not None:
        newest_two = list(
            answered.filter(version__questionnaire=chosen)
            .order_by("-completed_at", "-pk")
            .defer("version__source")[:2]
        )
    newest = newest_two[0] if newest_two else None
    seen(request, [person.pk], Use(What.RESPONSE, subject_id=newest.pk if newest else None), at=now)
    shown = [trend for trend in trends(person, request.municipality) if trend.questionnaire_id == chosen]
    context = {
        "citizen": person,
        "choices": sorted(choices.items(), key=lambda choice: choice[1]),
        "chosen": chosen,
        "newest": newest,
        "former": newest_two[1] if len(newest_two) > 1 else None,
        "trends": shown,
        "chart_data": chart_data(shown),
    }
    if newest is not None:
        context["free_texts"] = free_texts(definition_of(newest.version), newest.document)
    if len(newest_two) > 1:
        both = [(definition_of(one.version), one.document) for one in newest_two]
        found = differences(both[0], both[1])
        context |= {"differences": found, "to_talk_about": to_talk_about(found)}
    return render_page(request, "staff/conversation.html", context, now=now)
