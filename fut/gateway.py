"""The platform as the rest of the house sees it: what can be told, each thing safe to tell twice."""

from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

from fut import mapping
from fut import terminology as t
from fut.client import FutClient
from fut.errors import FutRefused, FutUnavailable
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
from fut.mapping.reading import Found, found, our_id
from fut.service_bases import SERVICE_OF
from fut.tokens import Context


class FutGateway(Protocol):
    """The flows of the contract (A, B, C, D, F). Each looks for what is there before making it.

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

    def ensure_episode(self, episode: EpisodeFacts, *, patient: Reference) -> EpisodeReferences:
        """The episode of care, consented to and active (flows B and C)."""
        ...

    def stop_task_messages(
        self, episode_id: UUID, *, patient: Reference, episode: Reference, starts_at: datetime
    ) -> Reference:
        """Have the platform send no task messages in the episode from `starts_at` on (contract §6)."""
        ...

    def allow_task_messages(self, request: Reference, *, patient: Reference, episode: Reference) -> None:
        """Take back what `stop_task_messages` asked for."""
        ...

    def push_care_plan(
        self, care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences
    ) -> CarePlanReferences:
        """The care plan and its service requests, active (flow D)."""
        ...

    def end_care_plan(
        self, care_plan: CarePlanReferences, ending: mapping.Ending, *, patient: Reference, episode: Reference
    ) -> CarePlanReferences:
        """The care plan and its service requests have ended; the versions they have now.

        Raises besides `FutConflict` where the platform says that it ended otherwise, and `FutChangedMeanwhile`.
        """
        ...

    def finish_episode(self, episode: Reference, *, patient: Reference, at: datetime) -> Reference:
        """The episode is finished; raises as `end_care_plan`."""
        ...

    def read_episode(self, *, patient: Reference, episode: Reference) -> list[Found]:
        """The care plans and answers that stand there in an episode, whoever made them."""
        ...

    def submit_response(
        self, response: ResponseFacts, *, patient: Reference, episode: Reference, service_request: Reference
    ) -> Reference:
        """The answer, as a measurement of the service request in the version named (flow F)."""
        ...


class HttpFutGateway:
    """The platform over HTTP. Not tested against the real one; the simulator follows its recorded exchanges."""

    def __init__(self, client: FutClient) -> None:
        self._client = client

    def find_organization(self, municipality_code: str) -> Reference:
        matches = self._client.search("Organization", municipalityCode=municipality_code)
        if not matches:
            raise FutRefused(
                what="opslag af kommunen", status=404, words=f"FUT kender ingen kommune {municipality_code}"
            )
        return self._address(matches[0])

    def ensure_definition(self, definition: Definition, *, owner: Reference) -> Reference:
        resource = mapping.definition(definition, owner=owner)
        found = self._client.find_by_identifier(resource["resourceType"], definition.id)
        # Two municipalities may bring the same national one at the same moment: there the platform decides.
        return self._address(found or self._client.create(resource, if_none=definition.id))

    def ensure_patient(self, patient: PatientFacts) -> Reference:
        """The operation itself gives the one that is there, so it needs no probe."""
        parameters = mapping.create_patient(patient)
        answer = self._client.operate("patient", "Patient/$createPatient", parameters)
        for part in answer.get("parameter", ()):
            if part.get("name") == "return":
                return self._address(part["resource"])
        return self._address(answer)

    def ensure_episode(self, episode: EpisodeFacts, *, patient: Reference) -> EpisodeReferences:
        # The platform cannot search for an episode with a token that names one already.
        client = self._client.within(Context(patient=patient.url))
        found = client.find_by_identifier("EpisodeOfCare", episode.id, patient=patient.url)
        if found is None:
            parameters = mapping.episode_of_care(episode, patient=patient)
            answer = client.operate("careplan", "$create-episode-of-care", parameters)
            created = references(answer)
            here = EpisodeReferences(_one(created, "EpisodeOfCare"), _one(created, "Condition"))
            status = "planned"
        else:
            condition = found["diagnosis"][0]["condition"]["reference"]
            here = EpisodeReferences(self._address(found), reference(condition))
            status = found["status"]
        if status == "planned":
            self._ensure_consent(episode, patient=patient, reference_to=here.episode)
            self._about(patient, here.episode).patch(here.episode.url, mapping.activation())
        return here

    def _ensure_consent(self, episode: EpisodeFacts, *, patient: Reference, reference_to: Reference) -> None:
        client = self._about(patient, reference_to)
        given = client.search("Consent", data=reference_to.url, patient=patient.url)
        if not any(_consents_to_episode(consent) for consent in given):
            client.create(mapping.consent(episode, patient=patient, reference_to=reference_to))

    def stop_task_messages(
        self, episode_id: UUID, *, patient: Reference, episode: Reference, starts_at: datetime
    ) -> Reference:
        our_id = mapping.no_task_messages_id(episode_id)
        client = self._about(patient, episode)
        found = client.find_by_identifier(
            "CommunicationRequest", our_id, patient=patient.url, episodeOfCare=episode.url
        )
        if found is None:
            request = mapping.no_task_messages(
                episode_id, patient=patient, episode=episode, starts_at=starts_at
            )
            return self._address(client.create(request))
        there = self._address(found)
        _bring_to("active", found, there.url, client)
        return there

    def allow_task_messages(self, request: Reference, *, patient: Reference, episode: Reference) -> None:
        client = self._about(patient, episode)
        _bring_to("revoked", client.read(request.url), request.url, client)

    def push_care_plan(
        self, care_plan: CarePlanFacts, *, patient: Reference, episode: EpisodeReferences
    ) -> CarePlanReferences:
        client = self._about(patient, episode.episode)
        found = client.find_by_identifier(
            "CarePlan", care_plan.id, patient=patient.url, episodeOfCare=episode.episode.url
        )
        if found is not None:
            return self._care_plan_there(found, client)
        bundle = mapping.care_plan_bundle(care_plan, patient=patient, episode=episode)
        created = references(client.transact("careplan", bundle))
        # A transaction answers entry by entry, in the order it was asked (FHIR R4, "transaction").
        requests = [one for one in created if one.resource_type == "ServiceRequest"]
        if len(requests) != len(care_plan.activities):
            raise unreadable("svaret på planen passer ikke til det sendte")
        return CarePlanReferences(
            _one(created, "CarePlan"),
            {activity.id: request for activity, request in zip(care_plan.activities, requests, strict=True)},
        )

    def _care_plan_there(self, care_plan: dict[str, Any], client: FutClient) -> CarePlanReferences:
        """The platform cannot search service requests; the care plan names its own."""
        requests = {}
        for activity in care_plan.get("activity", ()):
            request = client.read(activity["reference"]["reference"])
            if local_id := our_id(request):
                requests[local_id] = self._address(request)
        return CarePlanReferences(self._address(care_plan), requests)

    def end_care_plan(
        self, care_plan: CarePlanReferences, ending: mapping.Ending, *, patient: Reference, episode: Reference
    ) -> CarePlanReferences:
        """The requests first: where we are cut off in between, the plan still says that there is something to do."""
        client = self._about(patient, episode)
        # Looked at before anything is written: a plan that ended otherwise keeps its requests as they are.
        mapping.ended(client.read(care_plan.care_plan.url), ending, is_plan=True)
        requests = {
            our_id: self._end(request, ending, client)
            for our_id, request in care_plan.service_requests.items()
        }
        return CarePlanReferences(self._end(care_plan.care_plan, ending, client), requests)

    def _end(self, there: Reference, ending: mapping.Ending, client: FutClient) -> Reference:
        """Read, then write on the condition that it is still what was read; the reading is the probe as well."""
        resource = client.read(there.url)
        changed = mapping.ended(resource, ending, is_plan=there.resource_type == "CarePlan")
        if changed is None:
            return self._address(resource)
        return self._address(client.update(there.url, changed, if_match=_version(resource)))

    def finish_episode(self, episode: Reference, *, patient: Reference, at: datetime) -> Reference:
        client = self._about(patient, episode)
        resource = client.read(episode.url)
        changes = mapping.episode_finished(resource, at)
        if not changes:
            return self._address(resource)
        return self._address(client.patch(episode.url, changes, if_match=_version(resource)))

    def read_episode(self, *, patient: Reference, episode: Reference) -> list[Found]:
        client = self._about(patient, episode)
        plans = client.search_all("CarePlan", patient=patient.url, episodeOfCare=episode.url)
        answers = client.search_all("QuestionnaireResponse", subject=patient.url, episodeOfCare=episode.url)
        return [found(one, self._address(one).url) for one in plans + answers]

    def submit_response(
        self, response: ResponseFacts, *, patient: Reference, episode: Reference, service_request: Reference
    ) -> Reference:
        client = self._about(patient, episode)
        found = client.find_by_identifier(
            "QuestionnaireResponse", response.id, subject=patient.url, episodeOfCare=episode.url
        )
        if found is not None:
            return self._address(found)
        parameters = mapping.submit_measurement(
            response, patient=patient, episode=episode, service_request=service_request
        )
        answer = client.operate("measurement", "$submit-measurement", parameters)
        return _one(references(answer), "QuestionnaireResponse")

    def _about(self, patient: Reference, episode: Reference) -> FutClient:
        """The client with a token for this citizen's episode: no other opens it (contract §3)."""
        return self._client.within(Context(patient=patient.url, episode=episode.url))

    def _address(self, resource: dict[str, Any]) -> Reference:
        """A resource's absolute address, put together from its service's base."""
        resource_type = resource.get("resourceType", "")
        if resource_type not in SERVICE_OF or "id" not in resource:
            raise unreadable("svaret er ikke en ressource med id")
        base = self._client.bases.of_type(resource_type)
        return Reference(
            f"{base}/{resource_type}/{resource['id']}", resource.get("meta", {}).get("versionId")
        )


def _bring_to(status: str, resource: dict[str, Any], url: str, client: FutClient) -> None:
    """The whole resource with another status: the platform takes no patch of a CommunicationRequest."""
    if resource.get("status") != status:
        client.update(url, {**resource, "status": status})


def references(answer: dict[str, Any]) -> list[Reference]:
    """The addresses in a transaction's answer, in its order."""
    return [reference(entry.get("response", {}).get("location", "")) for entry in answer.get("entry", ())]


def reference(location: str) -> Reference:
    """A resource by its address, with the version where it ends in `/_history/<version>`."""
    url, _, version = location.partition("/_history/")
    if url.count("/") < 2:
        raise unreadable("svaret mangler en adresse")
    return Reference(url, version or None)


def unreadable(reason: str) -> FutUnavailable:
    """The platform did something, but its answer is not one we know: look before sending again."""
    return FutUnavailable(what="kommandoen", reason=reason, unclear=True)


def _version(resource: dict[str, Any]) -> str | None:
    version: str | None = resource.get("meta", {}).get("versionId")
    return version


def _one(created: list[Reference], resource_type: str) -> Reference:
    for one in created:
        if one.resource_type == resource_type:
            return one
    raise unreadable(f"svaret nævner ingen {resource_type}")


def _consents_to_episode(consent: dict[str, Any]) -> bool:
    codes = {
        (coding.get("system"), coding.get("code"))
        for category in consent.get("category", ())
        for coding in category.get("coding", ())
    }
    return consent.get("status") == "active" and (t.CS_CONSENT_CATEGORY, t.CONSENT_TO_EPISODE) in codes
