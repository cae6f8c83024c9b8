"""A delta made by PostgreSQL in a stored document, so that only what changes is sent.

delta = as_stored(patches.between(before, after))
rows.update(source=patched(F("source"), delta))    # the same as deltas.apply(before, delta)
"""

import json
from decimal import Decimal
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Func, JSONField, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from questionnaires.authoring.deltas import Delta


def as_stored(delta: Delta) -> Delta:
    """The delta with what it puts in as it comes back from the database: plain JSON."""
    return [
        {name: _read_back(part) if name in ("new", "in") else part for name, part in change.items()}
        for change in delta
    ]


def patched(document: Combinable, delta: Delta) -> Combinable:
    """The stored `document` with the changes made, each at a place below its top.

    PostgreSQL looks for no `old` and no `out` before it replaces them: the row has to be locked, and the delta made
    from what it holds.
    """
    for change in delta:
        document = _changed(document, change["at"], change)
    return document


def _changed(document: Combinable, at: list[str | int], change: dict[str, Any]) -> Combinable:
    if "out" in change:
        for _taken in change["out"]:
            document = _without(document, at)
        for part in reversed(change["in"]):
            document = Func(
                document, _path(at), _json(part), function="jsonb_insert", output_field=JSONField()
            )
        return document
    if "new" in change:
        return Func(document, _path(at), _json(change["new"]), function="jsonb_set", output_field=JSONField())
    return _without(document, at)


def _without(document: Combinable, at: list[str | int]) -> Combinable:
    return Func(
        document, _path(at), template="(%(expressions)s)", arg_joiner=" #- ", output_field=JSONField()
    )


def _path(at: list[str | int]) -> Combinable:
    return Value([str(step) for step in at], output_field=ArrayField(TextField()))


def _read_back(part: Any) -> Any:
    return json.loads(json.dumps(part), parse_float=_number)


def _number(written: str) -> int | float:
    """PostgreSQL writes out what Python writes as 1e+30."""
    return int(Decimal(written)) if "e+" in written else float(written)


def _json(part: Any) -> Combinable:
    return Cast(Value(json.dumps(part), output_field=TextField()), JSONField())
