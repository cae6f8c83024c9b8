"""Refusals of use cases become a page, once, for every view."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

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
        return render(request, "errors/problem.html", {"problem": exception}, status=exception.status)
