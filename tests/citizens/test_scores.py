"""Figures that were worked out from answers: a citizen sees them where KAM has said so."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens import selectors
from citizens.models import Citizen
from identity.actors import CitizenActor
from plans import services as plans
from plans.models import Plan
from questionnaires.models import Response, Score
from questionnaires.services import save_answers
from tests import factories

pytestmark = pytest.mark.django_db


def scored(citizen: Citizen, *values: int, citizens_see_scores: bool) -> list[Response]:
    """A weekly plan's answers with these scores, oldest first."""
    start = timezone.now() - timedelta(weeks=len(values))
    plan = factories.PlanFactory(weekly=len(values), citizens_see_scores=citizens_see_scores)
    care_plan = factories.assign(citizen, plan=plan, at=start)
    made = []
    for week, (task, value) in enumerate(zip(care_plan.tasks.order_by("opens_at"), values, strict=True)):
        at = start + timedelta(weeks=week)
        response = plans.begin_task(task=task, at=at)
        save_answers(response=response, fields={"pain": ["false"]}, at=at)
        done = plans.submit_task(task=task, at=at).response
        assert done is not None
        Score.objects.create(
            response=done,
            municipality=done.municipality,
            citizen=citizen,
            link_id="s",
            name="Trivsel",
            value=value,
            minimum=0,
            maximum=100,
        )
        made.append(done)
    return made


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = factories.CitizenFactory()
    return made


@pytest.fixture
def client(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Client:
    return client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


def text(client: Client, view: str, *args: object) -> str:
    page: str = client.get(reverse(f"citizens:{view}", args=args)).content.decode()
    return page


def test_the_picture_and_the_table_hold_the_same_figures(client: Client, citizen: Citizen) -> None:
    scored(citizen, 40, 52, 64, citizens_see_scores=True)
    page = text(client, "responses")
    stored = re.search(r'<script id="trend-data" type="application/json">(.*?)</script>', page)
    assert stored is not None
    [trend] = json.loads(stored[1])
    assert [point["y"] for point in trend["points"]] == [40, 52, 64]
    assert re.findall(r'class="number">(\d+)</td>', page) == ["64", "52", "40"]
    assert "Sådan har dine tal udviklet sig" in page


def test_where_kam_has_not_said_so_no_figure_is_shown(client: Client, citizen: Citizen) -> None:
    responses = scored(citizen, 41, 57, citizens_see_scores=False)
    for page in (text(client, "responses"), text(client, "response", responses[0].pk)):
        assert "Trivsel" not in page
        assert "trend-data" not in page
    assert b"Trivsel" not in client.get(reverse("citizens:response_pdf", args=[responses[0].pk])).content
    assert [list(each.scores.all()) for each in selectors.responses_of(citizen_id=citizen.pk)] == [[], []]


def test_one_figure_is_no_development_and_stands_by_its_answers(client: Client, citizen: Citizen) -> None:
    [response] = scored(citizen, 64, citizens_see_scores=True)
    assert "trend-data" not in text(client, "responses")
    assert "Trivsel: 64" in text(client, "response", response.pk)


def test_nobody_elses_figures_are_among_them(client: Client, citizen: Citizen) -> None:
    scored(citizen, 40, 52, citizens_see_scores=True)
    scored(factories.CitizenFactory(), 10, 20, citizens_see_scores=True)
    [trend] = selectors.score_trends(citizen_id=citizen.pk)
    assert [point.value for point in trend.points] == [40, 52]


def test_a_published_plan_goes_on_as_it_was_published() -> None:
    plan = factories.PlanFactory()
    with pytest.raises(IntegrityError, match="never changes"), transaction.atomic():
        Plan.objects.filter(pk=plan.pk).update(citizens_see_scores=True)
