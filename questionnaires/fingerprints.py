"""A short name for what a form says, to see whether somebody else has changed it since a page was shown."""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from json.encoder import encode_basestring_ascii
from typing import Any

_as_text = json.JSONEncoder(sort_keys=True, ensure_ascii=True, separators=(",", ":"), default=dict).encode

# So every float without a fraction is written, 3.0 or 1e+30, and few texts: behind "1.0" stands its quotation mark.
_MAY_BE_WHOLE = (".0,", ".0}", ".0]", "e+")

_TEXT = {str}
_LONGEST_KEPT = 300
"""Characters of an option: its system, its code and its words."""


def fingerprint(document: Mapping[str, Any]) -> str:
    """The same for the same JSON, in whatever order its names stand and however its numbers are written."""
    text = _as_text(document)
    if any(written in text for written in _MAY_BE_WHOLE):
        text = _as_text(_plain(document))
    return sha256(text.encode("ascii")).hexdigest()


def answers_fingerprint(answers: Sequence[Mapping[str, Any]]) -> str:
    """A short one, of the answers to one question: pages carry one for each question they show."""
    # By far the commonest are no answer and one that is nothing but its value. This says the same, and sooner.
    if not answers:
        return _OF_NONE
    if len(answers) == 1 and len(answers[0]) == 1:
        ((name, value),) = answers[0].items()
        kind = type(value)
        if kind is dict and name == "valueCoding" and _is_an_option(value):
            return _of_coding(*value.items())
        if kind is str or kind is int:
            written = encode_basestring_ascii(value) if kind is str else str(value)
            return _short(f'{{"answer":[{{{encode_basestring_ascii(name)}:{written}}}]}}')
    return fingerprint({"answer": list(answers)})[:16]


def _is_an_option(coding: Mapping[str, Any]) -> bool:
    """By its looks: what somebody has written at length is kept nowhere."""
    parts = coding.values()
    return "code" in coding and {*map(type, parts)} == _TEXT and sum(map(len, parts)) <= _LONGEST_KEPT


@lru_cache(maxsize=20_000)
def _of_coding(*parts: tuple[str, str]) -> str:
    """Of an option that was chosen: there are few, and each is chosen by many."""
    return fingerprint({"answer": [{"valueCoding": dict(parts)}]})[:16]


def _short(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Whole numbers without a fraction: PostgreSQL gives 1e30 back as an integer."""
    if isinstance(value, Mapping):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    if isinstance(value, float) and value.is_integer():
        return int(Decimal(repr(value)))
    return value


_OF_NONE = fingerprint({"answer": []})[:16]
