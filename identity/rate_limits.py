"""How often somebody may log in, search, import … before they wait a little.

    @limited(Action.CITIZEN_SEARCH, "POST")
    def citizens(request): …

Counted for the person where one is known: the employees of a municipality share one address. For nobody it is the
network: an IPv4 address, or the /64 that an IPv6 subscriber is given. The counts are in Redis. Where that is away
everything goes on uncounted, and the log says so: a nurse who cannot find a citizen is worse than one who searches
too often, and the access log sees them all the same.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import lru_cache, wraps
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from math import ceil
from time import time
from typing import Concatenate, ParamSpec, TypeVar

import structlog
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from limits import RateLimitItem, parse_many
from limits.errors import StorageError
from limits.storage import RedisStorage
from limits.strategies import SlidingWindowCounterRateLimiter
from redis.backoff import NoBackoff
from redis.retry import Retry

from identity.middleware import actor_of
from kommunalpro.problems import Problem

log = structlog.get_logger(__name__)

P = ParamSpec("P")
R = TypeVar("R", bound=HttpRequest)

# What a search waits for Redis at most, twice: to reach it and for its answer.
PATIENCE_SECONDS = 0.25


class Action(StrEnum):
    """What is counted."""

    LOGIN = "login"  # of a browser that we have not seen
    LOGIN_RETURN = "login_return"  # that was refused
    LOGOUT_NOTICE = "logout_notice"  # that ends nothing or cannot be verified
    CITIZEN_SEARCH = "citizen_search"
    TEST_LOGIN = "test_login"
    IMPORT = "import"
    API = "api"
    KEY_REFUSED = "key_refused"  # a program's that lets nobody in
    EXPORT = "export"  # everything about a citizen, made whole in memory


def rule(text: str) -> tuple[RateLimitItem, ...]:
    """“30/minute; 400/day”: each of them holds."""
    return tuple(parse_many(text))


# The one table. Nobody works faster by hand than these allow a person. What is counted for a network must lock nobody
# else of it out: a whole municipality logs in from one address at eight in the morning, and the issuer tells of every
# logout in the country from one. So a login is counted where it begins without a session of ours, and where it fails;
# word of a logout where it cannot be verified.
RULES: dict[Action, tuple[RateLimitItem, ...]] = {
    Action.LOGIN: rule("6000/minute"),
    Action.LOGIN_RETURN: rule("600/minute"),
    Action.LOGOUT_NOTICE: rule("600/minute"),
    Action.CITIZEN_SEARCH: rule("30/minute; 400/day"),
    Action.TEST_LOGIN: rule("30/minute"),
    Action.IMPORT: rule("20/minute; 300/day"),
    Action.API: rule("120/minute"),
    Action.KEY_REFUSED: rule("60/minute"),
    Action.EXPORT: rule("5/minute; 60/day"),
}


class TooManyRequests(Problem):
    """Too often. `seconds` is how long to wait."""

    code = "too_many_requests"
    status = HTTPStatus.TOO_MANY_REQUESTS

    def __init__(self, seconds: int) -> None:
        super().__init__(
            _("Det var mange forsøg på kort tid. Vent %(time)s, og prøv igen.") % {"time": in_words(seconds)}
        )
        self.seconds = seconds
        self.headers = {"Retry-After": str(seconds)}


def limited(
    action: Action, *methods: str
) -> Callable[[Callable[Concatenate[R, P], HttpResponseBase]], Callable[Concatenate[R, P], HttpResponseBase]]:
    """Count each request of the view by one of `methods`; the one too many gets 429, which says how long to wait."""

    def decorate(
        view: Callable[Concatenate[R, P], HttpResponseBase],
    ) -> Callable[Concatenate[R, P], HttpResponseBase]:
        @wraps(view)
        def counted(request: R, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method in methods:
                count(request, action)
            return view(request, *args, **kwargs)

        return counted

    return decorate


def count(request: HttpRequest, action: Action) -> None:
    """Count one `action` for who asks. Raises TooManyRequests."""
    who = asker(request)
    limiter = _limiter(settings.REDIS_URL)
    try:
        for each in RULES[action]:
            if not limiter.hit(each, action, who):
                over_at = limiter.get_window_stats(each, action, who).reset_time
                log.warning("rate_limits.refused", action=action, limit=str(each))
                raise TooManyRequests(max(1, ceil(over_at - time())))
    except StorageError:
        log.warning("rate_limits.not_counted", action=action, exc_info=True)


def asker(request: HttpRequest) -> str:
    """The person who acts; where nobody is known, the network."""
    actor = actor_of(request)
    return f"{actor.kind} {actor.id}" if actor is not None else network_of(request)


def network_of(request: HttpRequest) -> str:
    """Where the request comes from, in front of TRUSTED_PROXIES proxies of ours.

    Each of them adds the address that it was asked from at the end of X-Forwarded-For; what stands before is the
    visitor's own invention.
    """
    peer = str(request.META.get("REMOTE_ADDR", ""))
    forwarded = request.headers.get("X-Forwarded-For", "").split(",")
    if 0 < settings.TRUSTED_PROXIES <= len(forwarded):
        return _network(forwarded[-settings.TRUSTED_PROXIES]) or _network(peer) or "unknown"
    return _network(peer) or "unknown"


def _network(text: str) -> str | None:
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text)
    except ValueError:
        return None
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped is not None:
        return str(address.ipv4_mapped)
    return str(ip_network((int(address), 64), strict=False))


def in_words(seconds: int) -> str:
    """A time to wait, rounded up, as people say it."""
    minutes = ceil(seconds / 60)
    if minutes <= 1:
        return _("et minut")
    if minutes < 60:
        return ngettext("%(number)s minut", "%(number)s minutter", minutes) % {"number": minutes}
    hours = ceil(minutes / 60)
    return ngettext("%(number)s time", "%(number)s timer", hours) % {"number": hours}


def forget_everything() -> None:
    """Begin counting anew."""
    storage = _limiter(settings.REDIS_URL).storage
    if isinstance(storage, RedisStorage):
        storage.reset()


@lru_cache(maxsize=4)
def _limiter(redis_url: str) -> SlidingWindowCounterRateLimiter:
    # redis-py alone would try again for seconds.
    storage = RedisStorage(
        redis_url,
        key_prefix="rate-limits",
        wrap_exceptions=True,
        socket_connect_timeout=PATIENCE_SECONDS,
        socket_timeout=PATIENCE_SECONDS,
        retry=Retry(NoBackoff(), 0),  # type: ignore[arg-type]
    )
    return SlidingWindowCounterRateLimiter(storage)
