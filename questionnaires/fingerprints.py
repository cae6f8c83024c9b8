"""A short name for what a form says, to see whether somebody else has changed it since a page was shown."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any

_as_text = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=dict).encode

# So every float without a fraction is written, 3.0 or 1e+30, and few texts: behind "1.0" stands its quotation mark.
_MAY_BE_WHOLE = (".0,", ".0}", ".0]", "e+")


def fingerprint(document: Mapping[str, Any]) -> str:
    """The same for the same JSON, in whatever order its names stand and however its numbers are written."""
    text = _as_text(document)
    if any(written in text for written in _MAY_BE_WHOLE):
        text = _as_text(_plain(document))
    return sha256(text.encode("ascii")).hexdigest()


def answers_fingerprint(answers: Sequence[Mapping[str, Any]]) -> str:
    """A short one, of the answers to one question: pages carry one for each question they show."""
    return fingerprint({"answer": list(answers)})[:16]


def _plain(value: Any) -> Any:
    """Whole numbers without a fraction: PostgreSQL gives 1e30 back as an integer."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value
