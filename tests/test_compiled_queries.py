"""A query that is compiled once gives what the same query gives each time."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from citizens.models import Citizen
from kommunalpro.compiled_queries import (
    KEEPS_PLANS,
    Columns,
    CompiledQuery,
    CompiledUpdate,
    insert,
    made_of,
    pipelined,
)
from municipalities.models import Municipality
from outbox.models import Event, EventName
from plans.models import Task
from plans.services import begin_task
from questionnaires.models import Response
from tests.factories import CitizenFactory, MunicipalityFactory, open_task

pytestmark = pytest.mark.django_db


def named(*, citizen_id: Any) -> Any:
    return Citizen.objects.filter(pk=citizen_id, is_name_protected=False).values_list("id", "given_name")


def test_values_are_given_anew_each_time() -> None:
    query = CompiledQuery(named)
    karen, ole = CitizenFactory(given_name="Karen"), CitizenFactory(given_name="Ole")
    assert query.rows(citizen_id=uuid4()) == []
    assert query.rows(citizen_id=karen.pk) == [(karen.pk, "Karen")]
    with CaptureQueriesContext(connection) as asked:
        assert query.rows(citizen_id=ole.pk) == [(ole.pk, "Ole")]
    assert len(asked) == 1


def in_places(*, places: tuple[int, ...] | None, since: datetime, newest_first: bool) -> Any:
    rows = Citizen.objects.filter(created_at__gte=since).order_by(
        "-created_at" if newest_first else "created_at"
    )
    rows = rows if places is None else rows.filter(municipality__in=places)
    return rows.values_list("pk")


def test_what_decides_the_query_has_sql_of_its_own() -> None:
    query = CompiledQuery(in_places)
    first, second, third = CitizenFactory.create_batch(3)
    for citizen, days in ((first, 3), (second, 2), (third, 1)):
        Citizen.objects.filter(pk=citizen.pk).update(created_at=timezone.now() - timedelta(days=days))
    places = (first.municipality_id, third.municipality_id)

    def found(**values: Any) -> list[Any]:
        return [pk for (pk,) in query.rows(**{"since": timezone.now() - timedelta(days=4), **values})]

    for _ in range(2):
        assert found(places=None, newest_first=False) == [first.pk, second.pk, third.pk]
        assert found(places=places, newest_first=True) == [third.pk, first.pk]
        assert found(places=places[:1], newest_first=True) == [first.pk]
        assert found(places=(), newest_first=True, since=timezone.now()) == []


def of_a_citizen(*, citizen_id: Any) -> Any:
    return Task.objects.filter(citizen=citizen_id).select_related("citizen").prefetch_related("care_plan")


def test_it_gives_what_the_query_set_gives() -> None:
    query = CompiledQuery(of_a_citizen)
    first, second = open_task(), open_task()
    for task in (first, second):
        with CaptureQueriesContext(connection) as asked:
            [found] = query.all(citizen_id=task.citizen_id)
            assert (found, found.citizen, found.care_plan) == (task, task.citizen, task.care_plan)
        assert len(asked) == 2


def test_a_row_becomes_the_models_it_holds() -> None:
    task = open_task()
    begun = begin_task(task=task, at=timezone.now())
    Response.objects.filter(task=task.pk).update(document={"item": [{"linkId": "æ"}]})
    tasks, responses = Columns(Task), Columns(Response, under="response__", only={"id", "document"})
    row = Task.objects.filter(pk=task.pk).values_list(*tasks.names, *responses.names).get()
    as_text = [json.dumps(value) if isinstance(value, dict) else value for value in row]
    made, response = made_of(as_text, tasks, responses)
    assert (made, response) == (task, begun)
    assert made.due_at == task.due_at
    assert response.document == {"item": [{"linkId": "æ"}]}
    assert {"saved_at", "status"} <= response.get_deferred_fields()


def test_an_update_writes_its_columns_to_one_row() -> None:
    task, other = open_task(), open_task()
    begun, untouched = (begin_task(task=each, at=timezone.now()) for each in (task, other))
    answered = CompiledUpdate(Response, "document", "saved_at")
    at = timezone.now()
    with CaptureQueriesContext(connection) as asked:
        answered.run(begun.pk, document={"item": [{"linkId": "æ"}]}, saved_at=at)
    assert len(asked) == 1
    begun.refresh_from_db()
    assert (begun.document, begun.saved_at) == ({"item": [{"linkId": "æ"}]}, at)
    answered.run(uuid4(), document={}, saved_at=at)
    assert Response.objects.get(pk=untouched.pk).document == untouched.document
    assert Response.objects.filter(document={}).count() == 0
    CompiledUpdate(Task, "response").run(task.pk, response=None)
    assert Task.objects.get(pk=task.pk).response is None
    assert Task.objects.get(pk=other.pk).response == untouched


def test_rows_are_inserted_as_the_orm_does() -> None:
    task = open_task()
    now = timezone.now()
    of = {"key": task.citizen_id, "municipality_id": task.municipality_id, "subject_model": "plans.Task"}
    events = [
        Event(name=EventName.RESPONSE_COMPLETED, subject_id=task.pk, occurred_at=now, **of) for _ in range(2)
    ]
    with CaptureQueriesContext(connection) as asked:
        insert(*events)
    assert len(asked) == 1
    assert [each.pk for each in Event.objects.order_by("id")][-2:] == [each.pk for each in events]
    kept = Event.objects.get(pk=events[0].pk)
    assert {name: getattr(kept, name) for name in vars(kept) if name != "_state"} == {
        name: getattr(events[0], name) for name in vars(kept) if name != "_state"
    }
    events[1].request_id = "saved again"
    events[1].save()
    assert Event.objects.filter(request_id="saved again").get().pk == events[1].pk
    insert()


def test_statements_in_a_pipeline_are_run_in_their_order_and_read_when_asked_for() -> None:
    task = open_task()
    query = CompiledQuery(lambda pk: Task.objects.filter(pk=pk).values_list("status"))
    status = CompiledUpdate(Task, "status")
    news = {"key": task.citizen_id, "municipality_id": task.municipality_id, "subject_model": "plans.Task"}
    event = Event(name=EventName.RESPONSE_COMPLETED, subject_id=task.pk, occurred_at=timezone.now(), **news)
    with pipelined():
        before = query.asked(pk=task.pk)
        status.run(task.pk, status=Task.Status.CANCELLED)
        after = query.asked(pk=task.pk)
        insert(event, keys=False)
        status.run(task.pk, status=Task.Status.OPEN)
    assert (before(), after()) == ([("open",)], [("cancelled",)])
    assert query.rows(pk=task.pk) == [("open",)]
    assert not event.pk
    assert Event.objects.get(subject_id=task.pk).occurred_at == event.occurred_at


def test_what_goes_wrong_in_a_pipeline_is_raised_at_its_end_at_the_latest() -> None:
    task = open_task()
    news = {"key": task.citizen_id, "municipality_id": task.municipality_id, "subject_model": "plans.Task"}
    unknown = Event(name="eaten", subject_id=task.pk, occurred_at=timezone.now(), **news)

    def announce() -> None:
        with transaction.atomic(), pipelined():
            insert(unknown, keys=False)
            CompiledUpdate(Task, "status").run(task.pk, status=Task.Status.CANCELLED)

    with pytest.raises(IntegrityError, match="event_name_is_known"):
        announce()
    task.refresh_from_db()
    assert task.status == Task.Status.OPEN


def test_what_is_made_of_a_value_is_refused() -> None:
    """It would stay as it was the first time."""
    query = CompiledQuery(
        lambda since: Citizen.objects.filter(created_at__gte=since - timedelta(days=1)).values_list("pk")
    )
    with pytest.raises(TypeError, match="cannot be given anew"):
        query.rows(since=timezone.now())


def test_constants_stand_in_the_sql_and_what_is_given_does_not() -> None:
    """So that an index of what has one status serves the one plan that PostgreSQL keeps."""
    query = CompiledQuery(lambda citizen_id: Task.objects.unanswered().filter(citizen=citizen_id))
    assert query.all(citizen_id=uuid4()) == []
    (made,) = query._made.values()
    assert made is not None
    assert """"status" = 'open'""" in made.sql
    assert [type(each).__name__ for each in made.params] == ["_Named"]


def test_a_constant_with_a_quote_and_a_percent_sign_is_itself() -> None:
    name = "100 % O'Hara \\ %s"
    municipality = MunicipalityFactory(name=name)
    query = CompiledQuery(lambda pk: Municipality.objects.filter(name=name, pk=pk))
    assert query.all(pk=municipality.pk) == [municipality]


def test_a_query_can_have_plans_kept_until_the_transaction_ends() -> None:
    query = CompiledQuery(
        lambda: Task.objects.annotate(plan_mode=KEEPS_PLANS).values_list("plan_mode", flat=True)
    )
    open_task()

    def mode() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW plan_cache_mode")
            ((found,),) = cursor.fetchall()
        return str(found)

    with transaction.atomic():
        query.rows()
        assert mode() == "force_generic_plan"
        transaction.set_rollback(True)
    assert mode() == "auto"
