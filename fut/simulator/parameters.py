"""What an operation is called with."""

from typing import Any

from fut.simulator.outcomes import Refusal

Json = dict[str, Any]


def parts(parameters: Json) -> list[Json]:
    """The parts of a Parameters resource; 400 for anything else."""
    found: list[Json] = parameters.get("parameter", [])
    well_formed = isinstance(found, list) and all(
        isinstance(part, dict) and isinstance(part.get("name"), str) for part in found
    )
    if parameters.get("resourceType") != "Parameters" or not well_formed:
        raise Refusal(
            400, ["The body must be a Parameters resource, each part with a name."], issue_type="structure"
        )
    return found


def parameter(parameters: Json, name: str) -> Json:
    """The named part; 400 without it."""
    for part in parts(parameters):
        if part["name"] == name:
            return part
    raise Refusal(400, [f"The parameter “{name}” is missing."], issue_type="required")


def value(parameters: Json, name: str) -> Any:
    """The value of the named part, a reference as its address; None without it."""
    found = values(parameters, name)
    return found[0] if found else None


def values(parameters: Json, *names: str) -> list[Any]:
    """Every value under one of the names."""
    found = []
    for part in parts(parameters):
        if part["name"] in names:
            given = next((one for key, one in part.items() if key.startswith("value")), None)
            found.append(
                given.get("reference") if isinstance(given, dict) and "reference" in given else given
            )
    return [one for one in found if one is not None]
