"""What a scope shows ends with it: nested, after a fault, and on the connection that the next one gets."""

import pytest
from django.db import connection, transaction

from citizens.models import Citizen
from municipalities.scope import Scope, current, stay_within, within
from tests.factories import CitizenFactory, MunicipalityFactory

pytestmark = pytest.mark.django_db


def seen() -> set[Citizen]:
    return {*Citizen.objects.all()}


@pytest.fixture
def two() -> tuple[Citizen, Citizen]:
    return CitizenFactory(), CitizenFactory()


def test_inner_and_outer(two: tuple[Citizen, Citizen]) -> None:
    here, there = two
    with within(Scope.municipality(here.municipality_id)):
        assert seen() == {here}
        with within(Scope.municipality(there.municipality_id)):
            assert seen() == {there}
            with within(None):
                assert seen() == set()
            assert seen() == {there}
        assert seen() == {here}
    assert seen() == {*two}


def test_after_a_fault_the_outer_one_holds_again(two: tuple[Citizen, Citizen]) -> None:
    here, there = two
    with within(Scope.municipality(here.municipality_id)):
        with pytest.raises(ZeroDivisionError), within(Scope.municipality(there.municipality_id)):
            raise ZeroDivisionError
        assert seen() == {here}
        assert current() == Scope.municipality(here.municipality_id)


def test_after_work_that_was_taken_back(two: tuple[Citizen, Citizen]) -> None:
    here, there = two
    with within(Scope.citizen(here.pk)):
        with within(Scope.citizen(there.pk)):
            transaction.set_rollback(True)
        assert seen() == {here}


def test_the_same_again_costs_no_words(django_assert_num_queries) -> None:
    municipality = MunicipalityFactory()
    with (
        within(Scope.municipality(municipality.pk)),
        django_assert_num_queries(2),  # a savepoint
        within(Scope.municipality(municipality.pk)),
    ):
        pass


@pytest.mark.django_db(transaction=True)
def test_the_connection_carries_nothing_on(two: tuple[Citizen, Citizen]) -> None:
    def settings() -> set[str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT current_setting('kommunalpro.scope_kind', true), "
                "current_setting('kommunalpro.scope_municipality', true)"
            )
            return {*cursor.fetchone()} - {None, ""}

    here, _ = two
    stay_within(None)
    with within(Scope.municipality(here.municipality_id)):
        assert seen() == {here}
    assert settings() == set()
    assert seen() == set()
    with pytest.raises(ZeroDivisionError), within(Scope.municipality(here.municipality_id)):
        raise ZeroDivisionError
    assert settings() == set()
