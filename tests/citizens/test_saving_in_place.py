"""A save is answered with the questions that it changed, each in its place; with the whole page where more changes."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans.models import Task
from questionnaires.models import Response
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task

pytestmark = pytest.mark.django_db

CALCULATED = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-calculatedExpression"
DOUBLE = {
    "language": "text/fhirpath",
    "expression": "%resource.descendants().where(linkId='days').answer.value * 2",
}
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/in-place",
    "status": "active",
    "title": "Om din dag",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Smerter",
            "item": [
                {"linkId": "pain", "type": "boolean", "text": "Har du smerter?"},
                {
                    "linkId": "where",
                    "type": "string",
                    "text": "Hvor?",
                    "enableWhen": [{"question": "pain", "operator": "=", "answerBoolean": True}],
                },
                {"linkId": "days", "type": "integer", "text": "Hvor mange dage?"},
                {
                    "linkId": "double",
                    "type": "integer",
                    "readOnly": True,
                    "text": "Det dobbelte",
                    "extension": [{"url": CALCULATED, "valueExpression": DOUBLE}],
                },
                {"linkId": "since", "type": "date", "text": "Siden hvornår?"},
                {"linkId": "note", "type": "string", "text": "Er der andet?"},
            ],
        }
    ],
}

# The session, the scope around the request (a savepoint, in a test) and the draft; saving writes once more.
SHOWING = 6


class Tab:
    """A page of questions in a browser: it sends what it shows, and takes in what it is answered."""

    def __init__(self, client: Client, task: Task) -> None:
        self.client, self.root = client, f"/borger/opgave/{task.pk}/"
        self.html = client.get(f"{self.root}side/1/").content.decode()

    def save(self, **typed: str) -> Any:
        """An answer is given: the whole form is sent."""
        form: dict[str, list[str]] = {}
        for field in re.findall(r"<input\b[^>]*>", self.html):
            facts = {name: html.unescape(value) for name, value in re.findall(r'([a-z]+)="([^"]*)"', field)}
            is_chosen = facts.get("type") not in {"radio", "checkbox"} or " checked" in field
            if is_chosen and facts.get("name", "").startswith(("a:", "shown", "asked", "flawed")):
                form.setdefault(facts["name"], []).append(facts.get("value", ""))
        return self.post(form | {f"a:{name}": [value] for name, value in typed.items()})

    def post(self, form: dict[str, list[str]]) -> Any:
        """The form that the page has, with these fields in place of its own."""
        own = {name: re.findall(f'name="{name}" value="([^"]*)"', self.html) for name in ("shown", "asked")}
        return self.client.post(f"{self.root}svar/1/", own | form, headers={"HX-Request": "true"})


def questions_in(answer: Any) -> list[str]:
    return re.findall(r'id="f-a_3a_(\w+)-question"', answer.content.decode())


def is_in_place(answer: Any) -> bool:
    return bool(answer.headers.get("HX-Reswap") == "none")


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = CitizenFactory()
    return made


@pytest.fixture
def open_tab(citizen: Citizen, client_as: Callable[[CitizenActor], Client]) -> Callable[[], Tab]:
    task = open_task(citizen, plan=PlanFactory(weekly__version=QuestionnaireVersionFactory(source=FORM)))
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    return lambda: Tab(client, task)


def test_what_was_answered_comes_back_and_nothing_else(open_tab: Callable[[], Tab]) -> None:
    tab = open_tab()
    answer = tab.save(note="Jeg sover dårligt")
    assert (is_in_place(answer), questions_in(answer)) == (True, ["note"])
    assert b'value="Jeg sover d\xc3\xa5rligt"' in answer.content
    assert b'hx-swap-oob="morph"' in answer.content
    assert not is_in_place(open_tab().save(pain="true")), "a question comes"


def test_a_figure_that_follows_from_it_comes_back_too(open_tab: Callable[[], Tab]) -> None:
    open_tab().save(days="2")  # the figure comes: the whole page
    answer = open_tab().save(days="4")
    assert (is_in_place(answer), questions_in(answer)) == (True, ["days", "double"])
    assert "<p>8</p>" in answer.content.decode()


def test_nothing_new_is_nothing_to_draw(open_tab: Callable[[], Tab]) -> None:
    open_tab().save(note="Det samme")
    answer = open_tab().save(note="Det samme")
    assert (is_in_place(answer), questions_in(answer)) == (True, [])
    assert 'id="questions-news"' in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "why"),
    [({"pain": "true"}, "a question comes"), ({"days": "mange"}, "it cannot be read")],
    ids=["a condition", "a mistake"],
)
def test_the_whole_page_comes_where_more_changes(
    open_tab: Callable[[], Tab], typed: dict[str, str], why: str
) -> None:
    answer = open_tab().save(**typed)
    assert not is_in_place(answer), why
    assert {"pain", "days", "note"} <= set(questions_in(answer))


def test_a_mistake_that_is_mended_leaves_the_page(open_tab: Callable[[], Tab]) -> None:
    tab = open_tab()
    tab.html = tab.save(days="mange").content.decode()
    assert 'name="flawed"' in tab.html
    answer = tab.save(days="3")
    assert not is_in_place(answer)
    assert "form-error" not in answer.content.decode()
    tab.html = answer.content.decode()
    assert is_in_place(tab.save(days="4"))


def test_a_page_that_has_fallen_behind_is_drawn_whole(open_tab: Callable[[], Tab]) -> None:
    behind, other = open_tab(), open_tab()
    other.save(days="5")
    answer = behind.save(note="Hej")
    assert not is_in_place(answer)
    assert 'value="5"' in answer.content.decode()
    assert Response.objects.get().document["item"][0]["item"][1]["linkId"] == "note"


def test_a_date_that_is_being_written_stays_where_another_window_has_answered(
    open_tab: Callable[[], Tab],
) -> None:
    behind, other = open_tab(), open_tab()
    other.save(**{"since": "2020-01-01"})
    answer = behind.post({"d:since": ["3"], "m:since": [""], "y:since": [""]})
    assert "since" in questions_in(answer)
    assert 'value="3"' in answer.content.decode()
    assert "2020" not in answer.content.decode()
    assert Response.objects.get().document["item"][0]["item"][0]["answer"] == [{"valueDate": "2020-01-01"}]


def test_an_answer_that_another_window_has_changed_is_drawn_alone(open_tab: Callable[[], Tab]) -> None:
    open_tab().save(note="Før")
    behind, other = open_tab(), open_tab()
    other.save(note="Nu")
    answer = behind.save(note="Før")
    assert (is_in_place(answer), questions_in(answer)) == (True, ["note"])
    assert 'value="Nu"' in answer.content.decode()


def test_a_form_that_says_nothing_of_what_it_showed_gets_the_page(open_tab: Callable[[], Tab]) -> None:
    tab = open_tab()
    assert not is_in_place(
        tab.client.post(f"{tab.root}svar/1/", {"a:note": "x"}, headers={"HX-Request": "true"})
    )


@pytest.mark.parametrize("questions", [3, 60])
def test_every_click_takes_the_same_queries(
    citizen: Citizen,
    client_as: Callable[[CitizenActor], Client],
    django_assert_num_queries: Callable[[int], Any],
    questions: int,
) -> None:
    items = [{"linkId": f"q{n}", "type": "integer", "text": f"Tal {n}"} for n in range(questions)]
    source = FORM | {"item": [{"linkId": "p", "type": "group", "text": "Tal", "item": items}]}
    task = open_task(citizen, plan=PlanFactory(weekly__version=QuestionnaireVersionFactory(source=source)))
    client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    client.post(f"/borger/opgave/{task.pk}/")
    tab = Tab(client, task)
    with django_assert_num_queries(SHOWING):
        client.get(f"{tab.root}side/1/")
    with django_assert_num_queries(SHOWING + 1) as saving:
        tab.save(q1="4")
    assert any("FOR UPDATE" in query["sql"] for query in saving.captured_queries), (
        "two tabs come one at a time"
    )
