"""What every answer tells the browser; the application and the embedded login broker share it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from csp.constants import NONE, SELF
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers

if TYPE_CHECKING:
    from django.http.response import HttpResponseBase

# What browsers offer to pages and these pages never use (W3C Permissions Policy and its registry of features).
UNUSED_FEATURES = (
    "accelerometer",
    "ambient-light-sensor",
    "attribution-reporting",
    "autoplay",
    "bluetooth",
    "browsing-topics",
    "camera",
    "compute-pressure",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "join-ad-interest-group",
    "local-fonts",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "publickey-credentials-create",
    "publickey-credentials-get",
    "run-ad-auction",
    "screen-wake-lock",
    "serial",
    "storage-access",
    "usb",
    "window-management",
    "xr-spatial-tracking",
)
PERMISSIONS_POLICY = ", ".join(f"{feature}=()" for feature in UNUSED_FEATURES)


def content_security_policy(
    *, form_action: list[str], https: bool, scripts: bool = True
) -> dict[str, object]:
    """django-csp's setting: everything from this site's files, nothing written in a page, no eval.

    `form_action` names the addresses that redirects after a form may end at. Trusted Types are not demanded:
    htmx and the design system write HTML by `innerHTML`, and a policy that let all of it through would only look
    like a wall (SECURITY.md).
    """
    directives: dict[str, object] = {
        "default-src": [NONE],
        "script-src": [SELF] if scripts else [NONE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF] if scripts else [NONE],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "frame-src": [NONE],
        "worker-src": [NONE],
        "media-src": [NONE],
        "form-action": form_action,
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
    if https:
        directives["upgrade-insecure-requests"] = True
    return {"DIRECTIVES": directives}


def kept_by_browsers(response: HttpResponse) -> HttpResponse:
    """Let the asker's own browser keep what has nobody's data in it and never changes at its address."""
    response.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    response.is_kept_by_browsers = True  # type: ignore[attr-defined]
    return response


class HeadersMiddleware:
    """Permissions-Policy and Cross-Origin-Resource-Policy on every answer. Stands outside WhiteNoise."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response


class NoStoreMiddleware:
    """No page is kept by the browser or anything on the way. Stands inside WhiteNoise, whose files are kept.

    Nor is anything else that a view answers, except what it has given to `kept_by_browsers`.

    Pages hold health data or the name of who is logged in, and those of nobody hold a form's secret; that there is
    nothing to keep is also what makes poisoning a cache pointless. So it is no decorator that a view could forget.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not getattr(response, "is_kept_by_browsers", False):
            add_never_cache_headers(response)
        return response
