"""Parsed FHIRPath expressions in Redis, so that what one process has read no other reads again.

Parsing a form's expressions takes a second where there are hundreds; reading them back takes milliseconds. The
engine works just as well without: when Redis does not answer, every process parses for itself.
"""

import time

import structlog
from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

log = structlog.get_logger(__name__)

KEPT_SECONDS = 30 * 24 * 3600
"""How long an expression that nobody asks for is kept."""

PATIENCE_SECONDS = 0.2
"""How long to wait for Redis: parsing oneself takes no longer."""

PAUSE_SECONDS = 60.0
"""How long to leave Redis alone after it did not answer."""


class RedisSyntaxStore:
    """The engine's store of parsed expressions (`fhirpath.SyntaxStore`)."""

    def __init__(self, url: str) -> None:
        """`url`: as in REDIS_URL. Connects when first asked."""
        self._redis = Redis.from_url(
            url,
            socket_timeout=PATIENCE_SECONDS,
            socket_connect_timeout=PATIENCE_SECONDS,
            decode_responses=True,
        )
        self._silent_until = 0.0

    def get(self, name: str) -> str | None:
        """What is stored under a name, None without."""
        if time.monotonic() < self._silent_until:
            return None
        try:
            found = self._redis.get(name)
        except RedisError as error:
            self._rest(error)
            return None
        return found if isinstance(found, str) else None

    def __setitem__(self, name: str, syntax: str) -> None:
        """Store a parsed expression."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self._redis.set(name, syntax, ex=KEPT_SECONDS)
        except RedisError as error:
            self._rest(error)

    def _rest(self, error: RedisError) -> None:
        self._silent_until = time.monotonic() + PAUSE_SECONDS
        log.warning("questionnaires.syntax_store_silent", error=type(error).__name__)


def redis_syntax_store() -> RedisSyntaxStore:
    """The store of this installation."""
    return RedisSyntaxStore(settings.REDIS_URL)
