"""Long lists by the last row that was shown: nothing twice, nothing left out, forth and back."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from municipalities.models import Municipality
from municipalities.scope import Scope, within
from staff.keyset import KeysetPage, keyset_rows, page_of_rows
from tests.factories import MunicipalityFactory

BY = ("wave", "-code")


def keyset_page(rows: Any, *, by: Sequence[str], place: str, size: int) -> KeysetPage[Any]:
    def ask(backwards: bool, beyond: tuple[Any, ...] | None) -> list[Any]:
        return list(keyset_rows(rows, by=by, backwards=backwards, beyond=beyond, size=size))

    return page_of_rows(ask, by=by, place=place, size=size)


class TestAnyList(TestCase):
    @given(st.lists(st.integers(1, 3), max_size=12), st.integers(1, 5))
    @settings(max_examples=40, deadline=None)
    def test_all_rows_forth_and_back(self, waves: list[int], size: int) -> None:
        with within(Scope.system()):
            for wave in waves:
                MunicipalityFactory(wave=wave)
            rows = Municipality.objects.all()
            whole = list(rows.order_by(*BY))
            there, pages, place = [], [], ""
            while True:
                page = keyset_page(rows, by=BY, place=place, size=size)
                pages.append(page.rows)
                there += page.rows
                if not page.after:
                    break
                place = page.after
            assert there == whole
            back = [page.rows]
            while page.before:
                page = keyset_page(rows, by=BY, place=page.before, size=size)
                back.append(page.rows)
            assert list(reversed(back)) == pages


@pytest.mark.django_db
@pytest.mark.parametrize(
    "place",
    ["x", "W10", "bnVsbA", "WyJmIixbInQiLCJ4Il0sWyJ1IiwiMSJdXQ", "WyJmIixbInMiLCJhIl0sWyJzIiwiMSJdXQ", "é"],
)
def test_a_place_that_was_made_up_is_the_beginning(place: str) -> None:
    made = MunicipalityFactory()
    assert keyset_page(Municipality.objects.all(), by=("wave", "code"), place=place, size=5).rows == [made]
