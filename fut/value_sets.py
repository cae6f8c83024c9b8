"""The codes that the platform's profiles bind elements to (guide 8.0.0), for the elements that we write or judge.

`TBD` stands in many of the platform's code systems, and its own examples use it.
"""

from collections.abc import Callable, Mapping
from typing import Any

from fut import terminology as t

Coding = Mapping[str, Any]
ValueSet = Callable[[Coding], bool]

FSIII_CHAPTERS = ("F", "J1", "J2", "J3", "J4", "J5")
SKS_CONDITIONS = frozenset(
    {"ALAL03", "DE10", "DE11", "DG20", "DJ44", "DI20", "DI25", "DI50", "DZ76", "DF99"}
    | {f"DF{tens}" for tens in ("00", "10", "20", "30", "40", "50", "60", "70", "80", "90")}
)
FSIII_BY_AREA = frozenset({"I3.4", "I6.4", "I7.2", "I9.3"})
"""Out of `conditions` since 7.0.0, yet still in the treatment areas of `xb`."""


def any_code_of(*codes: str, system: str) -> ValueSet:
    known = frozenset(codes)
    return lambda coding: coding.get("system") == system and coding.get("code") in known


def either(*value_sets: ValueSet) -> ValueSet:
    return lambda coding: any(holds(coding) for holds in value_sets)


def all_of(system: str) -> ValueSet:
    """Every code of a system that the guide gives whole; which those are is left to the platform."""
    return lambda coding: coding.get("system") == system and bool(coding.get("code"))


def conditions(coding: Coding) -> bool:
    """`vs/conditions`, and what the treatment areas allow beside it."""
    code = str(coding.get("code", ""))
    if coding.get("system") == t.FSIII:
        return code.startswith(FSIII_CHAPTERS) or code in FSIII_BY_AREA
    return coding.get("system") == t.SKS and code in SKS_CONDITIONS


QUESTIONNAIRE_TYPES = either(
    any_code_of("QR", "QQ", "TBD", "TBD2", system=t.CS_QUESTIONNAIRE_TYPES),
    any_code_of("273586006", system=t.SNOMED),
)
MODIFIER_ROLES = any_code_of("owner", "co-author", system=t.CS_MODIFIER_ROLE)
SHARING_POLICIES = any_code_of(
    "noSharing",
    "sharingAllowedDestinationNationalHealthData",
    "sharingAllowedDestinationNationalServiceActData",
    "sharingAllowedDestinationMunicipalData",
    "TBD",
    system=t.CS_SHARING_POLICIES,
)
SHARING_APPROVALS = any_code_of("manual", "automatic", system=t.CS_SHARING_APPROVAL_POLICIES)
RESOLVED_TIMING_TYPES = any_code_of(
    "Resolved", "Unresolved", "Adhoc", "Extra", system=t.CS_RESOLVED_TIMING_TYPE
)
SIGNIFICANCES = any_code_of("green", "yellow", "red", system=t.CS_SIGNIFICANCE)
OPERATORS = frozenset({"exists", "=", "!=", ">", "<", ">=", "<="})
TRIGGER_ENABLEMENTS = frozenset({"NO_TRIGGER", "TRIGGER_ENABLED", "TRIGGER_DISABLED", "TRIGGER_DONE"})
REQUEST_STATUSES = frozenset(
    {"draft", "active", "on-hold", "revoked", "completed", "entered-in-error", "unknown"}
)
EPISODE_STATUSES = frozenset(
    {"planned", "waitlist", "active", "onhold", "finished", "cancelled", "entered-in-error"}
)
ITEM_CONTROLS = any_code_of("drop-down", "radio-button", "check-box", "slider", system=t.CS_ITEM_CONTROL)
TOPICS = either(all_of(t.CS_DEFINITION_TOPIC), any_code_of("self-treatment", "TBD", system=t.CS_TOPIC_TYPE))
ACTIVITY_CODES = either(
    all_of(t.CS_ACTIVITY_CODE),
    any_code_of("445988008", "229057006", "273586006", "409073007", "446080005", system=t.SNOMED),
    any_code_of("ALCA00", "ALCA03", "ZZ3170", "ZZ7011", system=t.SKS),
    # Observations and media: value sets of their own, which no activity of ours is in.
    *(all_of(system) for system in (t.NPU, t.MEDCOM, t.LOINC)),
)
MESSAGE_CATEGORIES = any_code_of("message", "notification", "advice", "note", system=t.CS_MESSAGE_CATEGORY)
MESSAGE_MEDIA = any_code_of("nemsms", "eboks", system=t.CS_MESSAGE_MEDIUM)
ADMINISTRATIVE_STATUSES = any_code_of(
    "activate", "read", "reactivate", "complete", system=t.CS_ADMINISTRATIVE_STATUS
)
CONSENT_CATEGORIES = any_code_of(
    "PITEOC", "SSLPCI", "behavior-by-policy", "TBD", system=t.CS_CONSENT_CATEGORY
)
CONSENT_SCOPES = either(
    any_code_of("adr", "research", "patient-privacy", "treatment", system=t.CS_CONSENT_SCOPE),
    any_code_of("behavior", system=f"{t.EHEALTH_CS}ehealth-consent-scope"),
)
PROVENANCE_POLICIES = frozenset(
    {"healthcare-act", "service-act"}
    | {f"http://ehealth.sundhed.dk/policy/dk/{law}" for law in ("sundhedsloven", "serviceloven")}
    | {f"http://ehealth.sundhed.dk/policy/dk/{law}" for law in ("aeldreloven", "persondataloven")}
    | {"http://ehealth.sundhed.dk/policy/eu/general-data-protection-regulation"}
    | {
        f"http://ehealth.sundhed.dk/policy/ehealth/{name}"
        for name in (
            *("coherent-submitted-measurement", "measurement-reuse", "organization-administration"),
            *("reuse-of-measurement-chosen-by-citizen", "patient-data"),
        )
    }
)
"""`vs/ehealth-provenance-policies`, and `patient-data`, which the platform itself writes (recorded)."""
