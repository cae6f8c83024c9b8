"""The answers to what no view answered: a page for people, a document for programs."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.views import defaults

from kommunalpro.problem_json import is_for_programs, problem_answer
from kommunalpro.request_limits import too_large


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """400; 413 for a form with more text than any page of ours asks for."""
    if isinstance(exception, RequestDataTooBig):
        return too_large(request, most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
    if is_for_programs(request):
        return problem_answer(
            status=400, code="bad_request", detail=_("Forespørgslen er ikke til at forstå.")
        )
    return defaults.bad_request(request, exception)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """403."""
    if is_for_programs(request):
        return problem_answer(status=403, code="permission_denied", detail=_("Det har du ikke adgang til."))
    return defaults.permission_denied(request, exception)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """404."""
    if is_for_programs(request):
        return problem_answer(status=404, code="not_found", detail=_("Det findes ikke."))
    return defaults.page_not_found(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """500. The cause is in the log, under this request's id."""
    if is_for_programs(request):
        return problem_answer(
            status=500, code="server_error", detail=_("Der skete en fejl hos os. Prøv igen om lidt.")
        )
    return defaults.server_error(request)
