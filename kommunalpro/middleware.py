"""What holds for every view: refusals of use cases become a page, and `localhost` leads to our address."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from kommunalpro.problem_json import is_for_programs, problem_answer
from kommunalpro.problems import Problem


class ProblemMiddleware:
    """Shows a `Problem` as a page (or, to htmx, as the same words) with its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Problem):
            return None
        if is_for_programs(request):
            return problem_answer(
                status=exception.status,
                code=exception.code,
                detail=exception.sentence,
                headers=exception.headers,
            )
        response = render(request, "errors/problem.html", {"problem": exception}, status=exception.status)
        for name, value in exception.headers.items():
            response[name] = value
        return response


class LocalhostMiddleware:
    """Sends whoever typed `localhost` to PUBLIC_URL, as `make run` prints it; in the embedded mode only.

    To serve them there would lose the login's cookie on the way back from the broker, which knows one address.
    It stands first and looks at the header itself, so `localhost` need not be among ALLOWED_HOSTS.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host, _, _port = request.headers.get("Host", "").partition(":")
        if host.lower() == "localhost":
            return HttpResponseRedirect(settings.PUBLIC_URL + request.get_full_path())
        return self.get_response(request)
