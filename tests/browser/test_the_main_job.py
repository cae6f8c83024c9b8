"""The main job, end to end: from a file in KAM to the answers at the platform, in three browsers."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
from playwright.sync_api import Locator, Page, expect

from kommunalpro.demo.people import AALBORG, DemoCitizen, demo_citizens
from notifications.quiet_hours import DENMARK, NEMSMS
from tests.browser.conftest import PHONE, LogIn
from tests.browser.system import System

OWN_FORM = Path(__file__).with_name("daily_walk.json")
PUBLISHED_FORM = (
    Path(__file__).resolve().parents[3]
    / "shared/corpora/questionnaires/google-android-fhir/paginated_questionnaire_with_dependent_answer.json"
)

NURSE = "Mette Kjærgaard"
NEW_TASK = ("Ny opgave", "Du har en opgave. Se den i din telemedicinske løsning")
REMINDER = ("Påmindelse", "Husk dit spørgeskema")

T = TypeVar("T")


def eventually(ask: Callable[[], T], *, within: float = 90.0) -> T:
    """The first truthy answer; other processes need their time."""
    deadline = time.monotonic() + within
    while not (answer := ask()):
        assert time.monotonic() < deadline, "It did not happen in time."
        time.sleep(0.1)
    return answer


def without_a_course(*, number: int) -> DemoCitizen:
    """The `number`th demo citizen of Aalborg who has no plan yet and gets text messages."""
    free = [
        citizen
        for citizen in demo_citizens()
        if citizen.municipality_code == AALBORG
        and citizen.nemsms_enrolled
        and not citizen.name_protected
        and int(citizen.key.rpartition("-")[2]) > 40
    ]
    return free[number]


@dataclass
class Form:
    """A file to import, and how a citizen answers it page by page.

    `expected` is what the platform gets, by link id; `read` is what staff read, by question.
    """

    file: Path
    title: str
    answer: Callable[[Page], None]
    expected: dict[str, list[dict[str, Any]]]
    read: dict[str, str]


def question(page: Page, text: str) -> Locator:
    return page.locator("[data-question]", has_text=text)


def answer_daily_walk(page: Page) -> None:
    """Conditions come and go as answers require; what was opened by a changed answer is not sent."""
    expect(page.get_by_role("heading", name="At komme ud")).to_be_visible()
    expect(page.get_by_text("Hvor mange dage gik du en tur?")).to_have_count(0)

    walked = page.get_by_role("group", name="Har du været ude at gå?")
    walked.get_by_label("Nej").check()
    expect(page.get_by_text("Hvad holdt dig inde?")).to_be_visible()
    page.get_by_label("Vejret på øen").check()

    walked.get_by_label("Ja").check()
    expect(page.get_by_text("Hvad holdt dig inde?")).to_have_count(0)
    expect(page.get_by_text("Hvem gik du med?")).to_have_count(0)
    days = page.get_by_label("Hvor mange dage gik du en tur?")
    days.fill("4")
    days.blur()
    expect(page.get_by_text("Hvem gik du med?")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Gemt kl"))).to_be_visible()

    page.get_by_role("button", name="Næste").click()
    expect(page.get_by_role("alert")).to_be_visible()  # one required question is still open
    page.get_by_label("Sammen med andre").check()
    expect(page.locator(".form-error")).to_have_count(0)
    page.get_by_role("button", name="Næste").click()

    expect(page.get_by_role("heading", name="Den længste tur")).to_be_visible()
    page.get_by_label("Hvor mange kilometer gik du?").fill("3,5")
    day = page.get_by_role("group", name="Hvilken dag var det?")
    for part, written in (("Dag", "22"), ("Måned", "11"), ("År", "2026")):
        day.get_by_label(part).fill(written)
    page.get_by_label("Hvad så du på vejen?").fill("Æblegrød på en å")
    page.get_by_role("button", name="Næste").click()


def answer_review(page: Page) -> None:
    """A published form of two pages, of which the first answer opens the second."""
    page.get_by_label("Ja").check()
    page.get_by_role("button", name="Næste").click()
    page.get_by_label("What is your favourite animal?").fill("Æselføl")
    page.get_by_role("button", name="Næste").click()


FORMS = [
    pytest.param(
        Form(
            file=OWN_FORM,
            title="Din daglige tur",
            answer=answer_daily_walk,
            expected={
                "walked": [{"valueBoolean": True}],
                "days": [{"valueInteger": 4}],
                "with": [
                    {
                        "valueCoding": {
                            "system": "https://example.org/with",
                            "code": "others",
                            "display": "Sammen med andre",
                        }
                    }
                ],
                "km": [{"valueDecimal": 3.5}],
                "when": [{"valueDate": "2026-11-22"}],
                "who": [{"valueString": "Æblegrød på en å"}],
            },
            read={
                "Har du været ude at gå?": "Ja",
                "Hvor mange dage gik du en tur?": "4",
                "Hvem gik du med?": "Sammen med andre",
                "Hvor mange kilometer gik du?": "3,5",
                "Hvilken dag var det?": "22-11-2026",
                "Hvad så du på vejen?": "Æblegrød på en å",
                "Er der andet, du vil fortælle?": "Ikke besvaret",
            },
        ),
        id="our own form",
    ),
    pytest.param(
        Form(
            file=PUBLISHED_FORM,
            title="Review Questionnaire",
            answer=answer_review,
            expected={"1.1": [{"valueBoolean": True}], "2.1": [{"valueString": "Æselføl"}]},
            read={"Are you Omar?": "Ja", "What is your favourite animal?": "Æselføl"},
        ),
        id="a published form",
        marks=pytest.mark.skipif(
            not PUBLISHED_FORM.exists(), reason="The published forms in ../shared/corpora are not here."
        ),
    ),
]


def answers_of(items: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        if item.get("answer"):
            found[item["linkId"]] = item["answer"]
        found |= answers_of(item.get("item", []))
    return found


def import_publish_and_plan(kam: Page, form: Form) -> str:
    """In KAM: the file becomes version 1, and version 1 a weekly plan; gives the plan's title."""
    plan = f"{form.title}, hver uge"
    kam.goto("/kam/")
    kam.get_by_role("link", name="Importér spørgeskema").click()
    kam.get_by_label("Fil med spørgeskema").set_input_files(form.file)
    kam.get_by_role("button", name="Læs filen").click()
    kam.get_by_role("button", name="Gem de valgte som kladder").click()
    expect(kam.get_by_role("heading", name=form.title, level=1)).to_be_visible()
    expect(kam.get_by_role("heading", name="Indhold")).to_be_visible()
    kam.get_by_role("button", name="Udgiv version 1").click()
    expect(kam.get_by_text("er udgivet som version 1")).to_be_visible()

    kam.get_by_role("link", name="Lav en plan med spørgeskemaet").click()
    kam.get_by_label("Titel").fill(plan)
    kam.get_by_role("button", name="Gem, og vælg spørgeskemaer").click()
    weekly_plan(kam, form.title, weeks=4)
    return plan


def weekly_plan(kam: Page, questionnaire: str, *, weeks: int) -> None:
    """On the page where a new plan gets its questionnaire: once a week, and published."""
    kam.get_by_label("Spørgeskema", exact=True).select_option(label=f"{questionnaire} v1")
    kam.get_by_label("Med fast mellemrum", exact=True).check(force=True)
    kam.get_by_label("Et antal gange", exact=True).check(force=True)
    kam.get_by_label("Antal gange", exact=True).fill(str(weeks))
    kam.get_by_role("button", name="Gem i planen").click()
    kam.get_by_role("button", name="Udgiv planen").click()
    expect(kam.get_by_text("Personalet kan nu tildele den")).to_be_visible()


def assign(staff: Page, citizen: DemoCitizen, plan: str) -> None:
    """In the Medarbejdermodul: find the citizen by CPR number and assign the plan."""
    staff.goto("/medarbejder/")
    staff.get_by_role("search").get_by_role("textbox").fill(f"{citizen.cpr[:6]}-{citizen.cpr[6:]}")
    staff.get_by_role("search").get_by_role("button", name="Søg").click()
    assert citizen.cpr[6:] not in staff.url
    expect(staff.get_by_text(f"{citizen.given_name} {citizen.family_name}").first).to_be_visible()
    staff.get_by_role("link", name="Tildel en plan").first.click()
    staff.get_by_label(plan, exact=True).check(force=True)
    # One's own team is chosen already.
    team = staff.get_by_label("Team")
    if not team.input_value():
        team.select_option(index=1)
    staff.get_by_role("button", name="Vis opgaver").click()
    expect(staff.get_by_role("heading", name="4 opgaver til borgeren")).to_be_visible()
    staff.get_by_role("button", name="Tildel planen").click()
    expect(staff.get_by_role("heading", name=plan)).to_be_visible()


def answer_as_citizen(citizen: Page, form: Form) -> None:
    """In the Borgermodul, on a telephone: see the task, answer it, look it over, send."""
    card = citizen.locator("main").get_by_text(form.title).first
    expect(card).to_be_visible()
    citizen.get_by_role("link", name="Svar nu").first.click()
    citizen.get_by_role("button", name="Begynd").click()
    form.answer(citizen)
    expect(citizen.get_by_role("heading", name="Se dine svar igennem")).to_be_visible()
    citizen.get_by_role("button", name="Send svar").click()
    expect(citizen.get_by_role("heading", name="Tak for dine svar")).to_be_visible()


def is_quiet(moment: datetime) -> bool:
    return moment.time() in NEMSMS


def danish_now() -> datetime:
    return datetime.now(DENMARK)


def check_text_message(
    system: System,
    staff: Page,
    person: DemoCitizen,
    *,
    message: tuple[str, str],
    known: set[str],
    asked_at: datetime,
) -> None:
    """NemSMS was given one `message` (kind, text) for this person since the `known` ones; by night none.

    `staff` is on the citizen's page, where the newest message of the kind says the same: sent, or waiting.
    """
    kind, text = message
    newest = newest_message(staff, kind)

    def settled() -> str:
        staff.reload()
        said = newest.get_by_role("cell").last.inner_text().strip()
        return said if said.startswith(("Sendt", "Venter")) else ""

    said = eventually(settled)
    received = [
        (there["text"], there["sender"])
        for there in system.text_messages()
        if there["messageId"] not in known and there["cpr"] == f"{person.cpr[:6]}-••••"
    ]
    waits = said.startswith("Venter")
    # The hour may strike between the asking and the looking.
    assert waits in {is_quiet(asked_at), is_quiet(danish_now())}
    if waits:
        assert re.fullmatch(r"Venter: sendes (i dag|i morgen) kl\. 08\.00", said)
        assert received == []
    else:
        assert received == [(text, "Aalborg Kommune")]


def newest_message(staff: Page, kind: str) -> Locator:
    """Its row on a citizen's page."""
    messages = staff.get_by_role("table", name="Sms'er til borgeren, nyeste først")
    return messages.get_by_role("row").filter(has_text=kind).first


def first_to_remind(staff: Page) -> tuple[DemoCitizen, Locator]:
    """The first citizen on the list of unanswered questionnaires who can be reminded by text message, and the row."""
    people = {
        (citizen.name, f"Født {citizen.birth_date:%d-%m-%Y}"): citizen
        for citizen in demo_citizens()
        if citizen.municipality_code == AALBORG
    }
    rows = staff.get_by_role("row").filter(has=staff.get_by_role("button", name="Send påmindelse"))
    row = rows.filter(has_not_text="Ikke tilmeldt NemSMS").first
    name, born = row.locator("td[data-title=Borger]").inner_text().split("\n")
    # By its task, since the button by which it was found goes away.
    task = row.get_by_role("checkbox").get_attribute("value")
    return people[name, born], staff.get_by_role("row").filter(has=staff.locator(f"input[value='{task}']"))


def ids_of(resources: list[dict[str, Any]]) -> set[str]:
    return {resource["id"] for resource in resources}


def local(reference: dict[str, str]) -> str:
    """`Type/id` of a reference with the platform's address before it and a version after it."""
    found = re.search(r"[A-Z][A-Za-z]+/[^/]+(?=$|/_history)", reference["reference"])
    assert found, reference
    return found[0]


def check_what_the_answers_belong_to(
    system: System, response: dict[str, Any], *, person: DemoCitizen, plan: str, before: set[str]
) -> None:
    """The answers are this person's and name the service request of this very assignment, as its care plan does."""
    patients = {f"Patient/{there['id']}": there for there in system.at_fut("Patient")}
    [identifier] = patients[local(response["subject"])]["identifier"]
    assert identifier["value"] == person.cpr

    [asked] = response["basedOn"]
    requests = {f"ServiceRequest/{there['id']}": there for there in system.at_fut("ServiceRequest")}
    request = requests[local(asked)]
    assert request["id"] not in before
    assert request["status"] == "active"
    assert local(request["subject"]) == local(response["subject"])

    [care_plan] = [there for there in system.at_fut("CarePlan") if there.get("title") == plan]
    assert [local(activity["reference"]) for activity in care_plan["activity"]] == [local(asked)]
    assert local(care_plan["subject"]) == local(response["subject"])


@pytest.mark.parametrize("form", FORMS)
def test_from_the_file_to_the_platform(form: Form, log_in: LogIn, system: System) -> None:
    person = without_a_course(number=[parameter.values[0] for parameter in FORMS].index(form))
    known_responses = ids_of(system.at_fut("QuestionnaireResponse"))
    known_requests = ids_of(system.at_fut("ServiceRequest"))
    known_messages = {message["messageId"] for message in system.text_messages()}
    kam = log_in("staff", "Birgitte Hedegård")
    staff = log_in("staff", NURSE)

    plan = import_publish_and_plan(kam, form)
    assigned_at = danish_now()
    assign(staff, person, plan)
    citizen = log_in("citizen", person.name, viewport=PHONE)
    answer_as_citizen(citizen, form)

    # The worker brings the care plan, its service request and the answers to the platform, in this order.
    def arrived() -> list[dict[str, Any]]:
        there = system.at_fut("QuestionnaireResponse")
        return [response for response in there if response["id"] not in known_responses]

    [response] = eventually(arrived)
    assert response["questionnaire"].endswith("|1")
    assert answers_of(response["item"]) == form.expected
    check_what_the_answers_belong_to(system, response, person=person, plan=plan, before=known_requests)

    # The click on “Send svar” can be followed into the worker and its call to the platform.
    clicks = re.findall(r"request='POST [^']*/opsummering/'.*?request_id=(\S+)", system.log("web"))
    followed = [line for line in system.log("worker-fut").splitlines() if f"request_id={clicks[-1]}" in line]
    assert any("fut_request" in line for line in followed)
    assert any("outbox.delivered" in line for line in followed)

    # The member of staff reads every answer, in words.
    staff.goto("/medarbejder/?fane=nye")
    row = staff.get_by_role("row", name=re.compile(person.name)).first
    row.get_by_role("link", name=form.title).click()
    expect(staff.get_by_role("heading", name=form.title, level=1)).to_be_visible()
    questions = [text.strip() for text in staff.locator(".answers dt").all_inner_texts()]
    answers = [text.strip() for text in staff.locator(".answers dd").all_inner_texts()]
    assert dict(zip(questions, answers, strict=True)) == form.read

    # The text message about the new plan has left, unless it is between 18:00 and 08:00.
    staff.get_by_role("link", name=f"Gå til {person.name}").click()
    check_text_message(system, staff, person, message=NEW_TASK, known=known_messages, asked_at=assigned_at)

    # And another citizen is reminded of an unanswered one.
    staff.goto("/medarbejder/ubesvarede/")
    known_messages = {message["messageId"] for message in system.text_messages()}
    late, row = first_to_remind(staff)
    reminded_at = danish_now()
    row.get_by_role("button", name="Send påmindelse").click()
    expect(row.get_by_text("Påmindelsen er bestilt.")).to_be_visible()
    row.get_by_role("link").first.click()
    newest = newest_message(staff, REMINDER[0])
    expect(newest).to_contain_text(NURSE)
    check_text_message(system, staff, late, message=REMINDER, known=known_messages, asked_at=reminded_at)
