"""The address that finds options of a long list: of one's own open task only, and only what its page asks."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.actors import CitizenActor
from plans.models import Task
from tests.citizens.test_answering_pages import body, task_with
from tests.factories import CitizenFactory
from tests.questionnaires.test_option_search import TOWNS, options

pytestmark = pytest.mark.django_db

SOURCE: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/towns",
    "status": "active",
    "title": "Hvor bor du?",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Din by",
            "item": [
                {
                    "linkId": "town",
                    "type": "choice",
                    "text": "Hvilken by bor du i?",
                    "answerOption": options(*TOWNS, count=60),
                },
                {"linkId": "help", "type": "boolean", "text": "Får du hjælp?"},
                {
                    "linkId": "helper",
                    "type": "choice",
                    "text": "Hvilken by bor din hjælper i?",
                    "answerOption": options(*TOWNS, count=60),
                    "enableWhen": [{"question": "help", "operator": "=", "answerBoolean": True}],
                },
            ],
        }
    ],
}


@pytest.fixture
def begun(client_as: Callable[[CitizenActor], Client]) -> tuple[Client, Task]:
    citizen = CitizenFactory()
    task = task_with(SOURCE, citizen)
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    return client, task


def find(client: Client, task: Task, query: str, question: str = "town", number: int = 1) -> Any:
    address = f"/borger/opgave/{task.pk}/valg/{number}/"
    return client.get(address, {"question": question, f"s:{question}": query}, headers={"HX-Request": "true"})


def test_what_is_found(begun: tuple[Client, Task]) -> None:
    page = find(*begun, "aero")
    assert 'data-value="c0"' in body(page)
    assert "Ærøskøbing" in body(page)
    assert "1 mulighed passer." in body(page)
    assert body(find(*begun, "sted")).count('role="option"') == 20


@pytest.mark.parametrize("question", ["help", "helper", "p", "nothing", "", "town#0"])
def test_only_long_lists_that_are_asked(begun: tuple[Client, Task], question: str) -> None:
    assert find(*begun, "a", question).status_code == 404


def test_a_page_that_is_not_there(begun: tuple[Client, Task]) -> None:
    assert find(*begun, "a", number=9).status_code == 404


def test_another_citizen_finds_nothing(
    begun: tuple[Client, Task], client_as: Callable[[CitizenActor], Client]
) -> None:
    other = CitizenFactory()
    client = client_as(CitizenActor(citizen_id=other.pk, name=other.name))
    assert find(client, begun[1], "a").status_code == 404


def test_by_buttons_alone(begun: tuple[Client, Task]) -> None:
    client, task = begun
    page = client.post(
        f"/borger/opgave/{task.pk}/side/1/",
        {"asked": "town", "s:town": "aab", "w:town": "", "go": "stay"},
    )
    assert "Nørre Aaby" in body(page)
    assert 'value="aab"' in body(page)
