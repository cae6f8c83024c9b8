"""Keeping resources by the rules: checked when they come, versioned, their history of status written by us."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from fut import terminology as t
from fut.profiles import TIMED_STATUSES, extensions, occurrence_problems, values_at
from fut.simulator.addresses import Base, local_part
from fut.simulator.outcomes import Refusal, broken_rule, not_found
from fut.simulator.searching import terms_of
from fut.simulator.store import Store
from fut.validation import problems

Json = dict[str, Any]

STATUS_HISTORY = {
    "CarePlan": t.EXT_CARE_PLAN_STATUS_HISTORY,
    "ServiceRequest": t.EXT_SERVICE_REQUEST_STATUS_HISTORY,
}


@dataclass(frozen=True, slots=True)
class Records:
    """The store as one request sees it, under the base it came in by."""

    store: Store
    base: Base

    def create(self, resource: Json, *, resource_id: str | None = None) -> Json:
        """Store a new resource under a fresh (or reserved) id; 422 when it breaks a rule."""
        self._check(resource)
        kept = {**resource, "id": resource_id or self.store.reserve(resource["resourceType"])}
        kept = _with_status_history(kept, before=None)
        return self.store.save(kept, terms_of(kept))

    def update(self, resource: Json, *, before: Json, if_match: str | None = None) -> Json:
        """Store the next version; 412 when `If-Match` names another version than the present one."""
        current = before["meta"]["versionId"]
        if if_match is not None and if_match.removeprefix("W/").strip('"') != current:
            raise Refusal(412, [f"The present version is {current}."], issue_type="conflict")
        if resource.get("resourceType") != before["resourceType"] or resource.get("id") != before["id"]:
            raise Refusal(
                400, ["Type and id of the body must be those of the address."], issue_type="invalid"
            )
        self._check(resource)
        kept = _with_status_history(resource, before=before)
        return self.store.save(kept, terms_of(kept))

    def get(self, resource_type: str, resource_id: str, version: str | None = None) -> Json:
        found = self.store.read(resource_type, resource_id, version)
        if found is None:
            raise not_found(resource_type, resource_id)
        return found

    def follow(self, reference: str, resource_type: str) -> Json:
        """The resource that another refers to; 422 when it is not here or of another type."""
        kind, _, resource_id = local_part(reference).partition("/")
        found = self.store.read(resource_type, resource_id) if kind == resource_type else None
        if found is None:
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
        return self.base.url(resource["resourceType"], resource["id"])

    def versioned_url(self, resource: Mapping[str, Any]) -> str:
        return f"{self.url(resource)}/_history/{resource['meta']['versionId']}"

    def _check(self, resource: Json) -> None:
        _check_occurrence(resource)
        if found := problems(resource):
            raise Refusal(422, found, code="GENERAL_VALIDATION_ERROR", issue_type="invalid")
        self._check_references(resource)

    def _check_references(self, resource: Json) -> None:
        """Plans and requests belong to an episode of the same citizen; what they name is here."""
        if resource["resourceType"] not in {"CarePlan", "ServiceRequest"}:
            return
        episode = self.episode_of(resource)
        subject = local_part(resource["subject"]["reference"])
        if episode is not None and local_part(episode["patient"]["reference"]) != subject:
            raise broken_rule(
                "CONTEXT_VALIDATION_EPISODEOFCARE_EXCEPTION", "The episode of care is of another patient."
            )
        for condition in values_at(resource, "addresses.reference"):
            self.follow(condition, "Condition")
        for request in values_at(resource, "activity.reference.reference"):
            self.follow(request, "ServiceRequest")


def _check_occurrence(resource: Json) -> None:
    if resource["resourceType"] != "ServiceRequest" or resource.get("status") not in TIMED_STATUSES:
        return
    name = resource.get("id", "(new)")
    if not any(key.startswith("occurrence") for key in resource):
        raise broken_rule(
            "GENERAL_VALIDATION_ERROR_NO_OCCURRENCE", f"Service request with id {name} has no occurrence."
        )
    if found := occurrence_problems(resource):
        raise broken_rule(
            "GENERAL_TIMING_VALIDATION_ERROR",
            f"Timing is invalid for ServiceRequest with id {name} and status {resource['status']}:"
            f" {', '.join(found)}.",
        )


def _with_status_history(resource: Json, *, before: Json | None) -> Json:
    """The platform writes the history itself, whatever the client sent: a new entry when the status changes."""
    resource_type, status = resource["resourceType"], resource.get("status")
    now = datetime.now(UTC).isoformat(timespec="seconds")
    if resource_type == "EpisodeOfCare":
        history = [dict(entry) for entry in (before or {}).get("statusHistory", ())]
        if before is None or before["status"] != status:
            if history:
                history[-1]["period"] = {**history[-1]["period"], "end": now}
            history.append({"status": status, "period": {"start": now}})
        return {**resource, "statusHistory": history}
    if resource_type in STATUS_HISTORY:
        return _with_history_extension(resource, STATUS_HISTORY[resource_type], before=before, now=now)
    return resource


def _with_history_extension(resource: Json, url: str, *, before: Json | None, now: str) -> Json:
    others = [extension for extension in resource.get("extension", ()) if extension["url"] != url]
    history = [dict(entry) for entry in extensions(before or {}, url)]
    if before is None or before["status"] != resource["status"]:
        if history:
            history[-1]["extension"] = [
                {**part, "valuePeriod": {**part["valuePeriod"], "end": now}}
                if part["url"] == "period"
                else part
                for part in history[-1]["extension"]
            ]
        status = {"coding": [{"system": t.CS_REQUEST_STATUS, "code": resource["status"]}]}
        history.append(
            {
                "url": url,
                "extension": [
                    {"url": "status", "valueCodeableConcept": status},
                    {"url": "period", "valuePeriod": {"start": now}},
                ],
            }
        )
    return {**resource, "extension": others + history}
