"""Faults on request: which calls go wrong, how, and how often. Deterministic by their seed; kept in memory only."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from typing import Any

Json = dict[str, Any]


class Kind(StrEnum):
    """What goes wrong."""

    LATENCY = "latency"
    """The answer takes `seconds` longer."""
    STATUS = "status"
    """`status` (such as 429, 500, 503) instead of doing it; `retryAfter` seconds as a header."""
    DROP = "drop"
    """The connection is closed without an answer."""
    EXPIRED = "expired"
    """The token has ended early: 401 for it from now on."""
    MALFORMED = "malformed"
    """200 and a body that is no FHIR."""


class When(StrEnum):
    """Has the platform done it when the fault comes?"""

    BEFORE = "before"
    AFTER = "after"


class FaultUnclear(ValueError):
    """The order cannot be read; the sentence says why."""


@dataclass(slots=True, kw_only=True)
class Fault:
    """One order. It applies to calls that match, at most `times` of them, and of those to the `share` (0–1).

    `target` is a resource type (`CarePlan`), an operation (`$submit-measurement`), `transaction`, `token`, or an
    address that begins so (`/nemsms/service`); `method` an HTTP method; `service` one of the platform's.
    """

    id: int
    kind: Kind
    when: When = When.BEFORE
    method: str | None = None
    target: str | None = None
    service: str | None = None
    times: int | None = None
    share: float = 1.0
    seed: int = 0
    seconds: float = 0.0
    status: int = 500
    retry_after: int | None = None
    matched: int = 0
    applied: int = 0

    def strikes(self, call: "Call") -> bool:
        """Does this call go wrong? Counts it; the same calls in the same number give the same answers."""
        if self.times is not None and self.applied >= self.times:
            return False
        if not call.matches(self.method, self.target, self.service):
            return False
        self.matched += 1
        # Of the nth matching call by the seed alone, so that what else goes on changes nothing.
        if self.share < 1.0 and random.Random(f"{self.seed}:{self.matched}").random() >= self.share:  # noqa: S311 - no secret
            return False
        self.applied += 1
        return True

    def shown(self) -> Json:
        return {
            "id": self.id,
            "kind": self.kind.value,
            "when": self.when.value,
            "method": self.method,
            "target": self.target,
            "service": self.service,
            "times": self.times,
            "share": self.share,
            "seed": self.seed,
            "seconds": self.seconds,
            "status": self.status,
            "retryAfter": self.retry_after,
            "matched": self.matched,
            "applied": self.applied,
        }


@dataclass(frozen=True, slots=True)
class Call:
    """A request as faults and counters see it."""

    method: str
    path: str

    @property
    def service(self) -> str | None:
        first, _, rest = self.path.lstrip("/").partition("/")
        return first if rest == "fhir" or rest.startswith("fhir/") else None

    @property
    def target(self) -> str:
        """`token`, `transaction`, an operation with its `$`, a resource type; else the address itself."""
        if self.path.endswith("/token") and not self.path.startswith("/nemsms"):
            return "token"
        _, found, rest = f"{self.path}/".partition("/fhir/")
        if not found:
            return self.path
        parts = [part for part in rest.split("/") if part]
        operation = next((part for part in parts if part.startswith("$")), None)
        return operation or (parts[0] if parts else "transaction")

    def matches(self, method: str | None, target: str | None, service: str | None) -> bool:
        if method is not None and method != self.method:
            return False
        if service is not None and service != self.service:
            return False
        if target is None:
            return not self.path.startswith("/control")
        return self.path.startswith(target) if target.startswith("/") else self.target == target


@dataclass(slots=True)
class Faults:
    """The orders that stand, oldest first."""

    _standing: dict[int, Fault] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def order(self, wanted: Mapping[str, Any]) -> Fault:
        """Take an order as JSON. Raises FaultUnclear."""
        names = {"retryAfter": "retry_after"}
        known = {"kind", "when", "method", "target", "service", "times", "share", "seed", "seconds", "status"}
        given = {names.get(name, name): value for name, value in wanted.items() if value is not None}
        if unknown := given.keys() - known - {"retry_after"}:
            raise FaultUnclear(
                f"Unknown: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(known))}, retryAfter."
            )
        try:
            given["kind"] = Kind(given.get("kind", ""))
            given["when"] = When(given.get("when", When.BEFORE))
            given["share"] = float(given.get("share", 1.0))
            given["seconds"] = float(given.get("seconds", 0.0))
            for name in ("times", "status", "retry_after", "seed"):
                if name in given:
                    given[name] = int(given[name])
        except (TypeError, ValueError) as error:
            raise FaultUnclear(f"{error}. Kinds: {', '.join(Kind)}; when: {', '.join(When)}.") from error
        if not 0 <= given["share"] <= 1 or not 100 <= given.get("status", 500) <= 599:
            raise FaultUnclear("share is from 0 to 1, status an HTTP status.")
        if "method" in given:
            given["method"] = str(given["method"]).upper()
        fault = Fault(id=next(self._numbers), **given)
        self._standing[fault.id] = fault
        return fault

    def striking(self, call: Call) -> list[Fault]:
        """Those that strike this call."""
        if not self._standing or call.path.startswith(("/control", "/nemsms/control")):
            return []
        return [fault for fault in self._standing.values() if fault.strikes(call)]

    def all(self) -> list[Fault]:
        return list(self._standing.values())

    def clear(self, number: int | None = None) -> bool:
        """Withdraw one, or all; False when there is no such order."""
        if number is None:
            self._standing.clear()
            return True
        return self._standing.pop(number, None) is not None
