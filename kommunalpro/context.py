"""What every page needs to know."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from citizens.cpr_pattern import address_holds_cpr
from kommunalpro import __version__
from kommunalpro.text_size import LARGE, size_of

_MODULES = {"citizens", "staff", "kam", "operations"}


def page(request: HttpRequest) -> dict[str, Any]:
    """The actor, the module and the mode, for `base.html`."""
    namespace = request.resolver_match.namespace if request.resolver_match else ""
    return {
        "actor": getattr(request, "actor", None),
        "module": namespace if namespace in _MODULES else "",
        "address_to_return_to": _address_to_return_to(request),
        "app_version": __version__,
        "mode_is_embedded": settings.EMBEDDED,
        "text_is_large": size_of(request) == LARGE,
        "was_url": settings.WAS_URL,
        "support_email": settings.SUPPORT_EMAIL,
        "support_phone": settings.SUPPORT_PHONE,
    }


def _address_to_return_to(request: HttpRequest) -> str:
    """The page itself, for what leads back to it; the front page where somebody typed a CPR number into the address."""
    address = request.get_full_path()
    return "/" if address_holds_cpr(address) else address
