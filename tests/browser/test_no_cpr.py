"""A run of the real system, faults and refusals among it, and then a search for CPR numbers wherever one could lie.

The people are demo people with replacement numbers; a further number is what a citizen types into an answer.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from kommunalpro.demo.people import DemoCitizen, demo_citizens
from tests import factories
from tests.browser.conftest import DESKTOP, PHONE, entered
from tests.browser.system import System
from tests.browser.test_the_main_job import (
    NURSE,
    Form,
    answer_as_citizen,
    assign,
    eventually,
    first_to_remind,
    import_publish_and_plan,
    without_a_course,
)
from tests.browser.traces import Numbers, QueueWatch, Trail, logs, stored, superuser

TYPED = "6404404321"
EVERYBODY = Numbers([*(citizen.cpr for citizen in demo_citizens()), TYPED])
LogInWatched = Callable[..., Page]


# --- the finder itself ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "written",
    [
        pytest.param(f"cpr={TYPED},", id="plain"),
        pytest.param(f"{TYPED[:6]}-{TYPED[6:]}", id="with hyphen"),
        pytest.param(f"{TYPED[:6]} {TYPED[6:]}", id="with space"),
        pytest.param(f"text={TYPED[:6]}%20{TYPED[6:]}", id="in a form"),
        pytest.param(f"{TYPED[:6]}\u2013{TYPED[6:]}", id="with a dash"),
        pytest.param(f"00{TYPED}77", id="inside a longer number"),
        *(
            pytest.param(
                b64encode(f"{before}{number} and more".encode()).decode(), id=f"base64 of {before}{number}"
            )
            for before in ("", "a", "ab", "abc")
            for number in (TYPED, f"{TYPED[:6]}-{TYPED[6:]}", f"{TYPED[:6]} {TYPED[6:]}")
        ),
    ],
)
def test_a_number_is_found_in_any_disguise(written: str) -> None:
    assert EVERYBODY.in_text(f"before {written} after") == {TYPED}


def test_what_is_no_number_of_these_people_is_not_found() -> None:
    assert EVERYBODY.in_text("6404404322 640440-•••• 2026-11-23T16:50:23.788384Z 64044 04321") == set()


# --- the run ------------------------------------------------------------------------------------------------------


def note_form(folder: Path) -> Form:
    """A form in which a citizen tells what nobody asked for."""

    def answer(page: Page) -> None:
        page.get_by_label("Nej").check()
        page.get_by_label("Er der andet, du vil fortælle?").fill(
            f"Mit CPR-nummer er {TYPED[:6]}-{TYPED[6:]}, hvis du mangler det."
        )
        page.get_by_role("button", name="Næste").click()

    file = folder / "note.json"
    source = factories.questionnaire_source(url="https://example.org/no-cpr", title="Det, du vil fortælle")
    file.write_text(json.dumps(source))
    return Form(file=file, title="Det, du vil fortælle", answer=answer, expected={}, read={})


def search(page: Page, text: str) -> None:
    page.goto("/medarbejder/borgere/")
    page.get_by_role("search").get_by_role("textbox").fill(text)
    page.get_by_role("search").get_by_role("button", name="Søg").click()
    page.wait_for_load_state("networkidle")


@contextmanager
def without_citizens(system: System) -> Iterator[None]:
    """The table is gone for a moment, so that looking for somebody is a fault of the server."""
    with superuser(system) as connection:
        connection.execute("ALTER TABLE citizens_citizen RENAME TO elsewhere")
        try:
            yield
        finally:
            connection.execute("ALTER TABLE elsewhere RENAME TO citizens_citizen")


def refused_logins(system: System, chrome: Browser, trail: Trail) -> None:
    for audience, oddity in (("citizen", "loa-low"), ("citizen", "key-wrong"), ("staff", "role-unknown")):
        with ExitStack() as contexts:
            page = entered(system, chrome, contexts, None, DESKTOP, watch=trail.watch)
            page.goto(f"/login/{audience}/")
            page.get_by_role("link", name="Sammensæt et skævt login").click()
            page.locator(f"#{oddity}").check(force=True)
            page.get_by_role("button", name="Log ind").click()
            expect(page.get_by_role("heading", name="Du blev ikke logget ind")).to_be_visible()
            trail.look(page)


def searches(staff: Page, person: DemoCitizen, trail: Trail) -> None:
    """Found, somebody of another municipality, and mistyped."""
    elsewhere = next(each for each in demo_citizens() if each.municipality_code != person.municipality_code)
    for typed in (person.cpr, elsewhere.cpr, f"{person.cpr[:6]} {person.cpr[6:]}", f"{person.cpr}0"):
        search(staff, typed)
        if not typed.endswith(f"{person.cpr[6:]}0"):  # a mistyped one stays in its field, to be mended
            trail.look(staff)


def pasted(kam: Page, person: DemoCitizen, trail: Trail) -> None:
    """An administrator pastes a citizen's token into “Test en login”."""
    claims = b64encode(json.dumps({"user_type": "PATIENT", "cpr": person.cpr, "name": person.name}).encode())
    kam.goto("/login/test/")
    kam.get_by_label("Det login, der skal undersøges").fill(
        f"eyJhbGciOiJub25lIn0.{claims.decode().rstrip('=')}."
    )
    kam.get_by_role("button", name="Undersøg").click()
    kam.wait_for_load_state("networkidle")
    trail.look(kam)


def error_pages(system: System, staff: Page, person: DemoCitizen) -> dict[str, str]:
    """What the server answers where something is wrong, with a number in the request wherever one fits."""
    ask = staff.context.request
    answers = {
        "not found": ask.get(f"/medarbejder/borgere/{person.cpr}/"),
        "not found, in the query": ask.get(f"/findes-ikke/?cpr={person.cpr}"),
        "no permission": ask.get("/kam/"),
        "no CSRF token": ask.post("/medarbejder/borgere/", form={"text": person.cpr}),
    }
    assert [answer.status for answer in answers.values()] == [404, 404, 403, 403]
    staff.goto("/medarbejder/borgere/")
    staff.get_by_role("search").get_by_role("textbox").fill(person.cpr)
    with without_citizens(system):
        with staff.expect_response("**/medarbejder/borgere/") as answered:
            staff.get_by_role("search").get_by_role("button", name="Søg").click()
        staff.wait_for_load_state("networkidle")
        fault = staff.content()
    assert answered.value.status == 500
    too_odd = httpx.get(
        system.url + "/", headers={"Host": "somewhere.else", "Referer": f"http://x/{person.cpr}"}
    )
    assert too_odd.status_code == 400
    return {
        **{f"answer {name}": answer.text() for name, answer in answers.items()},
        "answer fault": fault,
        "answer odd host": too_odd.text,
    }


def test_a_run_of_the_whole_system_leaves_no_cpr_number_anywhere(
    system: System, chrome: Browser, tmp_path: Path
) -> None:
    person = without_a_course(number=5)
    form = note_form(tmp_path)
    trail = Trail()
    with ExitStack() as contexts, QueueWatch(system) as queue:

        def log_in(audience: str, name: str, viewport=DESKTOP) -> Page:
            return entered(system, chrome, contexts, (audience, name), viewport, watch=trail.watch)

        known = {each["id"] for each in system.at_fut("QuestionnaireResponse")}
        kam = log_in("staff", "Birgitte Hedegård")
        staff = log_in("staff", NURSE)
        plan = import_publish_and_plan(kam, form)
        pasted(kam, person, trail)
        assign(staff, person, plan)
        trail.look(staff)
        citizen = log_in("citizen", person.name, PHONE)
        answer_as_citizen(citizen, form)
        trail.look(citizen)
        staff.goto("/medarbejder/ubesvarede/")
        trail.look(staff)
        first_to_remind(staff)[1].get_by_role("button", name="Send påmindelse").click()
        searches(staff, person, trail)
        refused_logins(system, chrome, trail)
        errors = error_pages(system, staff, person)
        # The worker has told the platform of the answers, and so of the person.
        eventually(lambda: [one for one in system.at_fut("QuestionnaireResponse") if one["id"] not in known])
        health = {path: httpx.get(system.url + path).text for path in ("/healthz", "/healthz/deliveries")}
        sessions_open = stored(system)["sessions"]

    assert "outbox.tasks.deliver_due" in queue.text
    assert person.name in sessions_open  # so the sessions were read, not only their seals
    assert f"<dd>{person.cpr[:6]}<span" in "".join(trail.pages.values())
    places = {"addresses": "\n".join(trail.addresses), "queue": queue.text, **trail.pages, **errors, **health}
    assert EVERYBODY.in_places(places) == {}
    # What the citizen told is in the answer, and nowhere else.
    assert EVERYBODY.in_places(stored(system)) == {"table questionnaires_response": {TYPED}}
    written = logs(system)
    assert {"log web.log", "log beat.log", "log broker.log", "log simulator.log"} <= set(written)
    assert any(name.startswith("log worker") and text for name, text in written.items())
    assert "Internal Server Error" in written["log web.log"]  # the fault was told of
    assert EVERYBODY.in_places(written) == {}


def test_a_number_in_a_log_would_be_found(system: System) -> None:
    planted = system.folder / "log" / "planted.log"
    planted.write_text(f"somebody logged {TYPED[:6]}-{TYPED[6:]}\n")
    try:
        assert EVERYBODY.in_places(logs(system)) == {"log planted.log": {TYPED}}
    finally:
        planted.unlink()
