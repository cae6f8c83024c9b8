"""The unit that somebody has chosen beside a number stays chosen while the number is still missing, or wrong."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from identity.actors import CitizenActor
from identity.models import StaffMember
from kam import trials
from questionnaires import engine
from questionnaires.form_reading import units_waiting
from tests.citizens.test_answering_pages import body, task_with
from tests.citizens.test_rows_on_the_page import Answerer
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task
from tests.questionnaires.test_rendering import posted
from tests.questionnaires.test_units import OFFERED
from tests.staff.test_registering import Desk

pytestmark = pytest.mark.django_db

SOURCE: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/units-on-the-page",
    "status": "active",
    "title": "Din vægt",
    "item": [
        {
            "linkId": "p",
            "type": "group",
            "text": "Vægt",
            "item": [
                {"linkId": "weight", "type": "quantity", "text": "Hvad vejer du?", "extension": OFFERED},
                {"linkId": "name", "type": "string", "text": "Hvem er du?", "required": True},
            ],
        }
    ],
}
LINES = {"linkId": "each", "type": "quantity", "text": "Og før?", "extension": OFFERED, "repeats": True}
ROWS = {
    "linkId": "med",
    "type": "group",
    "text": "Børn",
    "repeats": True,
    "item": [{"linkId": "each", "type": "quantity", "text": "Hvad vejer barnet?", "extension": OFFERED}],
}


def with_more(*items: dict[str, Any]) -> dict[str, Any]:
    group = SOURCE["item"][0]
    return {**SOURCE, "item": [{**group, "item": [*group["item"], *items]}]}


def chosen(page: Any) -> list[str]:
    """The units that are chosen on the page, in its order."""
    return re.findall(r'<option value="([^"]*)" selected>', body(page))


@pytest.fixture
def answering(client_as: Callable[[CitizenActor], Client]) -> Callable[[dict[str, Any]], Answerer]:
    def begin(source: dict[str, Any]) -> Answerer:
        citizen = CitizenFactory()
        client = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
        return Answerer(client, task_with(source, citizen))

    return begin


@pytest.mark.parametrize(
    "number", ["", " ", "mange", "12 5"], ids=["none", "a space", "words", "two numbers"]
)
def test_the_chosen_unit_stays_where_something_on_the_page_is_wrong(
    answering: Callable[[dict[str, Any]], Answerer], number: str
) -> None:
    answerer = answering(SOURCE)
    fields = {"a:weight": number, "u:weight": "[lb_av]", "a:name": "", "go": "next"}
    page = answerer.press(fields)
    assert page.status_code == 422
    assert chosen(page) == ["[lb_av]"]
    assert f'value="{number.strip()}"' in body(page)
    assert chosen(answerer.htmx({**fields, "checked": "1"})) == ["[lb_av]"], "while it is saved, too"


def test_it_stays_where_a_button_shows_the_page_anew(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    """Without a script, to see which questions follow: the answers are saved, and the unit is in none of them."""
    answerer = answering(SOURCE)
    assert chosen(answerer.press({"a:weight": "", "u:weight": "[lb_av]", "go": "stay"})) == ["[lb_av]"]
    assert answerer.press({"a:weight": "", "u:weight": "kg", "go": "stay"}).status_code == 302, (
        "nothing to keep"
    )
    assert answerer.press({"a:weight": "1", "u:weight": "kop", "go": "stay"}).status_code == 302, (
        "it is saved"
    )


def test_a_unit_that_is_not_offered_is_not_chosen(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    page = answering(SOURCE).press({"a:weight": "", "u:weight": "<sten>", "go": "next"})
    assert chosen(page) == ["kg"]


def test_the_unit_of_an_answer_counts_before_what_waits(
    answering: Callable[[dict[str, Any]], Answerer],
) -> None:
    page = answering(SOURCE).press({"a:weight": "154 lb", "u:weight": "kop", "go": "next"})
    assert chosen(page) == ["[lb_av]"]


def test_each_line_keeps_its_unit(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    """What is empty comes after what is answered, as ever; each with its own unit."""
    answerer = answering(with_more(LINES))
    fields = {
        "u:weight": "kg",
        "a:each": ["70", "", "3"],
        "u:each": ["kg", "[lb_av]", "kop"],
        "add-line": "each",
    }
    for page in (answerer.press(fields), answerer.htmx(fields)):
        assert chosen(page) == ["kg", "kg", "kop", "[lb_av]", "kg"]


def test_a_line_that_goes_takes_its_unit_along(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    fields = {"u:weight": "kg", "a:each": ["", ""], "u:each": ["[lb_av]", "kop"], "remove-line": "0 each"}
    assert chosen(answering(with_more(LINES)).htmx(fields)) == ["kg", "kop"]


def test_each_row_keeps_its_unit(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    answerer = answering(with_more(ROWS))
    answerer.press({"add-row": "med"})
    first, second = answerer.keys
    fields = {f"u:each#{first}": "kop", f"u:each#{second}": "[lb_av]", "go": "next"}
    fields |= {f"a:each#{first}": "", f"a:each#{second}": ""}
    assert chosen(answerer.press(fields)) == ["kg", "kop", "[lb_av]"]


def test_a_number_that_is_deleted_leaves_its_unit(answering: Callable[[dict[str, Any]], Answerer]) -> None:
    """The question comes back by itself, in its place."""
    answerer = answering(SOURCE)
    answerer.htmx({"a:weight": "154", "u:weight": "[lb_av]"})
    shown = body(answerer.client.get(f"{answerer.root}side/1/"))
    prints = re.findall(r'name="shown" value="([^"]*)"', shown)
    page = answerer.htmx({"a:weight": "", "u:weight": "[lb_av]", "a:name": "", "shown": prints})
    assert page.headers["HX-Reswap"] == "none"
    assert chosen(page) == ["[lb_av]"]


def test_it_stays_where_staff_enter_the_answers(nurse: StaffMember, nurse_client: Client) -> None:
    citizen = CitizenFactory(municipality=nurse.municipality)
    task = open_task(citizen, plan=PlanFactory(weekly__version=QuestionnaireVersionFactory(source=SOURCE)))
    desk = Desk(nurse_client, task)
    desk.begin()
    fields = {"a:weight": "", "u:weight": "kop", "a:name": "", "go": "next"}
    assert chosen(nurse_client.post(f"{desk.root}side/1/", fields)) == ["kop"]
    assert chosen(nurse_client.post(f"{desk.root}side/1/", fields | {"go": "stay"})) == ["kop"]


def test_it_stays_where_the_questionnaire_is_tried() -> None:
    definition = engine.compile_questionnaire(SOURCE).definition
    assert definition is not None
    trial = trials.read(definition, posted(("a:weight", ""), ("u:weight", "kop")), trials.Way.ALL)
    (page,) = trial.views(definition, trials.Choices(way=trials.Way.ALL))
    assert [view.unit_chosen for view in page.walk() if view.units] == ["kop"]


def test_what_waits_is_read_from_the_empty_fields_alone() -> None:
    post = posted(
        ("a:q", "1"),
        ("u:q", "kg"),
        ("a:q", " "),
        ("u:q", "lb"),
        ("a:q", ""),
        ("u:q", "kop"),
        ("u:other", "kg"),
    )
    assert units_waiting(post) == {"q": ["lb", "kop"]}
    post = posted(("a:q", ""), ("u:q", "kg"), ("a:q", ""), ("u:q", "lb"), ("remove-line", "0 q"))
    assert units_waiting(post) == {"q": ["lb"]}
