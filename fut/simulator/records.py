"""Keeping resources by the rules: checked when they come, versioned, their histories written by us."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from secrets import token_hex
from typing import Any

from fut import terminology as t
from fut.occurrences import is_timed, occurrence_problems
from fut.profiles import extensions, profile_problems, values_at
from fut.simulator.addresses import Base, home_of, local_part
from fut.simulator.clock import second
from fut.simulator.histories import with_histories
from fut.simulator.outcomes import Refusal, broken_rule, gone, invalid, not_found
from fut.simulator.search_parameters import terms_of
from fut.simulator.statuses import check_follows
from fut.simulator.store import Store
from fut.validation import fhir_problems

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Records:
    """The store as one request sees it, under the base it came in by."""

    store: Store
    base: Base
    request_id: str = field(default_factory=lambda: token_hex(8))

    def create(self, resource: Json, *, resource_id: str | None = None) -> Json:
        """Store a new resource under a fresh (or reserved) id; 422 when it breaks its profile."""
        check(resource)
        return self.keep(resource, resource_id=resource_id)

    def keep(self, resource: Json, *, resource_id: str | None = None) -> Json:
        """The same for what is right already, such as what the platform itself makes."""
        kept = {**resource, "id": resource_id or self.store.reserve(resource["resourceType"])}
        return self._save(with_histories(kept, before=None, now=self.now()))

    def update(self, resource: Json, *, before: Json, if_match: str | None = None) -> Json:
        """Store the next version; 412 when `If-Match` names another version than the present one."""
        require_version(before, if_match)
        if resource.get("resourceType") != before["resourceType"] or resource.get("id") != before["id"]:
            raise Refusal(
                400, ["Type and id of the body must be those of the address."], issue_type="invalid"
            )
        check_follows(before, resource)
        check(resource)
        return self._save(with_histories(resource, before=before, now=self.now(), by_client=True))

    def change(self, resource: Json, *, before: Json) -> Json:
        """The next version of what is right already."""
        return self._save(with_histories(resource, before=before, now=self.now()))

    def _save(self, resource: Json) -> Json:
        return self.store.save(resource, terms_of, request_id=self.request_id)

    def now(self) -> str:
        return second(self.store.clock.now())

    def get(self, resource_type: str, resource_id: str, version: str | None = None) -> Json:
        """404 when there is none, 410 when it was deleted."""
        found = self.store.read(resource_type, resource_id, version)
        if found is None:
            raise not_found(resource_type, resource_id)
        if not found:
            raise gone(resource_type, resource_id)
        return found

    def follow(self, reference: str, resource_type: str) -> Json:
        """The resource that another refers to; 422 when it is not here or of another type."""
        kind, _, resource_id = local_part(reference).partition("/")
        found = self.store.read(resource_type, resource_id) if kind == resource_type else None
        if not found:
            raise broken_rule(
                "GENERAL_RESOURCE_NOT_FOUND", f"Resource {resource_type} with id {reference} is not found."
            )
        return found

    def episode_of(self, resource: Json) -> Json | None:
        """The episode that the resource's extension names, or None without one."""
        for extension in extensions(resource, t.EXT_EPISODE_OF_CARE):
            for reference in values_at(extension, "valueReference.reference"):
                return self.follow(reference, "EpisodeOfCare")
        return None

    def url(self, resource: Mapping[str, Any]) -> str:
        return self.base.url(home_of(resource), resource["resourceType"], resource["id"])

    def versioned_url(self, resource: Mapping[str, Any]) -> str:
        return f"{self.url(resource)}/_history/{resource['meta']['versionId']}"


def check(resource: Json) -> None:
    """422 with every breach of the profile and of FHIR itself."""
    _check_occurrence(resource)
    if found := [*profile_problems(resource), *fhir_problems(resource)]:
        raise invalid(*found)


def require_version(before: Json, if_match: str | None) -> None:
    """`If-Match` names the present version, weak or strong; 412 for another one (FHIR R4, “Managing contention”)."""
    current = before["meta"]["versionId"]
    if if_match is not None and if_match.removeprefix("W/").strip('"') != current:
        raise Refusal(412, [f"The present version is {current}."], issue_type="conflict")


def _check_occurrence(resource: Json) -> None:
    if resource["resourceType"] != "ServiceRequest" or not is_timed(resource):
        return
    name = resource.get("id", "(new)")
    if not any(key.startswith("occurrence") for key in resource):
        raise broken_rule(
            "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE", f"Service request with id {name} has no occurrence."
        )
    if "occurrenceTiming" in resource and not values_at(
        resource, "occurrenceTiming.repeat.boundsPeriod.start"
    ):
        raise broken_rule(
            "GENERAL_TIMING_OCCURENCE_WITHOUT_START_VALIDATION_ERROR",
            f"ServiceRequest with id {name} not valid with status: {resource['status']} since occurrence timing has"
            " no start date.",
        )
    if found := occurrence_problems(resource):
        raise broken_rule(
            "GENERAL_TIMING_VALIDATION_ERROR",
            f"Timing is invalid for ServiceRequest with id {name} and status {resource['status']}:"
            f" {', '.join(found)}.",
        )
