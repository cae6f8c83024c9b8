"""Coexistence tags: which telemedicine solution a course belongs to, and which conditions it may treat.

Contract §3; the codes of each tag are those of the guide's value sets `ehealth-treatment-area-*`.
"""

from collections.abc import Sequence
from typing import Any

from fut import terminology as t
from fut.profiles import values_at
from fut.simulator.outcomes import broken_rule

Json = dict[str, Any]

TREATED_BY_XB = {
    t.SKS: frozenset({"ALAL03", "DZ76", "DJ44", "DE10", "DE11", "DI20", "DI25", "DI50", "DG20", "DF99"})
    | {f"DF{tens}" for tens in ("00", "10", "20", "30", "40", "50", "60", "70", "80", "90")},
    t.FSIII: frozenset(["I3.4", "I6.4", "I7.2", "I9.3"]),
}
FSIII_BY_XB = ("F", "J")
"""Of FSIII also the whole chapters of function and of social circumstances."""


def require_treatable(tags: Sequence[str], conditions: Sequence[Json]) -> None:
    """422 without a tag in the token, or for a diagnosis outside what its tags allow. `xa` allows every one."""
    if not tags:
        raise broken_rule(
            "EPISODEOFCARE_CREATE_MISSING_COEXISTENCE_TAGS",
            "Missing coexistence-tags in JWToken when creating EpisodeOfCare",
        )
    codings = [coding for condition in conditions for coding in values_at(condition, "code.coding")]
    if "xa" in tags or all(_by_xb(coding) for coding in codings):
        return
    raise broken_rule(
        "EPISODEOFCARE_CREATE_INVALID_COEXISTENCE_TAGS",
        f"Invalid Conditions provided when creating EpisodeOfCare using coexistence-tags: {', '.join(tags)}",
    )


def _by_xb(coding: Json) -> bool:
    system, code = coding.get("system", ""), str(coding.get("code", ""))
    if system == t.FSIII and code.startswith(FSIII_BY_XB):
        return True
    return code in TREATED_BY_XB.get(system, frozenset())


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
