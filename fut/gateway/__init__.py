"""The platform as the rest of the house sees it: a protocol of what it can be told, and the platform over HTTP."""

from fut.gateway.flows import FutGateway
from fut.gateway.over_http import HttpFutGateway

__all__ = ["FutGateway", "HttpFutGateway"]
