"""Questionnaires, activities and plans: what an active one may still become (contract §4, last paragraph)."""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.outcomes import Refusal, broken_rule, invalid
from fut.simulator.parameters import parameter
from fut.simulator.records import Records

Json = dict[str, Any]

TYPES = frozenset({"Questionnaire", "ActivityDefinition", "PlanDefinition"})
CLONE_KINDS = frozenset({"minor-version", "major-version", "copy"})

FOLLOWERS = {"draft": {"draft", "active", "retired"}, "active": {"active", "retired"}, "retired": {"retired"}}


def check_new(records: Records, resource: Json) -> None:
    """Somebody owns it, and a plan that is active leads to activities that are."""
    resource_type = resource["resourceType"]
    roles = [
        part.get("valueCode") or next(iter(values_at(part, "valueCodeableConcept.coding.code")), None)
        for extension in extensions(resource, t.EXT_MODIFIER_ROLE)
        for part in extension.get("extension", ())
    ]
    if "owner" not in roles and resource_type in {"Questionnaire", "PlanDefinition"}:
        raise broken_rule(
            f"{resource_type.upper()}_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
            "Modifier role owner is mandatory",
        )
    if resource_type == "PlanDefinition" and resource.get("status") == "active":
        _check_actions(records, resource)


def _check_actions(records: Records, plan: Json) -> None:
    canonicals = values_at(plan, "action.definitionCanonical")
    if not canonicals:
        raise broken_rule(
            "PLANDEFINITION_VALIDATE_MANDATORY_ACTIVITYDEFINITION_OR_SUBPLAN_REFERENCE",
            "At least one activity definition or subplan should be referenced.",
        )
    for canonical in canonicals:
        definition = find(records, "ActivityDefinition", canonical) or find(
            records, "PlanDefinition", canonical
        )
        if definition is None or definition.get("status") != "active":
            raise broken_rule(
                "PLANDEFINITION_VALIDATE_ALL_REFERENCED_ACTIVITYDEFINITIONS_OR_SUBPLANS_SHOULD_BE_ACTIVE",
                'All referenced activity definitions or subplans should be with state: "active"',
            )


def check_change(records: Records, before: Json, after: Json) -> None:
    """An active or retired definition changes its use context and its status, nothing else."""
    old, new = str(before.get("status")), str(after.get("status"))
    resource_type = before["resourceType"]
    if new not in FOLLOWERS.get(old, {new}):
        raise invalid(f"status: a {resource_type} that is {old} cannot become {new}")
    check_new(records, after)
    if old == "draft":
        return
    ignored = {"meta", "useContext", "status", "text", "date"}
    different = sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name))
    found = [name for name in different if name not in ignored]
    if found:
        raise broken_rule(
            f"{resource_type.upper()}_UPDATE_ALLOWED_FOR_USECONTEXT_STATUS",
            f"Updating {resource_type} with/to status {old} is not allowed when modifying fields other than"
            f" useContext. The following differences were found when updating existing resource with id"
            f" {before['id']}: {', '.join(found)}.",
        )


def check_removal(resource: Json) -> None:
    if resource.get("status") != "draft":
        raise broken_rule(
            "QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS",
            "Delete only possible for questionnaires with status: draft",
        )


def create_clone(records: Records, original: Json, parameters: Json) -> Json:
    """`$create-clone`: a draft of the next version, or a copy that begins anew. A collection with the clone."""
    coding = parameter(parameters, "clone-operation").get("valueCoding", {})
    kind = coding.get("code")
    if kind not in CLONE_KINDS:
        raise invalid(f"clone-operation: {kind} is unknown; expected {', '.join(sorted(CLONE_KINDS))}")
    clone = {name: element for name, element in original.items() if name not in {"id", "meta", "identifier"}}
    clone |= {
        "meta": {"profile": original["meta"].get("profile", [])},
        "status": "draft",
        "version": "1.0" if kind == "copy" else _next(str(original.get("version", "1.0")), kind),
    }
    with records.store.transaction():
        stored = records.create(clone)
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": records.url(stored), "resource": stored}],
    }


def _next(version: str, kind: str) -> str:
    major, _, minor = version.partition(".")
    if not major.isdecimal():
        return f"{version}-1"
    if kind == "major-version":
        return f"{int(major) + 1}.0"
    first = minor.partition(".")[0]
    return f"{major}.{int(first) + 1 if first.isdecimal() else 1}"


def find(records: Records, resource_type: str, canonical: str) -> Json | None:
    """A definition by its address here, also of one version of it, or by its canonical `url|version`."""
    kind, _, resource_id = local_part(canonical).partition("/")
    if kind == resource_type:
        _, _, version = canonical.partition("/_history/")
        if found := records.store.read(resource_type, resource_id, version or None):
            return found
    url, _, version = canonical.partition("|")
    found_by_url = records.store.find(
        resource_type, {"url": [url], **({"version": [version]} if version else {})}
    )
    return found_by_url[-1] if found_by_url else None


def require(records: Records, resource_type: str, resource_id: str) -> Json:
    """404 with the plan's own code when it is not here, 422 when it is not active."""
    plan = records.store.read(resource_type, resource_id)
    if not plan:
        raise Refusal(
            404,
            [f"There is no PlanDefinition with id {resource_id}"],
            code="CAREPLAN_APPLY_NO_PLANDEFINITION",
            issue_type="not-found",
        )
    if plan.get("status") != "active":
        raise broken_rule(
            "CAREPLAN_APPLY_NOT_ACTIVE_PLANDEFINITION",
            'The apply operation can only be performed on Plandefinitions with status "active"',
        )
    return plan
