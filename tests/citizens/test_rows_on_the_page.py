"""A citizen adds and removes rows and lines, with htmx and by buttons alone."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.actors import CitizenActor
from plans.models import Task
from questionnaires import engine
from questionnaires.models import Response
from tests.citizens.test_answering_pages import body, task_with
from tests.factories import CitizenFactory
from tests.questionnaires.test_rows import SOURCE

pytestmark = pytest.mark.django_db


class Answerer:
    def __init__(self, client: Client, task: Task) -> None:
        self.client = client
        self.root = f"/borger/opgave/{task.pk}/"
        client.post(self.root)

    def htmx(self, fields: dict[str, Any]) -> Any:
        return self.client.post(f"{self.root}svar/1/", fields, headers={"HX-Request": "true"})

    def press(self, fields: dict[str, Any]) -> Any:
        return self.client.post(f"{self.root}side/1/", fields)

    @property
    def keys(self) -> list[str]:
        """The rows that the page shows."""
        return re.findall(r'name="row" value="med#(\w+)"', body(self.client.get(f"{self.root}side/1/")))

    def answers(self, link_id: str, row: int) -> Any:
        return engine.answers_of(Response.objects.get().document, link_id, within={"med": row})


@pytest.fixture
def answerer(client_as: Callable[[CitizenActor], Client]) -> Answerer:
    citizen = CitizenFactory()
    task = task_with(SOURCE, citizen)
    return Answerer(client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task)


def test_a_row_is_added_in_place_and_the_focus_goes_there(answerer: Answerer) -> None:
    page = answerer.htmx({"a:name#0": "Panodil", "add-row": "med"})
    _first, key = answerer.keys
    assert f'data-focus="f-a_3a_med_23_{key}-rows"' in body(page)
    assert f'id="f-a_3a_med_23_{key}-rows"' in body(page)
    assert "Der er kommet en mere." in body(page)
    assert answerer.answers("name", 0) == ({"valueString": "Panodil"},)


def test_without_javascript_the_button_leads_back_to_the_new_row(answerer: Answerer) -> None:
    went = answerer.press({"add-row": "med"})
    assert went.status_code == 302
    assert went["Location"].endswith(f"side/1/#f-a_3a_med_23_{answerer.keys[1]}-rows")


def test_what_is_written_is_removed_by_a_second_button_only(answerer: Answerer) -> None:
    answerer.press({"add-row": "med"})
    key = answerer.keys[1]
    asking = answerer.press({f"a:name#{key}": "Ipren", "remove-row": f"med#{key}"})
    assert "Vil du fjerne det, du har skrevet her?" in body(asking)
    assert answerer.answers("name", 1) == ({"valueString": "Ipren"},)
    kept = answerer.press({f"a:name#{key}": "Ipren", "go": "stay"})
    assert kept.status_code == 302
    gone = answerer.press({f"a:name#{key}": "Ipren", "remove-row-now": f"med#{key}"})
    assert gone["Location"].endswith("#f-a_3a_med-rows")
    assert answerer.keys == ["0"]


def test_an_empty_row_goes_at_once(answerer: Answerer) -> None:
    answerer.press({"add-row": "med"})
    page = answerer.htmx({"a:name#0": "Panodil", "remove-row": f"med#{answerer.keys[1]}"})
    assert "Fjernet." in body(page)
    assert answerer.keys == ["0"]


def test_a_row_too_many_is_refused_in_plain_words(answerer: Answerer) -> None:
    for _each in range(2):
        answerer.press({"add-row": "med"})
    refused = answerer.press({"a:name#0": "Panodil", "add-row": "med"})
    assert refused.status_code == 422
    assert "Du kan højst udfylde 3." in body(refused)


def test_thousands_of_rows_sent_by_somebody_are_refused(answerer: Answerer) -> None:
    refused = answerer.htmx({f"a:name#k{number}": "x" for number in range(10_000)})
    assert refused.status_code == 422
    assert "Der er ikke plads til flere." in body(refused)
    assert answerer.keys == ["0"]


def test_a_line_more_and_a_line_less(answerer: Answerer) -> None:
    page = answerer.htmx({"a:side": ["Kvalme"], "add-line": "side"})
    assert body(page).count('name="a:side"') == 2
    page = answerer.press({"a:side": ["Kvalme"], "add-line": "side"})
    assert body(page).count('name="a:side"') == 2
    page = answerer.htmx({"a:side": ["Kvalme", "Svimmel"], "remove-line": "0 side"})
    assert body(page).count('name="a:side"') == 1
    assert engine.answers_of(Response.objects.get().document, "side") == ({"valueString": "Svimmel"},)


def test_what_is_missing_leads_to_its_row(answerer: Answerer) -> None:
    answerer.press({"add-row": "med"})
    key = answerer.keys[1]
    answerer.press({f"a:daily#{key}": "true", "asked": f"daily#{key}", "go": "stay"})
    summary = body(answerer.client.get(f"{answerer.root}opsummering/"))
    assert f"#f-a_3a_dose_23_{key}" in summary
    page = answerer.press({f"a:dose#{key}": "2", "go": "next"})
    assert page.status_code == 302
    summary = body(answerer.client.get(f"{answerer.root}opsummering/"))
    assert "Der mangler noget" not in summary
