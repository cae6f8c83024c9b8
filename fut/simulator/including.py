"""What comes along with a search's matches: what they name (`_include`), and what names them (`_revinclude`)."""

from collections.abc import Iterator, Sequence
from typing import Any

from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.criteria import Query
from fut.simulator.outcomes import Refusal
from fut.simulator.records import Records
from fut.simulator.search_parameters import KINDS, parameters_of
from fut.simulator.store import Criterion

Json = dict[str, Any]

MOST_ROUNDS = 10
"""A plan within a plan within a plan: `:iterate` ends here."""


def included(records: Records, caller: Caller, matches: list[Json], query: Query) -> list[Json]:
    """Each once, and only what the caller may see. 400 for a wish that the service cannot meet."""
    wishes = [(name, _wish(records, name, value)) for name, value in query if "include" in name]
    beside: dict[str, Json] = {}
    seen = {_name(one) for one in matches}
    around = matches
    for round_number in range(MOST_ROUNDS):
        found = [
            one
            for name, wish in wishes
            if round_number == 0 or name.endswith(":iterate")
            for one in (
                _named_by(records, around, *wish) if "rev" not in name else _naming(records, around, *wish)
            )
            if _name(one) not in seen and caller.may_see(one)
        ]
        around = list({_name(one): one for one in found}.values())
        if not around:
            break
        seen |= {_name(one) for one in around}
        beside |= {_name(one): one for one in around}
    return list(beside.values())


def _wish(records: Records, name: str, value: str) -> tuple[str, str]:
    """`Type:parameter`, a reference of a type that is here."""
    resource_type, _, parameter = value.partition(":")
    parameter = parameter.partition(":")[0]
    known = parameters_of(resource_type, records.base.service) if records.base.holds(resource_type) else {}
    if parameter not in known or KINDS.get(parameter) != "reference":
        raise Refusal(400, [f'Invalid {name} parameter value: "{value}"'], issue_type="processing")
    return resource_type, parameter


def _named_by(records: Records, around: Sequence[Json], resource_type: str, parameter: str) -> Iterator[Json]:
    terms = parameters_of(resource_type, records.base.service)[parameter]
    for one in around:
        if one["resourceType"] != resource_type:
            continue
        for reference in dict.fromkeys(terms(one)):
            kind, _, number = local_part(reference).partition("/")
            there = records.store.read(kind, number) if number.isdecimal() else None
            if there and records.base.holds(kind):
                yield there


def _naming(records: Records, around: Sequence[Json], resource_type: str, parameter: str) -> list[Json]:
    names = [_name(one) for one in around]
    store = records.store
    return store.load(store.matches(resource_type, [Criterion(parameter, names)])) if names else []


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
