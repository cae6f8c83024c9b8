"""Every answer of the interface is what its schema says, whatever is asked by whomever.

`make api` asks far longer than the tests do: API_EXAMPLES says how often for each address and role.
"""

import os
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from django.conf import settings as site
from django.core.management import call_command
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from identity.actors import CitizenActor
from identity.rate_limits import RULES, Action, rule
from kommunalpro.wsgi import application
from tests import factories
from tests.conftest import ADMINISTRATOR_ROLES, NURSE_ROLES, staff_actor
from tests.every_address import patterns

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("API_EXAMPLES", "10"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def people(client_as: Callable[..., Client]) -> dict[str, Client]:
    citizen = factories.CitizenFactory()
    member = factories.StaffMemberFactory(municipality=citizen.municipality)
    return {
        "nobody": Client(),
        "citizen": client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)),
        "nurse": client_as(staff_actor(member, NURSE_ROLES)),
        "administrator": client_as(staff_actor(member, ADMINISTRATOR_ROLES)),
        "program": Client(headers={"Authorization": f"Bearer {SECRET}"}),
    }


# What a role is let into; everything else is refused to it. `questionnaires` stands for all addresses of them.
MAY = {
    "nobody": {"health", "readiness"},
    "citizen": {"health", "readiness", "me"},
    "nurse": {"health", "readiness", "me"},
    "administrator": {"health", "readiness", "me", "questionnaires"},
    "program": {"health", "readiness", "me", "questionnaires"},
}
TOKEN = "t" * 32
SECRET = "kpro_" + "s" * 43
REFUSED = {"nobody": 401, "citizen": 403, "nurse": 403}


@pytest.fixture(autouse=True)
def _asks_as_often_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(RULES, Action.API, rule("1000000/second"))


@pytest.fixture(autouse=True)
def _the_connection_stays_open() -> Iterator[None]:
    """As Django's own test client has it: a request would close it, and with it the test's transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def schema(client: Client) -> Any:
    """The schema, and behind it the application as `client` asks it: by its cookies or key, or made-up ones."""
    cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
    sent = {}
    if cookies:
        sent = {"HTTP_COOKIE": f"{cookies}; {site.CSRF_COOKIE_NAME}={TOKEN}", "HTTP_X_CSRFTOKEN": TOKEN}
        sent["HTTP_AUTHORIZATION"] = ""  # a made-up key would be refused, whoever is logged in
    if "HTTP_AUTHORIZATION" in client.defaults:
        sent = {"HTTP_AUTHORIZATION": client.defaults["HTTP_AUTHORIZATION"], "HTTP_COOKIE": ""}

    def browser(environ: dict[str, Any], start: Any) -> Any:
        return application(environ | sent, start)

    return schemathesis.openapi.from_wsgi("/api/v1/schema", browser, base_url="http://testserver")


@pytest.mark.parametrize(
    "mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["fitting", "damaged"]
)
@pytest.mark.parametrize("role", MAY)
def test_every_answer_is_what_the_schema_says(
    role: str, mode: GenerationMode, client_as: Callable[..., Client]
) -> None:
    factories.QuestionnaireVersionFactory()
    factories.ProgramKeyFactory(secret=SECRET)
    asked = 0
    for result in schema(people(client_as)[role]).get_all_operations():
        operation = result.ok()
        may = operation.path.split("/")[3] in MAY[role]
        if mode is GenerationMode.NEGATIVE and not (
            {"parameters", "requestBody"} & operation.definition.raw.keys()
        ):
            continue  # nothing about it can be damaged

        @settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
        @given(case=operation.as_strategy(generation_mode=mode))
        def ask(case: Any) -> None:
            nonlocal asked
            answer = case.call(base_url="http://testserver")
            case.validate_response(answer, checks=CHECKS)
            if not may:  # noqa: B023 - asked before the next operation
                assert answer.status_code in {REFUSED[role], 404}, (
                    answer.request.headers,
                    case.path,
                    case.query,
                )
            else:
                assert answer.status_code not in {401, 403}
            asked += 1

        ask()
    assert asked >= EXAMPLES


def test_the_schema_names_every_address_and_a_refusal_for_each() -> None:
    told = Client().get("/api/v1/schema").json()
    served = {pattern.route for pattern in patterns() if pattern.name.startswith("api:")}
    assert {re.sub(r"{(\w+)}", r"<uuid:\1>", path).strip("/") for path in told["paths"]} == served - {
        "api/v1/schema"
    }
    for path, methods in told["paths"].items():
        for operation in methods.values():
            assert {"400", "429"} <= operation["responses"].keys(), path


def test_the_schema_says_how_a_program_and_a_person_come_in() -> None:
    told = Client().get("/api/v1/schema").json()
    schemes = told["components"]["securitySchemes"]
    assert (schemes["key"]["type"], schemes["key"]["scheme"]) == ("http", "bearer")
    assert schemes["session"]["in"] == "cookie"
    for path, methods in told["paths"].items():
        for operation in methods.values():
            is_open = path.endswith(("/health", "/readiness"))
            assert operation.get("security", []) == ([] if is_open else [{"key": []}, {"session": []}]), path


def test_the_schema_is_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", "--file", os.devnull)
