"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from kommunalpro import __version__

_MODULES = {"citizens", "staff", "kam"}


def page(request: HttpRequest) -> dict[str, Any]:
    """The actor, the module and the mode, for `base.html`."""
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    return {
        "actor": getattr(request, "actor", None),
        "module": namespace if namespace in _MODULES else "",
        "app_version": __version__,
        "mode_is_embedded": settings.EMBEDDED,
        "was_url": settings.WAS_URL,
        "support_email": settings.SUPPORT_EMAIL,
        "support_phone": settings.SUPPORT_PHONE,
    }
