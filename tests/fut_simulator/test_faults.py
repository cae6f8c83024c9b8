"""Faults on request: each once, as a client meets it; and what the platform holds afterwards."""

from collections.abc import Iterator
from time import monotonic
from typing import Any

import httpx
import pytest

from fut.client import FutClient
from fut.errors import FutUnavailable
from fut.facts import Reference
from fut.gateway import HttpFutGateway
from tests.fut import people
from tests.fut_simulator.platform import Course, Json, Platform
from tests.fut_simulator.test_measurements import SUBMIT, measurement, response_of


@pytest.fixture(autouse=True)
def _in_the_end_everything_works(platform: Platform) -> Iterator[None]:
    yield
    platform.control("DELETE", "faults")


def order(platform: Platform, **fault: Any) -> Json:
    (ordered,) = platform.control("POST", "faults", fault)["faults"]
    found: Json = ordered
    return found


def stored(platform: Platform, body: Json) -> int:
    return len(platform.simulator.stored("QuestionnaireResponse", mine(body).removeprefix("urn:uuid:")))


def mine(body: Json) -> str:
    value: str = response_of(body)["identifier"]["value"]
    return value


@pytest.mark.parametrize("when", ["before", "after"])
def test_the_connection_is_dropped(platform: Platform, running: Course, when: str) -> None:
    body = measurement(running)
    order(platform, kind="drop", when=when, target="$submit-measurement", times=1)

    with pytest.raises(httpx.TransportError):
        platform.call("POST", SUBMIT, body)

    assert stored(platform, body) == (1 if when == "after" else 0)
    assert platform.call("POST", SUBMIT, measurement(running)).status_code == 200


@pytest.mark.parametrize(("when", "held"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(
    ("status", "retry_after"), [(429, 7), (500, None), (503, 120)], ids=["too many", "broken", "away"]
)
def test_a_status_instead_of_the_answer(
    platform: Platform, running: Course, status: int, retry_after: int | None, when: str, held: int
) -> None:
    body = measurement(running)
    fault = {"status": status, "retryAfter": retry_after, "when": when, "times": 1}
    order(platform, kind="status", target="$submit-measurement", **fault)

    answer = platform.call("POST", SUBMIT, body)

    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == (str(retry_after) if retry_after else None)
    assert answer.json()["resourceType"] == "OperationOutcome"
    assert stored(platform, body) == held


def test_an_answer_takes_its_time(platform: Platform, running: Course) -> None:
    order(platform, kind="latency", seconds=0.3, service="careplan", method="GET", times=1)
    began = monotonic()

    with pytest.raises(httpx.ReadTimeout):
        platform.call("GET", running.plan, timeout=0.1)

    assert platform.call("GET", running.plan, timeout=5).status_code == 200
    assert monotonic() - began < 5


def test_an_answer_comes_late_of_what_is_stored(platform: Platform, running: Course) -> None:
    body = measurement(running)
    order(platform, kind="latency", when="after", seconds=5, target="$submit-measurement", times=1)

    with pytest.raises(httpx.ReadTimeout):
        platform.call("POST", SUBMIT, body, timeout=0.5)

    assert stored(platform, body) == 1


def test_a_token_ends_early(platform: Platform, running: Course) -> None:
    token = platform.token(context=running.context)
    order(platform, kind="expired", target="CarePlan", times=1)

    answers = [platform.call("GET", running.plan, token=token).status_code for _ in range(2)]

    assert answers == [401, 401]
    assert (
        platform.call("GET", running.plan, token=platform.token(context=running.context)).status_code == 200
    )


def test_the_token_service_fails_too(platform: Platform) -> None:
    order(platform, kind="status", status=503, target="token", times=1)

    assert platform.http.post("/token", data={}).status_code == 503


def test_an_answer_is_no_fhir(platform: Platform, running: Course) -> None:
    body = measurement(running)
    order(platform, kind="malformed", when="after", target="$submit-measurement", times=1)

    answer = platform.call("POST", SUBMIT, body)

    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Expecting value"):
        answer.json()
    assert stored(platform, body) == 1


@pytest.mark.parametrize("path", ["/nemsms/messages", "/nemsms/service/PostForespoerg_1/nemsms"])
def test_nemsms_fails_on_request(platform: Platform, path: str) -> None:
    order(platform, kind="status", status=503, retryAfter=9, target="/nemsms", times=1)

    answer = platform.http.get(path)

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "9")


def struck(platform: Platform, running: Course, **fault: Any) -> list[bool]:
    platform.control("DELETE", "faults")
    order(platform, kind="status", status=500, target="CarePlan", **fault)
    return [platform.call("GET", running.plan).status_code == 500 for _ in range(12)]


def test_a_share_is_the_same_for_the_same_seed(platform: Platform, running: Course) -> None:
    first = struck(platform, running, share=0.5, seed=7)

    assert struck(platform, running, share=0.5, seed=7) == first
    assert struck(platform, running, share=0.5, seed=8) != first
    assert True in first
    assert False in first


def test_orders_are_listed_and_withdrawn(platform: Platform, running: Course) -> None:
    first = order(platform, kind="status", target="CarePlan", times=2)
    second = order(platform, kind="drop", target="Task", method="patch")
    platform.call("GET", running.plan)

    listed = {one["id"]: one for one in platform.control("GET", "faults")["faults"]}

    assert listed[first["id"]]["applied"] == 1
    assert listed[second["id"]]["method"] == "PATCH"
    platform.control("DELETE", f"faults/{first['id']}")
    assert [one["id"] for one in platform.control("GET", "faults")["faults"]] == [second["id"]]
    assert platform.call("GET", running.plan).status_code == 200


@pytest.mark.parametrize(
    "wanted",
    [
        {"kind": "flood"},
        {"kind": "drop", "when": "during"},
        {"kind": "drop", "colour": "red"},
        {"kind": "status", "share": 2},
        [],
    ],
)
def test_an_order_that_cannot_be_read_is_refused(platform: Platform, wanted: Any) -> None:
    answer = platform.http.post("/control/faults", json=wanted if wanted else "nothing")

    assert answer.status_code == 400


def test_our_client_sends_nothing_twice_whatever_happens(platform: Platform, course: Course) -> None:
    """Every fault in turn on the way of one answer, until it is through; then it is there once."""
    response = people.a_response()
    platform.control(
        "POST",
        "faults",
        [
            {"kind": "drop", "when": "after", "target": "$submit-measurement", "times": 1},
            {"kind": "status", "status": 503, "target": "QuestionnaireResponse", "times": 3},
            {"kind": "expired", "target": "QuestionnaireResponse", "times": 1},
        ],
    )

    def submit(gateway: HttpFutGateway) -> Reference:
        return gateway.submit_response(
            response,
            patient=Reference(course.patient),
            episode=Reference(course.episode),
            service_request=course.request,
        )

    with FutClient(platform.simulator.config()) as client:
        gateway = HttpFutGateway(client)
        for _ in range(2):
            with pytest.raises(FutUnavailable):
                submit(gateway)
        kept = submit(gateway)

    (there,) = platform.simulator.stored("QuestionnaireResponse", response.id)
    assert kept.id == there["id"]


# Counters


def test_what_came_is_counted(platform: Platform, course: Course) -> None:
    bodies = [measurement(course) for _ in range(3)]
    platform.control("DELETE", "requests")
    order(platform, kind="drop", when="before", target="$submit-measurement", times=1)
    with pytest.raises(httpx.TransportError):
        platform.call("POST", SUBMIT, bodies[0])
    for body in (*bodies, bodies[1]):
        platform.call("POST", SUBMIT, body).raise_for_status()

    (counted,) = platform.control("GET", "counts?type=QuestionnaireResponse")["counts"]
    order_of = platform.control("GET", "order?type=QuestionnaireResponse")["order"]
    calls = platform.control("GET", "requests")

    assert counted["duplicates"][mine(bodies[1])] == 2
    assert mine(bodies[0]) not in counted["duplicates"]
    patient = course.patient.partition("/fhir/")[2]
    assert order_of[patient] == [mine(body) for body in (*bodies, bodies[1])]
    assert {"method": "POST", "target": "$submit-measurement", "status": 200, "count": 4} in calls["requests"]
    assert {"method": "POST", "target": "$submit-measurement", "kind": "drop", "count": 1} in calls["faults"]


def test_the_front_page_says_what_was_ordered(platform: Platform) -> None:
    before = platform.http.get("/").text
    order(platform, kind="drop", target="$submit-measurement", method="POST")

    after = platform.http.get("/").text

    assert "Fejl, der er bestilt" not in before
    assert "POST $submit-measurement" in after


def test_the_clock_can_be_moved(platform: Platform, running: Course) -> None:
    try:
        platform.control("POST", "clock", {"now": "2026-12-24T17:59:50+01:00"})
        answer = platform.call(
            "POST", SUBMIT, measurement(running), headers={"Prefer": "return=representation"}
        )
    finally:
        platform.control("DELETE", "clock")

    assert answer.json()["entry"][0]["resource"]["meta"]["lastUpdated"].startswith("2026-12-24T16:59:5")


def test_the_control_says_what_it_can(platform: Platform) -> None:
    assert "/control/faults" in platform.http.get("/control").text


def test_a_consent_is_made_once_though_its_answer_was_lost(platform: Platform, course: Course) -> None:
    facts = people.an_episode(Reference(course.organization))
    with FutClient(platform.simulator.config()) as client:
        gateway = HttpFutGateway(client)
        order(platform, kind="drop", when="after", target="Consent", method="POST", times=1)
        with pytest.raises(FutUnavailable):
            gateway.ensure_episode(facts, patient=Reference(course.patient))
        episode = gateway.ensure_episode(facts, patient=Reference(course.patient))

    found = platform.call(
        "GET", f"careplan/Consent?data={episode.episode.url}&patient={course.patient}"
    ).json()
    assert found["total"] == 1
    assert platform.call("GET", episode.episode.url).json()["status"] == "active"
