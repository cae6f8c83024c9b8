"""Compiled definitions of stored versions."""

from functools import lru_cache
from uuid import UUID

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


@lru_cache(maxsize=256)
def _compiled(version_id: UUID) -> Definition:
    return _compile(QuestionnaireVersion.objects.get(pk=version_id))


def _compile(version: QuestionnaireVersion) -> Definition:
    compilation = compile_questionnaire(version.source)
    if compilation.definition is None:
        problems = "; ".join(issue.text_en for issue in compilation.issues if issue.is_error)
        raise ValueError(f"Stored questionnaire version {version.pk} does not compile: {problems}")
    return compilation.definition
