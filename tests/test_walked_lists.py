"""Conditions asked row by row: true of the right rows, and in a form that PostgreSQL expects to be usual."""

import pytest
from django.db.models import OuterRef, QuerySet

from citizens.models import Citizen
from kommunalpro.walked_lists import row_has
from municipalities.policies import OF_MUNICIPALITY, SYSTEM, usual
from plans.models import CarePlan, Task
from tests import factories

pytestmark = pytest.mark.django_db


def with_citizens(**wanted: object) -> QuerySet[Task]:
    [(column, value)] = wanted.items()
    return Task.objects.filter(row_has(Citizen.objects.filter(pk=OuterRef("citizen")), column, value))


def test_a_value_of_the_row_that_is_named() -> None:
    here, elsewhere = (factories.open_task(factories.CitizenFactory()) for _ in range(2))
    assert here.citizen.municipality_id != elsewhere.citizen.municipality_id
    assert [*with_citizens(municipality=here.citizen.municipality_id)] == [here]
    both = (here.citizen.municipality_id, elsewhere.citizen.municipality_id)
    assert {*with_citizens(municipality=both)} == {here, elsewhere}


def test_what_is_not_known_is_not_so() -> None:
    factories.open_task(factories.CitizenFactory(is_nemsms_enrolled=None, nemsms_asked_at=None))
    assert not with_citizens(is_nemsms_enrolled=False).exists()
    assert not with_citizens(is_nemsms_enrolled=True).exists()


def test_one_of_none_and_no_row_at_all() -> None:
    task = factories.open_task(factories.CitizenFactory())
    assert not with_citizens(municipality=()).exists()
    nothing = CarePlan.objects.filter(pk=OuterRef("care_plan"), plan__title="Findes ikke")
    assert not Task.objects.filter(row_has(nothing, "municipality", task.municipality_id)).exists()


def test_no_condition_stands_bare() -> None:
    """Bare, PostgreSQL would take it for one row in two hundred (see the module)."""
    assert 'WHERE COALESCE((SELECT U0."municipality_id"' in str(with_citizens(municipality=7).query)
    assert usual(f"{SYSTEM} OR {OF_MUNICIPALITY}") == f"COALESCE({SYSTEM} OR {OF_MUNICIPALITY}, false)"
