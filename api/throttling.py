"""How often somebody may ask: counted as on the pages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rest_framework.throttling import BaseThrottle

from identity.rate_limits import Action, TooManyRequests, count

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


class ByAsker(BaseThrottle):
    """So many requests for a person, or for the network of nobody."""

    seconds: float | None = None

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count this one; False where it is one too many."""
        try:
            count(request._request, Action.API)
        except TooManyRequests as refusal:
            self.seconds = refusal.seconds
            return False
        return True

    def wait(self) -> float | None:
        """Seconds until the next is answered."""
        return self.seconds
