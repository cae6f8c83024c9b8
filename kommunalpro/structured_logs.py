"""Structured logs: one line an event, with the request id that follows into task and FUT call.

A CPR number that slips into a message or a value is masked here, as the last wall; the first is
that no one puts it there.
"""

import logging
import sys
from collections.abc import Mapping, MutableMapping, Set
from typing import Any

import structlog

from citizens.cpr_pattern import without_cpr

# A value nested deeper, or with more entries, is nothing for a log line; what is past this is left out.
MOST_LEVELS = 5
MOST_ENTRIES = 100
LEFT_OUT = "…"


def masked(value: Any, *, levels: int = MOST_LEVELS) -> Any:
    """`value` as a log line may hold it: every text in it without CPR numbers, at most MOST_LEVELS deep.

    Mappings and sequences become dictionaries and lists of at most MOST_ENTRIES; anything else is written by its
    `repr`, as the renderers would, and masked with it.
    """
    match value:
        case str():
            return without_cpr(value)
        case None | bool() | int() | float():
            return value
        case Mapping() | list() | tuple() | Set() if not levels:
            return LEFT_OUT
        case Mapping():
            entries = list(value.items())[:MOST_ENTRIES]
            return {masked(str(key)): masked(each, levels=levels - 1) for key, each in entries}
        case list() | tuple() | Set():
            return [masked(each, levels=levels - 1) for each in list(value)[:MOST_ENTRIES]]
    return without_cpr(repr(value))


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if isinstance(request := event.get("request"), str):
        # The query may hold a login's code or what somebody searched for: only the path is logged.
        event["request"] = request.partition("?")[0]
    for key, value in event.items():
        event[key] = masked(value)
    return event


def logging_config(*, as_json: bool) -> dict[str, Any]:
    """Configure structlog and give the dictionary for Django's LOGGING.

    `as_json` writes one JSON object a line (servers); otherwise lines for a person at a terminal.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if as_json
        else structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(),
            # The prettier ones print local variables, and those may be anybody's answers.
            exception_formatter=structlog.dev.plain_traceback,
        )
    )
    final: list[Any] = [
        structlog.stdlib.ProcessorFormatter.remove_processors_meta,
        # Into text first, so that what an exception says is masked like all the rest.
        structlog.processors.format_exc_info,
        _mask,
        renderer,
    ]
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": final,
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": logging.INFO},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            # Ninety lines for each PDF, with the letters that stand in it.
            "fontTools": {"level": "WARNING"},
            # Beat and worker would tell of the safety net every five seconds.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "django_structlog.celery.receivers": {"level": "WARNING"},
        },
    }
