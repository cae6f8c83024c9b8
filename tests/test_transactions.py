"""A use case that refuses before it writes joins the transaction that is open, without a savepoint."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from kommunalpro.transactions import refuses_first
from municipalities.models import Municipality
from tests.factories import MunicipalityFactory


@refuses_first
def rename(pk: int, name: str) -> str:
    if not name:
        raise ValueError("A name was expected.")
    Municipality.objects.filter(pk=pk).update(name=name)
    if name == "Falsk":
        raise RuntimeError("It went wrong afterwards.")
    return name


@pytest.mark.django_db
def test_in_a_transaction_it_is_part_of_it_and_whoever_answers_a_refusal_goes_on() -> None:
    place = MunicipalityFactory()
    with transaction.atomic():
        with pytest.raises(ValueError, match="expected"):
            rename(place.pk, "")
        with CaptureQueriesContext(connection) as asked:
            assert rename(place.pk, "Ærø") == "Ærø"
    assert len(asked) == 1
    place.refresh_from_db()
    assert place.name == "Ærø"


@pytest.mark.django_db(transaction=True)
def test_without_one_it_is_one_of_its_own() -> None:
    place = MunicipalityFactory(name="Æbelø")
    with pytest.raises(RuntimeError, match="afterwards"):
        rename(place.pk, "Falsk")
    place.refresh_from_db()
    assert place.name == "Æbelø"
