"""Pictures and files that citizens gave as answers; and giving one for them, where staff enter answers."""

from http import HTTPStatus
from uuid import UUID

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from identity.access_log import Action, Use, What
from identity.roles import Permission
from questionnaires import uploads
from questionnaires.file_answers import handed_out
from questionnaires.models import Upload
from questionnaires.rendering import render_page
from staff.access import MunicipalRequest, municipal_staff
from staff.seen import seen
from staff.views.registering import entering_of


@require_safe
@municipal_staff(Permission.SEE_ANSWERS)
def file(request: MunicipalRequest, upload_id: UUID) -> HttpResponse:
    """The file itself, to look at or to save. That is a look at the response that it belongs to."""
    found = get_object_or_404(Upload, pk=upload_id, municipality=request.municipality)
    use = Use(What.RESPONSE, subject_id=found.response_id)
    seen(request, [found.citizen_id], use, at=timezone.now())
    return handed_out(found, to_save="hent" in request.GET)


@require_POST
@municipal_staff(Permission.ENTER_ANSWERS)
def upload(request: MunicipalRequest, task_id: UUID, number: int) -> HttpResponse:
    """Store what was chosen for one question of answers that are being entered; answers as the citizen's does."""
    entering = entering_of(request, task_id)
    if isinstance(entering, HttpResponseRedirect):
        return HttpResponse(headers={"HX-Redirect": entering.url})
    now = timezone.now()
    use = Use(What.ENTERING, Action.CHANGE, subject_id=task_id)
    seen(request, [entering.task.citizen_id], use, at=now)
    answering, address = entering.answering, request.POST.get("question", "")
    page = answering.page(number)
    if page is None or address not in answering.asked_on(page):
        raise Http404
    sent = uploads.sent_with(answering.definition, page, request.POST, request.FILES)
    response, issues = uploads.keep(response=entering.response, sent=sent, at=now)
    issues = (*sent.issues, *issues)
    page_view = render_page(answering.definition, page, response.document, problems=issues)
    question = next((one for one in page_view.walk() if one.address == address), None)
    if question is None:
        raise Http404
    status = HTTPStatus.UNPROCESSABLE_ENTITY if issues else HTTPStatus.OK
    facts = {"item": question, "files_at": "staff:file"}
    return render(request, "questionnaires/item.html", facts, status=status)
