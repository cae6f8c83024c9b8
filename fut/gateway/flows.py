"""What the platform can be told, each thing safe to tell twice."""

from collections.abc import Collection
from datetime import datetime
from typing import Protocol
from uuid import UUID

from fut.facts import (
    CarePlanFacts,
    CarePlanReferences,
    Definition,
    EpisodeFacts,
    EpisodeReferences,
    PatientFacts,
    Reference,
    ResponseFacts,
)
from fut.mapping import Ending, Standing
from fut.mapping.reading import Found


class FutGateway(Protocol):
    """The flows of the contract (A, B, C, D, F). Each looks for what is there before making it.

    `look=False` spares the look, and is for who knows that nothing of it can be there: who has never sent it, or has
    just made what it would stand in. Without a look, a command that is sent twice makes two.

    All raise `FutRefused` (permanent), `FutUnavailable` (try again), `FutAuthenticationFailed` (settings) and
    `MappingInvalid` (ours, nothing was sent).
    """

    def find_organization(self, municipality_code: str) -> Reference:
        """The municipality as organisation on the platform; `municipality_code` four digits, as "0330"."""
        ...

    def ensure_definition(self, definition: Definition, *, owner: Reference) -> Reference:
        """A published questionnaire, activity or plan, owned by an organisation; what it names must be there."""
        ...

    def ensure_patient(self, patient: PatientFacts) -> Reference:
        """The citizen on the platform, made there if unknown (flow A)."""
        ...

    def ensure_episode(
        self, episode: EpisodeFacts, *, patient: Reference, look: bool = True
    ) -> EpisodeReferences:
        """The episode of care, consented to and active (flows B and C)."""
        ...

    def stop_task_messages(
        self,
        episode_id: UUID,
        *,
        patient: Reference,
        episode: Reference,
        starts_at: datetime,
        look: bool = True,
    ) -> Reference:
        """Have the platform send no task messages in the episode from `starts_at` on (contract §6)."""
        ...

    def allow_task_messages(self, request: Reference, *, patient: Reference, episode: Reference) -> None:
        """Take back what `stop_task_messages` asked for."""
        ...

    def push_care_plan(
        self, care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences, look: bool = True
    ) -> CarePlanReferences:
        """The care plan and its service requests, active (flow D)."""
        ...

    def end_care_plan(
        self, care_plan: CarePlanReferences, ending: Ending, *, patient: Reference, episode: Reference
    ) -> CarePlanReferences:
        """The care plan and its service requests have ended; the versions they have now.

        Raises besides `FutConflict` where the platform says that it ended otherwise, and `FutChangedMeanwhile`.
        """
        ...

    def stand(
        self, care_plan: CarePlanReferences, standing: Standing, *, patient: Reference, episode: Reference
    ) -> CarePlanReferences:
        """The care plan and its service requests rest, or go on again; raises as `end_care_plan`."""
        ...

    def reschedule(
        self,
        care_plan: CarePlanReferences,
        facts: CarePlanFacts,
        *,
        patient: Reference,
        episode: Reference,
    ) -> CarePlanReferences:
        """The care plan and its service requests get the times they have now; raises `FutChangedMeanwhile`."""
        ...

    def finish_episode(self, episode: Reference, *, patient: Reference, at: datetime) -> Reference:
        """The episode is finished; raises as `end_care_plan`."""
        ...

    def place_in_team(
        self,
        there: Reference,
        team: Reference | None,
        ours: Collection[Reference],
        *,
        patient: Reference,
        episode: Reference,
    ) -> Reference:
        """Of our teams only `team` follows the episode or care plan `there`; the version that it has now (flow D).

        None: no team of ours that the platform knows. Teams there that are none of `ours` stay.
        """
        ...

    def withdraw_consent(self, episode: Reference, *, patient: Reference, at: datetime) -> None:
        """The citizen's consent to the episode does not stand any more; raises `FutChangedMeanwhile` besides."""
        ...

    def read_episode(self, *, patient: Reference, episode: Reference) -> list[Found]:
        """The care plans and answers that stand there in an episode, whoever made them."""
        ...

    def submit_response(
        self,
        response: ResponseFacts,
        *,
        patient: Reference,
        episode: Reference,
        service_request: Reference,
        look: bool = True,
    ) -> Reference:
        """The answer, as a measurement of the service request in the version named (flow F)."""
        ...

    def mark_corrected(
        self,
        response_id: UUID,
        former: Reference | None,
        *,
        patient: Reference,
        episode: Reference,
        look: bool = True,
    ) -> Reference | None:
        """Our answer `response_id` does not count any more, since a correction of it was submitted (flow H).

        `former`: its address where we know it, else it is looked for. None where the platform has no such answer, or
        somebody has said so there already.
        """
        ...
