"""The platform over HTTP. Not tested against the real one; the simulator follows its recorded exchanges."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from fut import mapping
from fut.client import FutClient
from fut.errors import FutRefused
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
from fut.gateway import answers
from fut.gateway.answers import Json, unreadable
from fut.mapping import reading
from fut.mapping.corrections import ALREADY
from fut.mapping.reading import Found, our_id
from fut.tokens import Context


class HttpFutGateway:
    """`FutGateway` by a FHIR client."""

    def __init__(self, client: FutClient) -> None:
        self._client = client
        # An authority keeps its address for longer than a process lives, and each new course asks for one.
        self._organizations: dict[str, Reference] = {}

    def find_organization(self, municipality_code: str) -> Reference:
        if known := self._organizations.get(municipality_code):
            return known
        matches = self._client.search("Organization", municipalityCode=municipality_code)
        if not matches:
            raise FutRefused(
                what="opslag af kommunen", status=404, words=f"FUT kender ingen kommune {municipality_code}"
            )
        found = self._organizations[municipality_code] = self._address(matches[0])
        return found

    def ensure_definition(self, definition: Definition, *, owner: Reference) -> Reference:
        resource = mapping.definition(definition, owner=owner)
        there = self._client.find_by_identifier(resource["resourceType"], definition.id)
        # Two municipalities may bring the same national one at the same moment: there the platform decides.
        return self._address(there or self._client.create(resource, if_none=definition.id))

    def ensure_patient(self, patient: PatientFacts) -> Reference:
        """The operation itself gives the one that is there, so it needs no look."""
        parameters = mapping.create_patient(patient)
        answer = self._client.operate("patient", "Patient/$createPatient", parameters)
        for part in answer.get("parameter", ()):
            if part.get("name") == "return":
                return self._address(part["resource"])
        return self._address(answer)

    def ensure_episode(
        self, episode: EpisodeFacts, *, patient: Reference, look: bool = True
    ) -> EpisodeReferences:
        # The platform cannot search for an episode with a token that names one already.
        client = self._client.within(Context(patient=patient.url))
        there = client.find_by_identifier("EpisodeOfCare", episode.id, patient=patient.url) if look else None
        if there is None:
            parameters = mapping.episode_of_care(episode, patient=patient)
            answer = client.operate("careplan", "$create-episode-of-care", parameters)
            created = self._references(answer, "careplan")
            here = EpisodeReferences(answers.one(created, "EpisodeOfCare"), answers.one(created, "Condition"))
        else:
            condition = there["diagnosis"][0]["condition"]["reference"]
            here = EpisodeReferences(self._address(there), self._reference(condition, "careplan"))
        if there is None or there["status"] == "planned":
            # In an episode that was made just now is no consent yet.
            self._ensure_consent(episode, patient=patient, to=here.episode, look=there is not None)
            self._about(patient, here.episode).patch(here.episode.url, mapping.activation())
        return here

    def _ensure_consent(
        self, episode: EpisodeFacts, *, patient: Reference, to: Reference, look: bool
    ) -> None:
        client = self._about(patient, to)
        given = client.search("Consent", data=to.url, patient=patient.url) if look else []
        if not any(map(answers.consents_to_episode, given)):
            client.create(mapping.consent(episode, patient=patient, reference_to=to))

    def stop_task_messages(
        self,
        episode_id: UUID,
        *,
        patient: Reference,
        episode: Reference,
        starts_at: datetime,
        look: bool = True,
    ) -> Reference:
        client = self._about(patient, episode)
        wanted = mapping.no_task_messages_id(episode_id)
        criteria = {"patient": patient.url, "episodeOfCare": episode.url}
        there = client.find_by_identifier("CommunicationRequest", wanted, **criteria) if look else None
        if there is None:
            request = mapping.no_task_messages(
                episode_id, patient=patient, episode=episode, starts_at=starts_at
            )
            return self._address(client.create(request))
        address = self._address(there)
        _bring_to("active", there, address.url, client)
        return address

    def allow_task_messages(self, request: Reference, *, patient: Reference, episode: Reference) -> None:
        client = self._about(patient, episode)
        _bring_to("revoked", client.read(request.url), request.url, client)

    def push_care_plan(
        self, care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences, look: bool = True
    ) -> CarePlanReferences:
        client = self._about(patient, episode.episode)
        criteria = {"patient": patient.url, "episodeOfCare": episode.episode.url}
        there = client.find_by_identifier("CarePlan", care_plan.id, **criteria) if look else None
        if there is not None:
            return self._care_plan_there(there, client)
        bundle = mapping.care_plan_bundle(care_plan, patient=patient, episode=episode)
        created = self._references(client.transact("careplan", bundle), "careplan")
        # A transaction answers entry by entry, in the order it was asked (FHIR R4, "transaction").
        requests = [one for one in created if one.resource_type == "ServiceRequest"]
        if len(requests) != len(care_plan.activities):
            raise unreadable("svaret på planen passer ikke til det sendte")
        return CarePlanReferences(
            answers.one(created, "CarePlan"),
            {activity.id: request for activity, request in zip(care_plan.activities, requests, strict=True)},
        )

    def _care_plan_there(self, care_plan: Json, client: FutClient) -> CarePlanReferences:
        """The platform cannot search service requests; the care plan names its own."""
        requests = {}
        for activity in care_plan.get("activity", ()):
            named = self._reference(activity["reference"]["reference"], "careplan")
            request = client.read(named.url)
            if local_id := our_id(request):
                requests[local_id] = self._address(request)
        return CarePlanReferences(self._address(care_plan), requests)

    def end_care_plan(
        self, care_plan: CarePlanReferences, ending: mapping.Ending, *, patient: Reference, episode: Reference
    ) -> CarePlanReferences:
        """The requests first: where we are cut off in between, the plan still says that there is something to do."""
        client = self._about(patient, episode)
        # Looked at before anything is written: a plan that ended otherwise keeps its requests as they are.
        plan = client.read(care_plan.care_plan.url)
        mapping.ended(plan, ending, is_plan=True)
        requests = {
            our_id: self._end(client.read(request.url), request, ending, client)
            for our_id, request in care_plan.service_requests.items()
        }
        return CarePlanReferences(self._end(plan, care_plan.care_plan, ending, client), requests)

    def _end(self, read: Json, there: Reference, ending: mapping.Ending, client: FutClient) -> Reference:
        """Write on the condition that it is still what was read; the reading is the look as well."""
        return self._put(read, mapping.ended(read, ending, is_plan=there.resource_type == "CarePlan"), client)

    def stand(
        self,
        care_plan: CarePlanReferences,
        standing: mapping.Standing,
        *,
        patient: Reference,
        episode: Reference,
    ) -> CarePlanReferences:
        """The requests first, as where it ends: until the plan itself stands so, we come back to it."""
        client = self._about(patient, episode)
        plan = client.read(care_plan.care_plan.url)
        changed = mapping.standing(plan, standing, is_plan=True)
        requests = {}
        for local_id, request in care_plan.service_requests.items():
            read = client.read(request.url)
            requests[local_id] = self._put(read, mapping.standing(read, standing, is_plan=False), client)
        return CarePlanReferences(self._put(plan, changed, client), requests)

    def reschedule(
        self,
        care_plan: CarePlanReferences,
        facts: CarePlanFacts,
        *,
        patient: Reference,
        episode: Reference,
    ) -> CarePlanReferences:
        client = self._about(patient, episode)
        requests = dict(care_plan.service_requests)
        for activity in facts.activities:
            read = client.read(requests[activity.id].url)
            requests[activity.id] = self._put(read, mapping.rescheduled(read, activity), client)
        plan = client.read(care_plan.care_plan.url)
        return CarePlanReferences(self._put(plan, mapping.rescheduled(plan, facts), client), requests)

    def _put(self, read: Json, changed: Json | None, client: FutClient) -> Reference:
        """Write on the condition that it is still what was read; nothing where nothing changes."""
        if changed is None:
            return self._address(read)
        address = self._address(read)
        return self._address(client.update(address.url, changed, if_match=answers.version(read)))

    def finish_episode(self, episode: Reference, *, patient: Reference, at: datetime) -> Reference:
        client = self._about(patient, episode)
        resource = client.read(episode.url)
        changes = mapping.episode_finished(resource, at)
        if not changes:
            return self._address(resource)
        return self._address(client.patch(episode.url, changes, if_match=answers.version(resource)))

    def place_in_team(
        self,
        there: Reference,
        team: Reference | None,
        ours: Collection[Reference],
        *,
        patient: Reference,
        episode: Reference,
    ) -> Reference:
        """The reading is the look: what stands there is not said again."""
        client = self._about(patient, episode)
        resource = client.read(there.url)
        parameters = mapping.teams_changed(resource, team, ours)
        if parameters is not None:
            operation = f"{resource['resourceType']}/{resource['id']}/$update-care-teams"
            resource = client.operate("careplan", operation, parameters)
        return self._address(resource)

    def withdraw_consent(self, episode: Reference, *, patient: Reference, at: datetime) -> None:
        client = self._about(patient, episode)
        for given in client.search("Consent", data=episode.url, patient=patient.url):
            # What else the citizen has consented to there, such as to see what triage finds, is not ours to end.
            if answers.consents_to_episode(given):
                self._put(given, mapping.consent_withdrawn(given, at), client)

    def read_episode(self, *, patient: Reference, episode: Reference) -> list[Found]:
        client = self._about(patient, episode)
        plans = client.search_all("CarePlan", patient=patient.url, episodeOfCare=episode.url)
        responses = client.search_all("QuestionnaireResponse", subject=patient.url, episodeOfCare=episode.url)
        return [reading.found(one, self._address(one).url) for one in plans + responses]

    def submit_response(
        self,
        response: ResponseFacts,
        *,
        patient: Reference,
        episode: Reference,
        service_request: Reference,
        look: bool = True,
    ) -> Reference:
        client = self._about(patient, episode)
        criteria = {"subject": patient.url, "episodeOfCare": episode.url}
        there = client.find_by_identifier("QuestionnaireResponse", response.id, **criteria) if look else None
        if there is not None:
            return self._address(there)
        parameters = mapping.submit_measurement(
            response, patient=patient, episode=episode, service_request=service_request
        )
        answer = client.operate("measurement", "$submit-measurement", parameters)
        return answers.one(self._references(answer, "measurement"), "QuestionnaireResponse")

    def mark_corrected(
        self,
        response_id: UUID,
        former: Reference | None,
        *,
        patient: Reference,
        episode: Reference,
        look: bool = True,
    ) -> Reference | None:
        client = self._about(patient, episode)
        criteria = {"subject": patient.url, "episodeOfCare": episode.url}
        if former is None or former.version is None:
            there = client.find_by_identifier("QuestionnaireResponse", response_id, **criteria)
            if there is None:
                return None
            former = self._address(there)
        wanted = mapping.correction_id(response_id)
        said = client.find_by_identifier("ClinicalImpression", wanted, **criteria) if look else None
        if said is not None:
            return self._address(said)
        parameters = mapping.response_corrected(response_id, former=former, patient=patient, episode=episode)
        try:
            made = client.operate("task", "ClinicalImpression/$set-measurement-validity", parameters)
        except FutRefused as refusal:
            if ALREADY in refusal.issue_codes:
                return None
            raise
        return self._address(made)

    def _about(self, patient: Reference, episode: Reference) -> FutClient:
        """The client with a token for this citizen's episode: no other opens it (contract §3)."""
        return self._client.within(Context(patient=patient.url, episode=episode.url))

    def _address(self, resource: Json) -> Reference:
        return answers.address(resource, self._client.bases)

    def _reference(self, location: str, service: str) -> Reference:
        return answers.reference(location, base=self._client.bases.of(service))

    def _references(self, answer: Json, service: str) -> list[Reference]:
        return answers.references(answer, base=self._client.bases.of(service))


def _bring_to(status: str, resource: Json, url: str, client: FutClient) -> None:
    """The whole resource with another status: the platform takes no patch of a CommunicationRequest."""
    if resource.get("status") != status:
        client.update(url, {**resource, "status": status})
