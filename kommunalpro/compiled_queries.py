"""Queries of the ORM whose SQL is made once, for the few that are asked with every click.

    DRAFT = CompiledQuery(lambda task_id: Response.objects.filter(task=task_id).values_list("id", "document"))
    for response_id, document in DRAFT.rows(task_id=task_id): …

Making the SQL takes Django longer than PostgreSQL needs to run it. The values stand for themselves only: nothing in the
query may depend on what they are (`None`, a list), and columns come as the driver reads them (JSON as text).
"""

from collections.abc import Callable, Collection
from typing import Any
from uuid import UUID, uuid4

from django.db import connection
from django.db.models import Model, QuerySet


def columns_of(model: type[Model], *, without: Collection[str] = ()) -> list[str]:
    """The names of a model's columns as `Model.from_db` takes them."""
    return [field.attname for field in model._meta.concrete_fields if field.attname not in without]


class CompiledQuery:
    """One query with named UUIDs in it; `build` takes them as keyword arguments and gives a `values_list`."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *names: str) -> None:
        self._build = build
        self._names = names
        self._sql = ""
        self._params: tuple[Any, ...] = ()

    def rows(self, **values: UUID) -> list[tuple[Any, ...]]:
        """The rows with these values; one value for each name."""
        if not self._sql:
            marks = {name: uuid4() for name in self._names}
            sql, compiled = self._build(**marks).query.sql_with_params()
            names = {mark: name for name, mark in marks.items()}
            # What is no mark is a constant of the query.
            self._params = tuple(_Named(names[each]) if each in names else each for each in compiled)
            self._sql = sql
        params = [values[each] if isinstance(each, _Named) else each for each in self._params]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, params)
            found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


class _Named(str):
    """A parameter that is given anew each time."""

    __slots__ = ()
