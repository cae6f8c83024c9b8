"""Is a resource fit to travel? The platform's profiles first, then FHIR's own rules by `fhir.resources`.

What leaves is looked at closely only where it is not in order at a glance (fut/glance.py). The simulator, which stands
in for a receiver that does not know us, always looks closely (`fhir_problems`).
"""

from collections.abc import Iterator, Mapping
from typing import Any

from fhir.resources.R4B import get_fhir_model_class
from pydantic import ValidationError

from fut import glance
from fut.errors import MappingInvalid
from fut.profiles import habit_problems, profile_problems, values_at

Resource = Mapping[str, Any]


def problems(resource: Resource) -> list[str]:
    """Everything wrong with a resource and with those it carries, as "path: what"; no answers are repeated.

    FHIR R4 is checked with the R4B models, which read the same resources that this edge uses.
    """
    found = [
        f"{inner['resourceType']}.{problem}"
        for inner in _inside(resource)
        for problem in (*profile_problems(inner), *habit_problems(inner))
    ]
    return found if glance.is_in_order(resource) else found + fhir_problems(resource)


def fhir_problems(resource: Resource) -> list[str]:
    """Breaches of FHIR itself. pydantic would repeat the offending value, which may be a CPR number."""
    resource_type = str(resource.get("resourceType", ""))
    try:
        model = get_fhir_model_class(resource_type)
    except ValueError:
        return [f"resourceType: “{resource_type}” is unknown in FHIR R4"]
    try:
        model.model_validate(resource)
    except ValidationError as error:
        return [
            f"{'.'.join(map(str, fault['loc'])) or resource_type}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        ]
    except (AttributeError, TypeError):
        # The type of a url asks what it is given to be a text, and says nothing of where.
        return [f"{resource_type}: a url is no text"]
    return []


def checked(resource: dict[str, Any]) -> dict[str, Any]:
    """The resource itself, fit to leave; else raises `MappingInvalid` with every fault."""
    if found := problems(resource):
        raise MappingInvalid(str(resource.get("resourceType")), found)
    return resource


def _inside(resource: Resource) -> Iterator[Resource]:
    """The resource, and every resource in its bundle entries or parameters."""
    yield resource
    for path in ("entry.resource", "parameter.resource"):
        for inner in values_at(resource, path):
            yield from _inside(inner)
