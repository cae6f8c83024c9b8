"""Conditions of long lists that PostgreSQL walks along by an index, leaving them when a page is full.

    tasks.filter(row_has(CarePlan.objects.filter(pk=OuterRef("care_plan")), "plan__line", line))

It walks only where it expects to find a page of rows soon. A join with the citizens of a municipality it takes for one
row of a hundred, though it holds for nearly all: then it reads and sorts the whole list, ten milliseconds in place of a
half with a thousand rows. What is asked row by row within COALESCE it takes for every second row. The walls around such
lists are said in the same way (`municipalities.policies.usual`).
"""

from typing import Any

from django.db.models import BooleanField, Exists, F, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, In


def row_has(rows: QuerySet[Any], column: str, value: Any) -> Coalesce:
    """Whether the one row that `rows` gives has this value in the column, or one of a tuple; false where there is none.

    `rows` name the list's own row by `OuterRef`.
    """
    there = Subquery(rows.order_by().values(column)[:1])
    condition = In(there, value) if isinstance(value, tuple) else Exact(there, value)
    return Coalesce(condition, False, output_field=BooleanField())


def there_are_no(rows: QuerySet[Any]) -> Coalesce:
    """Whether there is no such row; they name the list's own row by `OuterRef`."""
    return Coalesce(~Exists(rows), False, output_field=BooleanField())


def is_one_of(column: str, values: QuerySet[Any, Any]) -> Coalesce:
    """Whether the column holds one of the `values`, which are read once and name no other row."""
    return Coalesce(In(F(column), values), False, output_field=BooleanField())
