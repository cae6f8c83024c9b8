"""The interface for other programs, as a program sees it."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from identity import rate_limits
from identity.actors import CitizenActor
from identity.rate_limits import RULES, Action
from questionnaires.models import PublicationStatus
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.servers import free_port

pytestmark = pytest.mark.django_db

ADDRESSES = ["/api/v1/me", "/api/v1/questionnaires", "/api/v1/questionnaires/canonical?url=x"]


def is_problem(answer: Any, status: int, code: str) -> bool:
    told = json.loads(answer.content)
    return bool(
        answer.status_code == status
        and answer["Content-Type"] == "application/problem+json"
        and {"type", "title", "status", "detail", "code"} <= told.keys()
        and told["status"] == status
        and told["code"] == code
    )


@pytest.fixture
def municipality() -> Any:
    return factories.MunicipalityFactory()


@pytest.fixture
def administrator(client_as: Callable[..., Client], municipality: Any) -> Client:
    member = factories.StaffMemberFactory(municipality=municipality)
    return client_as(staff_actor(member, ADMINISTRATOR_ROLES))


def published(owner: Any = None, **more: Any) -> Any:
    questionnaire = factories.QuestionnaireFactory(owner=owner)
    return factories.QuestionnaireVersionFactory(questionnaire=questionnaire, **more)


# --- who I am ---------------------------------------------------------------------------------------


def test_an_employee_learns_who_they_are_here(administrator: Client, municipality: Any) -> None:
    me = administrator.get("/api/v1/me").json()
    assert me["kind"] == "staff"
    assert [role["code"] for role in me["roles"]] == ["clinical_administrator", "questionnaire_editor"]
    assert "publish_questionnaire" in {each["code"] for each in me["permissions"]}
    assert me["municipality"] == {
        "code": municipality.code,
        "cvr": municipality.cvr,
        "name": municipality.name,
    }
    assert 0 < me["session"]["seconds_left"] <= 30 * 60


def test_a_citizen_has_no_role_and_no_municipality_to_work_for(client_as: Callable[..., Client]) -> None:
    citizen = factories.CitizenFactory()
    me = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)).get("/api/v1/me").json()
    assert (me["kind"], me["roles"], me["permissions"], me["municipality"]) == ("citizen", [], [], None)
    assert citizen.cpr not in str(me)


def test_the_system_administration_works_in_no_municipality(administrator_client: Client) -> None:
    assert administrator_client.get("/api/v1/me").json()["municipality"] is None


# --- questionnaires ---------------------------------------------------------------------------------


def test_the_list_holds_national_ones_and_ones_own_but_no_drafts(
    administrator: Client, municipality: Any
) -> None:
    own, national = published(municipality), published(None)
    published(factories.MunicipalityFactory())
    published(municipality, status=PublicationStatus.DRAFT, published_at=None)
    bundle = administrator.get("/api/v1/questionnaires")
    assert bundle["Content-Type"] == "application/fhir+json"
    told = bundle.json()
    assert (told["resourceType"], told["type"], told["total"]) == ("Bundle", "searchset", 2)
    assert {entry["resource"]["id"] for entry in told["entry"]} == {str(own.pk), str(national.pk)}
    assert all("item" not in entry["resource"] for entry in told["entry"])


def test_one_is_read_by_its_id_with_the_names_it_has_here(administrator: Client, municipality: Any) -> None:
    version = published(municipality, number=3, source={"resourceType": "Questionnaire", "status": "draft"})
    told = administrator.get(f"/api/v1/questionnaires/{version.pk}").json()
    assert told["resourceType"] == "Questionnaire"
    assert (told["url"], told["version"], told["status"]) == (version.questionnaire.url, "3", "active")


def test_one_is_read_by_its_canonical_address(administrator: Client, municipality: Any) -> None:
    older = published(municipality, status=PublicationStatus.RETIRED)
    newer = factories.QuestionnaireVersionFactory(questionnaire=older.questionnaire, number=2)

    def asked(**which: Any) -> Any:
        return administrator.get(
            "/api/v1/questionnaires/canonical", {"url": older.questionnaire.url, **which}
        )

    assert asked().json()["id"] == str(newer.pk)
    assert asked(version=1).json()["id"] == str(older.pk)
    assert is_problem(asked(version=3), 404, "not_found")
    assert is_problem(asked(version="x"), 400, "invalid")


@pytest.mark.parametrize("status", [PublicationStatus.ACTIVE, PublicationStatus.DRAFT])
def test_another_municipalitys_is_not_there(administrator: Client, status: str) -> None:
    foreign = published(factories.MunicipalityFactory(), status=status)
    assert is_problem(administrator.get(f"/api/v1/questionnaires/{foreign.pk}"), 404, "not_found")
    by_url = administrator.get("/api/v1/questionnaires/canonical", {"url": foreign.questionnaire.url})
    assert is_problem(by_url, 404, "not_found")
    assert (
        administrator.get("/api/v1/questionnaires", {"url": foreign.questionnaire.url}).json()["total"] == 0
    )


def test_lists_come_by_pages(administrator: Client, municipality: Any) -> None:
    for _ in range(3):
        published(municipality)
    first = administrator.get("/api/v1/questionnaires", {"_count": 2}).json()
    assert len(first["entry"]) == 2
    links = {link["relation"]: link["url"] for link in first["link"]}
    second = administrator.get(links["next"]).json()
    assert len(second["entry"]) == 1
    assert is_problem(administrator.get("/api/v1/questionnaires", {"page": 9}), 404, "not_found")


# --- refusals ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ADDRESSES)
def test_nobody_is_told_to_log_in(address: str, client: Client) -> None:
    answer = client.get(address)
    assert is_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Session ")


@pytest.mark.parametrize("address", ADDRESSES[1:])
def test_a_nurse_has_no_right_to_questionnaires(address: str, nurse_client: Client) -> None:
    assert is_problem(nurse_client.get(address), 403, "permission_denied")


def test_what_is_not_there_and_what_cannot_be_done_has_the_same_shape(administrator: Client) -> None:
    assert is_problem(administrator.get("/api/v1/nothing"), 404, "not_found")
    answer = administrator.delete("/api/v1/me")
    assert is_problem(answer, 405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_a_fault_of_ours_has_it_too(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("6101500001")

    monkeypatch.setattr("identity.sessions.time_left", fail)
    administrator.raise_request_exception = False
    monkeypatch.setattr("identity.middleware.sessions.touch", lambda *_: None)
    answer = administrator.get("/api/v1/me")
    assert is_problem(answer, 500, "server_error")
    assert b"610150" not in answer.content


def test_what_is_too_large_has_it_too(administrator: Client) -> None:
    answer = administrator.generic("POST", "/api/v1/me", b"", CONTENT_LENGTH="99999999")
    assert is_problem(answer, 413, "request_too_large")


def test_a_change_without_the_token_against_forgery_is_refused(
    client_as: Callable[..., Client], municipality: Any
) -> None:
    client = client_as(staff_actor(factories.StaffMemberFactory(municipality=municipality)))
    client.handler.enforce_csrf_checks = True
    assert is_problem(client.post("/api/v1/me", {}, "application/json"), 403, "permission_denied")


def test_who_asks_too_often_waits(administrator: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, Action.API, rate_limits.rule("2/hour"))
    answers = [administrator.get("/api/v1/me") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert is_problem(answers[-1], 429, "too_many_requests")
    assert int(answers[-1]["Retry-After"]) > 0


# --- is it well -------------------------------------------------------------------------------------


def test_a_monitor_need_not_log_in(client: Client, settings: LazySettings) -> None:
    assert client.get("/api/v1/health").json() == {"status": "ok"}
    assert client.get("/api/v1/readiness").json() == {"status": "ok", "database": "ok", "queue": "ok"}
    settings.REDIS_URL = f"redis://127.0.0.1:{free_port()}/0"
    without = client.get("/api/v1/readiness")
    assert (without.status_code, without.json()["queue"]) == (200, "unavailable")
