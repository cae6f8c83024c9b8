"""What the platform's answers say: where something is now, in which version, and what it is.

An answer that is none of those we know is `FutUnavailable`, and unclear: the platform did something.
"""

import re
from typing import Any
from urllib.parse import urljoin

from fut import terminology as t
from fut.errors import FutUnavailable
from fut.facts import Reference
from fut.service_bases import SERVICE_OF, ServiceBases

Json = dict[str, Any]

_ADDRESS = re.compile(r"[a-z]+://.+/[A-Z][A-Za-z]+/[A-Za-z0-9.-]{1,64}")


def address(resource: Json, bases: ServiceBases) -> Reference:
    """A resource's absolute address, put together from its service's base."""
    resource_type = resource.get("resourceType", "")
    if resource_type not in SERVICE_OF or "id" not in resource:
        raise unreadable("svaret er ikke en ressource med id")
    return Reference(f"{bases.of_type(resource_type)}/{resource_type}/{resource['id']}", version(resource))


def references(answer: Json, *, base: str) -> list[Reference]:
    """The addresses in a transaction's answer, in its order; `base` is of the service that answered."""
    return [_created(entry, base) for entry in answer.get("entry", ())]


def _created(entry: Json, base: str) -> Reference:
    """The version stands in the location, else in the ETag, else in the resource where it comes along."""
    response = entry.get("response", {})
    found = reference(response.get("location", ""), base=base)
    if found.version is not None:
        return found
    tag = str(response.get("etag", "")).removeprefix("W/").strip('"')
    return Reference(found.url, tag or version(entry.get("resource", {})))


def reference(location: str, *, base: str) -> Reference:
    """A resource by its address, with the version where it ends in `/_history/<version>`.

    Absolute, or relative to the base of the service that says it: FHIR R4 allows both (“http”, 3.1.0.11.2).
    """
    url, _, number = location.partition("/_history/")
    url = urljoin(f"{base}/", url)
    if not location or not _ADDRESS.fullmatch(url):
        raise unreadable("svaret mangler en adresse")
    return Reference(url, number or None)


def one(created: list[Reference], resource_type: str) -> Reference:
    """The first of its kind."""
    for each in created:
        if each.resource_type == resource_type:
            return each
    raise unreadable(f"svaret nævner ingen {resource_type}")


def version(resource: Json) -> str | None:
    number: str | None = resource.get("meta", {}).get("versionId")
    return number


def consents_to_episode(consent: Json) -> bool:
    codes = {
        (coding.get("system"), coding.get("code"))
        for category in consent.get("category", ())
        for coding in category.get("coding", ())
    }
    return consent.get("status") == "active" and (t.CS_CONSENT_CATEGORY, t.CONSENT_TO_EPISODE) in codes


def unreadable(reason: str) -> FutUnavailable:
    """The platform did something, but its answer is not one we know: look before sending again."""
    return FutUnavailable(what="kommandoen", reason=reason, unclear=True)
