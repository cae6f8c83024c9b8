"""`$create-clone`: the next version of a definition, or a copy that begins anew (guide, “Governance principles”)."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.callers import Caller
from fut.simulator.definitions import TYPES, actions_of, find, roles_of, with_identity
from fut.simulator.outcomes import Refusal, broken_rule, invalid
from fut.simulator.parameters import parameter, value, values
from fut.simulator.records import Records

Json = dict[str, Any]

KINDS = frozenset({"minor-version", "major-version", "copy"})
KEEPERS = frozenset({"owner", "co-author"})


def create_clone(records: Records, caller: Caller, original: Json, parameters: Json) -> Json:
    """A collection of the drafts that were made: of what it names first, then of the definition itself.

    What goes along: those of `deep-clone-references`, or with `default-clone-behavior` the whole tree of a copy. Of
    documents the simulator keeps none.
    """
    kind = str(parameter(parameters, "clone-operation").get("valueCoding", {}).get("code"))
    if kind not in KINDS:
        raise invalid(f"clone-operation: {kind} is unknown; expected {', '.join(sorted(KINDS))}")
    _check_eligible(records, caller, original, kind)
    tree = {_name(one): one for one in _beneath(records, original)}
    chosen = _chosen(tree, parameters, kind)
    with records.store.transaction():
        made: dict[str, Json] = {}
        for name in chosen:
            made[name] = records.create(_draft(records, tree[name], made, kind))
        made[_name(original)] = records.create(_draft(records, original, made, kind))
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"fullUrl": records.url(one), "resource": one} for one in made.values()],
    }


def _check_eligible(records: Records, caller: Caller, original: Json, kind: str) -> None:
    bases = [one["valueIdentifier"] for one in extensions(original, t.EXT_BASE)]
    if not bases or not original.get("identifier") or not original.get("version"):
        raise broken_rule(
            "VERSIONING_RESOURCE_NOT_ELIGIBLE_FOR_CLONE",
            "Versioning validation error: A resource must have base-identifier, environment-identifier,"
            " versioning-identifier and version to be cloned.",
        )
    if kind == "copy":
        return
    organization = caller.context.get("organization_id")
    if organization and roles_of(original).get(organization) not in KEEPERS:
        # Which code the platform has for it is not documented; it is the general one for who may touch a resource.
        raise Refusal(
            403,
            [f"Resource not allowed for user: {caller.user_id}"],
            code="SECURITY_USER_NOT_ALLOWED",
            issue_type="forbidden",
        )
    same_base = {"base": [f"{t.RFC_3986}|{bases[0].get('value')}"], "status": ["draft"]}
    if records.store.find(original["resourceType"], same_base):
        raise broken_rule(
            "VERSIONING_MULTIPLE_DRAFTS_IN_BASE_NOT_ALLOWED",
            "Versioning validation error: Only one draft resource at a time is allowed per base.",
        )


def _beneath(records: Records, node: Json) -> Iterator[Json]:
    """What a definition names, and what that names: the deepest first."""
    canonicals = [one["definitionCanonical"] for one in actions_of(node) if "definitionCanonical" in one]
    canonicals += values_at(node, "relatedArtifact.resource")
    for canonical in canonicals:
        for kind in sorted(TYPES):
            if there := find(records, kind, canonical):
                yield from _beneath(records, there)
                yield there
                break


def _chosen(tree: dict[str, Json], parameters: Json, kind: str) -> list[str]:
    if value(parameters, "default-clone-behavior") is True:
        return [name for name in tree if kind == "copy" and not name.startswith("Questionnaire/")]
    wanted = [local_part(one) for one in values(parameters, "deep-clone-references")]
    stray = [one for one in wanted if one not in tree and not one.startswith("DocumentReference/")]
    if stray:
        raise broken_rule(
            "VERSIONING_REFERENCE_NOT_RELEVANT_FOR_RESOURCE",
            "Versioning validation error: References included in deep_clone_references must be present in resource to"
            f" clone: {', '.join(stray)}.",
        )
    return [name for name in tree if name in wanted]


def _draft(records: Records, original: Json, made: dict[str, Json], kind: str) -> Json:
    """The next version, or a copy: with an identifier of its own, and what it names replaced by its clones."""
    dropped = {"id", "meta", "identifier", "approvalDate"} | ({"url"} if kind == "copy" else set())
    clone = {name: one for name, one in original.items() if name not in dropped}
    ours = {t.EXT_PREDECESSOR, t.EXT_BASE_ENVIRONMENT} | ({t.EXT_BASE} if kind == "copy" else set())
    predecessor = {
        "url": t.EXT_PREDECESSOR,
        "valueIdentifier": dict(values_at(original, "identifier")[0] if original.get("identifier") else {}),
    }
    clone |= {
        "meta": {"profile": original["meta"].get("profile", [])},
        "extension": [one for one in original.get("extension", ()) if one["url"] not in ours] + [predecessor],
        "identifier": [{"system": t.RFC_3986, "value": f"urn:uuid:{uuid4()}"}],
        "status": "draft",
        "version": "1.0" if kind == "copy" else next_version(str(original.get("version", "1.0")), kind),
    }
    addresses = {name: records.url(one) for name, one in made.items()}
    renamed: Json = _renamed(clone, addresses)
    return with_identity(renamed)


def _renamed(node: Any, addresses: dict[str, str]) -> Any:
    """Canonicals of what was cloned lead to the clones."""
    if isinstance(node, dict):
        return {
            name: addresses.get(local_part(child), child)
            if name in {"definitionCanonical", "resource"} and isinstance(child, str)
            else _renamed(child, addresses)
            for name, child in node.items()
        }
    return [_renamed(child, addresses) for child in node] if isinstance(node, list) else node


def next_version(version: str, kind: str) -> str:
    major, _, minor = version.partition(".")
    if not major.isdecimal():
        return f"{version}-1"
    if kind == "major-version":
        return f"{int(major) + 1}.0"
    first = minor.partition(".")[0]
    return f"{major}.{int(first) + 1 if first.isdecimal() else 1}"


def _name(resource: Json) -> str:
    return f"{resource['resourceType']}/{resource['id']}"
