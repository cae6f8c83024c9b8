"""A citizen answers, in a browser that says only what a form says."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from citizens.models import Citizen
from identity.actors import CitizenActor
from plans.models import Task
from questionnaires import engine
from questionnaires.models import QuestionnaireVersion, Response, Score
from tests.factories import CitizenFactory, PlanFactory, QuestionnaireVersionFactory, open_task

pytestmark = pytest.mark.django_db

EXAMPLES = sorted((Path(__file__).parents[2] / "kommunalpro" / "demo" / "questionnaires").glob("*.json"))

YES_NO = [
    {"valueCoding": {"code": "a", "display": "Ryg"}},
    {"valueCoding": {"code": "b", "display": "Hofte"}},
]
TWO_PAGES = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/two-pages",
    "status": "active",
    "title": "Om din dag",
    "description": "Et lille skema.",
    "item": [
        {
            "linkId": "p1",
            "type": "group",
            "text": "Smerter",
            "item": [
                {"linkId": "pain", "type": "boolean", "text": "Har du smerter?", "required": True},
                {
                    "linkId": "days",
                    "type": "integer",
                    "text": "Hvor mange dage?",
                    "required": True,
                    "enableWhen": [{"question": "pain", "operator": "=", "answerBoolean": True}],
                },
                {
                    "linkId": "where",
                    "type": "choice",
                    "text": "Hvor?",
                    "repeats": True,
                    "answerOption": YES_NO,
                },
            ],
        },
        {
            "linkId": "p2",
            "type": "group",
            "text": "Hjælp",
            "enableWhen": [{"question": "pain", "operator": "=", "answerBoolean": True}],
            "item": [{"linkId": "helped", "type": "boolean", "text": "Får du hjælp?"}],
        },
        {
            "linkId": "p3",
            "type": "group",
            "text": "Til sidst",
            "item": [{"linkId": "note", "type": "text", "text": "Er der andet?"}],
        },
    ],
}


class Visitor:
    """A citizen at one task."""

    def __init__(self, client: Client, task: Task) -> None:
        self.client = client
        self.task = task
        self.root = f"/borger/opgave/{task.pk}/"
        self.seen = ""

    def begin(self) -> Any:
        return self.client.post(self.root)

    def look(self, number: int) -> Any:
        return self.client.get(f"{self.root}side/{number}/")

    def save(self, number: int, **fields: Any) -> Any:
        """What htmx sends when an answer is given."""
        return self.client.post(f"{self.root}svar/{number}/", answers(fields), headers={"HX-Request": "true"})

    def next(self, number: int, **fields: Any) -> Any:
        return self.client.post(f"{self.root}side/{number}/", answers(fields) | {"go": "next"})

    def review(self) -> Any:
        """Look at the summary, and keep what its form says was seen."""
        page = self.client.get(f"{self.root}opsummering/")
        if found := re.search(r'name="seen" value="(\w+)"', body(page)):
            self.seen = found[1]
        return page

    def press_send(self) -> Any:
        """“Send svar” on the summary as it was looked at last."""
        return self.client.post(f"{self.root}opsummering/", {"seen": self.seen})

    def send(self) -> Any:
        self.review()
        return self.press_send()

    def document(self) -> dict[str, Any]:
        document: dict[str, Any] = Response.objects.get(task=self.task).document
        return document

    def answer(self, link_id: str) -> tuple[Any, ...]:
        return engine.answers_of(self.document(), link_id)


def answers(fields: dict[str, Any]) -> dict[str, Any]:
    return {"asked": list(fields), **{f"a:{name}": value for name, value in fields.items()}}


def body(response: Any) -> str:
    text: str = response.content.decode()
    return text


def task_with(source: dict[str, Any], citizen: Citizen) -> Task:
    version: QuestionnaireVersion = QuestionnaireVersionFactory(source=source, title=source["title"])
    return open_task(citizen, plan=PlanFactory(weekly__version=version, citizens_see_scores=True))


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = CitizenFactory(given_name="Karen", family_name="Testesen")
    return made


@pytest.fixture
def log_in(
    client_as: Callable[[CitizenActor], Client],
) -> Callable[[Citizen], Client]:
    return lambda citizen: client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))


@pytest.fixture
def visitor(citizen: Citizen, log_in: Callable[[Citizen], Client]) -> Visitor:
    return Visitor(log_in(citizen), task_with(TWO_PAGES, citizen))


def test_from_the_list_to_the_receipt(visitor: Visitor) -> None:
    listed = body(visitor.client.get("/borger/"))
    assert "Om din dag" in listed
    assert "Svar senest" in listed
    assert "Begynd" in body(visitor.client.get(visitor.root))

    assert visitor.begin().url == f"{visitor.root}side/1/"
    assert visitor.next(1, pain="true", days="3", where=["a"]).url.endswith("/side/2/")
    assert visitor.next(2, helped="false").url.endswith("/side/3/")
    assert visitor.next(3, note="Nej tak").url.endswith("/opsummering/")
    read = body(visitor.client.get(f"{visitor.root}opsummering/"))
    assert "Nej tak" in read
    assert "Ryg" in read

    assert visitor.send().url.endswith("/kvittering/")
    receipt = body(visitor.client.get(f"{visitor.root}kvittering/"))
    assert "Tak for dine svar" in receipt
    assert "112" in receipt
    visitor.task.refresh_from_db()
    assert visitor.task.status == Task.Status.COMPLETED


def test_a_danish_questionnaire_says_so_on_an_english_screen(visitor: Visitor) -> None:
    visitor.client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    visitor.begin()
    visitor.next(1, pain="true", days="3")
    for path, heading in [
        ("/borger/", "Om din dag"),
        (f"{visitor.root}side/1/", "Smerter"),
        (f"{visitor.root}opsummering/", "Smerter"),
    ]:
        page = body(visitor.client.get(path))
        assert '<html lang="en">' in page
        assert re.search(rf'lang="da"[^>]*>\s*(<h2[^>]*>)?{heading}', page), path


def test_a_question_comes_and_goes_with_the_answer_before_it(visitor: Visitor) -> None:
    visitor.begin()
    assert "Hvor mange dage?" not in body(visitor.look(1))
    came = body(visitor.save(1, pain="true"))
    assert "Hvor mange dage?" in came
    assert "Der er kommet et spørgsmål mere." in came
    assert "<html" not in came
    gone = body(visitor.save(1, pain="false", days="3"))
    assert "Hvor mange dage?" not in gone
    assert "Et spørgsmål er fjernet." in gone


def test_initial_values_are_shown_before_they_count(
    citizen: Citizen, log_in: Callable[[Citizen], Client]
) -> None:
    group = {"linkId": "p", "type": "group", "text": "Først"}
    asked = {
        "linkId": "q",
        "type": "boolean",
        "text": "Har du det godt?",
        "initial": [{"valueBoolean": False}],
    }
    source = TWO_PAGES | {"item": [group | {"item": [asked]}]}
    visitor = Visitor(log_in(citizen), task_with(source, citizen))
    assert visitor.begin().url.endswith("/side/1/")
    assert visitor.next(1, q="false").url.endswith("/opsummering/")
    assert visitor.begin().url.endswith("/opsummering/")


def test_an_answer_that_a_later_one_took_away_holds_nobody_back(visitor: Visitor) -> None:
    visitor.begin()
    visitor.save(1, pain="true", days="3")
    assert visitor.next(1, pain="false").url.endswith("/side/3/")
    assert visitor.next(3, note="").url.endswith("/opsummering/")
    assert visitor.send().url.endswith("/kvittering/")


def test_a_page_with_nothing_to_ask_is_passed_over(visitor: Visitor) -> None:
    visitor.begin()
    assert visitor.next(1, pain="false").url.endswith("/side/3/")
    assert visitor.look(2).url.endswith("/side/3/")
    back: Any = visitor.client.post(f"{visitor.root}side/3/", {"a:note": "", "go": "back"})
    assert back.url.endswith("/side/1/")


def test_what_is_missing_is_said_at_the_question_and_at_the_top(visitor: Visitor) -> None:
    visitor.begin()
    stayed = visitor.next(1, pain="true", days="")
    assert stayed.status_code == 422
    page = body(stayed)
    assert "Der er noget, der skal rettes" in page
    assert 'href="#f-a_3a_days"' in page
    assert 'id="f-a_3a_days"' in page
    # What was answered is saved all the same, and mending the rest takes its error away as it is typed.
    assert visitor.answer("pain") == ({"valueBoolean": True},)
    mended: Any = visitor.client.post(
        f"{visitor.root}svar/1/",
        answers({"pain": "true", "days": "3"}) | {"checked": "1"},
        headers={"HX-Request": "true"},
    )
    assert "form-error" not in body(mended)


def test_what_cannot_be_read_stays_on_the_screen_and_the_saved_answer_too(visitor: Visitor) -> None:
    visitor.begin()
    visitor.save(1, pain="true", days="3")
    kept = visitor.save(1, pain="true", days="mange", where=["a", "b"])
    assert kept.status_code == 200
    assert 'value="mange"' in body(kept)
    assert "»mange« er ikke et helt tal" in body(kept)
    assert "Et svar kunne ikke gemmes." in body(kept)
    assert visitor.answer("days") == ({"valueInteger": 3},)
    assert len(visitor.answer("where")) == 2
    assert visitor.next(1, pain="true", days="mange").status_code == 422


def test_unticking_and_clearing_takes_answers_away(visitor: Visitor) -> None:
    visitor.begin()
    visitor.save(1, pain="true", days="3", where=["a", "b"])
    visitor.save(1, pain="true", days="", where=[])
    assert visitor.answer("days") == ()
    assert visitor.answer("where") == ()


def test_sending_what_is_incomplete_says_where(visitor: Visitor) -> None:
    visitor.begin()
    visitor.save(1, pain="true")
    refused = visitor.send()
    assert refused.status_code == 422
    assert "Der mangler noget, før du kan sende dine svar" in body(refused)
    assert "side/1/?fra=opsummering#f-a_3a_days" in body(refused)
    mended: Any = visitor.client.post(
        f"{visitor.root}side/1/?fra=opsummering", answers({"pain": "true", "days": "2"})
    )
    assert mended.url.endswith("/opsummering/")


def test_sending_twice_gives_the_same_receipt(visitor: Visitor) -> None:
    visitor.begin()
    visitor.save(1, pain="false")
    first, second = visitor.send(), visitor.send()
    assert first.url == second.url
    assert Response.objects.completed().count() == 1
    # A tab that was left open leads to the receipt as well, and changes nothing.
    assert visitor.look(1).url.endswith("/kvittering/")
    late = visitor.save(1, pain="true")
    assert late.headers["HX-Redirect"].endswith("/kvittering/")
    assert visitor.answer("pain") == ({"valueBoolean": False},)


def test_what_another_tab_changed_is_shown_before_it_is_sent(visitor: Visitor) -> None:
    visitor.begin()
    visitor.next(1, pain="false")
    visitor.next(3, note="Som det blev set igennem")
    visitor.review()
    visitor.save(3, note="Rettet i en anden fane")

    shown = visitor.press_send()

    assert shown.status_code == 422
    assert "Dine svar er ændret, siden du så dem igennem" in body(shown)
    assert "Rettet i en anden fane" in body(shown)
    visitor.task.refresh_from_db()
    assert visitor.task.is_open

    assert "Dine svar er ændret" not in body(visitor.review())
    assert visitor.press_send().url.endswith("/kvittering/")
    assert visitor.answer("note") == ({"valueString": "Rettet i en anden fane"},)


def test_saving_the_same_answer_again_changes_nothing(visitor: Visitor) -> None:
    visitor.begin()
    visitor.next(1, pain="false")
    visitor.next(3, note="Det samme")
    visitor.review()
    visitor.save(3, note="Det samme")
    assert visitor.press_send().url.endswith("/kvittering/")


def test_a_form_that_does_not_say_what_was_seen_is_answered_with_the_summary(visitor: Visitor) -> None:
    visitor.begin()
    visitor.next(1, pain="false")
    shown = visitor.press_send()
    assert shown.status_code == 422
    assert "Dine svar er ændret" in body(shown)


@pytest.mark.parametrize(
    "page", ["", "side/1/", "svar/1/", "opsummering/", "kvittering/"], ids=lambda page: page or "task"
)
def test_somebody_elses_task_does_not_exist(
    visitor: Visitor, log_in: Callable[[Citizen], Client], page: str
) -> None:
    visitor.begin()
    stranger = log_in(CitizenFactory())
    assert stranger.post(visitor.root + page).status_code in {404, 405}
    if page != "svar/1/":
        assert stranger.get(visitor.root + page).status_code == 404
    assert visitor.answer("pain") == ()


def test_somebody_elses_response_does_not_exist(
    visitor: Visitor, log_in: Callable[[Citizen], Client]
) -> None:
    visitor.begin()
    visitor.save(1, pain="false")
    visitor.send()
    address = f"/borger/svar/{Response.objects.get().pk}/"
    assert "Har du smerter?" in body(visitor.client.get(address))
    assert log_in(CitizenFactory()).get(address).status_code == 404


def test_a_draft_is_not_among_the_submitted_responses(visitor: Visitor) -> None:
    visitor.begin()
    draft = Response.objects.get(task=visitor.task)
    assert visitor.client.get(f"/borger/svar/{draft.pk}/").status_code == 404
    assert "Du har ikke sendt nogen svar endnu" in body(visitor.client.get("/borger/svar/"))


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("page", ["", "side/1/"])
def test_a_task_that_is_not_open_says_so(visitor: Visitor, page: str, method: str) -> None:
    Task.objects.filter(pk=visitor.task.pk).update(status=Task.Status.CANCELLED)
    refused = getattr(visitor.client, method)(visitor.root + page)
    assert refused.status_code == 409
    assert "Opgaven er aflyst" in body(refused)


def test_a_task_of_next_week_cannot_be_answered_yet(visitor: Visitor) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    Task.objects.filter(pk=visitor.task.pk).update(opens_at=tomorrow, due_at=tomorrow + timedelta(days=7))
    assert "Du kan svare fra" in body(visitor.client.get("/borger/"))
    assert visitor.begin().status_code == 409


def test_an_overdue_task_can_still_be_answered(visitor: Visitor) -> None:
    then = timezone.now() - timedelta(days=9)
    Task.objects.filter(pk=visitor.task.pk).update(opens_at=then, due_at=then + timedelta(days=7))
    assert ", men du kan stadig svare." in body(visitor.client.get("/borger/"))
    assert visitor.begin().status_code == 302


def test_a_draft_survives_a_new_session(
    visitor: Visitor, citizen: Citizen, log_in: Callable[[Citizen], Client]
) -> None:
    visitor.begin()
    visitor.next(1, pain="true", days="3")
    visitor.client.session.flush()

    again = Visitor(log_in(citizen), visitor.task)
    assert "2 af 5 spørgsmål er besvaret" in body(again.client.get("/borger/"))
    assert again.begin().url.endswith("/side/2/")
    assert 'value="3"' in body(again.look(1))
    again.save(1, pain="true", days="")
    assert again.begin().url.endswith("/side/1/")
    again.save(1, pain="true", days="4")
    again.next(2, helped="true")
    assert again.begin().url.endswith("/side/3/")


def test_a_session_that_has_run_out_logs_in_again_and_comes_back(visitor: Visitor) -> None:
    visitor.begin()
    page = f"{visitor.root}side/1/"
    nobody: Any = Client()
    assert nobody.get(page).url.startswith("/login/")
    htmx = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    expired = nobody.post(f"{visitor.root}svar/1/", headers=htmx)
    assert "next=" in expired.headers["HX-Redirect"]


def test_without_htmx_saving_is_a_form_and_a_redirect(visitor: Visitor) -> None:
    visitor.begin()
    saved: Any = visitor.client.post(f"{visitor.root}svar/1/", answers({"pain": "true"}))
    assert saved.url.endswith("/side/1/")
    stayed: Any = visitor.client.post(f"{visitor.root}side/1/", answers({"pain": "true"}) | {"go": "stay"})
    assert stayed.url.endswith("/side/1/")
    assert "Hvor mange dage?" in body(visitor.look(1))


@pytest.mark.parametrize(
    "tampered",
    [
        {"a:where": "unknown", "asked": "where"},
        {"a:pain": "maybe", "asked": "pain"},
        {"a:pain": ["true", "false"]},
        {"a:nothing-like-it": "x"},
        {"a:days": "9" * 10_000},
        {"clear": "a:pain", "asked": ["pain", "p1", ""]},
    ],
    ids=["no option", "no boolean", "two answers", "no question", "a huge number", "odd markers"],
)
def test_a_tampered_form_is_answered_calmly(visitor: Visitor, tampered: dict[str, Any]) -> None:
    visitor.begin()
    assert visitor.client.post(f"{visitor.root}side/1/", tampered).status_code in {302, 422}
    htmx = visitor.client.post(f"{visitor.root}svar/1/", tampered, headers={"HX-Request": "true"})
    assert htmx.status_code == 200
    assert visitor.client.post(f"{visitor.root}svar/99/", tampered).status_code == 404


def test_saving_and_showing_take_a_constant_number_of_queries(
    citizen: Citizen,
    log_in: Callable[[Citizen], Client],
    django_assert_max_num_queries: Callable[[int], Any],
) -> None:
    questions = [{"linkId": f"q{n}", "type": "integer", "text": f"Tal {n}"} for n in range(60)]
    source = TWO_PAGES | {"item": [{"linkId": "p", "type": "group", "text": "Tal", "item": questions}]}
    visitor = Visitor(log_in(citizen), task_with(source, citizen))
    visitor.begin()
    fields = {question["linkId"]: "3" for question in questions}
    with django_assert_max_num_queries(10) as save:
        visitor.save(1, **fields)
    writes = [query["sql"] for query in save.captured_queries if "questionnaires_response" in query["sql"]]
    assert sum(sql.startswith("UPDATE") for sql in writes) == 1
    with django_assert_max_num_queries(6):
        visitor.look(1)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.stem)
def test_the_example_questionnaires_can_be_answered(
    example: Path, citizen: Citizen, log_in: Callable[[Citizen], Client]
) -> None:
    source = json.loads(example.read_text())
    visitor = Visitor(log_in(citizen), task_with(source, citizen))
    definition = engine.compile_questionnaire(source).definition
    assert definition is not None
    address = visitor.begin().url
    while match := re.search(r"/side/(\d+)/$", address):
        number = int(match[1])
        page = next(page for page in definition.pages if page.number == number)
        # As long as answers make more questions appear, answer those as well.
        for _ in page.walk():
            shown = body(visitor.look(number))
            fields = {item.link_id: plausible(item) for item in page.walk() if f'"a:{item.link_id}"' in shown}
            visitor.save(number, **fields)
        address = visitor.next(number, **fields).url
    assert visitor.send().url.endswith("/kvittering/")
    done = Response.objects.get(task=visitor.task)
    assert engine.validate(definition, done.document, draft=False) == ()
    shown = body(visitor.client.get(f"/borger/svar/{done.pk}/"))
    for score in Score.objects.filter(response=done, minimum__isnull=False):
        assert score.name in shown
        assert "på en skala fra" in shown


def plausible(item: engine.Item) -> str:
    """An answer that the item takes."""
    if item.options:
        return item.options[0].key
    if item.type is engine.ItemType.BOOLEAN:
        return "true"
    if item.type.is_numeric:
        return str(item.min_value or 1)
    return {"date": "31-12-2026", "time": "14:30"}.get(item.type.value, "Et svar")
