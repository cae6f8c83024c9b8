"""A search's criteria as the store compares them: parameters, modifiers and chains (FHIR R4, “Search”)."""

import operator
from collections.abc import Sequence

from fut.simulator.addresses import Base, local_part
from fut.simulator.outcomes import Refusal, not_supported
from fut.simulator.search_parameters import (
    CANONICALS,
    END,
    FOLDED,
    KINDS,
    PERIODS,
    READ,
    TARGETS,
    TERMS,
    parameters_of,
)
from fut.simulator.search_terms import canonical_forms, comparable
from fut.simulator.store import COMPARISONS, Criterion, Store

Query = Sequence[tuple[str, str]]

INCLUDING = frozenset({"_include", "_include:iterate", "_revinclude", "_revinclude:iterate"})
CONTROLS = frozenset({"_count", "_format", "_pretty", "_sort", "_total", "_summary", "_elements"})
ORDER = {"ge": operator.ge, "gt": operator.gt, "le": operator.le, "lt": operator.lt}
HONOURED = frozenset({"_count", "_format", "_pretty", "_sort"}) | INCLUDING
"""`_sort` is taken and ignored: so the platform's care plan service does (contract §8)."""


def criteria_of(store: Store, resource_type: str, base: Base, query: Query) -> list[Criterion]:
    """The criteria of a search, values as they are stored; 400 for a parameter that the service does not know."""
    if not parameters_of(resource_type, base.service):
        raise not_supported(f"search on {resource_type}")
    return [
        _criterion(store, resource_type, base, name, value) for name, value in query if name not in HONOURED
    ]


def matching(store: Store, resource_type: str, criteria: Sequence[Criterion]) -> list[int]:
    """The ids that meet all criteria, oldest first; the first of those that are stored leads."""
    found = store.matches(resource_type, [one for one in criteria if one.name not in READ])
    read = [(TERMS[resource_type][one.name], one) for one in criteria if one.name in READ]
    if not read:
        return found
    return [
        int(one["id"])
        for one in store.load(found)
        if all(_meets(list(terms(one)), criterion) for terms, criterion in read)
    ]


def _meets(values: Sequence[str], criterion: Criterion) -> bool:
    match criterion.how:
        case "missing":
            return not values
        case "present":
            return bool(values)
        case "not":
            return not set(values) & set(criterion.values)
        case "eq":
            return bool(set(values) & set(criterion.values))
    return any(ORDER[criterion.how](value, criterion.values[0]) for value in values)


def _criterion(store: Store, resource_type: str, base: Base, name: str, value: str) -> Criterion:
    known = parameters_of(resource_type, base.service)
    plain, _, chained = name.partition(".")
    parameter, _, modifier = plain.partition(":")
    if name in CONTROLS or parameter not in known:
        raise _unknown(name, resource_type, known)
    if chained:
        return _chain(store, base, resource_type, parameter, modifier, chained, value)
    if modifier == "missing":
        return Criterion(parameter, [], "missing" if value == "true" else "present")
    if modifier == "not" and KINDS.get(parameter, "token") == "token":
        return Criterion(parameter, _values(parameter, "", value), "not")
    match KINDS.get(parameter, "token"):
        case "string":
            return _text(parameter, modifier, value)
        case "date" if not modifier:
            return _date(resource_type, parameter, value)
        case "reference":
            return Criterion(parameter, _values(parameter, modifier, value))
        case "token" | "uri" | "composite" if not modifier:
            return Criterion(parameter, _values(parameter, "", value))
    raise Refusal(400, [f'Unknown modifier in "{name}".'], issue_type="processing")


def _values(parameter: str, kind: str, value: str) -> list[str]:
    """The values given, each as it is stored. `kind`: the type that a modifier names (`subject:Patient`)."""
    given = value.split(",")
    if parameter == "_id":
        return [local_part(one).rpartition("/")[2] for one in given]
    if parameter in CANONICALS:
        return [form for one in given for form in sorted(canonical_forms(one) if "|" not in one else {one})]
    if KINDS.get(parameter) != "reference":
        # `system|code$reference`: only what stands in a composite is shortened.
        return ["$".join(local_part(half) for half in one.split("$")) if "$" in one else one for one in given]
    target = kind or TARGETS.get(parameter, "")
    return [f"{target}/{one}" if target and one.isdecimal() else local_part(one) for one in given]


def _text(parameter: str, modifier: str, value: str) -> Criterion:
    """A text begins with what is asked for, capitals or not; `:exact` and `:contains` say otherwise."""
    match modifier:
        case "exact":
            return Criterion(parameter, value.split(","))
        case "contains":
            return Criterion(parameter + FOLDED, value.casefold().split(","), "contains")
        case "":
            return Criterion(parameter + FOLDED, value.casefold().split(","), "starts")
    raise Refusal(400, [f'Unknown modifier ":{modifier}" for "{parameter}".'], issue_type="processing")


def _date(resource_type: str, parameter: str, value: str) -> Criterion:
    how, moment = (value[:2], value[2:]) if value[:2].isalpha() else ("eq", value)
    if how not in COMPARISONS or not moment[:4].isdecimal():
        raise Refusal(400, [f'Invalid date/time format: "{value}"'], issue_type="processing")
    # A period is at or after a moment when it ends so.
    late = how in {"ge", "gt"} and (resource_type, parameter) in PERIODS
    return Criterion(parameter + END if late else parameter, [comparable(moment)], how)


def _chain(
    store: Store, base: Base, resource_type: str, parameter: str, kind: str, chained: str, value: str
) -> Criterion:
    """`condition.code=…`: whatever refers to one that meets it. Only within a service, as there."""
    target = kind or TARGETS.get(parameter, "")
    inner, _, modifier = chained.partition(":")
    if not target or not base.holds(target) or inner not in TERMS.get(target, {}):
        raise _unknown(f"{parameter}.{chained}", resource_type, parameters_of(resource_type, base.service))
    # Condition cannot be searched by itself, so its parameters are looked up past `parameters_of`.
    if KINDS.get(inner, "token") == "string":
        criterion = _text(inner, modifier, value)
    else:
        criterion = Criterion(inner, _values(inner, modifier, value))
    return Criterion(parameter, [f"{target}/{number}" for number in matching(store, target, [criterion])])


def _unknown(name: str, resource_type: str, known: object) -> Refusal:
    names = ", ".join(sorted(known)) if isinstance(known, dict) else ""
    return Refusal(
        400,
        [
            f'Unknown search parameter "{name}" for resource type "{resource_type}".'
            f" Valid search parameters for this search are: [{names}]"
        ],
        issue_type="processing",
    )
