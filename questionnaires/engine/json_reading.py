"""Files of FHIR JSON from outside: read strictly, within bounds, with an issue instead of an exception."""

import json
from typing import Any

from .bounds import Bounds
from .issues import Issue, make_issue

_ROOTS = {"questionnaire": "Questionnaire", "response": "QuestionnaireResponse"}


def read_json(content: bytes, *, what: str, bounds: Bounds | None = None) -> tuple[Any, Issue | None]:
    """The JSON of a file, or None and the issue of what cannot be read. `what`: questionnaire or response.

    UTF-8, with or without a byte order mark. NaN and Infinity, which Python takes for JSON, are none; nor are
    numbers and nestings that no reader could bear.
    """
    limit = (bounds or Bounds()).max_bytes
    if len(content) > limit:
        return None, make_issue(f"{what}.too-large", _ROOTS[what], limit=limit)
    try:
        return json.loads(content.decode("utf-8-sig"), parse_constant=_refuse), None
    except json.JSONDecodeError as error:
        reason = f"{error.lineno}:{error.colno} {error.msg}"
    except UnicodeDecodeError as error:
        reason = f"UTF-8? byte {error.start}"
    except RecursionError:
        reason = "[[[[…"
    except ValueError as error:  # NaN, or a number of thousands of digits
        reason = str(error)
    return None, make_issue(f"{what}.not-json", _ROOTS[what], reason=reason)


def _refuse(constant: str) -> float:
    raise ValueError(constant)
