"""Who calls, by their token: rights, context and coexistence tags, and what these let them do (contract §3).

The codes and words are the implementation guide's (`SECURITY_*` of `systematic-error-messages`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fut import terminology as t
from fut.profiles import extensions, values_at
from fut.simulator.addresses import local_part
from fut.simulator.outcomes import Refusal

Json = dict[str, Any]

DIMENSIONS = {
    "organization_id": "Organization",
    "care_team_id": "CareTeam",
    "patient_id": "Patient",
    "episode_of_care_id": "EpisodeOfCare",
}
"""The parts of a context, in the order in which it narrows."""

CITIZENS = frozenset(
    {"Patient", "EpisodeOfCare", "Condition", "Consent", "CarePlan", "ServiceRequest", "CommunicationRequest"}
    | {"QuestionnaireResponse", "Observation", "Media", "Task", "ClinicalImpression", "Communication"}
)
"""What belongs to a citizen: open only within a context."""

SUBJECT = {"EpisodeOfCare": "patient", "Consent": "patient", "Task": "for"}
EPISODE_EXTENSIONS = (t.EXT_EPISODE_OF_CARE, t.EXT_TASK_EPISODE_OF_CARE, t.EXT_CONSENT_AFFILIATION)


@dataclass(frozen=True, slots=True)
class Caller:
    """What a token says: `user_type` SYSTEM, PRACTITIONER or PATIENT; `context` as `Type/id` by dimension.

    `unbound`: a system whose token needs no context, as those of the guide's examples.
    """

    user_type: str
    user_id: str
    rights: frozenset[str]
    context: Mapping[str, str] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    unbound: bool = False

    def require(self, right: str, what: str) -> None:
        self.require_one((right,), what)

    def require_one(self, rights: Sequence[str], what: str) -> None:
        """One of these rights, the first of which is the usual one; nothing where there are none to have."""
        if rights and self.rights.isdisjoint(rights):
            raise Refusal(
                403,
                [f"Insufficient permission for {rights[0]} for {what}"],
                code="SECURITY_TOKEN_INSUFFICIENT_PERMISSION",
                issue_type="forbidden",
            )

    def require_context(self, *dimensions: str) -> None:
        """Each of these must be in the token."""
        for dimension in dimensions:
            if dimension not in self.context and not self.unbound:
                raise Refusal(
                    403,
                    [f"Security token context missing for user type: {DIMENSIONS[dimension]}"],
                    code="SECURITY_TOKEN_CONTEXT_MISSING",
                    issue_type="forbidden",
                )

    def require_match(self, dimension: str, references: Collection[str]) -> None:
        """What a resource or an operation names must be what the token is narrowed to, if it is."""
        mine = self.context.get(dimension)
        if mine is not None and references and mine not in {local_part(one) for one in references}:
            raise Refusal(
                403,
                [f"Resource not matching security token context: {DIMENSIONS[dimension]}"],
                code="SECURITY_RESOURCE_NOT_MATCHING_TOKEN_CONTEXT",
                issue_type="forbidden",
            )

    def may_see(self, resource: Mapping[str, Any]) -> bool:
        """Does what came along with a search lie within the token's context? The search itself needed that."""
        try:
            self.require_match("episode_of_care_id", list(episodes_of(resource)))
            self.require_match("patient_id", patients_of(resource))
        except Refusal:
            return False
        return True

    def require_resource(self, resource: Mapping[str, Any]) -> None:
        """May a resource be read or written with this token? Its episode, else its patient, must be in it.

        A task is also open to the team that answers for it (recorded), and to no staff outside its categories.
        """
        if resource["resourceType"] not in CITIZENS:
            return
        episodes, patients = list(episodes_of(resource)), patients_of(resource)
        if resource["resourceType"] == "Task":
            self._require_categories(resource)
        if not self._answers_for(resource):
            self.require_context("episode_of_care_id" if episodes else "patient_id")
        self.require_match("episode_of_care_id", episodes)
        self.require_match("patient_id", patients)

    def _answers_for(self, resource: Mapping[str, Any]) -> bool:
        responsible = [
            local_part(reference)
            for extension in extensions(resource, t.EXT_TASK_RESPONSIBLE)
            for reference in values_at(extension, "valueReference.reference")
        ]
        return self.context.get("care_team_id") in responsible

    def _require_categories(self, task: Mapping[str, Any]) -> None:
        """Staff have a right of their own for each restriction category but `None`."""
        if self.user_type != "PRACTITIONER":
            return
        for extension in extensions(task, t.EXT_RESTRICTION_CATEGORY):
            for code in values_at(extension, "valueCodeableConcept.coding.code"):
                if code.lower() != "none" and f"RestrictionCategory${code}" not in self.rights:
                    raise Refusal(
                        403,
                        [f"Restriction category '{code}' does not match token context"],
                        code="TASK_RESTRICTION_CATEGORY_NOT_MATCHING_TOKEN_CONTEXT",
                        issue_type="forbidden",
                    )


def episodes_of(resource: Mapping[str, Any]) -> Iterator[str]:
    """The episodes that a resource belongs to; none for a patient or a message outside any."""
    if resource["resourceType"] == "EpisodeOfCare" and "id" in resource:
        yield f"EpisodeOfCare/{resource['id']}"
    if resource["resourceType"] == "Consent":
        yield from values_at(resource, "provision.data.reference.reference")
    for url in EPISODE_EXTENSIONS:
        for extension in extensions(resource, url):
            yield from values_at(extension, "valueReference.reference")


def patients_of(resource: Mapping[str, Any]) -> list[str]:
    """The citizen a resource is about."""
    resource_type = resource["resourceType"]
    if resource_type == "Patient":
        return [f"Patient/{resource['id']}"] if "id" in resource else []
    found = values_at(resource, f"{SUBJECT.get(resource_type, 'subject')}.reference")
    if resource_type == "Communication":
        found += [one for one in values_at(resource, "recipient.reference") if "Patient/" in one]
        found += [one for one in values_at(resource, "sender.reference") if "Patient/" in one]
    return found
