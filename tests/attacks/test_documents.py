# ruff: noqa: E501 - what is made to be long is long
"""Files and texts made to be read badly: XML that grows or fetches, JSON bombs, addresses that must not be visited."""

from __future__ import annotations

import base64
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from identity.privileges import read_privileges
from identity.refusals import LoginRefused
from identity.roles import Role
from questionnaires.models import QuestionnaireVersion
from tests import factories
from tests.conftest import staff_actor

pytestmark = pytest.mark.django_db

IMPORT = "/kam/spoergeskemaer/importer/"


@pytest.fixture
def administrator(client_as: Callable[..., Client]) -> Client:
    return client_as(staff_actor(factories.StaffMemberFactory(), frozenset(Role)))


@pytest.fixture
def visited(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Every address that anything here looks up or connects to, but for our own database and Redis."""
    asked: list[Any] = []
    connect, get_addresses = socket.socket.connect, socket.getaddrinfo
    redis = urlsplit(settings.REDIS_URL)

    def look_up(host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if (host, port) == (redis.hostname, redis.port):
            return get_addresses(host, port, *rest, **more)
        asked.append(host)
        raise OSError("no network here")

    def connecting(self: socket.socket, address: Any) -> Any:
        if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1"}:
            asked.append(address)
            raise OSError("no network here")
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    monkeypatch.setattr(socket.socket, "connect", connecting)
    return asked


GROWING = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
XML = {
    "billion laughs": f'<!DOCTYPE x [<!ENTITY l0 "lol">{GROWING}]><PrivilegeList>&l9;</PrivilegeList>',
    "quadratic": f'<!DOCTYPE x [<!ENTITY a "{"a" * 50_000}">]><PrivilegeList>{"&a;" * 5_000}</PrivilegeList>',
    "file": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><PrivilegeList>&e;</PrivilegeList>',
    "address": '<!DOCTYPE x [<!ENTITY e SYSTEM "http://evil.example/">]><PrivilegeList>&e;</PrivilegeList>',
    "parameter": '<!DOCTYPE x [<!ENTITY % e SYSTEM "http://evil.example/x.dtd"> %e;]><PrivilegeList/>',
    "external dtd": '<!DOCTYPE x SYSTEM "http://evil.example/x.dtd"><PrivilegeList/>',
    "public dtd": '<!DOCTYPE x PUBLIC "a" "http://evil.example/x.dtd"><PrivilegeList/>',
    "xinclude": '<PrivilegeList xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="/etc/passwd"/></PrivilegeList>',
    "style sheet": '<?xml-stylesheet href="http://evil.example/x.xsl"?><PrivilegeList/>',
    "schema": '<PrivilegeList xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a http://evil.example/"/>',
    "deep": "<a>" * 28_000 + "</a>" * 28_000,
    "deep assertion": f"<Assertion><Attribute><AttributeValue>{'<a>' * 20_000}{'</a>' * 20_000}</AttributeValue></Attribute></Assertion>",
    "deep named": (
        '<Assertion><Attribute Name="https://data.gov.dk/model/core/eid/privilegesIntermediate"><AttributeValue>'
        f"{'<a>' * 20_000}{'</a>' * 20_000}</AttributeValue></Attribute></Assertion>"
    ),
    "wide": "<PrivilegeList>" + "<PrivilegeGroup/>" * 11_000 + "</PrivilegeList>",
    "attributes": "<PrivilegeList " + " ".join(f'a{n}="b"' for n in range(15_000)) + "/>",
    "other encoding": '<?xml version="1.0" encoding="UTF-7"?><PrivilegeList/>',
    "nul": "<PrivilegeList>\0</PrivilegeList>",
}  # fmt: skip


@pytest.mark.parametrize("name", XML)
def test_no_xml_grows_fetches_or_fails(
    name: str, administrator: Client, visited: list[Any], tried: Callable[[str, int], None]
) -> None:
    text = XML[name]
    for written in (text, base64.b64encode(text.encode()).decode()):
        with pytest.raises(LoginRefused):
            read_privileges(written)
        answer = administrator.post("/login/test/", {"login": written, "colleague": written})
        assert answer.status_code in {200, 422}
        assert b"root:" not in answer.content
        assert len(answer.content) < 400_000
    assert visited == []
    tried("XXE and XML that grows", 4)


def nested(layers: int, inner: str = "1") -> str:
    return '{"a":' * layers + inner + "}" * layers


JSON = {
    "deep lists": "[" * 500_000,
    "deep lists, closed": "[" * 900 + "]" * 900,
    "deep objects": nested(100_000),
    "deep in an item": '{"resourceType":"Questionnaire","item":' + "[" * 990 + "]" * 990 + "}",
    "huge number": '{"resourceType":"Questionnaire","x":' + "9" * 4_000 + "}",
    "huger number": '{"resourceType":"Questionnaire","x":' + "9" * 400_000 + "}",
    "exponent": '{"resourceType":"Questionnaire","x":1e999999}',
    "negative exponent": '{"resourceType":"Questionnaire","x":1e-999999}',
    "name twice": '{"resourceType":"Questionnaire","resourceType":"Patient"}',
    "not a number": '{"resourceType":"Questionnaire","x":NaN}',
    "half a character": '{"resourceType":"Questionnaire","title":"\\ud800"}',
    "nul": '{"resourceType":"Questionnaire","title":"\\u0000"}',
    "prototype": '{"resourceType":"Questionnaire","__proto__":{"x":1},"constructor":{"prototype":{}}}',
    "many names": "{" + ",".join(f'"a{n}":1' for n in range(200_000)) + "}",
    "many items": '{"resourceType":"Questionnaire","item":[' + ",".join(['{"linkId":"a","type":"string"}'] * 20_000) + "]}",
    "nothing": "",
    "only spaces": " " * 1_000_000,
}  # fmt: skip


@pytest.mark.parametrize("name", JSON)
def test_no_json_stalls_or_fails(name: str, administrator: Client, tried: Callable[[str, int], None]) -> None:
    content = JSON[name].encode()
    answer = administrator.post(IMPORT, {"file": SimpleUploadedFile("f.json", content, "application/json")})
    assert answer.status_code in {422, 302}, name
    # The same as the payload of a token.
    payload = base64.urlsafe_b64encode(content[:150_000]).decode().rstrip("=")
    for text in (f"eyJhbGciOiJub25lIn0.{payload}.x", JSON[name][:190_000]):
        assert administrator.post("/login/test/", {"login": text}).status_code in {200, 422}
    tried("JSON bombs", 3)


def test_claims_of_any_shape_are_only_looked_at(
    administrator: Client, tried: Callable[[str, int], None]
) -> None:
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    values = [None, True, -1, 10**400, 1e308, "", "x" * 50_000, [], {}, [None], {"a": [1]}, deep, "\u202e\0"]
    names = [
        "iss",
        "aud",
        "exp",
        "iat",
        "nbf",
        "loa",
        "cvr",
        "privileges",
        "contexts",
        "user_type",
        "cpr",
        "name",
    ]
    for name in names:
        for value in values:
            claims = {"user_type": "PRACTITIONER", "loa": "Substantial", "cvr": "29189846", name: value}
            answer = administrator.post("/login/test/", {"login": json.dumps(claims)})
            assert answer.status_code in {200, 422}, (name, str(value)[:40])
    tried("claims of odd shapes", len(names) * len(values))


PLACES = ["http://evil.example/x", "http://169.254.169.254/latest/", "file:///etc/passwd", "//evil.example/x", "gopher://evil.example:70/x"]  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_no_address_in_a_questionnaire_is_visited(
    place: str, administrator: Client, visited: list[Any], tried: Callable[[str, int], None]
) -> None:
    attachment = {"url": place, "contentType": "image/png"}
    source: dict[str, Any] = {
        "resourceType": "Questionnaire",
        "id": "x",
        "meta": {"profile": [place], "source": place},
        "implicitRules": place,
        "url": f"https://example.org/{abs(hash(place))}",
        "derivedFrom": [place],
        "status": "active",
        "title": "Adresser",
        "text": {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml"><img src="{place}"/></div>'},
        "extension": [{"url": place, "valueUri": place}],
        "contained": [
            {"resourceType": "ValueSet", "id": "v", "url": place, "compose": {"include": [{"valueSet": [place]}]}}
        ],
        "item": [
            {
                "linkId": "1",
                "type": "choice",
                "text": "Vælg",
                "definition": place,
                "answerValueSet": place,
                "extension": [
                    {"url": "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-itemMedia", "valueAttachment": attachment},
                ],
            },
            {"linkId": "2", "type": "string", "text": "Skriv", "_text": {"extension": [
                {"url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml", "valueString": f'<img src="{place}"/><iframe src="{place}"/>'}]}},
            {"linkId": "3", "type": "attachment", "text": "Fil", "initial": [{"valueAttachment": attachment}]},
            {"linkId": "4", "type": "reference", "text": "Hvem", "initial": [{"valueReference": {"reference": place}}]},
        ],
    }  # fmt: skip
    file = SimpleUploadedFile("f.json", json.dumps(source).encode(), "application/json")
    answer = administrator.post(IMPORT, {"file": file})
    assert answer.status_code in {302, 422}
    version = QuestionnaireVersion.objects.filter(title="Adresser").first()
    if version is not None:
        for address in (f"/kam/spoergeskemaer/{version.pk}/", f"/kam/spoergeskemaer/{version.pk}/proev/"):
            shown = (
                administrator.get(address) if not address.endswith("proev/") else administrator.post(address)
            )
            assert shown.status_code == 200
            # Nor by the browser that looks at it.
            assert f'src="{place}'.encode() not in shown.content
    assert visited == []
    tried("SSRF through import", 12)
