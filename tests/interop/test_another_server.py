"""What our channel sends to FUT, taken by a FHIR R4 server that this project did not write.

Medplum's in-memory repository checks each resource by FHIR's own definitions. What stands there afterwards is compared
with what left here, and counted.
"""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from django.utils import timezone

from fut import channel
from fut.client import FutClient, FutConfig
from fut.gateway import HttpFutGateway
from fut.models import FutReference
from outbox import channels, dispatcher
from outbox.models import Delivery
from plans import services as plans
from plans.models import CarePlan
from tests import factories
from tests.fut.test_channel import answer

pytestmark = pytest.mark.django_db

Json = dict[str, Any]


@dataclass
class Sent:
    """A resource that left, and what the server said of it: its kind, id and version."""

    resource: Json
    stored: Json

    @property
    def kind(self) -> str:
        return str(self.resource["resourceType"])


@dataclass
class Recorder(httpx.BaseTransport):
    """The network, and what went over it. `addresses`: what each `urn:` of a transaction became."""

    sent: list[Sent] = field(default_factory=list)
    addresses: dict[str, str] = field(default_factory=dict)
    updated: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        given = json.loads(answer.read())
        if answer.is_success and request.method == "POST" and "/fhir" in request.url.path:
            self._note(json.loads(request.read()), given)
        elif answer.is_success and request.method in {"PUT", "PATCH"}:
            self.updated.append(given["resourceType"])
        return answer

    def _note(self, left: Json, given: Json) -> None:
        if left["resourceType"] == "Parameters":
            (only,) = left["parameter"]
            if "resource" not in only:  # the CPR number of $createPatient
                self.sent.append(
                    Sent({"resourceType": "Patient", "identifier": [only["valueIdentifier"]]}, given)
                )
                return
            left = only["resource"]
        if left["resourceType"] != "Bundle":
            self.sent.append(Sent(left, given))
            return
        for asked, done in zip(left["entry"], given["entry"], strict=True):
            stored = done["resource"]
            self.addresses[asked["fullUrl"]] = f"{stored['resourceType']}/{stored['id']}"
            self.sent.append(Sent(asked["resource"], stored))

    def close(self) -> None:
        self._inner.close()


@pytest.fixture
def network() -> Recorder:
    return Recorder()


@pytest.fixture(autouse=True)
def _towards_the_other_server(
    other_server: str, network: Recorder, monkeypatch: pytest.MonkeyPatch
) -> Iterator[None]:
    config = FutConfig(
        base_url=f"{other_server}/fhir",
        token_url=f"{other_server}/token",
        client_id="kommunalpro",
        client_secret="any",
    )
    with FutClient(config, transport=network) as client:
        monkeypatch.setattr(channel, "gateway", lambda: HttpFutGateway(client))
        yield


def given(other_server: str) -> CarePlan:
    """A weekly plan and a plan of one answer, in a municipality that the server knows."""
    care_plan = factories.assign(plan=factories.PlanFactory(weekly=3))
    code = care_plan.episode.municipality.code
    made = httpx.post(
        f"{other_server}/fhir/Organization",
        json={"resourceType": "Organization", "name": "Testby", "identifier": [{"value": code}]},
    )
    assert made.status_code == 201
    return care_plan


def deliver() -> list[tuple[str, str, str]]:
    dispatcher.deliver_due(channels.named("fut"))
    to_fut = Delivery.objects.filter(channel="fut").order_by("id")
    return list(to_fut.values_list("event__name", "state", "last_problem"))


def read(other_server: str, address: str) -> Json:
    """By the server's own interactions; `address` as `CarePlan/1` or `CarePlan/1/_history/2`."""
    found: Json = httpx.get(f"{other_server}/fhir/{address}").raise_for_status().json()
    return found


def resolved(value: Any, addresses: dict[str, str]) -> Any:
    """With each reference to a `urn:` as the transaction has to resolve it."""
    if isinstance(value, dict):
        return {
            key: addresses.get(one, one)
            if key == "reference" and isinstance(one, str)
            else resolved(one, addresses)
            for key, one in value.items()
        }
    return [resolved(one, addresses) for one in value] if isinstance(value, list) else value


def content(resource: Json) -> Json:
    """Without what the server adds: its id, version and time."""
    meta = {name: one for name, one in resource.get("meta", {}).items() if name == "profile"}
    kept = {name: one for name, one in resource.items() if name not in {"id", "meta"}}
    return kept | ({"meta": meta} if meta else {})


def test_another_server_takes_all_that_we_send(
    other_server: str, network: Recorder, capsys: pytest.CaptureFixture[str]
) -> None:
    care_plan = given(other_server)
    answer(care_plan.tasks.earliest("opens_at"))
    once = factories.assign(care_plan.episode.citizen)
    answer(once.tasks.get())  # the last answer ends the plan
    plans.revoke_care_plan(care_plan=care_plan, at=timezone.now())
    plans.finish_episode(episode=care_plan.episode, at=timezone.now())

    assert {(state, problem) for _, state, problem in deliver()} == {("delivered", "")}

    for sent in network.sent:
        first = read(
            other_server,
            f"{sent.kind}/{sent.stored['id']}/_history/{sent.stored['meta']['versionId']}",
        )
        assert content(first) == content(resolved(sent.resource, network.addresses))
    taken = Counter(sent.kind for sent in network.sent)
    assert taken == {
        "Patient": 1,
        "Questionnaire": 2,
        "ActivityDefinition": 2,
        "PlanDefinition": 2,
        "Provenance": 1,
        "EpisodeOfCare": 1,
        "Condition": 1,
        "Consent": 1,
        "CommunicationRequest": 1,
        "CarePlan": 2,
        "ServiceRequest": 2,
        "QuestionnaireResponse": 2,
    }
    assert status_of(other_server, "CarePlan", care_plan.pk) == "revoked"
    assert status_of(other_server, "CarePlan", once.pk) == "completed"
    assert status_of(other_server, "EpisodeOfCare", care_plan.episode_id) == "finished"
    changed = Counter(network.updated)
    assert changed == {"EpisodeOfCare": 2, "CarePlan": 2, "ServiceRequest": 2}
    with capsys.disabled():
        print(f"\nanother server took {dict(taken)}, and new versions of {dict(changed)}")  # noqa: T201


def status_of(other_server: str, resource_type: str, local_id: UUID) -> str:
    address = FutReference.objects.get(resource_type=resource_type, local_id=local_id).url
    status: str = read(other_server, address.partition("/fhir/")[2])["status"]
    return status


def test_told_again_it_finds_what_is_there(other_server: str, network: Recorder) -> None:
    """By the identifiers that our resources carry, which any server finds."""
    care_plan = given(other_server)
    task = answer(care_plan.tasks.earliest("opens_at"))
    deliver()
    before = len(network.sent)
    FutReference.objects.all().delete()
    Delivery.objects.filter(channel="fut").update(state="waiting", ended_at=None, due_at=timezone.now())

    assert {(state, problem) for _, state, problem in deliver()} == {("delivered", "")}
    assert [sent.kind for sent in network.sent[before:]] == ["Patient"]  # as it was given back
    response = FutReference.objects.get(
        resource_type="QuestionnaireResponse",
        local_id=task.response.pk,  # type: ignore[union-attr]
    )
    assert response.url.startswith(f"{other_server}/fhir/QuestionnaireResponse/")


def test_it_does_check(other_server: str) -> None:
    refused = httpx.post(
        f"{other_server}/fhir/CarePlan",
        json={"resourceType": "CarePlan", "status": "active", "planet": "Mars"},
    )
    assert refused.status_code == 400
    assert {issue["expression"][0] for issue in refused.json()["issue"]} == {
        "CarePlan.intent",
        "CarePlan.subject",
        "CarePlan.planet",
    }
