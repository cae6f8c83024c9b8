"""Questionnaires, activities and plans: who owns them, and what an active one may still become (contract §4).

Error codes and their words are the implementation guide's (`systematic-error-messages`).
"""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.outcomes import Refusal, broken_rule
from fut.simulator.records import Records

Json = dict[str, Any]

TYPES = frozenset({"Questionnaire", "ActivityDefinition", "PlanDefinition"})
ENVIRONMENT = "simulator"
"""What the platform would call the environment that a definition was made in."""

FOLLOWERS = {"draft": {"draft", "active", "retired"}, "active": {"active", "retired"}, "retired": {"retired"}}

FREE = frozenset({"meta", "useContext", "status", "text", "date", "approvalDate"})
"""What may differ in an active definition: its use context, and what nobody writes by hand."""

NOT_SHARED = frozenset(
    {(t.SNOMED, code) for code in ("229057006", "409073007", "446080005")}
    | {(t.SKS, code) for code in ("ALCA00", "ALCA03", "ZZ7011")}
    | {(t.CS_ACTIVITY_CODE, code) for code in ("TBD", "229057006", "229058001", "409073007", "HA", "SDG")}
)
"""Activities whose results go to no national register (ConceptMap `activitydefinition-code-to-perform-sharing`)."""


def new_definition(records: Records, resource: Json) -> Json:
    """The definition as it is stored: somebody owns it, and it can be told from its versions and its copies."""
    _check(records, resource)
    return _approved(records, with_identity(resource))


def changed_definition(records: Records, before: Json, after: Json) -> Json:
    """An active or retired definition changes its use context and its status, nothing else."""
    kept = _with_base(after, before)
    _check_status(before, kept)
    _check(records, kept)
    if before.get("status") != "draft":
        _check_fields(before, kept)
    return _approved(records, kept)


def with_identity(resource: Json) -> Json:
    """An identifier of its own where the client brings none, and the base that its later versions will share."""
    identifier = {"system": t.RFC_3986, "value": f"urn:uuid:{uuid4()}"}
    base = {
        "url": t.EXT_BASE,
        "valueIdentifier": {
            "system": t.RFC_3986,
            "value": f"urn:uuid:{uuid4()}",
            "assigner": {"identifier": {"system": t.CS_ENVIRONMENT, "value": ENVIRONMENT}},
        },
    }
    added = [] if extensions(resource, t.EXT_BASE) else [base]
    if not extensions(resource, t.EXT_BASE_ENVIRONMENT):
        environment = {"system": t.CS_ENVIRONMENT, "value": ENVIRONMENT}
        added.append({"url": t.EXT_BASE_ENVIRONMENT, "valueIdentifier": environment})
    return {
        **resource,
        "extension": [*resource.get("extension", ()), *added],
        "identifier": resource.get("identifier") or [identifier],
    }


def _with_base(after: Json, before: Json) -> Json:
    """What the platform put there stays, whether or not the client sends it back."""
    kept = [
        one
        for url in (t.EXT_BASE, t.EXT_BASE_ENVIRONMENT, t.EXT_PREDECESSOR)
        for one in extensions(before, url)
        if not extensions(after, url)
    ]
    return {**after, "extension": [*after.get("extension", ()), *kept]} if kept else after


def _approved(records: Records, resource: Json) -> Json:
    """The day on which it became active (the guide's “ApprovalDate”)."""
    if resource.get("status") != "active" or "approvalDate" in resource:
        return resource
    return {**resource, "approvalDate": records.now()[:10]}


def _check(records: Records, resource: Json) -> None:
    resource_type = resource["resourceType"]
    if "owner" not in roles_of(resource).values():
        raise broken_rule(
            f"{resource_type.upper()}_CREATE_MODIFIER_ROLE_OWNER_MANDATORY",
            "Modifier role owner is mandatory",
        )
    _check_use_context(resource)
    if resource_type == "ActivityDefinition":
        _check_sharing(resource)
    if resource_type == "PlanDefinition":
        _check_related(resource)
        if resource.get("status") == "active":
            _check_actions(records, resource)


def roles_of(resource: Json) -> dict[str, str]:
    """The role of each organisation (`Type/id`, or nothing where the role names none) in keeping a definition."""
    found = {}
    for extension in extensions(resource, t.EXT_MODIFIER_ROLE):
        parts = {part.get("url"): part for part in extension.get("extension", ())}
        reference = next(iter(values_at(parts.get("reference", {}), "valueReference.reference")), "")
        for code in values_at(parts.get("role", {}), "valueCodeableConcept.coding.code"):
            found[local_part(reference)] = str(code)
    return found


def _check_use_context(resource: Json) -> None:
    """A programme is one of the platform's. Of the other kinds the simulator has no value sets."""
    for context in resource.get("useContext", ()):
        if "program" not in values_at(context, "code.code"):
            continue
        for code in values_at(context, "valueCodeableConcept.coding.code"):
            if code not in t.PROGRAMS:
                raise broken_rule(
                    "USE_CONTEXT_VALIDATION_FAILED",
                    f"UseContext validation for {resource['resourceType']} failed: value code {code} not found in"
                    " http://ehealth.sundhed.dk/vs/ehealth-program ValueSet",
                )


def _check_sharing(activity: Json) -> None:
    """Who approves of sharing is said where there is something to share, and nowhere else."""
    policies = extensions(activity, t.EXT_SHARING_APPROVAL_POLICY)
    for coding in values_at(activity, "code.coding"):
        system, code = coding.get("system"), coding.get("code")
        if (system, code) in NOT_SHARED and policies:
            raise broken_rule(
                "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_ALLOWED",
                f"Resource ActivityDefinition does not allow SharingApprovalPolicy to be set with code:"
                f" {system} | {code}.",
            )
        if (system, code) not in NOT_SHARED and not policies:
            raise broken_rule(
                "ACTIVITYDEFINITION_SHARINGAPPROVALPOLICY_NOT_SET",
                f"Resource ActivityDefinition with code: {system} | {code} must have SharingApprovalPolicy set.",
            )


def actions_of(node: Json) -> Iterator[Json]:
    """Every action of a plan, also those within others, in their order."""
    for action in node.get("action", ()):
        yield action
        yield from actions_of(action)


def _check_related(plan: Json) -> None:
    names = {action.get("id") for action in actions_of(plan)}
    for action in actions_of(plan):
        if not names.issuperset(values_at(action, "relatedAction.actionId")):
            raise broken_rule(
                "PLANDEFINITION_MISSING_RELATED_ACTION", "An action points to a non-existing related action"
            )


def _check_actions(records: Records, plan: Json) -> None:
    canonicals = [one["definitionCanonical"] for one in actions_of(plan) if "definitionCanonical" in one]
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


def _check_status(before: Json, after: Json) -> None:
    resource_type = before["resourceType"]
    old, new = str(before.get("status")), str(after.get("status"))
    followers = FOLLOWERS.get(old, {new})
    if new in followers:
        return
    allowed = ", ".join(sorted(followers))
    if resource_type == "Questionnaire":
        raise broken_rule(
            "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_STATUS",
            f"Update is not allowed for questionnaires with {old} status to different than {allowed} status.",
        )
    raise broken_rule(
        f"{resource_type.upper()}_UPDATE_TO_NOT_ALLOWED_STATE",
        f"Update is not allowed for {resource_type} with {old} status to different than {allowed} status.",
    )


def _check_fields(before: Json, after: Json) -> None:
    resource_type, status = before["resourceType"], str(before.get("status"))
    names = before.keys() | after.keys()
    different = sorted(name for name in names - FREE if before.get(name) != after.get(name))
    if not different:
        return
    found = (
        "The following differences were found when updating existing resource with id"
        f" {before['id']}: {', '.join(different)}."
    )
    if status == "active":
        raise broken_rule(
            f"{resource_type.upper()}_UPDATE_ALLOWED_FOR_USECONTEXT_STATUS",
            f"Updating {resource_type} with/to status {status} is not allowed when modifying fields other than"
            f" useContext. {found}",
        )
    if resource_type == "Questionnaire":
        raise broken_rule(
            "QUESTIONNAIRE_NOT_ALLOWED_TO_UPDATE_IN_STATUS",
            "Update is not allowed for questionnaires with statuses: active, retired, except for changes to"
            f" useContext. {found}",
        )
    raise broken_rule(
        f"{resource_type.upper()}_UPDATE_ALLOWED_FOR_STATUS",
        f"Update is only allowed for {resource_type} with status: draft or active, otherwise, only useContext can be"
        f" modified. {found}",
    )


def check_removal(resource: Json) -> None:
    if resource.get("status") != "draft":
        raise broken_rule(
            "QUESTIONNAIRE_NOT_ALLOWED_TO_DELETE_WITH_STATUS",
            "Delete only possible for questionnaires with status: draft",
        )


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
