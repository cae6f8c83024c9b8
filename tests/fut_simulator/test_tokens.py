"""Contract §3: how a token is got, narrowed and lost."""

from typing import Any

import httpx
import pytest

from tests.fut.conftest import SECRET
from tests.fut_simulator.platform import Course, Platform, said

CLIENT = {"client_id": "kommunalpro", "client_secret": SECRET}
EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ROLE = "urn:dk:sundhed:ehealth:role:"


def ask(platform: Platform, realm: str = "ehealth", **form: str) -> httpx.Response:
    address = f"/auth/realms/{realm}/protocol/openid-connect/token"
    return platform.http.post(address, data={**CLIENT, **form})


def userinfo(platform: Platform, token: str) -> dict[str, Any]:
    address = "/auth/realms/ehealth/protocol/openid-connect/userinfo"
    answer = platform.http.get(address, headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def test_a_systems_token_is_narrowed_to_what_was_asked_for(platform: Platform, running: Course) -> None:
    given = ask(platform, grant_type="client_credentials", **running.context).json()

    assert given["token_type"] == "Bearer"
    assert "xa" in given["scope"].split()
    info = userinfo(platform, given["access_token"])
    assert info["user_type"] == "SYSTEM"
    assert set(info["context"]) == {"patient_id", "episode_of_care_id"}
    assert "$submit-measurement" in info["roles"]


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "client_credentials", "client_secret": "wrong"}, "invalid_client"),
        ({"grant_type": "password"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
        ({"grant_type": "refresh_token", "refresh_token": "long gone"}, "invalid_grant"),
        ({"grant_type": EXCHANGE, "subject_token": "long gone"}, "invalid_grant"),
    ],
)
def test_what_is_not_granted_is_named(platform: Platform, form: dict[str, str], error: str) -> None:
    answer = ask(platform, **form)

    assert (answer.status_code, answer.json()["error"]) == (400, error)


def staff(platform: Platform, team: str) -> str:
    grant = {
        "user_type": "PRACTITIONER",
        "user_id": "Practitioner/1",
        "care_teams": {team: [f"{ROLE}clinical_viewer"]},
        "organizations": ["Organization/7"],
    }
    token: str = platform.control("POST", "grants", grant)["refresh_token"]
    return token


@pytest.mark.parametrize("way", ["refresh_token", EXCHANGE], ids=["refresh", "exchange"])
def test_a_stored_grant_gives_a_token_and_the_next_grant(
    platform: Platform, running: Course, way: str
) -> None:
    field = "refresh_token" if way == "refresh_token" else "subject_token"
    grant = staff(platform, "CareTeam/5")

    given = ask(platform, grant_type=way, **{field: grant}, care_team_id="CareTeam/5", **running.context)

    assert given.status_code == 200
    info = userinfo(platform, given.json()["access_token"])
    assert "CarePlan.read" in info["roles"]
    assert "CarePlan.update" not in info["roles"]
    again = ask(platform, grant_type=way, **{field: grant}, care_team_id="CareTeam/5")
    assert again.json()["error"] == "invalid_grant"
    assert ask(platform, grant_type=way, **{field: given.json()["refresh_token"]}).status_code == 200


@pytest.mark.parametrize(
    "context",
    [
        {"care_team_id": "CareTeam/6"},
        {"organization_id": "Organization/8"},
        {"patient_id": "Patient/1"},
        {"episode_of_care_id": "EpisodeOfCare/1"},
    ],
    ids=["another team", "another organisation", "a patient without a team", "an episode without a team"],
)
def test_a_context_that_is_not_theirs_is_invalid(platform: Platform, context: dict[str, str]) -> None:
    answer = ask(platform, grant_type="refresh_token", refresh_token=staff(platform, "CareTeam/5"), **context)

    assert (answer.status_code, answer.json()["error_description"]) == (400, "Invalid context")


def test_a_refused_context_costs_no_grant(platform: Platform) -> None:
    grant = staff(platform, "CareTeam/5")
    ask(platform, grant_type="refresh_token", refresh_token=grant, care_team_id="CareTeam/6")

    assert ask(platform, grant_type="refresh_token", refresh_token=grant).status_code == 200


def test_citizens_are_their_own_context_and_take_their_own_episodes_only(
    platform: Platform, running: Course, course: Course
) -> None:
    def grant() -> str:
        given = {"user_type": "PATIENT", "user_id": running.patient, "patient": running.patient}
        token: str = platform.control("POST", "grants", given)["refresh_token"]
        return token

    plain = ask(platform, "nemlogin", grant_type="refresh_token", refresh_token=grant()).json()
    assert list(userinfo(platform, plain["access_token"])["context"]) == ["patient_id"]
    own = {"episode_of_care_id": running.episode}
    others = {"episode_of_care_id": course.episode}
    asked = [
        ask(platform, "nemlogin", grant_type="refresh_token", refresh_token=grant(), **context).status_code
        for context in (own, others, {"patient_id": course.patient})
    ]
    assert asked == [200, 400, 400]


@pytest.mark.parametrize("authorization", ["", "Bearer nonsense", "Basic a2V5"])
def test_without_a_good_token_nothing_is_told(platform: Platform, authorization: str) -> None:
    answer = platform.http.get(
        "/careplan/fhir/CarePlan?patient=Patient/1", headers={"Authorization": authorization}
    )

    assert answer.status_code == 401
    assert said(answer)


def test_the_control_ends_every_token(platform: Platform) -> None:
    before = platform.anything
    platform.control("DELETE", "tokens")
    platform.anything = platform.token(unbound=True)

    assert platform.call("GET", "patient/Patient/1", token=before).status_code == 401
