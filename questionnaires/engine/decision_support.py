"""What in a questionnaire may steer care: colours of answers, and what numbers are called or bring from a threshold on.

In Denmark that is a medical device, so it can be told apart from the rest and left out (docs/adr, decision support).
"""

from collections.abc import Mapping
from typing import Any

from .extension_urls import ANSWER_SIGNIFICANCE, FEEDBACK
from .score_bands import SCORE_BAND

DECISION_SUPPORT = frozenset({ANSWER_SIGNIFICANCE, FEEDBACK, SCORE_BAND})
"""The extensions that are decision support, wherever they stand on an item."""


def has_decision_support(source: Mapping[str, Any]) -> bool:
    """Whether a FHIR Questionnaire says anywhere what an answer means for care."""
    return without_decision_support(source) is not source


def without_decision_support(source: Mapping[str, Any]) -> Mapping[str, Any]:
    """The same questionnaire without it; the very same object where there is none. Never raises, whatever the JSON."""
    return _without(source)


def _without(element: Mapping[str, Any]) -> Mapping[str, Any]:
    changed: dict[str, Any] = {}
    extensions, items = element.get("extension"), element.get("item")
    if isinstance(extensions, list):
        kept = [one for one in extensions if not _is_support(one)]
        if len(kept) < len(extensions):
            changed["extension"] = kept
    if isinstance(items, list):
        below = [_without(one) if isinstance(one, Mapping) else one for one in items]
        if any(new is not old for new, old in zip(below, items, strict=True)):
            changed["item"] = below
    if not changed:
        return element
    rest = {**element, **changed}
    if rest.get("extension") == []:
        del rest["extension"]
    return rest


def _is_support(extension: object) -> bool:
    return isinstance(extension, Mapping) and extension.get("url") in DECISION_SUPPORT
