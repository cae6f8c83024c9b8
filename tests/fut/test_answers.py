"""Addresses in the platform's answers: absolute, or relative to the service that says them (FHIR R4)."""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from fut.client import FutClient
from fut.errors import FutUnavailable
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.gateway.answers import reference, references

from .conftest import Simulator, about
from .people import a_response
from .test_round_trip import planned

BASE = "https://careplan.example/fhir"


class SpeaksOfItself(httpx.BaseTransport):
    """A platform that says `CarePlan/1/_history/1` where the simulator says the whole address."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self.shortened = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        text = answer.read().decode()
        text, count = re.subn(r'("location":\s*)"[^"]*/fhir/([^"]*)"', r'\1"\2"', text)
        self.shortened += count
        return httpx.Response(
            answer.status_code, headers={"Content-Type": answer.headers["Content-Type"]}, text=text
        )

    def close(self) -> None:
        self._inner.close()


@pytest.fixture(params=[True, False], ids=["base per service", "one base for all"])
def terse(simulator: Simulator, request: pytest.FixtureRequest) -> Iterator[tuple[SpeaksOfItself, FutClient]]:
    network = SpeaksOfItself()
    with FutClient(simulator.config(per_service=request.param), transport=network) as client:
        yield network, client


def test_all_goes_on_with_relative_addresses(terse: tuple[SpeaksOfItself, FutClient]) -> None:
    network, client = terse
    gateway = HttpFutGateway(client)
    patient, episode, plan = planned(gateway)
    (request,) = plan.service_requests.values()

    kept = gateway.submit_response(
        a_response(), patient=patient, episode=episode.episode, service_request=request
    )

    assert network.shortened >= 6  # provenance, episode, condition; plan, request; response
    inside = about(client, patient, episode.episode)
    for address in (episode.episode, episode.condition, plan.care_plan, request, kept):
        assert inside.read(address.url)["id"] == address.id
    assert request.version == "1"


@pytest.mark.parametrize(
    ("location", "expected"),
    [
        (f"{BASE}/CarePlan/1/_history/2", Reference(f"{BASE}/CarePlan/1", "2")),
        ("CarePlan/1/_history/2", Reference(f"{BASE}/CarePlan/1", "2")),
        ("CarePlan/1", Reference(f"{BASE}/CarePlan/1")),
        ("/fhir/CarePlan/1", Reference(f"{BASE}/CarePlan/1")),
        (
            "https://elsewhere.example/fhir/CarePlan/1",
            Reference("https://elsewhere.example/fhir/CarePlan/1"),
        ),
    ],
    ids=["whole", "relative", "without a version", "from the host's root", "another host"],
)
def test_an_address_is_made_whole(location: str, expected: Reference) -> None:
    assert reference(location, base=BASE) == expected


@pytest.mark.parametrize(
    ("entry", "version"),
    [
        ({"response": {"location": "CarePlan/1/_history/3", "etag": 'W/"2"'}}, "3"),
        ({"response": {"location": "CarePlan/1", "etag": 'W/"2"'}}, "2"),
        ({"response": {"location": "CarePlan/1", "etag": "2"}}, "2"),
        ({"response": {"location": "CarePlan/1"}, "resource": {"meta": {"versionId": "1"}}}, "1"),
        ({"response": {"location": "CarePlan/1"}}, None),
    ],
    ids=["in the location", "in the ETag", "as the platform writes it", "in the resource", "nowhere"],
)
def test_the_version_is_taken_from_where_it_stands(entry: dict[str, Any], version: str | None) -> None:
    """An answer names the version of its service request (contract §5 F)."""
    assert references({"entry": [entry]}, base=BASE) == [Reference(f"{BASE}/CarePlan/1", version)]


@pytest.mark.parametrize("location", ["", "1", "CarePlan", "urn:uuid:0b8e", "CarePlan/1/2/3"])
def test_what_is_no_address_is_unclear(location: str) -> None:
    with pytest.raises(FutUnavailable) as trouble:
        references({"entry": [{"response": {"location": location}}]}, base=BASE)

    assert trouble.value.unclear
