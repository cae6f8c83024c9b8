"""Citizens who have not answered in time, and those who have fallen silent: lists by citizen, of any size."""

from datetime import datetime
from typing import Any

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery

from followup.following import is_on_list_of
from followup.selectors import Whose
from plans.models import Task
from plans.selectors import followed_tasks
from questionnaires.models import Response

SILENT_AFTER = 2
"""How many questionnaires somebody has let pass who is silent: one is a slip."""

Rows = QuerySet[Task, Any]
"""Each a mapping with what the function says."""


def overdue_citizens(whose: Whose, now: datetime) -> Rows:
    """`citizen`, `questionnaires` (how many are past their time) and `oldest` (when the first was due)."""
    late = followed_tasks(whose.municipality).overdue(now)
    late = whose.teams.only(late, "care_plan__episode__care_team")
    if whose.followed_by is not None:
        late = late.filter(is_on_list_of(whose.followed_by, "citizen"))
    if whose.questionnaire_id is not None:
        late = late.filter(activity__version__questionnaire=whose.questionnaire_id)
    return late.order_by().values("citizen").annotate(questionnaires=Count("pk"), oldest=Min("due_at"))


def silent_citizens(whose: Whose, now: datetime) -> Rows:
    """Those of them with `SILENT_AFTER` or more, and no answer since the first was due.

    With `answered`, when the latest answer came; None where there is none.
    """
    latest = (
        Response.objects.completed()
        .filter(citizen=OuterRef("citizen"), municipality=whose.municipality)
        .order_by("-completed_at")
        .values("completed_at")[:1]
    )
    late = overdue_citizens(whose, now).annotate(answered=Subquery(latest))
    silent = Q(answered__isnull=True) | Q(answered__lt=F("oldest"))
    return late.filter(silent, Q(("questionnaires__gte", SILENT_AFTER)))
