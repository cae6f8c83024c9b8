"""A citizen's figures over time: point by point, with bands and events, in the period and of what was chosen."""

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from citizens.models import Citizen
from plans import correcting, services
from plans.models import Task
from plans.trends import answer_trends
from questionnaires.models import Response, Score
from questionnaires.services import save_answers
from tests.banded_form import BANDS, answered_weekly, banded_version
from tests.factories import PlanFactory, open_task

pytestmark = pytest.mark.django_db


def page_of(client: Client, citizen: Citizen, **chosen: Any) -> str:
    return client.get(reverse("staff:development", args=[citizen.pk]), chosen).content.decode()


def data_in(page: str) -> list[dict[str, Any]]:
    stored = re.search(r'<script id="trend-data" type="application/json">(.*?)</script>', page)
    found: list[dict[str, Any]] = json.loads(stored[1]) if stored else []
    return found


def test_every_point_is_a_stored_score_with_the_word_of_its_band(
    nurse_client: Client, citizen: Citizen
) -> None:
    answered_weekly(citizen, 2, 5, 8)

    [chart] = data_in(page_of(nurse_client, citizen))

    stored = (
        Score.objects.filter(citizen=citizen).order_by("response__completed_at").select_related("response")
    )
    assert [(point["x"], point["y"]) for point in chart["points"]] == [
        (round(score.response.completed_at.timestamp() * 1000), float(score.value))
        for score in stored
        if score.response.completed_at
    ]
    assert [point["band"] for point in chart["points"]] == ["Let", "Middel", "Svær"]
    assert [(band["from"], band["to"], band["name"]) for band in chart["bands"]] == BANDS
    assert [event["words"] for event in chart["events"]] == [
        "Plan tildelt: Ondt i ryggen",
        "Plan afsluttet: Ondt i ryggen",
    ]


def test_no_word_where_decision_support_is_off(nurse_client: Client, citizen: Citizen) -> None:
    answered_weekly(citizen, 2, 8, version=banded_version(with_support=False))

    page = page_of(nurse_client, citizen)

    [chart] = data_in(page)
    assert chart["bands"] == []
    assert [point["band"] for point in chart["points"]] == ["", ""]
    assert "Middel" not in page
    assert "Svær" not in page


def test_single_answers_are_shown_when_they_are_chosen(nurse_client: Client, citizen: Citizen) -> None:
    answered_weekly(citizen, 2, 8)
    [sleep] = [one for one in answer_trends(citizen, citizen.municipality) if one.link_id == "sleep"]

    [chart] = data_in(page_of(nurse_client, citizen, tal=sleep.key))

    assert (chart["name"], chart["minimum"], chart["maximum"]) == ("Din søvn", 0, 10)
    documents = Response.objects.filter(citizen=citizen).order_by("completed_at").values_list("document")
    given = [
        item["answer"][0]["valueInteger"]
        for (document,) in documents
        for item in document["item"]
        if item["linkId"] == "sleep"
    ]
    assert [point["y"] for point in chart["points"]] == given == [8, 2]


@pytest.mark.parametrize(("period", "points"), [("3-maaneder", 1), ("et-aar", 2), ("alt", 3), ("noget", 2)])
def test_only_the_period_is_shown(nurse_client: Client, citizen: Citizen, period: str, points: int) -> None:
    tasks = answered_weekly(citizen, 2, 5, 8)
    for task, days in zip(tasks, (500, 200, 10), strict=True):
        at = timezone.now() - timedelta(days=days)
        Response.objects.filter(task=task).update(started_at=at, saved_at=at, completed_at=at)

    [chart] = data_in(page_of(nurse_client, citizen, periode=period))

    assert len(chart["points"]) == points


def test_a_corrected_answer_is_an_event_and_counts_once(nurse_client: Client, citizen: Citizen) -> None:
    task = open_task(citizen, plan=PlanFactory(correction_days=3, weekly__version=banded_version()))
    first = answered(task, pain="8")
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"pain": ["3"]}, at=timezone.now())
    correcting.submit(task=task, at=timezone.now())

    page = page_of(nurse_client, citizen)

    [chart] = data_in(page)
    assert [point["y"] for point in chart["points"]] == [9]
    assert [event["words"] for event in chart["events"]][-1] == "Svar rettet: Smerter i hverdagen"
    assert page.count("Svar rettet: Smerter i hverdagen") == 3  # data, legend and table
    assert str(first.pk) not in page


def answered(task: Task, **given: str) -> Response:
    response = services.begin_task(task=task, at=timezone.now())
    save_answers(response=response, fields={key: [value] for key, value in given.items()}, at=timezone.now())
    services.submit_task(task=task, at=timezone.now())
    return response


def test_the_table_holds_what_the_chart_shows(nurse_client: Client, citizen: Citizen) -> None:
    answered_weekly(citizen, 2, 5)

    page = page_of(nurse_client, citizen)

    table = page[page.index("<tbody>") :]
    words = ("15", "Middel", "6", "Let", "1. Plan tildelt: Ondt i ryggen")
    places = [table.index(word) for word in (">15<", ">Middel<", ">6<", ">Let<", words[-1])]
    assert places == sorted(places)


def test_another_unit_is_another_line(citizen: Citizen) -> None:
    version = banded_version()
    for unit in ("kg", "lb"):
        task = open_task(citizen, plan=PlanFactory(weekly__version=version))
        weight = {"linkId": "weight", "answer": [{"valueQuantity": {"value": 70, "unit": unit}}]}
        now = timezone.now()
        task.response = Response.objects.create(
            citizen=citizen, municipality=citizen.municipality, version=version, status="completed",
            document={"item": [weight]}, started_at=now, saved_at=now, completed_at=now,
        )  # fmt: skip
        task.status = Task.Status.COMPLETED
        task.save()

    weights = [one for one in answer_trends(citizen, citizen.municipality) if one.link_id == "weight"]

    assert sorted((one.unit, len(one.points)) for one in weights) == [("kg", 1), ("lb", 1)]
    assert len({one.key for one in weights}) == 2
