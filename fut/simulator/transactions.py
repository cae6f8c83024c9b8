"""FHIR transactions: all entries or none, `urn:uuid:` references replaced by the addresses given."""

from typing import Any

from fut.service_bases import SERVICE_OF
from fut.simulator import care_plans
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.outcomes import Refusal, success
from fut.simulator.records import Records

Json = dict[str, Any]

MOST_ENTRIES = 100
TAKEN = ("ServiceRequest", "CarePlan")
"""What the care plan service takes in a transaction, in the order it is stored: a plan names its requests."""


def entries_of(bundle: Json) -> list[Json]:
    """The entries of a transaction; 400 for any other bundle."""
    if bundle.get("resourceType") != "Bundle" or bundle.get("type") != "transaction":
        raise Refusal(400, ["Only a Bundle of type “transaction” is taken here."], issue_type="not-supported")
    entries = bundle.get("entry") or []
    if len(entries) > MOST_ENTRIES:
        raise Refusal(400, [f"A transaction has at most {MOST_ENTRIES} entries."], issue_type="too-long")
    if not all(isinstance(entry, dict) and isinstance(entry.get("resource"), dict) for entry in entries):
        raise Refusal(400, ["Every entry needs a resource."], issue_type="structure")
    return list(entries)


def transact(records: Records, caller: Caller, bundle: Json, *, representation: bool) -> Json:
    """Carry out a transaction of care plans and service requests."""
    entries = entries_of(bundle)
    for entry in entries:
        _require_plain(entry)
    with records.store.transaction():
        created = with_addresses(records, entries)
        order = sorted(
            range(len(entries)), key=lambda at: TAKEN.index(entries[at]["resource"]["resourceType"])
        )
        stored: dict[int, Json] = {}
        for at in order:
            stored[at] = _carry_out(records, caller, entries[at], created[at])
    return answer(
        records,
        [(stored[at], entry["request"]["method"] == "POST") for at, entry in enumerate(entries)],
        representation=representation,
    )


def _require_plain(entry: Json) -> None:
    """POST and PUT of what the service takes, nothing conditional (contract §5 D)."""
    request, resource_type = entry.get("request", {}), entry["resource"].get("resourceType")
    if resource_type not in TAKEN:
        raise Refusal(400, [f"A transaction here does not take {resource_type}."], issue_type="not-supported")
    if request.get("method") not in {"POST", "PUT"}:
        raise Refusal(400, ["A transaction here takes POST and PUT."], issue_type="not-supported")
    if "?" in request.get("url", "") or "ifNoneExist" in request:
        raise Refusal(400, ["Conditional entries are not taken."], issue_type="not-supported")


def with_addresses(records: Records, entries: list[Json]) -> list[Json]:
    """The resources of the entries, new ones with an id, and every `urn:` that names one replaced by its address."""
    ids: list[str | None] = []
    addresses: dict[str, str] = {}
    for entry in entries:
        resource_type = entry["resource"].get("resourceType", "")
        if entry.get("request", {}).get("method", "POST") == "PUT":
            ids.append(None)
            continue
        new = records.store.reserve(resource_type)
        ids.append(new)
        if full_url := entry.get("fullUrl"):
            addresses[full_url] = records.base.url(SERVICE_OF.get(resource_type, ""), resource_type, new)
    return [
        _replaced(entry["resource"], addresses) | ({"id": new} if new else {})
        for entry, new in zip(entries, ids, strict=True)
    ]


def _carry_out(records: Records, caller: Caller, entry: Json, resource: Json) -> Json:
    caller.require_resource(resource)
    if entry["request"]["method"] == "POST":
        kept = care_plans.within_episode(records, resource)
        return records.create(kept, resource_id=resource["id"])
    resource_type, _, resource_id = local_part(entry["request"]["url"]).partition("/")
    before = records.get(resource_type, resource_id)
    caller.require_resource(before)
    care_plans.check_change(before, resource)
    kept = care_plans.within_episode(records, resource)
    return records.update(kept, before=before, if_match=entry["request"].get("ifMatch"))


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
                        f"Stored as {resource['resourceType']}/{resource['id']}.",
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
