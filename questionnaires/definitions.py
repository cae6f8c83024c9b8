"""Compiled definitions of stored versions."""

from dataclasses import replace
from functools import lru_cache
from uuid import UUID

from questionnaires import engine
from questionnaires.engine import Definition, compile_questionnaire
from questionnaires.engine.fhirpath import share_syntax
from questionnaires.models import QuestionnaireVersion
from questionnaires.syntax_store import redis_syntax_store

# Whoever compiles stored versions (the web servers and the workers) shares what it has parsed; it connects only then.
share_syntax(redis_syntax_store())


def definition_of(version: QuestionnaireVersion) -> Definition:
    """The compiled definition of `version`.

    An active version never changes, so its definition is kept for the life of the process; a draft is
    compiled each time.
    """
    if version.is_draft:
        return _compile(version)
    return _compiled(version.pk)


def languages_of(version: QuestionnaireVersion) -> tuple[str, ...]:
    """The languages beside its own that the whole of `version` is in."""
    return engine.languages_of(definition_of(version)) if version.is_draft else _languages(version.pk)


def worded_definition_of(version: QuestionnaireVersion, language: str) -> Definition:
    """`version` in one of them, to be shown; answers are saved and judged with `definition_of`."""
    if version.is_draft:
        return engine.worded(definition_of(version), language)
    return _worded(version.pk, language)


@lru_cache(maxsize=256)
def _languages(version_id: UUID) -> tuple[str, ...]:
    return engine.languages_of(_compiled(version_id))


@lru_cache(maxsize=256)
def _worded(version_id: UUID, language: str) -> Definition:
    return engine.worded(_compiled(version_id), language)


@lru_cache(maxsize=256)
def _compiled(version_id: UUID) -> Definition:
    return _compile(QuestionnaireVersion.objects.get(pk=version_id))


def _compile(version: QuestionnaireVersion) -> Definition:
    compilation = compile_questionnaire(version.source)
    if compilation.definition is None:
        problems = "; ".join(issue.text_en for issue in compilation.issues if issue.is_error)
        raise ValueError(f"Stored questionnaire version {version.pk} does not compile: {problems}")
    return replace(compilation.definition, stored_as=str(version.pk))
