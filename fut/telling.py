"""Telling the platform one piece of news, with everything that it stands on, and nothing twice.

After an unclear outcome we look before we send again (contract §8). Before the first sending there is nothing to find,
so no look is needed:

- for what this delivery alone sends, where it is tried for the first time: the outbox counts an attempt before it
  begins, and a citizen's deliveries leave one after the other;
- for what stands in a course of care that this delivery has just made.

What several deliveries send (the course, the stop of task messages, a plan that only its answers bring) may have been
begun by one that failed. It is looked for where we know no address, but for the course whose one plan is brought for
the first time. The citizen needs no look (`$createPatient` gives the one that is there), and an ending reads what it
ends.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings

from fut.addresses import Addresses
from fut.definitions import Definitions
from fut.facts import CarePlanReferences, EpisodeReferences, PatientFacts, Reference
from fut.gateway import FutGateway
from fut.mapping.corrections import correction_id
from fut.mapping.endings import Ending, Standing
from fut.mapping.episodes import condition_id
from fut.mapping.task_messages import no_task_messages_id
from fut.subjects import (
    FormerAnswer,
    Subject,
    care_plan_facts,
    episode_facts,
    response_facts,
    service_request_id,
    started_at,
)
from outbox.channels import RetryLater
from outbox.models import Delivery, EventName
from plans.models import CarePlan, EpisodeOfCare, Task

RESTS_OR_GOES_ON = frozenset({EventName.CARE_PLAN_PAUSED, EventName.CARE_PLAN_RESUMED})


@dataclass(slots=True, kw_only=True)
class Telling:
    """One delivery on its way. Asks no database: what is known was read before, what is learnt is written after."""

    delivery: Delivery
    to: FutGateway
    addresses: Addresses
    definitions: Definitions
    # Where the platform has our care teams, by our id; a team that is not among them is told of nothing.
    teams: Mapping[int, Reference]
    _made: EpisodeOfCare | None = field(default=None, init=False)

    def tell(self, subject: Subject) -> None:
        """Bring the news' subject as it is now."""
        match subject:
            case CarePlan() if self.delivery.event.name == EventName.CARE_PLAN_ENDED:
                self._ending(subject)
            case CarePlan() if self.delivery.event.name in RESTS_OR_GOES_ON:
                self._standing(subject)
            case CarePlan() if self.delivery.event.name == EventName.CARE_PLAN_CHANGED:
                self._changed_times(subject)
            case CarePlan():
                self._care_plan(subject, look=self._was_tried_before)
            case EpisodeOfCare() if self._is_unheard_of(subject):
                pass
            case EpisodeOfCare() if self.delivery.event.name == EventName.CONSENT_WITHDRAWN:
                self._withdrawn(subject, self.delivery.event.occurred_at)
            case EpisodeOfCare() if self.delivery.event.name == EventName.EPISODE_MOVED:
                self._moved(subject)
            case EpisodeOfCare():
                self._finished(subject, self.delivery.event.occurred_at)
            case Task():
                self._response(subject)
            case FormerAnswer() if self.delivery.event.name == EventName.RESPONSE_CORRECTED:
                self._corrected(subject.task, look=self._was_tried_before)
            case FormerAnswer():
                self._response(subject.task)
                # It comes late, after its correction: that it does not count could not be said before.
                if self.addresses.of("QuestionnaireResponse", subject.corrected_by) is not None:
                    self._corrected(subject.task, look=True)

    @property
    def _was_tried_before(self) -> bool:
        """By an earlier attempt; at the same time nobody can try it (`ends_within` its lease)."""
        return self.delivery.attempts > 1

    def _care_plan(self, care_plan: CarePlan, *, look: bool) -> None:
        """The care plan with everything it stands on: its definitions, the citizen and the course."""
        episode = care_plan.episode
        self.definitions.ensure(care_plan, self.to)
        patient = self._patient(episode)
        # Nobody but this delivery can have begun a course whose one plan it brings for the first time.
        others = len(episode.care_plans.all()) > 1
        there = self._episode(episode, patient, look=look or others)
        is_empty = self._made == episode
        # Before the platform knows of anything that its own job could tell the citizen of.
        self._settle_task_messages(episode, patient, there.episode, look=not is_empty)
        was_there = self.addresses.of("CarePlan", care_plan.pk) is not None
        pushed = self.to.push_care_plan(
            care_plan_facts(care_plan, self.teams.get(episode.care_team_id)),
            patient=patient,
            episode=there,
            look=(look or was_there) and not is_empty,
        )
        self._learn(care_plan, pushed)

    def _care_plan_and_place(self, care_plan: CarePlan) -> tuple[CarePlanReferences, dict[str, Reference]]:
        """The care plan on the platform, brought first where it is missing, and whose and in which episode it is."""
        episode, there = care_plan.episode, self._care_plan_there(care_plan)
        patient = self._patient(episode)
        return there, {"patient": patient, "episode": self._episode(episode, patient, look=True).episode}

    def _ending(self, care_plan: CarePlan) -> None:
        """That the care plan has ended, and how; it is brought first where the platform lacks it."""
        there, place = self._care_plan_and_place(care_plan)
        self._learn(care_plan, self.to.end_care_plan(there, Ending(care_plan.status), **place))

    def _standing(self, care_plan: CarePlan) -> None:
        """That the care plan rests, or goes on; where it has ended since, that is news of its own."""
        if not care_plan.goes_on:
            return
        there, place = self._care_plan_and_place(care_plan)
        self._learn(care_plan, self.to.stand(there, Standing(care_plan.status), **place))

    def _changed_times(self, care_plan: CarePlan) -> None:
        """The times of the care plan's requests, as its tasks are now."""
        if not care_plan.goes_on:
            return
        there, place = self._care_plan_and_place(care_plan)
        self._learn(care_plan, self.to.reschedule(there, care_plan_facts(care_plan), **place))

    def _care_plan_there(self, care_plan: CarePlan) -> CarePlanReferences:
        """Where it and its requests stand; it is brought first where the platform lacks it."""
        there = self._known_care_plan(care_plan)
        if there is None:
            self._care_plan(care_plan, look=True)
            there = self._known_care_plan(care_plan)
        if there is None:
            raise RetryLater("FUT took the care plan without its service requests; looking again later.")
        return there

    def _finished(self, episode: EpisodeOfCare, at: datetime) -> None:
        patient = self._patient(episode)
        there = self._episode(episode, patient, look=True).episode
        finished = self.to.finish_episode(there, patient=patient, at=at)
        self.addresses.learn("EpisodeOfCare", episode.pk, finished, episode=episode)

    def _is_unheard_of(self, episode: EpisodeOfCare) -> bool:
        """Nothing of the course was ever to be told: it is not made there only to be ended."""
        return not episode.care_plans.all() and self.addresses.of("EpisodeOfCare", episode.pk) is None

    def _moved(self, episode: EpisodeOfCare) -> None:
        """Which team follows the course, and those of its plans that go on, by now; a course that has ended stays."""
        if episode.status != EpisodeOfCare.Status.ACTIVE:
            return
        team, ours = self.teams.get(episode.care_team_id), self.teams.values()
        patient = self._patient(episode)
        there = self._episode(episode, patient, look=True).episode
        self.addresses.learn(
            "EpisodeOfCare",
            episode.pk,
            self.to.place_in_team(there, team, ours, patient=patient, episode=there),
            episode=episode,
        )
        for care_plan in episode.care_plans.all():
            known = self.addresses.of("CarePlan", care_plan.pk)
            if known is not None and care_plan.goes_on:
                placed = self.to.place_in_team(known, team, ours, patient=patient, episode=there)
                self.addresses.learn("CarePlan", care_plan.pk, placed, episode=episode)

    def _withdrawn(self, episode: EpisodeOfCare, at: datetime) -> None:
        """That the consent to the course does not stand any more."""
        patient = self._patient(episode)
        there = self._episode(episode, patient, look=True).episode
        self.to.withdraw_consent(there, patient=patient, at=at)

    def _response(self, task: Task) -> None:
        """The submitted response of a task, as a measurement of the task's service request."""
        episode, response = task.care_plan.episode, response_facts(task)
        # Also for plans that were brought when their definitions were not.
        self.definitions.ensure(task.care_plan, self.to)
        service_request = self._service_request(task)
        patient = self._patient(episode)
        was_there = self.addresses.of("QuestionnaireResponse", response.id) is not None
        reference = self.to.submit_response(
            response,
            patient=patient,
            episode=self._episode(episode, patient, look=True).episode,
            service_request=service_request,
            look=was_there or self._was_tried_before,
        )
        self.addresses.learn("QuestionnaireResponse", response.id, reference, episode=episode)

    def _corrected(self, task: Task, *, look: bool) -> None:
        """That the task's former response does not count any more; nothing where the platform never got it."""
        episode = task.care_plan.episode
        if task.response_id is None:
            raise ValueError(f"Task {task.pk} is not answered; there is nothing to correct.")
        said = self.addresses.of("ClinicalImpression", correction_id(task.response_id)) is not None
        patient = self._patient(episode)
        impression = self.to.mark_corrected(
            task.response_id,
            self.addresses.of("QuestionnaireResponse", task.response_id),
            patient=patient,
            episode=self._episode(episode, patient, look=True).episode,
            look=look or said,
        )
        if impression is not None:
            key = "ClinicalImpression", correction_id(task.response_id)
            self.addresses.learn(*key, impression, episode=episode)

    def _service_request(self, task: Task) -> Reference:
        """What the answers belong to; its care plan is brought first where the platform lacks it."""
        key = "ServiceRequest", service_request_id(task.care_plan, task.activity)
        if self.addresses.of(*key) is None:
            self._care_plan(task.care_plan, look=True)
        reference = self.addresses.of(*key)
        if reference is None:
            raise RetryLater("FUT took the care plan without its service request; looking again later.")
        return reference

    def _patient(self, episode: EpisodeOfCare) -> Reference:
        if known := self.addresses.of("Patient", episode.citizen_id):
            return known
        patient = self.to.ensure_patient(PatientFacts(cpr=episode.citizen.cpr))
        self.addresses.learn("Patient", episode.citizen_id, patient, episode=episode)
        return patient

    def _episode(self, episode: EpisodeOfCare, patient: Reference, *, look: bool) -> EpisodeReferences:
        known = self.addresses.of("EpisodeOfCare", episode.pk)
        condition = self.addresses.of("Condition", condition_id(episode.pk))
        if known and condition:
            return EpisodeReferences(episode=known, condition=condition)
        look = look or known is not None or condition is not None
        organization = self.to.find_organization(episode.municipality.code)
        facts = episode_facts(episode, organization, self.teams.get(episode.care_team_id))
        there = self.to.ensure_episode(facts, patient=patient, look=look)
        if not look:
            self._made = episode
        self.addresses.learn("EpisodeOfCare", episode.pk, there.episode, episode=episode)
        self.addresses.learn("Condition", condition_id(episode.pk), there.condition, episode=episode)
        return there

    def _settle_task_messages(
        self, episode: EpisodeOfCare, patient: Reference, there: Reference, *, look: bool
    ) -> None:
        """One of us tells the citizen of a new task, never both: the setting holds for each plan that is sent.

        Where the setting was turned round, an episode follows with its next plan.
        """
        key = "CommunicationRequest", no_task_messages_id(episode.pk)
        known = self.addresses.of(*key)
        if settings.TASK_MESSAGES_FROM == "us":
            if known is None:
                request = self.to.stop_task_messages(
                    episode.pk, patient=patient, episode=there, starts_at=started_at(episode), look=look
                )
                self.addresses.learn(*key, request, episode=episode)
        elif known is not None:
            self.to.allow_task_messages(known, patient=patient, episode=there)
            self.addresses.forget(*key)

    def _known_care_plan(self, care_plan: CarePlan) -> CarePlanReferences | None:
        """The care plan's address and those of all its requests; None where one is missing."""
        plan = self.addresses.of("CarePlan", care_plan.pk)
        activities = care_plan.plan.activities.all()
        ids = [service_request_id(care_plan, activity) for activity in activities]
        known = {local_id: self.addresses.of("ServiceRequest", local_id) for local_id in ids}
        requests = {local_id: reference for local_id, reference in known.items() if reference is not None}
        return CarePlanReferences(plan, requests) if plan and len(requests) == len(ids) else None

    def _learn(self, care_plan: CarePlan, there: CarePlanReferences) -> None:
        episode = care_plan.episode
        self.addresses.learn("CarePlan", care_plan.pk, there.care_plan, episode=episode)
        for local_id, reference in there.service_requests.items():
            self.addresses.learn("ServiceRequest", local_id, reference, episode=episode)
