"""A query that is compiled once gives what the same query gives each time."""

import json
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from citizens.models import Citizen
from kommunalpro.compiled_queries import Columns, CompiledQuery, made_of
from plans.models import Task
from plans.services import begin_task
from questionnaires.models import Response
from tests.factories import CitizenFactory, open_task

pytestmark = pytest.mark.django_db


def named(*, citizen_id: Any) -> Any:
    return Citizen.objects.filter(pk=citizen_id, is_name_protected=False).values_list("id", "given_name")


def test_values_are_given_anew_each_time() -> None:
    query = CompiledQuery(named, "citizen_id")
    karen, ole = CitizenFactory(given_name="Karen"), CitizenFactory(given_name="Ole")
    assert query.rows(citizen_id=uuid4()) == []
    assert query.rows(citizen_id=karen.pk) == [(karen.pk, "Karen")]
    with CaptureQueriesContext(connection) as asked:
        assert query.rows(citizen_id=ole.pk) == [(ole.pk, "Ole")]
    assert len(asked) == 1


def test_a_row_becomes_the_models_it_holds() -> None:
    task = open_task()
    begun = begin_task(task=task, at=timezone.now())
    Response.objects.filter(task=task.pk).update(document={"item": [{"linkId": "æ"}]})
    tasks, responses = Columns(Task), Columns(Response, under="response__", without=("saved_at",))
    row = Task.objects.filter(pk=task.pk).values_list(*tasks.names, *responses.names).get()
    as_text = [json.dumps(value) if isinstance(value, dict) else value for value in row]
    made, response = made_of(as_text, tasks, responses)
    assert (made, response) == (task, begun)
    assert made.due_at == task.due_at
    assert response.document == {"item": [{"linkId": "æ"}]}
    assert response.get_deferred_fields() == {"saved_at"}
