"""What a test asks afterwards: how much came, what came twice, in which order (issue: “exactly once, in order”)."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from fut.simulator.addresses import local_part
from fut.simulator.callers import patients_of
from fut.simulator.faults import Call
from fut.simulator.store import Store

Json = dict[str, Any]

OURS = "urn:ietf:rfc:3986|"


@dataclass(slots=True)
class Requests:
    """Calls since the start or the last clearing: by method, target and status; and the faults that struck."""

    _answered: Counter[tuple[str, str, int]] = field(default_factory=Counter)
    _struck: Counter[tuple[str, str, str]] = field(default_factory=Counter)

    def add(self, call: Call, status: int) -> None:
        self._answered[call.method, call.target, status] += 1

    def add_fault(self, call: Call, kind: str) -> None:
        self._struck[call.method, call.target, kind] += 1

    def clear(self) -> None:
        self._answered.clear()
        self._struck.clear()

    def shown(self) -> Json:
        return {
            "requests": [
                {"method": method, "target": target, "status": status, "count": number}
                for (method, target, status), number in sorted(self._answered.items())
            ],
            "faults": [
                {"method": method, "target": target, "kind": kind, "count": number}
                for (method, target, kind), number in sorted(self._struck.items())
            ],
        }


def creations(store: Store, resource_type: str) -> Json:
    """How many resources of a kind there are, under how many of the client's identifiers, and which came twice.

    Identifiers are those of `urn:ietf:rfc:3986`, one a resource.
    """
    rows = store.db.execute(
        "SELECT value, count(DISTINCT id) FROM term WHERE type = ? AND name = 'identifier' AND value LIKE ?"
        " GROUP BY value",
        (resource_type, f"{OURS}%"),
    ).fetchall()
    return {
        "type": resource_type,
        "total": store.counts().get(resource_type, 0),
        "identifiers": len(rows),
        "duplicates": {value.removeprefix(OURS): number for value, number in rows if number > 1},
    }


def order(store: Store, resource_type: str) -> dict[str, list[str]]:
    """The client's identifiers by citizen (`Patient/id`), in the order in which the platform stored them."""
    found: dict[str, list[str]] = {}
    for one in store.find(resource_type, {}):
        given = one.get("identifier", [])
        identifiers = given if isinstance(given, list) else [given]
        mine = [str(each.get("value")) for each in identifiers if each.get("system") == OURS.rstrip("|")]
        for patient in patients_of(one)[:1]:
            found.setdefault(local_part(patient), []).extend(mine or [f"{resource_type}/{one['id']}"])
    return found
