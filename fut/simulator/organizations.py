"""Organisations: those that a client may bring, beside the ones from the national registers."""

from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.outcomes import broken_rule
from fut.simulator.records import Records

Json = dict[str, Any]

FROM_REGISTERS = frozenset({t.SOR, t.STS_ORGANIZATION})


def check_new(records: Records, organization: Json) -> None:
    """One of its own source, with a CVR number and none of the registers' identifiers (guide, “Identifiers”)."""
    _require_manual(organization)
    _check_identifiers(records, organization)


def check_change(records: Records, before: Json, after: Json) -> None:
    """The same; and what the registers keep changes there, but for how to reach it."""
    changed = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}
    if changed - {"meta", "contact", "telecom"}:
        _require_manual(before)
    if "identifier" in changed:
        _check_identifiers(records, after)


def _require_manual(organization: Json) -> None:
    sources = [
        code
        for extension in extensions(organization, t.EXT_SOURCE)
        for code in values_at(extension, "valueCodeableConcept.coding.code")
    ]
    if sources != ["manual"]:
        raise broken_rule(
            "ORGANIZATION_SOURCE_MUST_BE_MANUAL",
            'The operation can only be performed for Organization with source "manual"',
        )


def _check_identifiers(records: Records, organization: Json) -> None:
    given = values_at(organization, "identifier")
    systems = {one.get("system") for one in given}
    if FROM_REGISTERS & systems:
        raise broken_rule(
            "ORGANIZATION_IDENTIFIER_SYSTEM_NOT_ALLOWED_FOR_SOURCE_MANUAL",
            'Identifier system is not allowed for Organization with source "manual"',
        )
    if t.CVR not in systems:
        raise broken_rule(
            "ORGANIZATION_IDENTIFIER_MUST_CONTAIN_AT_LEAST_CVR_FOR_SOURCE_MANUAL",
            'Identifier system CVR required for Organization with source "manual"',
        )
    # Several organisations may share a CVR number: the recorded ones do.
    for one in given:
        if one.get("system") == t.CVR:
            continue
        identifier = f"{one.get('system', '')}|{one.get('value', '')}"
        others = records.store.find("Organization", {"identifier": [identifier]})
        if any(other["id"] != organization.get("id") for other in others):
            raise broken_rule(
                "ORGANIZATION_IDENTIFIER_NOT_UNIQUE", f"Organization Identifier not unique: {identifier}"
            )
