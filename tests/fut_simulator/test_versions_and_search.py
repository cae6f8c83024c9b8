"""Contract §2 and §8: versions, conditions, searches and pages; and what the platform does not offer."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from fut.profiles import values_at
from tests.fut_simulator.platform import Course, Json, Platform, id_of, said
from tests.fut_simulator.test_messages import wish

ON_HOLD = [{"op": "replace", "path": "/status", "value": "onhold"}]


@pytest.mark.parametrize(
    ("if_match", "status"),
    [('W/"{current}"', 200), ('"{current}"', 200), (None, 200), ('W/"1"', 412), ('W/"99"', 412)],
)
def test_if_match_names_the_present_version(
    platform: Platform, course: Course, if_match: str | None, status: int
) -> None:
    read = platform.call("GET", course.episode)
    current = read.json()["meta"]["versionId"]
    assert read.headers["ETag"] == f'W/"{current}"'
    headers = {"If-Match": if_match.format(current=current)} if if_match else {}

    assert platform.call("PATCH", course.episode, ON_HOLD, headers=headers).status_code == status


def test_every_version_can_be_read_and_no_list_of_them(platform: Platform, course: Course) -> None:
    """The capability statements offer vread, and `_history` nowhere. The control has the list for tests."""
    platform.call("PATCH", course.episode, ON_HOLD).raise_for_status()

    statuses = [
        platform.call("GET", f"{course.episode}/_history/{version}").json()["status"] for version in (1, 2, 3)
    ]

    assert statuses == ["planned", "active", "onhold"]
    assert platform.call("GET", f"{course.episode}/_history").status_code == 400
    assert platform.call("GET", f"{course.episode}/_history/9").status_code == 404
    kept = platform.control("GET", f"history/EpisodeOfCare/{id_of(course.episode)}")["versions"]
    assert [one["status"] for one in kept] == statuses[::-1]


def create(platform: Platform, course: Course, condition: str, identifier: Json) -> httpx.Response:
    headers = {"If-None-Exist": condition}
    return platform.call(
        "POST", "careplan/CommunicationRequest", wish(course, identifier=[identifier]), headers=headers
    )


def test_if_none_exist_makes_nothing_twice(platform: Platform, running: Course) -> None:
    identifier = {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{uuid4()}"}
    condition = f"identifier={identifier['system']}|{identifier['value']}"

    first, second = (create(platform, running, condition, identifier) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 200)
    assert first.headers["Location"] == second.headers["Location"]
    platform.call("POST", "careplan/CommunicationRequest", wish(running, identifier=[identifier]))
    assert create(platform, running, condition, identifier).status_code == 412
    (counted,) = platform.control("GET", "counts?type=CommunicationRequest")["counts"]
    assert counted["duplicates"][identifier["value"]] == 2


def test_what_is_deleted_is_gone_and_its_versions_stay(platform: Platform, running: Course) -> None:
    address = platform.call("POST", "careplan/CommunicationRequest", wish(running)).headers["Location"]
    address, _, version = address.partition("/_history/")

    answer = platform.call("DELETE", address)

    assert values_at(answer.json(), "issue.details.coding.code") == ["SUCCESSFUL_DELETE"]
    assert platform.call("GET", address).status_code == 410
    assert platform.call("GET", f"{address}/_history/{version}").status_code == 200
    found = platform.call("GET", f"careplan/CommunicationRequest?_id={id_of(address)}").json()
    assert found["total"] == 0


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ("careplan/EpisodeOfCare?_id=1", 400),
        ("careplan/ServiceRequest?patient={patient}", 400),
        ("careplan/Condition?patient={patient}", 400),
        ("careplan/CarePlan?patient={patient}&colour=red", 400),
        ("careplan/CarePlan?patient={patient}&subject={patient}", 400),
        ("measurement/QuestionnaireResponse?subject={patient}&patient={patient}", 400),
        ("careplan/CarePlan?patient={patient}&_count=many", 400),
        ("careplan/CarePlan?patient={patient}&_lastUpdated=yesterday", 400),
        ("careplan/CarePlan?patient={patient}&_include=CarePlan:colour", 400),
        ("careplan/CarePlan?patient={patient}&_summary=count", 400),
        ("careplan/CarePlan?patient={patient}&_sort=-_lastUpdated", 200),
        ("careplan/CarePlan?patient={patient}&_lastUpdated=ge2020-01-01", 200),
        ("patient/CarePlan?patient={patient}", 400),
    ],
)
def test_a_search_knows_the_services_parameters_only(
    platform: Platform, running: Course, search: str, status: int
) -> None:
    answer = platform.call("GET", search.format(patient=running.patient))

    assert answer.status_code == status
    if status == 400:
        assert said(answer)


@pytest.mark.parametrize(
    ("criteria", "found"),
    [
        ("_lastUpdated=ge2020-01-01", 1),
        ("_lastUpdated=lt2020-01-01", 0),
        ("_lastUpdated=gt2020-01-01&_lastUpdated=le2100-01-01T00:00:00Z", 1),
        ("status=active", 1),
        ("status=draft,active", 1),
        ("status=draft", 0),
        ("_tag=http://ehealth.sundhed.dk/cs/ehealth-system|xa", 1),
        ("_tag=xb", 0),
    ],
)
def test_criteria_narrow_a_search(platform: Platform, course: Course, criteria: str, found: int) -> None:
    answer = platform.call("GET", f"careplan/CarePlan?patient={course.patient}&{criteria}")

    assert answer.json()["total"] == found


def test_a_plan_comes_with_its_requests(platform: Platform, course: Course) -> None:
    query = f"careplan/CarePlan?patient={course.patient}&_include=CarePlan:activity-reference"

    entries = platform.call("GET", query).json()["entry"]

    assert [(one["resource"]["resourceType"], one["search"]["mode"]) for one in entries] == [
        ("CarePlan", "match"),
        ("ServiceRequest", "include"),
    ]


def pages(platform: Platform, course: Course, count: int) -> list[list[str]]:
    found, address = [], f"careplan/CommunicationRequest?patient={course.patient}&_count={count}"
    while address:
        bundle = platform.call("GET", address).json()
        found.append(values_at(bundle, "entry.resource.id"))
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        address = links.get("next", "")
    return found


def test_pages_are_followed_by_their_links(platform: Platform, course: Course) -> None:
    made = [
        platform.call("POST", "careplan/CommunicationRequest", wish(course)).json()["id"] for _ in range(5)
    ]

    assert pages(platform, course, 2) == [made[:2], made[2:4], made[4:]]
    assert pages(platform, course, 5) == [made]


def test_a_cursor_ends_with_a_500(platform: Platform, course: Course) -> None:
    """§8: do not walk large result sets."""
    for _ in range(2):
        platform.call("POST", "careplan/CommunicationRequest", wish(course)).raise_for_status()
    first = platform.call("GET", f"careplan/CommunicationRequest?patient={course.patient}&_count=1").json()
    following = first["link"][-1]["url"]

    platform.control("DELETE", "cursors")

    assert platform.call("GET", following).status_code == 500


def test_a_search_by_cpr_number_leaves_no_number_in_an_address(platform: Platform, running: Course) -> None:
    form = {"identifier": f"urn:oid:1.2.208.176.1.2|{running.cpr}"}
    token = platform.anything

    answer = platform.http.post(
        "/patient/fhir/Patient/_search", data=form, headers={"Authorization": f"Bearer {token}"}
    ).json()

    assert answer["total"] == 1
    assert running.cpr not in str(answer["link"])


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        (
            [{"op": "replace", "path": "/identifier/0/value", "value": "0101010101"}],
            "PATIENT_CPR_CHANGE_IS_NOT_ALLOWED",
        ),
        (
            [{"op": "replace", "path": "/name/0/family", "value": "X"}],
            "PATIENT_OFFICIAL_NAME_CHANGE_NOT_ALLOWED",
        ),
        ([{"op": "replace", "path": "/gender", "value": "other"}], "GENERAL_VALIDATION_ERROR"),
        ([{"op": "remove", "path": "/telecom"}], None),
    ],
)
def test_a_patient_changes_where_the_register_does_not(
    platform: Platform, changes: list[Any], code: str | None
) -> None:
    answer = platform.call("PATCH", platform.patient(), changes)

    assert answer.status_code == (422 if code else 200), answer.text
    if code:
        assert said(answer) == code


@pytest.mark.parametrize(
    ("body", "severity"),
    [({"status": "active"}, "information"), ({"status": "active", "subject": None}, "error")],
)
def test_validate_says_what_would_be_said(
    platform: Platform, running: Course, body: Json, severity: str
) -> None:
    resource = {name: value for name, value in {**wish(running), **body}.items() if value is not None}

    answer = platform.call("POST", "careplan/CommunicationRequest/$validate", resource)

    assert answer.status_code == 200
    assert set(values_at(answer.json(), "issue.severity")) == {severity}


@pytest.mark.parametrize(
    "service", ["patient", "organization", "careplan", "plan", "questionnaire", "measurement", "task"]
)
def test_each_service_has_a_path_and_a_statement_of_its_own(platform: Platform, service: str) -> None:
    statement = platform.http.get(f"/{service}/fhir/metadata").json()

    assert statement["implementation"]["url"].endswith(f"/{service}/fhir")
    assert statement["rest"][0]["resource"]
