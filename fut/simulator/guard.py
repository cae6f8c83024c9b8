"""The control is for this machine only."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from fut.simulator.outcomes import Refusal

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})

Endpoint = Callable[[Request], Awaitable[Response]]


def from_here(endpoint: Endpoint) -> Endpoint:
    """The endpoint, for callers on this machine."""

    async def guarded(request: Request) -> Response:
        if request.client is None or request.client.host not in LOOPBACK:
            raise Refusal(403, ["The control answers this machine only."], issue_type="forbidden")
        return await endpoint(request)

    return guarded
