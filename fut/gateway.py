"""The platform as the rest of the house sees it: what can be told, each thing safe to tell twice."""

from typing import Protocol

from fut.facts import (
    CarePlanFacts,
    CarePlanReferences,
    EpisodeFacts,
    EpisodeReferences,
    PatientFacts,
    Reference,
    ResponseFacts,
)


class FutGateway(Protocol):
    """The flows of the contract (A, B, C, D, F). Each looks for what is there before making it.

    All raise `FutRefused` (permanent), `FutUnavailable` (try again), `FutAuthenticationFailed` (settings) and
    `MappingInvalid` (ours, nothing was sent).
    """

    def find_organization(self, municipality_code: str) -> Reference:
        """The municipality as organisation on the platform; `municipality_code` four digits, as "0330"."""
        ...

    def ensure_patient(self, patient: PatientFacts) -> Reference:
        """The citizen on the platform, made there if unknown (flow A)."""
        ...

    def ensure_episode(self, episode: EpisodeFacts, *, patient: Reference) -> EpisodeReferences:
        """The episode of care, consented to and active (flows B and C)."""
        ...

    def push_care_plan(
        self, care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences
    ) -> CarePlanReferences:
        """The care plan and its service requests, active (flow D)."""
        ...

    def submit_response(
        self, response: ResponseFacts, *, patient: Reference, episode: Reference, service_request: Reference
    ) -> Reference:
        """The answer, as a measurement of the service request in the version named (flow F)."""
        ...
