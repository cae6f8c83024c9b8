"""The parts of FHIR transactions: entries, `urn:uuid:` references replaced by the addresses given, the answer."""

from typing import Any

from fut.service_bases import SERVICE_OF
from fut.simulator.outcomes import Refusal, success
from fut.simulator.records import Records

Json = dict[str, Any]

MOST_ENTRIES = 100


def entries_of(bundle: Json) -> list[Json]:
    """The entries of a transaction; 400 for any other bundle."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Refusal(400, ["Only a Bundle of type “transaction” is taken here."], issue_type="not-supported")
    entries = bundle.get("entry") or []
    if len(entries) > MOST_ENTRIES:
        raise Refusal(400, [f"A transaction has at most {MOST_ENTRIES} entries."], issue_type="too-long")
    if not all(isinstance(entry, dict) and _has_body(entry) for entry in entries):
        raise Refusal(400, ["Every entry needs a resource."], issue_type="structure")
    return list(entries)


def _has_body(entry: Json) -> bool:
    return isinstance(entry.get("resource"), dict) or entry.get("request", {}).get("method") == "GET"


def with_addresses(records: Records, entries: list[Json]) -> list[Json]:
    """The resources of the entries, new ones with an id, and every `urn:` that names one replaced by its address."""
    ids: list[str | None] = []
    addresses: dict[str, str] = {}
    for entry in entries:
        resource_type = entry.get("resource", {}).get("resourceType", "")
        if entry.get("request", {}).get("method", "POST") != "POST":
            ids.append(None)
            continue
        new = records.store.reserve(resource_type)
        ids.append(new)
        if full_url := entry.get("fullUrl"):
            addresses[full_url] = records.base.url(SERVICE_OF.get(resource_type, ""), resource_type, new)
    return [
        _replaced(entry.get("resource", {}), addresses) | ({"id": new} if new else {})
        for entry, new in zip(entries, ids, strict=True)
    ]


def answer(records: Records, stored: list[tuple[Json, bool]], *, representation: bool) -> Json:
    """The transaction-response: each resource stored, and whether it is new."""
    return {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [
            {
                **({"resource": resource} if representation else {}),
                "response": {
                    "status": "201 Created" if new else "200 OK",
                    "location": records.versioned_url(resource),
                    "etag": resource["meta"]["versionId"],
                    "lastModified": resource["meta"]["lastUpdated"],
                    "outcome": success(
                        "SUCCESSFUL_CREATE" if new else "SUCCESSFUL_UPDATE",
                        f"Successfully {'created' if new else 'updated'} resource"
                        f' "{resource["resourceType"]}/{resource["id"]}/_history/{resource["meta"]["versionId"]}".',
                    ),
                },
            }
            for resource, new in stored
        ],
    }


def _replaced(node: Any, addresses: dict[str, str]) -> Any:
    if isinstance(node, dict):
        return {
            name: addresses.get(child, child)
            if name == "reference" and isinstance(child, str)
            else _replaced(child, addresses)
            for name, child in node.items()
        }
    return [_replaced(child, addresses) for child in node] if isinstance(node, list) else node
