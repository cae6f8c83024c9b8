"""Hints beyond the engine's issues: is the form easy to read, not too long, usable for all, right in its logic?"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from questionnaires.authoring.checks.accessibility import accessibility_hints
from questionnaires.authoring.checks.hints import Hint, Level, of_engine
from questionnaires.authoring.checks.languages import language_hints
from questionnaires.authoring.checks.lengths import length_hints, readability_hints
from questionnaires.authoring.checks.logic import logic_hints
from questionnaires.authoring.checks.rules import rule_hints
from questionnaires.engine import Definition
from questionnaires.engine.issues import Both

__all__ = ["Hint", "Level", "hints_of", "of_engine"]


def hints_of(
    definition: Definition,
    source: Mapping[str, Any],
    *,
    name_of_language: Callable[[str], Both],
    seconds: int | None = None,
) -> Iterator[Hint]:
    """All hints of ours. `seconds`: how long citizens take to answer it, where that was measured."""
    yield from logic_hints(definition)
    yield from rule_hints(definition, source)
    yield from accessibility_hints(definition)
    yield from length_hints(definition, seconds=seconds)
    yield from readability_hints(definition)
    yield from language_hints(source, name_of_language)
