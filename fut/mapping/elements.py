"""The small parts that all our resources are made of."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from fut import terminology as t
from fut.errors import MappingInvalid
from fut.facts import Coding, Reference

Json = dict[str, Any]

DENMARK = ZoneInfo("Europe/Copenhagen")


def moment(at: datetime) -> str:
    """An aware moment as FHIR `dateTime` in whole seconds with Denmark's offset at that moment.

    A naive one raises `MappingInvalid`: nobody knows which moment it is.
    """
    if at.utcoffset() is None:
        raise MappingInvalid("dateTime", [f"{at.isoformat()}: has no time zone"])
    return at.astimezone(DENMARK).isoformat(timespec="seconds")


def period(start: datetime, end: datetime | None) -> Json:
    """FHIR `Period`, open-ended without an end; one that ends before it starts raises `MappingInvalid`."""
    written = {"start": moment(start)} if end is None else {"start": moment(start), "end": moment(end)}
    if end is not None and end < start:
        raise MappingInvalid("Period", [f"end: {written['end']} is before start: {written['start']}"])
    return written


def urn(identifier: UUID) -> str:
    return f"urn:uuid:{identifier}"


def within_bundle(our_id: UUID) -> str:
    """What others in the same transaction call it, and no identifier of it.

    A server replaces each such name by an address, and there are those that do so wherever it stands.
    """
    return urn(uuid5(our_id, "entry"))


def identifier(our_id: UUID) -> Json:
    """Our own id as the resource's identifier: what a probe searches for."""
    return {"system": t.RFC_3986, "value": urn(our_id)}


def reference(to: Reference | str) -> Json:
    return {"reference": to.url if isinstance(to, Reference) else to}


def concept(coding: Coding) -> Json:
    """FHIR `CodeableConcept` of one coding."""
    written = {"system": coding.system, "code": coding.code}
    return {"coding": [written if coding.display is None else {**written, "display": coding.display}]}


def extension(url: str, **value: object) -> Json:
    """One extension, as `extension(url, valueBoolean=False)` or `extension(url, extension=[…])`."""
    return {"url": url, **value}


def episode_extension(episode: Reference | str) -> Json:
    return extension(t.EXT_EPISODE_OF_CARE, valueReference=reference(episode))


def profiled(resource_type: str, profile: str, **elements: object) -> Json:
    """A resource that names its profile; elements that are None are left out, as FHIR wants."""
    present = {name: value for name, value in elements.items() if value is not None}
    return {"resourceType": resource_type, "meta": {"profile": [profile]}, **present}


def posted(resource: Mapping[str, Any], full_url: str) -> Json:
    """A transaction entry that creates the resource."""
    return {
        "fullUrl": full_url,
        "resource": resource,
        "request": {"method": "POST", "url": resource["resourceType"]},
    }


def transaction(*entries: Json) -> Json:
    return {"resourceType": "Bundle", "type": "transaction", "entry": list(entries)}


def parameters(**named: Json) -> Json:
    """FHIR `Parameters`, each value as `{"resource": …}` or `{"valueX": …}`."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name, **value} for name, value in named.items()],
    }
