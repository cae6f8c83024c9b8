"""Compiled definitions of stored versions."""

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from types import MappingProxyType
from typing import Any
from uuid import UUID

from questionnaires import engine
from questionnaires.engine import Definition, compile_questionnaire
from questionnaires.engine.decision_support import without_decision_support
from questionnaires.engine.fhirpath import share_syntax
from questionnaires.models import QuestionnaireVersion
from questionnaires.syntax_store import redis_syntax_store

ANSWERED_WITH = frozenset({"id", "questionnaire_id", "status", "title", "language", "decision_support_id"})
"""The columns of a version that answering it looks at; its definition is at hand."""

# Whoever compiles stored versions (the web servers and the workers) shares what it has parsed; it connects only then.
share_syntax(redis_syntax_store())


def definition_of(version: QuestionnaireVersion) -> Definition:
    """The compiled definition of `version`.

    A published version never changes, so its definition is kept for the life of the process; a draft, also in review,
    is compiled each time. Colours and thresholds are in a published one only where they were approved and are switched
    on (questionnaires/decision_support.py); a draft has them as they are written, to be tried. A draft under
    construction may be nothing yet that the engine reads: it has no questions then.
    """
    if not version.is_published:
        return _compile(version, version.source)
    return _compiled(version.pk, version.shows_decision_support)


def languages_of(version: QuestionnaireVersion) -> tuple[str, ...]:
    """The languages beside its own that the whole of `version` is in."""
    if not version.is_published:
        return engine.languages_of(definition_of(version))
    return _languages(version.pk, version.shows_decision_support)


def worded_definition_of(version: QuestionnaireVersion, language: str) -> Definition:
    """`version` in one of them, to be shown; answers are saved and judged with `definition_of`."""
    if not version.is_published:
        return engine.worded(definition_of(version), language)
    return _worded(version.pk, language, version.shows_decision_support)


@lru_cache(maxsize=256)
def _languages(version_id: UUID, with_support: bool) -> tuple[str, ...]:
    return engine.languages_of(_compiled(version_id, with_support))


@lru_cache(maxsize=256)
def _worded(version_id: UUID, language: str, with_support: bool) -> Definition:
    return engine.worded(_compiled(version_id, with_support), language)


@lru_cache(maxsize=256)
def _compiled(version_id: UUID, with_support: bool) -> Definition:
    version = QuestionnaireVersion.objects.get(pk=version_id)
    return _compile(version, version.source if with_support else without_decision_support(version.source))


def _compile(version: QuestionnaireVersion, source: Mapping[str, Any]) -> Definition:
    compilation = compile_questionnaire(source)
    if compilation.definition is None and not version.is_published:
        return _without_questions(version)
    if compilation.definition is None:
        problems = "; ".join(issue.text_en for issue in compilation.issues if issue.is_error)
        raise ValueError(f"Stored questionnaire version {version.pk} does not compile: {problems}")
    return replace(compilation.definition, stored_as=str(version.pk))


def _without_questions(version: QuestionnaireVersion) -> Definition:
    return Definition(
        url=version.questionnaire.url,
        version="",
        title=version.title,
        description="",
        language=version.text_language,
        items=(),
        pages=(),
        by_link_id=MappingProxyType({}),
        source=MappingProxyType(version.source),
        stored_as=str(version.pk),
    )
