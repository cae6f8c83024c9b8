"""Larger text on every page, for as long as the browser is open; a button in the page's head, which needs no script."""

from typing import Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

LARGE = "large"


def size_of(request: HttpRequest) -> Literal["large", "normal"]:
    """What this browser has asked for."""
    return "large" if request.COOKIES.get(settings.TEXT_SIZE_COOKIE_NAME) == LARGE else "normal"


@require_POST
def choose(request: HttpRequest) -> HttpResponse:
    """Larger text where the form says so, else the normal size; back to the page."""
    back = request.POST.get("next", "")
    hosts = {request.get_host()}
    is_ours = url_has_allowed_host_and_scheme(back, allowed_hosts=hosts, require_https=request.is_secure())
    answer = HttpResponseRedirect(back if is_ours else "/")
    if request.POST.get("size") == LARGE:
        answer.set_cookie(
            settings.TEXT_SIZE_COOKIE_NAME,
            LARGE,
            httponly=True,
            samesite="Lax",
            secure=settings.SESSION_COOKIE_SECURE,
        )
    else:
        answer.delete_cookie(settings.TEXT_SIZE_COOKIE_NAME, samesite="Lax")
    return answer
