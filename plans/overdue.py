"""Citizens who have not answered in time, and those who have fallen silent: lists by citizen, of any size.

A citizen stands for the first of their tasks that is past its time, so that the database can walk along
`open_tasks_of_a_municipality` and leave it where a page or a count is full (`kommunalpro.walked_lists`). Put together
by citizen, all that are late would be read for each.
"""

from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from citizens.residents import lives_in
from followup.following import is_on_list_of
from followup.selectors import Whose
from kommunalpro.walked_lists import is_one_of, row_has, there_are_no
from plans.models import Activity, Task, TaskQuerySet
from plans.selectors import of_teams
from questionnaires.models import Response

LONGEST_FIRST = ("due_at", "pk")
"""The order of both lists."""


def overdue_citizens(whose: Whose, now: datetime) -> TaskQuerySet:
    """For each of them the task that was due first."""
    earlier = _of_the_same(whose, now).filter(
        Q(due_at__lt=OuterRef("due_at")) | Q(due_at=OuterRef("due_at"), pk__lt=OuterRef("pk")),
        # As an index reads it.
        due_at__lte=OuterRef("due_at"),
    )
    first = _overdue(whose, now).filter(lives_in(whose.municipality), there_are_no(earlier))
    if whose.followed_by is not None:
        first = first.filter(is_on_list_of(whose.followed_by, "citizen"))
    return first


def silent_citizens(whose: Whose, now: datetime) -> TaskQuerySet:
    """Those of them with two or more past their time, as one is a slip, and no answer since the first was due."""
    # One pass over all that is late finds them sooner than a look at each citizen's tasks.
    late = _overdue(whose, now).order_by().values("citizen").annotate(number=Count("pk"))
    several = late.filter(number__gt=1).values("citizen")
    since = _answers(whose).filter(completed_at__gte=OuterRef("due_at"))
    return overdue_citizens(whose, now).filter(is_one_of("citizen", several), there_are_no(since))


def with_what_is_missing(first: QuerySet[Task], whose: Whose, now: datetime) -> QuerySet[Task, Any]:
    """Of each first task a mapping: `citizen`, `due_at`, how many `questionnaires` are past their time, and `answered`,
    when the citizen's latest answer came; None where there is none.
    """
    late = _of_the_same(whose, now).order_by().values("citizen").annotate(number=Count("pk")).values("number")
    latest = _answers(whose).order_by("-completed_at").values("completed_at")[:1]
    return first.annotate(questionnaires=Subquery(late), answered=Subquery(latest)).values(
        "pk", "citizen", "due_at", "questionnaires", "answered"
    )


def _overdue(whose: Whose, now: datetime) -> TaskQuerySet:
    """All tasks past their time, also of those who live elsewhere now; no table is joined."""
    late = of_teams(Task.objects.of(whose.municipality).overdue(now), whose.teams)
    if whose.questionnaire_id is not None:
        activity = Activity.objects.filter(pk=OuterRef("activity"))
        late = late.filter(row_has(activity, "version__questionnaire", whose.questionnaire_id))
    return late


def _of_the_same(whose: Whose, now: datetime) -> TaskQuerySet:
    """Those of the citizen whom the row is of."""
    return _overdue(whose, now).filter(citizen=OuterRef("citizen"))


def _answers(whose: Whose) -> QuerySet[Response]:
    return Response.objects.completed().filter(citizen=OuterRef("citizen"), municipality=whose.municipality)
