"""How much one request may bring, said before any of it is read."""

from collections.abc import Callable
from http import HTTPStatus

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from kommunalpro.problem_json import is_for_programs, problem_answer
from kommunalpro.problems import Problem

# The largest file that a page of KAM takes is 5 MB, and a form around it.
LARGEST_REQUEST = 6 * 1024 * 1024
# Where citizens' pictures and files come in.
TAKE_FILES = ("/borger/opgave/", "/medarbejder/opgaver/")


class RequestTooLarge(Problem):
    """More bytes than any form of ours sends."""

    code = "request_too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE


class RequestSizeMiddleware:
    """Refuses by its Content-Length what is larger than LARGEST_REQUEST, or than a file where citizens give some.

    Django bounds forms and counts fields, but would write a file of any size to the disk. Without a Content-Length
    it reads no body at all.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        most = LARGEST_REQUEST
        if request.path_info.startswith(TAKE_FILES) and request.content_type == "multipart/form-data":
            most = max(most, settings.UPLOAD_LARGEST_BYTES + 1024 * 1024)
        if _length(request) > most:
            return too_large(request, most=most)
        return self.get_response(request)


def too_large(request: HttpRequest, *, most: int) -> HttpResponse:
    """413: what came is larger than `most` bytes."""
    problem = RequestTooLarge(
        _(
            "Det, du sender, fylder mere end %(most)s MB. Send en mindre fil eller en kortere tekst. "
            "Det, du har gemt før, er der stadig."
        )
        % {"most": most // 1024**2}
    )
    if is_for_programs(request):
        return problem_answer(status=problem.status, code=problem.code, detail=problem.sentence)
    return render(request, "errors/problem.html", {"problem": problem}, status=problem.status)


def _length(request: HttpRequest) -> int:
    text = str(request.META.get("CONTENT_LENGTH") or "0")
    if not (text.isascii() and text.isdigit()):
        return 0
    return int(text) if len(text) < 20 else LARGEST_REQUEST + 1
