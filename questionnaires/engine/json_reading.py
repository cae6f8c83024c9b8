"""Files of FHIR JSON from outside: read strictly, within bounds, with an issue instead of an exception."""

import json
from typing import Any

from .bounds import Bounds
from .issues import Issue, make_issue

_ROOTS = {"questionnaire": "Questionnaire", "response": "QuestionnaireResponse"}


def read_json(content: bytes, *, what: str, bounds: Bounds | None = None) -> tuple[Any, Issue | None]:
    """The JSON of a file, or None and the issue of what cannot be read. `what`: questionnaire or response.

    UTF-8, with or without a byte order mark. NaN and Infinity, which Python takes for JSON, are none; nor are
    numbers and nestings that no reader could bear, nor a name twice in an object (RFC 8259, 4): one reader takes
    the first, another the last, and what one has checked is not what the other shows.
    """
    limit = (bounds or Bounds()).max_bytes
    if len(content) > limit:
        return None, make_issue(f"{what}.too-large", _ROOTS[what], limit=limit)
    try:
        text = content.decode("utf-8-sig")
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_each_once), None
    except json.JSONDecodeError as error:
        reason = f"{error.lineno}:{error.colno} {error.msg}"
    except UnicodeDecodeError as error:
        reason = f"UTF-8? byte {error.start}"
    except RecursionError:
        reason = "[[[[…"
    except ValueError as error:  # NaN, a number of thousands of digits, or a name twice
        reason = str(error)
    return None, make_issue(f"{what}.not-json", _ROOTS[what], reason=reason)


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise ValueError(f"“{twice[:60]}” × 2")
    return found


def _refuse(constant: str) -> float:
    raise ValueError(constant)
