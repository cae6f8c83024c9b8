"""Answers as staff read them: new ones, one response, the change since last time, the trend."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from plans import selectors
from plans.models import Task
from plans.trends import trends
from staff.templatetags.figures import figure
from tests.factories import PlanFactory, QuestionnaireVersionFactory, assign
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

SCORES = ["60", "48", "48", "52.5"]


@pytest.fixture
def weeks(citizen: Citizen) -> list[Task]:
    """Four weeks of the same questionnaire, the last one this week; answered with SCORES."""
    start = timezone.now() - timedelta(weeks=3, days=1)
    version = QuestionnaireVersionFactory(title="Trivsel")
    care_plan = assign(citizen, plan=PlanFactory(weekly=4, weekly__version=version), at=start)
    tasks = list(care_plan.tasks.select_related("citizen", "activity__version").order_by("opens_at"))
    for week, (task, score) in enumerate(zip(tasks, SCORES, strict=True)):
        answer(task, at=start + timedelta(weeks=week, hours=3), score=score)
    return tasks


def test_change_is_against_the_citizens_own_last_answer(citizen: Citizen, weeks: list[Task]) -> None:
    read = selectors.with_scores([task.response for task in weeks if task.response], citizen.municipality)

    assert [(row.scores[0].value, row.scores[0].change) for row in read] == [
        (Decimal("60"), None),
        (Decimal("48"), Decimal("-12")),
        (Decimal("48"), Decimal(0)),
        (Decimal("52.5"), Decimal("4.5")),
    ]


def test_change_goes_across_versions_but_not_across_questionnaires(
    citizen: Citizen, weeks: list[Task]
) -> None:
    first = weeks[0].activity.version
    first.status = "retired"
    first.save()
    second = QuestionnaireVersionFactory(questionnaire=first.questionnaire, number=2)
    later = assign(citizen, plan=PlanFactory(weekly=0, weekly__version=second)).tasks.get()
    unrelated = assign(citizen).tasks.get()

    read = selectors.with_scores(
        [
            answer(later, at=timezone.now(), score="50"),
            answer(unrelated, at=timezone.now(), score="10"),
        ],
        citizen.municipality,
    )

    assert [row.scores[0].change for row in read] == [Decimal("-2.5"), None]


def test_own_words_come_before_scores_and_answers(nurse_client: Client, weeks: list[Task]) -> None:
    response = weeks[1].response
    assert response is not None

    page = nurse_client.get(reverse("staff:response", args=[response.pk])).content.decode()

    own_words = page.index("Jeg sover dårligt.")
    assert own_words < page.index("Trivselsindeks") < page.index("Har du smerter?")
    assert "12 lavere" in page
    assert "0–100" in page


def test_a_response_leads_on_to_its_citizen(nurse_client: Client, weeks: list[Task]) -> None:
    response = weeks[1].response
    assert response is not None

    page = nurse_client.get(reverse("staff:response", args=[response.pk])).content.decode()

    citizen = reverse("staff:citizen", args=[response.citizen_id])
    [actions] = re.findall(r'<div class="actions">(.*?)</div>', page, re.DOTALL)
    assert re.search(rf'<a [^>]*href="{citizen}">\s*<span>Gå til {response.citizen.name}</span>', actions)


def test_what_a_citizen_wrote_cannot_be_markup(nurse_client: Client, citizen: Citizen) -> None:
    task = assign(citizen).tasks.select_related("activity__version", "citizen").get()
    response = answer(task, at=timezone.now(), note="<script>alert(1)</script>")

    page = nurse_client.get(reverse("staff:response", args=[response.pk])).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_chart_and_table_hold_the_stored_figures(
    nurse_client: Client, citizen: Citizen, weeks: list[Task]
) -> None:
    page = nurse_client.get(reverse("staff:citizen", args=[citizen.pk])).content.decode()

    stored = re.search(r'<script id="trend-data" type="application/json">(.*?)</script>', page)
    assert stored is not None
    [trend] = json.loads(stored[1])
    answered = [task.response.completed_at for task in weeks if task.response and task.response.completed_at]
    assert [point["y"] for point in trend["points"]] == [60, 48, 48, 52.5]
    assert [point["x"] for point in trend["points"]] == [round(at.timestamp() * 1000) for at in answered]
    assert (trend["name"], trend["minimum"], trend["maximum"]) == ("Trivselsindeks", 0, 100)
    table = page[page.index('class="trend-figures"') :]
    assert [table.index(text) for text in (">52,5<", ">48<", ">60<")] == sorted(
        table.index(text) for text in (">52,5<", ">48<", ">60<")
    )


def test_each_score_of_each_questionnaire_is_a_trend(citizen: Citizen, weeks: list[Task]) -> None:
    other = (
        assign(citizen, plan=PlanFactory(weekly=0)).tasks.select_related("activity__version", "citizen").get()
    )
    answer(other, at=timezone.now(), score="3", link_id="pain")

    found = trends(citizen, citizen.municipality)

    assert [(trend.questionnaire, len(trend.points)) for trend in found] == [
        ("Om din dag", 1),
        ("Trivsel", 4),
    ]


def test_progress_counts_answered_and_overdue(citizen: Citizen) -> None:
    start = timezone.now() - timedelta(weeks=3)
    care_plan = assign(citizen, plan=PlanFactory(weekly=4), at=start, starts_on=timezone.localdate(start))
    answer(care_plan.tasks.earliest("opens_at"), at=start + timedelta(hours=1))

    [progress] = selectors.care_plans_of(citizen, citizen.municipality, timezone.now())

    assert (progress.answered, progress.overdue, progress.total) == (1, 2, 4)


def test_preview_saves_nothing(citizen: Citizen) -> None:
    tasks = selectors.planned_tasks(PlanFactory(weekly=2), citizen, date(2026, 12, 1))

    assert [task.opens_at.date() for task in tasks] == [date(2026, 12, 1), date(2026, 12, 8)]
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("60.0000", "60"),
        ("6.1000", "6,1"),
        ("0.0000", "0"),
        ("100", "100"),
        ("33.3333", "33,33"),
        ("-0.8", "-0,8"),
    ],
)
def test_figures_are_danish_and_have_no_idle_zeros(value: str, written: str) -> None:
    assert figure(Decimal(value)) == written
