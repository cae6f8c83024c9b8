"""Structured logs: one line an event, with the request id that follows into task and FUT call.

A CPR number that slips into a message or a value is masked here, as the last wall; the first is
that no one puts it there.
"""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

_CPR = re.compile(r"(?<!\d)(\d{6})[- ]?([0-9A-Z]{4})(?!\w)")


def mask_cpr(text: str) -> str:
    """Replace the last four places of anything that looks like a CPR number by bullets."""
    return _CPR.sub(lambda found: f"{found[1]}-••••" if found[2][-1].isdigit() else found[0], text)


def _mask(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if isinstance(request := event.get("request"), str):
        # The query may hold a login's code or what somebody searched for: only the path is logged.
        event["request"] = request.partition("?")[0]
    for key, value in event.items():
        if isinstance(value, str) and key not in {"timestamp", "request_id", "task_id"}:
            event[key] = mask_cpr(value)
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
        _mask,
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
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    final: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        final.append(structlog.processors.format_exc_info)
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "processors": [*final, _mask, renderer],
                "foreign_pre_chain": shared,
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "structured"}},
        "root": {"handlers": ["stderr"], "level": logging.INFO},
        "loggers": {
            "httpx": {"level": "WARNING"},
            "httpcore": {"level": "WARNING"},
            # Beat and worker would tell of the safety net every five seconds.
            "celery.app.trace": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "django_structlog.celery.receivers": {"level": "WARNING"},
        },
    }
