"""Which rights a caller needs for what, and which come with the names that staff log in with (contract §3).

The rights are those of the guide's own examples, such as `CarePlan.read` and `PlanDefinition$apply`.
"""

from collections.abc import Mapping

RIGHT_OF = {
    "read": "read",
    "vread": "read",
    "search-type": "search",
    "create": "create",
    "update": "update",
    "patch": "patch",
    "delete": "delete",
}

CREATE_EPISODE = "EpisodeOfCare$create-episode-of-care"
CONTEXT_ALLOWED = "EpisodeOfCare$is-context-allowed"
TRANSACTION = "FHIR.transaction"
APPLY = "PlanDefinition$apply"
SUBMIT = "$submit-measurement"
SEARCH_MEASUREMENTS = "$search-measurements"
MONITORING = "RestrictionCategory$measurement-monitoring"
TEST_ONLY_CREATE = "$test-only-create"
"""Lets the guide's own examples create what nobody else may; no client of ours gets it by default."""


OF = {"ServiceRequest": "CarePlan"}
"""A request is opened by the right to its plan: so the tokens of the recorded exchanges have it."""

OPEN = frozenset({("Organization", "read"), ("Organization", "search")})
"""What every token may do."""


def rights(resource_type: str, interaction: str) -> tuple[str, ...]:
    """The rights of which one is needed for a plain interaction, the usual first; none where everybody may.

    `rights("CarePlan", "vread")` is `("CarePlan.read",)`.
    """
    what = RIGHT_OF[interaction]
    if (resource_type, what) in OPEN:
        return ()
    found = [f"{OF.get(resource_type, resource_type)}.{what}"]
    if what in {"create", "update"}:
        found.append(TEST_ONLY_CREATE)
    if what in {"create", "update", "delete"}:
        found.append(f"{resource_type}.write")
    if (resource_type, what) == ("QuestionnaireResponse", "update"):
        found.append(SUBMIT)
    return tuple(found)


def _rights(**of: str) -> frozenset[str]:
    return frozenset(f"{name}.{what}" for name, whats in of.items() for what in whats.split())


READING = _rights(
    Patient="read search",
    Organization="read search",
    CareTeam="read search",
    EpisodeOfCare="read search",
    Condition="read",
    Consent="read search",
    CarePlan="read search",
    Provenance="read search",
    QuestionnaireResponse="read search",
    Observation="read search",
    Media="read search",
    PlanDefinition="read search",
    ActivityDefinition="read search",
    Questionnaire="read search",
    Task="read search",
    ClinicalImpression="read search",
    Communication="read search",
    CommunicationRequest="read search",
) | {SEARCH_MEASUREMENTS, CONTEXT_ALLOWED, MONITORING}

ENROLLING = _rights(
    EpisodeOfCare="patch", Consent="create update", Patient="patch", Condition="create patch"
) | {
    "Patient$createPatient",
    CREATE_EPISODE,
    "EpisodeOfCare$update-care-teams",
}
PLANNING = _rights(
    CarePlan="create update",
    CommunicationRequest="create update delete",
) | {TRANSACTION, APPLY, "CarePlan$update-care-teams", "CarePlan$suggest-care-teams"}
FOLLOWING = _rights(
    Task="create patch",
    ClinicalImpression="create patch",
    Communication="create patch delete",
    QuestionnaireResponse="patch",
    Observation="patch",
    Media="patch update",
)
EDITING = _rights(
    Questionnaire="create update delete",
    PlanDefinition="create update",
    ActivityDefinition="create update",
)
TEAMS = _rights(CareTeam="create update delete")

EVERYTHING = READING | ENROLLING | PLANNING | FOLLOWING | EDITING | TEAMS | {SUBMIT}
"""What a system's token carries here: all but `$test-only-create`."""

CITIZEN = READING - {MONITORING, "Task.search"} | {
    SUBMIT,
    "Task.search",
    "Task.patch",
    "Communication.create",
}

_STAFF = "urn:dk:sundhed:ehealth:role:"
STAFF: Mapping[str, frozenset[str]] = {
    f"{_STAFF}citizen_enroller": READING - {MONITORING} | ENROLLING,
    f"{_STAFF}clinical_viewer": READING - {MONITORING},
    f"{_STAFF}monitoring_assistor": READING | FOLLOWING,
    f"{_STAFF}monitoring_adjuster": READING | FOLLOWING | PLANNING | {SUBMIT},
    f"{_STAFF}questionnaire_editor": READING - {MONITORING} | EDITING,
    f"{_STAFF}clinical_administrator": READING - {MONITORING} | EDITING,
    f"{_STAFF}report_user": frozenset(),
    f"{_STAFF}careteam_administrator": _rights(CareTeam="read search", Organization="read search") | TEAMS,
    f"{_STAFF}login_assistor": frozenset(),
}


def rights_of(names: frozenset[str]) -> frozenset[str]:
    """Rights by the names in a login; a name that is no staff role is itself a right."""
    return frozenset().union(*(STAFF.get(name, frozenset({name})) for name in names))
