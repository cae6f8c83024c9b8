"""A citizen answers one question a page, or all on one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from citizens.models import Citizen
from identity.actors import CitizenActor
from kommunalpro.templatetags.fields import field_id
from plans.models import Task
from questionnaires.engine import Paging
from questionnaires.paging import with_paging
from questionnaires.places import field_name
from tests.citizens.test_answering_pages import TWO_PAGES, Visitor, body, task_with
from tests.factories import CitizenFactory

pytestmark = pytest.mark.django_db

FORTY: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/forty",
    "status": "active",
    "title": "Fyrre spørgsmål",
    "item": [
        {
            "linkId": f"s{section}",
            "type": "group",
            "text": f"Afsnit {section}",
            "item": [
                {"linkId": f"q{section * 10 + number}", "type": "boolean", "text": f"Nr. {number}?", "required": True}
                for number in range(10)
            ],
        }
        for section in range(4)
    ],
}  # fmt: skip


@pytest.fixture
def visit(client_as: Callable[[CitizenActor], Client]) -> Callable[[dict[str, Any], Paging], Visitor]:
    citizen: Citizen = CitizenFactory()

    def begun(source: dict[str, Any], paging: Paging) -> Visitor:
        task: Task = task_with(with_paging(source, paging), citizen)
        visitor = Visitor(client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name)), task)
        visitor.begin()
        return visitor

    return begun


def asks(page: str) -> list[str]:
    """The questions on a page, in order."""
    return re.findall(r'name="shown" value="(\S+) ', page)


def test_one_question_a_page_those_not_asked_are_skipped_both_ways(visit: Any) -> None:
    visitor = visit(TWO_PAGES, Paging.QUESTIONS)
    first = body(visitor.look(1))
    assert asks(first) == ["pain"]
    assert "Spørgsmål 1 af 3" in first  # pain, where, note
    assert visitor.next(1, pain="false").url.endswith("/side/3/")  # “days” is not asked
    third = body(visitor.look(3))
    assert asks(third) == ["where"]
    assert "Spørgsmål 2 af 3" in third
    assert visitor.next(3).url.endswith("/side/5/")
    back = visitor.client.post(f"{visitor.root}side/3/", {"go": "back"})
    assert back.url.endswith("/side/1/")
    assert visitor.next(1, pain="true").url.endswith("/side/2/")
    assert "Spørgsmål 2 af 5" in body(visitor.look(2))


def test_a_page_that_is_not_asked_leads_on(visit: Any) -> None:
    visitor = visit(TWO_PAGES, Paging.QUESTIONS)
    visitor.next(1, pain="false")
    assert visitor.look(2).url.endswith("/side/3/")


def test_forty_questions_have_four_steps_with_names(visit: Any) -> None:
    visitor = visit(FORTY, Paging.QUESTIONS)
    for number in range(6):
        visitor.next(number + 1, **{f"q{number}": "true"})
    page = body(visitor.look(7))
    assert "Spørgsmål 7 af 40" in page
    assert page.count('class="step-title"') == 5  # four sections and the summary
    assert re.search(r"<title>\s*Spørgsmål 7 af 40 – Afsnit 0", page)
    assert '<h1 lang="da"\n          dir="ltr">Afsnit 0</h1>' in page


def test_one_comes_back_to_the_first_question_without_an_answer(visit: Any) -> None:
    visitor = visit(FORTY, Paging.QUESTIONS)
    for number in (0, 1, 2):
        visitor.next(number + 1, **{f"q{number}": "true"})
    assert visitor.begin().url.endswith("/side/4/")


def test_what_is_missing_leads_to_the_page_it_stands_on(visit: Any) -> None:
    visitor = visit(FORTY, Paging.QUESTIONS)
    visitor.next(1, q0="true")
    refused = visitor.send()
    assert refused.status_code == 422
    assert f"side/13/?fra=opsummering#{field_id(field_name('q12'))}" in body(refused)
    assert body(refused).count('class="answers-title"') == 4


def test_all_on_one_page_goes_from_there_to_the_summary(visit: Any) -> None:
    visitor = visit(TWO_PAGES, Paging.WHOLE)
    page = body(visitor.look(1))
    assert asks(page) == ["pain", "where", "note"]
    assert "Afsnit" not in page
    assert re.findall(r"<h2[^>]*>(\w[^<]*)</h2>", page)[:2] == ["Smerter", "Til sidst"]
    assert "Trin 1 af 2" in page
    assert visitor.next(1, pain="false").url.endswith("/opsummering/")
    assert visitor.send().url.endswith("/kvittering/")


def test_a_question_keeps_the_heading_of_its_group_and_what_it_says(visit: Any) -> None:
    source = {
        **FORTY,
        "item": [
            {
                "linkId": "s",
                "type": "group",
                "text": "Smerter",
                "item": [
                    {
                        "linkId": "knee",
                        "type": "group",
                        "text": "Om dit knæ",
                        "item": [
                            {"linkId": "a", "type": "boolean", "text": "Om natten?"},
                            {"linkId": "b", "type": "boolean", "text": "Om dagen?"},
                        ],
                    }
                ],
            }
        ],
    }
    page = body(visit(source, Paging.QUESTIONS).look(2))
    assert asks(page) == ["b"]
    assert re.findall(r"<h2[^>]*>(Om[^<]*)</h2>", page) == ["Om dit knæ"]
