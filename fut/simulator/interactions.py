"""One FHIR interaction: read, search, create, update, patch, delete, transaction or an operation.

Each looks first whether the service has it, then whether the token has the right, then whether the context fits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from fut.simulator import operations, roles
from fut.simulator.background import Background
from fut.simulator.callers import Caller
from fut.simulator.capability import interactions_of
from fut.simulator.criteria import Query, criteria_of, matching
from fut.simulator.outcomes import Refusal, not_supported, success
from fut.simulator.patching import patched
from fut.simulator.records import Records, require_version
from fut.simulator.registers import organization_of
from fut.simulator.rules import as_changed, as_new, check_removal
from fut.simulator.searching import Cursors, search
from fut.simulator.switches import Switches
from fut.simulator.transacting import transact
from fut.simulator.web import FhirResponse, echo, form, found, read_json, read_resource

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Interaction:
    """A request on its way through: who asks, and all that is needed to answer."""

    records: Records
    caller: Caller
    cursors: Cursors
    background: Background
    switches: Switches
    request: Request
    body: bytes

    def answer(self, parts: list[str]) -> Response:
        method = self.request.method
        match method, parts:
            case "POST", []:
                return self._transact()
            case _, [name] if name.startswith("$"):
                return self._operate(None, None, name)
            case _, [resource_type, name] if name.startswith("$"):
                return self._operate(resource_type, None, name)
            case _, [resource_type, resource_id, name] if name.startswith("$"):
                return self._operate(resource_type, resource_id, name)
            case "GET", [resource_type]:
                return self._search(resource_type, self.request.query_params.multi_items(), shown=True)
            case "POST", [resource_type, "_search"]:
                query = form(self.body) + self.request.query_params.multi_items()
                return self._search(resource_type, query, shown=False)
            case "GET", [resource_type, resource_id]:
                return self._read(resource_type, resource_id, None)
            case "GET", [resource_type, resource_id, "_history", version]:
                return self._read(resource_type, resource_id, version)
            case "POST", [resource_type]:
                return self._create(resource_type)
            case "PUT", [resource_type, resource_id]:
                return self._change(resource_type, resource_id, "update", lambda _: read_resource(self.body))
            case "PATCH", [resource_type, resource_id]:
                changes = read_json(self.body)
                return self._change(
                    resource_type, resource_id, "patch", lambda before: patched(before, changes)
                )
            case "DELETE", [resource_type, resource_id]:
                return self._delete(resource_type, resource_id)
        raise not_supported(f"{method} on /{'/'.join(parts)}")

    def _require(self, resource_type: str, interaction: str) -> None:
        base = self.records.base
        if not base.holds(resource_type) or interaction not in interactions_of(resource_type, base.service):
            raise not_supported(f"{interaction} of {resource_type}")
        self.caller.require_one(roles.rights(resource_type, interaction), resource_type)

    @property
    def _representation(self) -> bool:
        return "return=representation" in self.request.headers.get("Prefer", "")

    def _transact(self) -> Response:
        self.records.base.require("careplan", "transactions")
        self.caller.require(roles.TRANSACTION, "Bundle")
        bundle = read_resource(self.body)
        return found(
            self.request, transact(self.records, self.caller, bundle, representation=self._representation)
        )

    def _operate(self, resource_type: str | None, resource_id: str | None, name: str) -> Response:
        method = self.request.method
        operation = operations.find(
            self.records, method, resource_type, name, by_id=resource_id is not None and name != "$validate"
        )
        if operation.right:
            self.caller.require(operation.right, name)
        needs_instance = operation.by_id and resource_type == "PlanDefinition" and name == "$apply"
        instance = (
            self.records.get(resource_type, resource_id)
            if resource_type and resource_id and operation.by_id and not needs_instance
            else None
        )
        if needs_instance:
            # A plan that is not here has a code of its own.
            instance = {"resourceType": resource_type, "id": resource_id}
        asked = operations.Asked(
            self.records,
            self.caller,
            self.background,
            self.switches,
            read_resource(self.body) if method == "POST" else {},
            dict(self.request.query_params),
            instance,
            self._representation,
        )
        return found(self.request, operation.carry_out(asked))

    def _search(self, resource_type: str, query: Query, *, shown: bool) -> Response:
        self._require(resource_type, "search-type")
        if resource_type == "Organization":
            self._take_over_municipality(query)
        bundle = search(self.records, self.caller, self.cursors, resource_type, query, shown=shown)
        return FhirResponse(bundle, headers=echo(self.request))

    def _take_over_municipality(self, query: Query) -> None:
        """The first time somebody asks for a municipality, it comes from the national register."""
        codes = dict(query).get("municipalityCode", "").split(",")
        for code in filter(None, codes):
            with self.records.store.transaction():
                if not self.records.store.find("Organization", {"municipalityCode": [code]}):
                    organization_of(self.records, code)

    def _read(self, resource_type: str, resource_id: str, version: str | None) -> Response:
        self._require(resource_type, "vread" if version else "read")
        resource = self.records.get(resource_type, resource_id, version)
        self.caller.require_resource(resource)
        return found(self.request, resource)

    def _create(self, resource_type: str) -> Response:
        self._require(resource_type, "create")
        resource = read_resource(self.body)
        if resource["resourceType"] != resource_type:
            raise Refusal(
                400, [f"A {resource['resourceType']} cannot be a {resource_type}."], issue_type="invalid"
            )
        self.caller.require_resource(resource)
        with self.records.store.transaction():
            there = self._there_already(resource_type)
            stored = there or self.records.create(as_new(self.records, self.caller, resource))
        if resource_type == "Communication":
            self.background.send(self.records.base, stored)
        answer = found(self.request, stored, status=200 if there else 201)
        answer.headers["Location"] = self.records.versioned_url(stored)
        return answer

    def _there_already(self, resource_type: str) -> Json | None:
        """`If-None-Exist`: the one that matches; 412 when several do (FHIR R4, “Conditional create”)."""
        condition = self.request.headers.get("If-None-Exist")
        if condition is None:
            return None
        query = form(condition.partition("?")[2].encode() or condition.encode())
        criteria = criteria_of(self.records.store, resource_type, self.records.base, query)
        if not criteria:
            raise Refusal(412, ["If-None-Exist names no criteria."], issue_type="invalid")
        there = self.records.store.load(matching(self.records.store, resource_type, criteria))
        if len(there) > 1:
            raise Refusal(
                412, ["More than one resource matches If-None-Exist."], issue_type="multiple-matches"
            )
        for one in there:
            self.caller.require_resource(one)
            return one
        return None

    def _change(
        self, resource_type: str, resource_id: str, interaction: str, changed: Callable[[Json], Json]
    ) -> Response:
        self._require(resource_type, interaction)
        with self.records.store.transaction():
            before = self.records.get(resource_type, resource_id)
            self.caller.require_resource(before)
            require_version(before, self.request.headers.get("If-Match"))
            after = as_changed(self.records, self.caller, before, changed(before))
            self.caller.require_resource(after)
            stored = self.records.update(after, before=before)
        if resource_type == "Communication":
            self.background.send(self.records.base, stored)
        return found(self.request, stored)

    def _delete(self, resource_type: str, resource_id: str) -> Response:
        self._require(resource_type, "delete")
        with self.records.store.transaction():
            before = self.records.get(resource_type, resource_id)
            self.caller.require_resource(before)
            require_version(before, self.request.headers.get("If-Match"))
            check_removal(before)
            self.records.store.remove(before)
        text = "Successfully deleted 1 resource(s)."
        return FhirResponse(success("SUCCESSFUL_DELETE", text), headers=echo(self.request))
