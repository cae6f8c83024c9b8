"""Questionnaires from a repository of files, as a script brings them."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.roles import Role
from questionnaires.importing import import_questionnaire
from questionnaires.models import PublicationStatus, QuestionnaireVersion
from tests import factories
from tests.api.test_api import is_problem
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import question
from tests.questionnaires.transfer.files import simple

pytestmark = pytest.mark.django_db

LIST = "/api/v1/questionnaires"
VALIDATE = f"{LIST}/validate"
FHIR = "application/fhir+json"
TWICE = {**simple(), "item": [question("a"), question("a")]}


@pytest.fixture
def municipality() -> Any:
    return factories.MunicipalityFactory()


@pytest.fixture
def script(client_as: Callable[..., Client], municipality: Any) -> Client:
    member = factories.StaffMemberFactory(municipality=municipality)
    return client_as(staff_actor(member, ADMINISTRATOR_ROLES))


def send(client: Client, resource: object, *, to: str = LIST, kind: str = FHIR) -> Any:
    content = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
    return client.post(to, content, content_type=kind)


def publish(client: Client, stored: Any, etag: str | None = None) -> Any:
    address = f"{stored['Location'].removeprefix('http://testserver')}/publish"
    return client.post(address, {"etag": etag or stored["ETag"]}, content_type="application/json")


def test_from_a_file_to_a_published_version_and_again(script: Client, municipality: Any) -> None:
    stored = send(script, simple(title="Første"))
    assert stored.status_code == 201
    assert (stored.json()["status"], stored.json()["version"]) == ("draft", "1")
    assert QuestionnaireVersion.objects.get().questionnaire.owner == municipality

    published = publish(script, stored)
    assert (published.status_code, published.json()["status"]) == (200, "active")

    unchanged = send(script, simple(title="Første"))
    assert (unchanged.status_code, QuestionnaireVersion.objects.count()) == (200, 1)

    changed = send(script, simple(title="Anden"), kind="application/json")
    assert (changed.status_code, changed.json()["version"]) == (201, "2")
    assert publish(script, changed).status_code == 200
    assert [one.status for one in QuestionnaireVersion.objects.order_by("number")] == ["retired", "active"]


def test_a_draft_is_read_and_listed_by_its_owner_alone(
    script: Client, client_as: Callable[..., Client]
) -> None:
    stored = send(script, simple())
    address = stored["Location"]
    read = script.get(address)
    assert (read.status_code, read["ETag"]) == (200, stored["ETag"])
    assert script.get(LIST).json()["total"] == 0
    assert script.get(LIST, {"status": "draft"}).json()["total"] == 1
    other = client_as(staff_actor(factories.StaffMemberFactory(), ADMINISTRATOR_ROLES))
    assert is_problem(other.get(address), 404, "not_found")
    assert other.get(LIST, {"status": "draft"}).json()["total"] == 0
    assert is_problem(publish(other, stored), 404, "not_found")


def test_validation_stores_nothing_and_says_all(script: Client) -> None:
    outcome = send(script, TWICE, to=VALIDATE).json()
    assert outcome["resourceType"] == "OperationOutcome"
    assert "error" in {issue["severity"] for issue in outcome["issue"]}
    good = send(script, simple(), to=VALIDATE).json()
    assert "error" not in {issue["severity"] for issue in good["issue"]}
    nul = send(script, simple(title="a\0"), to=VALIDATE).json()
    assert nul["issue"][0]["severity"] == "error"
    assert not QuestionnaireVersion.objects.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"7", b"\xff\xfe", json.dumps(TWICE).encode(), b'{"a": NaN}', b"{" + b" " * 5_300_000],
    ids=["empty", "half", "a list", "a number", "UTF-16", "twice", "NaN", "too large"],
)
def test_what_cannot_be_asked_is_refused_with_its_issues(script: Client, content: bytes) -> None:
    answer = send(script, content)
    assert is_problem(answer, 422, "questionnaire_refused")
    assert answer.json()["errors"]["issue"][0]["severity"] == "error"
    assert not QuestionnaireVersion.objects.exists()


def test_another_s_address_is_not_taken(script: Client) -> None:
    import_questionnaire(content=json.dumps(simple()).encode(), owner=None)
    assert is_problem(send(script, simple(title="x")), 422, "questionnaire_refused")


def test_only_what_was_seen_is_published(script: Client) -> None:
    seen = send(script, simple(title="Set"))
    send(script, simple(title="Ændret imens"))
    assert is_problem(publish(script, seen), 409, "draft_changed")
    assert is_problem(publish(script, seen, etag=" "), 400, "invalid")
    assert QuestionnaireVersion.objects.get().status == PublicationStatus.DRAFT


def test_what_the_engine_calls_an_error_is_never_published(script: Client) -> None:
    stored = send(script, simple())
    version = QuestionnaireVersion.objects.get()
    version.source = TWICE
    version.save()
    refused = publish(script, stored, etag=version.fingerprint)
    assert is_problem(refused, 422, "not_publishable")
    assert QuestionnaireVersion.objects.get().status == PublicationStatus.DRAFT


def test_what_fails_one_of_its_own_tests_is_never_published(script: Client) -> None:
    stored = send(script, simple())
    version = QuestionnaireVersion.objects.get()
    shown = next(iter(version.source["item"]))["linkId"]
    test = factories.QuestionnaireTestFactory(
        questionnaire=version.questionnaire, answers=[], expected_hidden=[shown], names={shown: "Spørgsmål"}
    )
    assert is_problem(publish(script, stored), 409, "questionnaire_tests_fail")
    assert QuestionnaireVersion.objects.get().status == PublicationStatus.DRAFT

    test.expected_hidden = []
    test.expected_shown = [shown]
    test.save()
    assert publish(script, stored).status_code == 200


def test_who_edits_may_not_publish_and_who_publishes_may_not_edit(
    client_as: Callable[..., Client], municipality: Any
) -> None:
    def somebody(role: Role) -> Client:
        member = factories.StaffMemberFactory(municipality=municipality)
        return client_as(staff_actor(member, frozenset({role})))

    editor, publisher = somebody(Role.QUESTIONNAIRE_EDITOR), somebody(Role.CLINICAL_ADMINISTRATOR)
    stored = send(editor, simple())
    assert stored.status_code == 201
    assert is_problem(publish(editor, stored), 403, "permission_denied")
    assert is_problem(send(publisher, simple(2)), 403, "permission_denied")
    assert is_problem(send(publisher, simple(2), to=VALIDATE), 403, "permission_denied")
    assert publish(publisher, stored).status_code == 200


def test_other_kinds_and_forged_requests(script: Client) -> None:
    assert is_problem(send(script, simple(), kind="text/plain"), 415, "unsupported_media_type")
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = script.cookies
    assert is_problem(send(strict, simple()), 403, "permission_denied")
    assert is_problem(send(Client(), simple()), 401, "not_authenticated")
