"""Coexistence tags: which telemedicine solution a course belongs to, and which conditions it may treat.

Contract §3; the codes of each tag are those of the guide's value sets `ehealth-treatment-area-*`.
"""

from collections.abc import Sequence
from typing import Any

from fut import terminology as t
from fut import value_sets
from fut.profiles import values_at
from fut.simulator.outcomes import broken_rule

Json = dict[str, Any]


def require_treatable(tags: Sequence[str], conditions: Sequence[Json]) -> None:
    """422 without a tag in the token, or for a diagnosis outside what its tags allow.

    `xa` allows the platform's conditions, which are not all of SKS; `xb` some that are none of those any more.
    """
    if not tags:
        raise broken_rule(
            "EPISODEOFCARE_CREATE_MISSING_COEXISTENCE_TAGS",
            "Missing coexistence-tags in JWToken when creating EpisodeOfCare",
        )
    codings = [coding for condition in conditions for coding in values_at(condition, "code.coding")]
    if all(any(_treats(tag, coding) for tag in tags) for coding in codings):
        return
    raise broken_rule(
        "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS",
        f"Invalid Conditions provided when creating EpisodeOfCare using coexistence-tags: {', '.join(tags)}",
    )


def _treats(tag: str, coding: Json) -> bool:
    by_area = coding.get("code") in value_sets.FSIII_BY_AREA
    return value_sets.conditions(coding) and (tag == "xb" or (tag == "xa" and not by_area))


def tagged(resource: Json, tags: Sequence[str]) -> Json:
    """A copy that carries every tag; 422 for one of its own that is not among them."""
    meta = resource.get("meta", {})
    own = [tag for tag in meta.get("tag", ()) if tag.get("system") == t.CS_SYSTEM]
    if any(tag.get("code") not in tags for tag in own):
        raise broken_rule(
            "SYSTEM_TAG_UNEXPECTED_TAG",
            "Resource contains system tag(s), which do not match related resource.",
        )
    missing = [tag for tag in tags if tag not in {one.get("code") for one in own}]
    if not missing:
        return resource
    added = [{"system": t.CS_SYSTEM, "code": tag, "display": tag} for tag in missing]
    return {**resource, "meta": {**meta, "tag": [*meta.get("tag", ()), *added]}}


def tags_of(resource: Json) -> list[str]:
    return [tag["code"] for tag in values_at(resource, "meta.tag") if tag.get("system") == t.CS_SYSTEM]
