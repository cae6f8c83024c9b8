"""Queries of the ORM whose SQL is made once, for the few that are asked with every click.

    RESPONSE, TASK = Columns(Response), Columns(Task, under="task__")
    DRAFT = CompiledQuery(
        lambda task_id: Response.objects.filter(task=task_id).values_list(*RESPONSE.names, *TASK.names)
    )
    for row in DRAFT.rows(task_id=task_id):
        response, task = made_of(row, RESPONSE, TASK)

    NOTES = CompiledQuery(lambda citizen_id: CitizenNote.objects.filter(citizen=citizen_id))
    notes = NOTES.all(citizen_id=citizen_id)

    DONE = CompiledUpdate(Task, "status")
    DONE.run(task.pk, status=Task.Status.COMPLETED)
    insert(event)                      # or several rows of one model

    with pipelined():                  # what nobody waits for goes out together
        DONE.run(task.pk, status=Task.Status.COMPLETED)
        insert(score, keys=False)

Making the SQL takes Django longer than PostgreSQL needs to run it, and waiting for the answer as long again.
"""

import json
import secrets
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import lru_cache
from typing import Any, Generic, TypeVar, cast
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.utils import CursorWrapper
from django.db.models import Func, JSONField, Model, QuerySet, TextField, Value
from django.db.models.sql.compiler import SQLCompiler
from psycopg.pq import PipelineStatus
from psycopg.sql import Literal

M = TypeVar("M", bound=Model)
Row = TypeVar("Row")
Each = TypeVar("Each")


KEEPS_PLANS = Func(
    Value("plan_cache_mode"),
    Value("force_generic_plan"),
    Value(True),
    function="set_config",
    output_field=TextField(),
)
"""Selected by a query: until the transaction ends, PostgreSQL plans nothing anew that it has planned before.

A large statement takes it as long to plan as to run. For transactions whose large ones are compiled here: in the ORM's
own, constants are parameters, and a plan for any value of theirs may be a slow one.
"""


class Columns(Generic[M]):
    """A model's columns in a query; `under` is the way to it (`task__`).

    With `only`, the others are loaded when they are asked for.
    """

    def __init__(self, model: type[M], *, under: str = "", only: Collection[str] | None = None) -> None:
        fields = [field for field in model._meta.concrete_fields if only is None or field.attname in only]
        self._model = model
        self._attributes = [field.attname for field in fields]
        self._json = [place for place, field in enumerate(fields) if isinstance(field, JSONField)]
        self.names = [f"{under}{name}" for name in self._attributes]

    def make(self, values: Sequence[Any]) -> M:
        """The instance that these values are."""
        values = list(values)
        for place in self._json:
            values[place] = json.loads(values[place])
        return self._model.from_db(DEFAULT_DB_ALIAS, self._attributes, values)


def made_of(row: Sequence[Any], *columns: Columns[Any]) -> list[Any]:
    """The instances in a row, in the order of their columns."""
    made, begin = [], 0
    for each in columns:
        end = begin + len(each.names)
        made.append(each.make(row[begin:end]))
        begin = end
    return made


class CompiledQuery(Generic[Row]):
    """One query with named values in it; `build` takes them as keyword arguments and gives a query set.

    What the query is may depend on a bool, an enum's member, on what is None and on how many a tuple holds: each has
    SQL of its own. It may not depend on what a UUID, a number, a text or a moment is.
    """

    def __init__(
        self, build: "Callable[..., QuerySet[Any, Row]]", *, locks: Sequence[type[Model]] = ()
    ) -> None:
        """`locks`: the models whose rows stay locked until the transaction ends, in this order.

        Of a query of values, `select_for_update` can name no other model than its own.
        """
        self._build = build
        tables = ", ".join(_quoted(model._meta.db_table) for model in locks)
        self._lock = f" FOR UPDATE OF {tables}" if tables else ""
        self._made: dict[tuple[Hashable, ...], _Made | None] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows with these values, as the driver reads them (JSON as text); of a `values_list`."""
        return self.asked(**values)()

    def asked(self, **values: Any) -> Callable[[], list[tuple[Any, ...]]]:
        """As `rows`, which what is given reads: inside `pipelined`, other statements may go out before it is called."""
        made = self._of_shape(values)
        if made is None:
            return list
        cursor = connection.cursor()
        cursor.execute(made.sql, made.params_with(values))
        return lambda: _all_of(cursor)

    def all(self, **values: Any) -> list[Row]:
        """What the query set gives with these values: instances with what is joined to them, mappings, tuples."""
        made = self._of_shape(values)
        if made is None:
            return []
        compiler = copy(made.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        sql: Any = (made.sql, made.params_with(values))
        compiler.as_sql = lambda *_, **__: sql  # type: ignore[method-assign]
        compiler.get_converters = made.converters  # type: ignore[method-assign]
        rows = made.queryset.all()
        rows.query.get_compiler = lambda *_, **__: compiler  # type: ignore[method-assign]
        return list(rows)

    def _of_shape(self, values: Mapping[str, Any]) -> "_Made | None":
        """The SQL for values like these; None where nothing can be found, as where a tuple is empty."""
        shape = tuple((name, _shape(value)) for name, value in values.items())
        if shape not in self._made:
            try:
                made = _make(self._build, values)
                self._made[shape] = replace(made, sql=made.sql + self._lock)
            except EmptyResultSet:
                self._made[shape] = None
        return self._made[shape]


@dataclass(frozen=True, slots=True)
class _Made:
    """A query set whose SQL is made, and its parameters: the named ones, and constants that have no text in SQL."""

    queryset: QuerySet[Any, Any]
    compiler: SQLCompiler
    sql: str
    params: list[Any]
    _converters: list[Any] = field(default_factory=list)

    def converters(self, expressions: list[Any]) -> Any:
        """How what the driver reads becomes values: the same each time, and asked of each column by Django."""
        if not self._converters:
            self._converters.append(self.compiler.get_converters(expressions))
        return self._converters[0]

    def params_with(self, values: Mapping[str, Any]) -> list[Any]:
        return [each.read(values) if isinstance(each, _Named) else each for each in self.params]


def _make(build: Callable[..., QuerySet[Any, Any]], values: Mapping[str, Any]) -> _Made:
    """Raises EmptyResultSet where nothing can be found, TypeError where the SQL holds what was made of a value."""
    named: dict[Any, tuple[str, int | None]] = {}
    marks = {name: _mark(value) for name, value in values.items()}
    for name, mark in marks.items():
        if isinstance(mark, tuple):
            named.update({one: (name, place) for place, one in enumerate(mark)})
        elif not _is_constant(mark):
            named[mark] = (name, None)
    queryset = build(**marks)
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    found = [isinstance(each, Hashable) and each in named for each in params]
    # What differs between two makings depends on the values: it has to be a value itself.
    again_sql, again = build(**{name: _mark(value) for name, value in values.items()}).query.sql_with_params()
    if sql != again_sql or any(
        not is_named and one != other for is_named, one, other in zip(found, params, again, strict=True)
    ):
        raise TypeError("A value became something else in the SQL: it cannot be given anew.")
    given = [
        _Named(*named[each], type(each)) if is_named else each
        for is_named, each in zip(found, params, strict=True)
    ]
    return _Made(queryset, compiler, *_with_constants(sql, given))


def _with_constants(sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """The SQL with its constants in it, and the parameters that are left.

    PostgreSQL keeps one plan for all values of the parameters. `status = $1` may be anything then, and no index of what
    has one status serves it.
    """
    texts = sql.split("%s")
    pieces, left = [texts[0]], []
    for param, text in zip(params, texts[1:], strict=True):
        value = param.value if isinstance(param, Enum) else param
        is_constant = isinstance(value, str | int)
        pieces += [Literal(value).as_string().replace("%", "%%") if is_constant else "%s", text]
        if not is_constant:
            left.append(param)
    return "".join(pieces), left


@dataclass(frozen=True, slots=True)
class _Named:
    """A parameter that is given anew each time; `place` where it is one of several, `kind` as the field has it."""

    name: str
    place: int | None
    kind: type

    def read(self, values: Mapping[str, Any]) -> Any:
        value = values[self.name] if self.place is None else values[self.name][self.place]
        # Numbers tell PostgreSQL which of its types they are.
        return self.kind(value) if isinstance(value, int) else value


def _is_constant(value: object) -> bool:
    return value is None or isinstance(value, bool | Enum)


def _shape(value: Any) -> Hashable:
    if isinstance(value, tuple):
        return tuple(map(type, value))
    return cast("Hashable", value if _is_constant(value) else type(value))


def _mark(value: Any) -> Any:
    """What stands for a value while the SQL is made: like it, and like no other."""
    if _is_constant(value):
        return value
    match value:
        case tuple():
            return tuple(_mark(each) for each in value)
        case UUID():
            return uuid4()
        case int():
            return 2**30 + secrets.randbelow(2**30)
        case datetime():
            return datetime(3000, 1, 1, tzinfo=UTC) + timedelta(seconds=secrets.randbelow(10**10))
        case str():
            return secrets.token_hex(16)
    raise TypeError(f"{type(value)} has no mark.")


def _all_of(cursor: CursorWrapper) -> list[tuple[Any, ...]]:
    with cursor:
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


@contextmanager
def pipelined() -> Iterator[None]:
    """Statements inside go to the database one behind the other, and none waits for what became of those before.

    Each is run in its turn, as ever. What goes wrong is raised where a result is read, or at the end of the block. For
    what stands in this module, and for what only reads: `update`, `save` and `delete` of Django ask at once how many
    rows there were. See psycopg's “Pipeline mode support”.
    """
    connection.ensure_connection()
    if connection.connection.info.pipeline_status is not PipelineStatus.OFF:
        yield  # the end of the outermost one is where it ends
        return
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


def padded(values: Sequence[Each], to: int) -> tuple[Each, ...]:
    """The values, the last one again until they are a multiple of `to`: lists of any length share few statements."""
    return (*values, *list(values)[-1:] * (-len(values) % to))


class CompiledUpdate:
    """Some columns of one row, given new values; signals and `auto_now` have no part in it, as in `QuerySet.update`."""

    def __init__(self, model: type[Model], *names: str) -> None:
        by_name = {field.name: field for field in model._meta.concrete_fields}
        self._fields = [by_name[name] for name in names]
        self._key = model._meta.pk
        columns = ", ".join(f"{_quoted(field.column)} = %s" for field in self._fields)
        self._sql = (
            f"UPDATE {_quoted(model._meta.db_table)} SET {columns} WHERE {_quoted(self._key.column)} = %s"  # noqa: S608
        )

    def run(self, pk: Any, **values: Any) -> None:
        """Write all of the columns to the row with this key, if there is one."""
        given = [field.get_db_prep_save(values[field.name], connection) for field in self._fields]
        with connection.cursor() as cursor:
            cursor.execute(self._sql, [*given, self._key.get_db_prep_value(pk, connection)])


def insert(*rows: Model, keys: bool = True) -> None:
    """New rows of one model in one statement, as `bulk_create` makes them.

    `keys`: those that the database counts are set; without, nobody has to wait for them.
    """
    if not rows:
        return
    fields, counted = _columns(type(rows[0]))
    asks = counted and keys
    given = [
        field.get_db_prep_save(field.pre_save(row, True), connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insertion(type(rows[0]), len(rows), asks), given)
        made = cursor.fetchall() if asks else []
    for row in rows:
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    for row, (key,) in zip(rows, made, strict=asks):
        row.pk = key


@lru_cache(maxsize=50)
def _columns(model: type[Model]) -> tuple[list[Any], bool]:
    """The fields to write, and whether the database makes the key."""
    fields: list[Any] = [field for field in model._meta.concrete_fields if not field.generated]
    given = [field for field in fields if not (field.primary_key and field.db_returning)]
    return given, len(given) < len(fields)


@lru_cache(maxsize=200)
def _insertion(model: type[Model], rows: int, asks: bool) -> str:
    """`asks`: for the keys that the database makes."""
    fields, _counted = _columns(model)
    names = ", ".join(_quoted(field.column) for field in fields)
    marks = ", ".join(["(" + ", ".join(["%s"] * len(fields)) + ")"] * rows)
    sql = f"INSERT INTO {_quoted(model._meta.db_table)} ({names}) VALUES {marks}"  # noqa: S608
    return f"{sql} RETURNING {_quoted(model._meta.pk.column)}" if asks else sql


def _quoted(name: str | None) -> str:
    return str(connection.ops.quote_name(str(name)))
