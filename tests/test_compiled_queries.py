"""A query that is compiled once gives what the same query gives each time."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from citizens.models import Citizen
from kommunalpro.compiled_queries import CompiledQuery, columns_of
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db


def named(*, citizen_id: Any) -> QuerySet[Citizen, Any]:
    return Citizen.objects.filter(pk=citizen_id, is_name_protected=False).values_list("id", "given_name")


def test_values_are_given_anew_each_time() -> None:
    query = CompiledQuery(named, "citizen_id")
    karen, ole = CitizenFactory(given_name="Karen"), CitizenFactory(given_name="Ole")
    assert query.rows(citizen_id=uuid4()) == []
    assert query.rows(citizen_id=karen.pk) == [(karen.pk, "Karen")]
    with CaptureQueriesContext(connection) as asked:
        assert query.rows(citizen_id=ole.pk) == [(ole.pk, "Ole")]
    assert len(asked) == 1


def test_columns_are_the_models_own() -> None:
    columns = columns_of(Citizen, without=("cpr_sealed",))
    assert "municipality_id" in columns
    assert "cpr_sealed" not in columns
    citizen = CitizenFactory()
    row = Citizen.objects.filter(pk=citizen.pk).values_list(*columns).get()
    assert Citizen.from_db("default", columns, row).municipality_id == citizen.municipality_id
