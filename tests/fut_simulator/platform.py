"""The simulator as a test sees it: plain HTTP, tokens of any kind, and a course that is already running."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx

from fut.client import FutClient
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from fut.profiles import values_at
from tests.fut import people
from tests.fut.conftest import Simulator

Json = dict[str, Any]

EHEALTH = "http://ehealth.sundhed.dk/fhir/StructureDefinition/"
CS = "http://ehealth.sundhed.dk/cs/"
EPISODE_EXTENSION = "http://hl7.org/fhir/StructureDefinition/workflow-episodeOfCare"


@dataclass(frozen=True)
class Course:
    """A citizen with an active episode, an active plan and one active request in it; absolute addresses."""

    cpr: str
    patient: str
    organization: str
    episode: str
    condition: str
    plan: str
    request: Reference

    @property
    def context(self) -> dict[str, str]:
        return {"patient_id": self.patient, "episode_of_care_id": self.episode}


class Platform:
    """Calls to the simulator, each service under its own address."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.http = httpx.Client(base_url=simulator.origin)
        self.anything = simulator.token(unbound=True)

    def call(
        self, method: str, path: str, body: Any = None, *, token: str | None = None, **more: Any
    ) -> httpx.Response:
        """`path` as `careplan/CarePlan/1` or an absolute address; without a token, with one that opens everything."""
        service, _, rest = path.partition("/")
        address = path if path.startswith("http") else f"/{service}/fhir/{rest}".rstrip("/")
        headers = {"Authorization": f"Bearer {token or self.anything}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return self.http.request(method, address, headers=headers, **more)

    def control(self, method: str, path: str, body: Any = None) -> Any:
        answer = self.http.request(method, f"/control/{path}", json=body).raise_for_status()
        return answer.json() if answer.content else None

    def token(self, **claims: Any) -> str:
        return self.simulator.token(**claims)

    def course(self, *, diagnosis: Any = None) -> Course:
        """A new citizen, all the way to an active plan, by way of our own client."""
        facts = people.a_patient()
        with FutClient(self.simulator.config()) as client:
            gateway = HttpFutGateway(client)
            patient = gateway.ensure_patient(facts)
            organization = gateway.find_organization("0330")
            episode = gateway.ensure_episode(people.an_episode(organization), patient=patient)
            plan = gateway.push_care_plan(people.a_care_plan(), patient=patient, episode=episode)
        (request,) = plan.service_requests.values()
        return Course(
            cpr=facts.cpr,
            patient=patient.url,
            organization=organization.url,
            episode=episode.episode.url,
            condition=episode.condition.url,
            plan=plan.care_plan.url,
            request=request,
        )

    def patient(self) -> str:
        """A citizen, and no more."""
        crn = {"system": "urn:oid:1.2.208.176.1.2", "value": people.a_patient().cpr}
        body = {"resourceType": "Parameters", "parameter": [{"name": "crn", "valueIdentifier": crn}]}
        found = self.call("POST", "patient/Patient/$createPatient", body).raise_for_status().json()
        return f"{self.simulator.origin}/patient/fhir/Patient/{found['id']}"

    def team(self, organization: str | None = None, **changed: Any) -> str:
        """A care team; its address."""
        body = {
            "resourceType": "CareTeam",
            "meta": {"profile": [f"{EHEALTH}ehealth-careteam"]},
            "identifier": [{"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}],
            "status": "active",
            "name": "Sundhedscenter Nord",
            "reasonCode": [{"coding": [{"system": "urn:oid:1.2.208.176.2.4", "code": "DZ76"}]}],
            **({"managingOrganization": [{"reference": organization}]} if organization else {}),
            **changed,
        }
        answer = self.call("POST", "organization/CareTeam", body)
        assert answer.status_code == 201, answer.text
        return answer.headers["Location"].partition("/_history")[0]


def said(answer: httpx.Response) -> str:
    """The error code of an outcome, or else its words."""
    body = answer.json()
    assert body["resourceType"] == "OperationOutcome", body
    codes = values_at(body, "issue.details.coding.code")
    return str(codes[0] if codes else values_at(body, "issue.diagnostics")[0])


def id_of(address: str) -> str:
    return address.rsplit("/", 1)[-1]


def parameters(**named: Any) -> Json:
    """FHIR Parameters: a reference from text with a slash, a resource from a resource, else as the value's type."""
    return {
        "resourceType": "Parameters",
        "parameter": [{"name": name.replace("_", "-"), **_value(value)} for name, value in named.items()],
    }


def _value(value: Any) -> Json:
    match value:
        case bool():
            return {"valueBoolean": value}
        case int():
            return {"valueInteger": value}
        case str() if "/" in value:
            return {"valueReference": {"reference": value}}
        case str() if value[:4].isdecimal() and "T" in value:
            return {"valueDateTime": value}
        case str():
            return {"valueString": value}
        case {"resourceType": _}:
            return {"resource": value}
    return {"valueCoding": value}
