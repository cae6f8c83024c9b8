"""Carrying out a FHIR transaction at the care plan service: all entries or none (the guide's page on transactions)."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from fut.simulator import roles
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.outcomes import Refusal
from fut.simulator.patching import patched
from fut.simulator.records import Records
from fut.simulator.rules import as_changed, as_new
from fut.simulator.transactions import answer, entries_of, with_addresses

Json = dict[str, Any]

TAKEN: Mapping[str, frozenset[str]] = {
    "Condition": frozenset({"POST", "PATCH", "GET"}),
    "Consent": frozenset({"POST", "PUT", "GET"}),
    "EpisodeOfCare": frozenset({"PATCH", "GET"}),
    "ServiceRequest": frozenset({"POST", "PUT", "GET"}),
    "CommunicationRequest": frozenset({"POST", "PUT", "GET"}),
    "CarePlan": frozenset({"POST", "PUT", "GET"}),
    "Provenance": frozenset({"GET"}),
}
"""What the service takes of each type, in the order in which it is carried out: a plan names its requests."""

INTERACTION = {"POST": "create", "PUT": "update", "PATCH": "patch", "GET": "read"}
JSON_PATCH = "application/json-patch+json"


def transact(records: Records, caller: Caller, bundle: Json, *, representation: bool) -> Json:
    """The transaction's response, entry by entry in the order of the request. Searches within it are not built."""
    entries = entries_of(bundle)
    kinds = [_kind(entry) for entry in entries]
    for entry, resource_type in zip(entries, kinds, strict=True):
        _require_plain(entry, resource_type)
        interaction = INTERACTION[entry["request"]["method"]]
        caller.require_one(roles.rights(resource_type, interaction), resource_type)
    with records.store.transaction():
        created = with_addresses(records, entries)
        names = list(TAKEN)
        # What is read is read last (FHIR R4, “transaction”, processing rules).
        order = sorted(
            range(len(entries)),
            key=lambda at: (entries[at]["request"]["method"] == "GET", names.index(kinds[at])),
        )
        stored = {at: _carry_out(records, caller, kinds[at], entries[at], created[at]) for at in order}
    made = answer(
        records,
        [(stored[at], entry["request"]["method"] == "POST") for at, entry in enumerate(entries)],
        representation=representation,
    )
    for entry, answered, at in zip(entries, made["entry"], range(len(entries)), strict=True):
        if entry["request"]["method"] == "GET":
            answered["resource"] = stored[at]
            del answered["response"]["outcome"]
    # Of operations that answer so the recordings show neither.
    return {**made, "id": str(uuid4()), "link": [{"relation": "self", "url": records.base.own()}]}


def _kind(entry: Json) -> str:
    """The type that an entry is about: a patch travels as a Binary, so there and for reads the address says it."""
    resource_type = entry.get("resource", {}).get("resourceType", "Binary")
    if resource_type != "Binary":
        return str(resource_type)
    return local_part(str(entry.get("request", {}).get("url", ""))).partition("/")[0]


def _require_plain(entry: Json, resource_type: str) -> None:
    """Only what the service takes, nothing conditional (contract §5 D)."""
    request = entry.get("request", {})
    if resource_type not in TAKEN:
        raise Refusal(400, [f"A transaction here does not take {resource_type}."], issue_type="not-supported")
    if request.get("method") not in TAKEN[resource_type]:
        taken = ", ".join(sorted(TAKEN[resource_type]))
        raise Refusal(
            400, [f"A transaction here takes {taken} of {resource_type}."], issue_type="not-supported"
        )
    if "?" in request.get("url", "") or "ifNoneExist" in request:
        raise Refusal(400, ["Conditional entries are not taken."], issue_type="not-supported")


def _carry_out(records: Records, caller: Caller, resource_type: str, entry: Json, resource: Json) -> Json:
    request = entry["request"]
    if request["method"] == "POST":
        caller.require_resource(resource)
        return records.create(as_new(records, caller, resource), resource_id=resource["id"])
    _, _, resource_id = local_part(request["url"]).partition("/")
    before = records.get(resource_type, resource_id)
    caller.require_resource(before)
    if request["method"] == "GET":
        return before
    after = patched(before, _changes(resource)) if request["method"] == "PATCH" else resource
    caller.require_resource(after)
    kept = as_changed(records, caller, before, after)
    return records.update(kept, before=before, if_match=request.get("ifMatch"))


def _changes(binary: Json) -> Any:
    """The JSON Patch inside a Binary (FHIR R4, “Patching multiple resources”)."""
    try:
        if binary.get("contentType") != JSON_PATCH:
            raise ValueError
        return json.loads(base64.b64decode(binary["data"], validate=True))
    except (KeyError, ValueError, binascii.Error) as error:
        raise Refusal(
            400, [f"A patch in a transaction is a Binary of {JSON_PATCH}."], issue_type="structure"
        ) from error
