"""How often questionnaires are answered: counted at night, so that no page has to look through the answers."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import QuerySet

from kommunalpro.compiled_queries import CompiledQuery
from municipalities.models import Municipality
from municipalities.scope import Scope, within
from questionnaires.models import PublicationStatus, QuestionnaireVersion, UseCount

COUNTED_OVER = timedelta(days=365)

# Corrections are no answers of their own.
_COUNT = """
INSERT INTO questionnaires_usecount (questionnaire_id, municipality_id, answers, counted_at)
SELECT version.questionnaire_id, response.municipality_id, count(*), %(at)s
FROM questionnaires_response response
JOIN questionnaires_questionnaireversion version ON version.id = response.version_id
WHERE response.status = 'completed' AND response.replaces_id IS NULL
      AND response.completed_at > %(since)s AND response.completed_at <= %(at)s
GROUP BY version.questionnaire_id, response.municipality_id
ON CONFLICT (questionnaire_id, municipality_id)
    DO UPDATE SET answers = excluded.answers, counted_at = excluded.counted_at
"""


def count(*, at: datetime) -> int:
    """Count the last year anew; how many figures there are. One that is nought goes."""
    with within(Scope.system()):
        with connection.cursor() as cursor:
            cursor.execute(_COUNT, {"at": at, "since": at - COUNTED_OVER})
            counted: int = cursor.rowcount
        UseCount.objects.exclude(counted_at=at).delete()
    return counted


def _used(*, municipality_id: int) -> QuerySet[QuestionnaireVersion, Any]:
    return (
        QuestionnaireVersion.objects.filter(
            questionnaire__in=UseCount.objects.filter(municipality=municipality_id).values("questionnaire"),
            status__in=PublicationStatus.PUBLISHED,
        )
        .order_by("questionnaire", "-number")
        .distinct("questionnaire")
        .values_list("questionnaire", "title")
    )


_USED = CompiledQuery(_used)


def used_in(municipality: Municipality) -> list[tuple[UUID, str]]:
    """The questionnaires (id, newest published title) that a municipality's citizens answer, by title.

    As counted last night: one that is answered for the first time today is not among them yet.
    """
    titles = _USED.rows(municipality_id=municipality.pk)
    return sorted(((pk, title) for pk, title in titles), key=lambda each: each[1].casefold())
