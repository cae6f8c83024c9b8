"""Every state of the pages on which a citizen answers, at 320, 390 and 1280 px: what axe and a ruler can see of it.

`pytest tests/browser/test_states.py --screenshots FOLDER` keeps a picture of each, to be looked at by a person.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect
from pytest_django.live_server_helper import LiveServer

from citizens.models import Citizen
from identity.actors import CitizenActor, StaffActor
from identity.middleware import SESSION_ACTOR
from identity.sessions import SESSION_SEEN_AT
from plans import correcting
from plans import services as plans
from plans.models import Task
from questionnaires import decision_support
from questionnaires.models import QuestionnaireVersion
from questionnaires.services import save_answers
from tests import factories, uploads
from tests.browser.every_kind import FORM
from tests.browser.held import Held
from tests.browser.looking import nothing_found
from tests.browser.one_form import question
from tests.browser.test_accessibility import nothing_is_cut
from tests.browser.test_before_and_after import answered
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.translated_form import TRANSLATED

pytestmark = pytest.mark.django_db(transaction=True)

WIDTHS = (320, 390, 1280)
PHONE: ViewportSize = {"width": 390, "height": 844}
NUMBERS = 2  # the page of every_kind.FORM on which a question has something to say to its answer
SOME_WORDS, FRACTION = (
    "Jeg vågner tit om natten og kan ikke falde i søvn igen.",
    "a note of seventy characters at most",
)


@dataclass
class Looking:
    """A person's browser, and where its pictures go."""

    page: Page
    root: str
    pictures: Path | None

    def go(self, path: str) -> Page:
        self.page.goto(self.root + path)
        return self.page

    def at(self, name: str, *, has_scripts: bool = True, whole: bool = True) -> None:
        """Nothing for axe, nothing sideways, nothing cut off, at each width; and its pictures."""
        for width in WIDTHS:
            self.page.set_viewport_size({"width": width, "height": PHONE["height"]})
            self.page.wait_for_timeout(60)  # what is drawn by a script is drawn for the new width
            if has_scripts:
                nothing_is_cut(self.page, f"{name} at {width}")
            if self.pictures is not None:
                if whole:  # as tall as the page: what sticks to the window's edge is drawn where it belongs
                    tall = self.page.evaluate("document.documentElement.scrollHeight")
                    self.page.set_viewport_size({"width": width, "height": tall})
                self.page.screenshot(path=self.pictures / f"state-{name}-{width}.png", animations="disabled")
        self.page.set_viewport_size(PHONE)
        if has_scripts:
            assert nothing_found(self.page), name

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture
def citizen() -> Citizen:
    made: Citizen = factories.CitizenFactory(given_name="Åse", family_name="Sørensen")
    return made


@pytest.fixture
def enter(
    citizen: Citizen,
    chrome: Browser,
    live_server: LiveServer,
    client_as: Callable[[CitizenActor | StaffActor], Client],
    screenshots: Path | None,
) -> Iterator[Callable[..., Looking]]:
    """`enter()`: the citizen's browser; `enter(who)`: somebody else's. A script that fails fails the test."""
    own = client_as(CitizenActor(citizen_id=citizen.pk, name=citizen.name))
    with ExitStack() as contexts:

        def come(who: StaffActor | None = None, **how: Any) -> Looking:
            context: BrowserContext = chrome.new_context(**{"viewport": PHONE, "locale": "da-DK", **how})
            contexts.callback(context.close)
            key = (client_as(who) if who else own).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies(
                [{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}]
            )
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
            return Looking(page, live_server.url, screenshots)

        yield come


def speaking_version() -> QuestionnaireVersion:
    """A version that says something to answers, as two people have approved."""
    first, second = factories.StaffMemberFactory.create_batch(2, municipality=None)
    questionnaire = factories.QuestionnaireFactory()
    decision_support.switch_on(
        questionnaire=questionnaire,
        intended_purpose="Borgeren får at vide, hvornår lægen skal spørges.",
        algorithm_version="1.0",
        by=first,
        at=timezone.now(),
    )
    version: QuestionnaireVersion = factories.QuestionnaireVersionFactory(
        questionnaire=questionnaire,
        source=FORM,
        title=FORM["title"],
        decision_support=questionnaire.decision_supports.get(),
        approved_by=first,
        approved_at=timezone.now(),
        published_by=second,
    )
    return version


def task_with(
    citizen: Citizen, source: dict[str, Any], *, version: QuestionnaireVersion | None = None, **plan: Any
) -> Task:
    version = version or factories.QuestionnaireVersionFactory(source=source, title=source["title"])
    return factories.open_task(citizen, plan=factories.PlanFactory(weekly__version=version, **plan))


def begun(citizen: Citizen, source: dict[str, Any] = FORM, **plan: Any) -> Task:
    task = task_with(citizen, source, **plan)
    plans.begin_task(task=task, at=timezone.now())
    task.refresh_from_db()
    return task


def side(task: Task, number: int) -> str:
    return reverse("citizens:page", args=[task.pk, number])


def go_on(looking: Looking) -> None:
    with looking.page.expect_navigation():
        looking.page.locator("#answers button[name=go][value=next]:visible").click()


def saved(page: Page) -> None:
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")


# --- each kind of question: unanswered, in error, answered -----------------------------------------


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_each_kind_of_question(number: int, enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen, version=speaking_version()), number))
    looking.at(f"kinds-{number}-unanswered")
    go_on(looking)
    expect(page.locator("[data-error-summary]")).to_be_visible()
    looking.at(f"kinds-{number}-missing")
    ANSWERS[number](page)
    saved(page)
    page.wait_for_load_state("networkidle")
    said = page.get_by_text("Det er mange. Tal med din læge om det.")
    expect(said).to_have_count(1 if number == NUMBERS else 0)
    for mended in page.locator("[data-error-summary] a").all():
        assert "✓" in mended.evaluate("(link) => getComputedStyle(link, '::before').content"), (
            "not by a line alone"
        )
    looking.at(f"kinds-{number}-answered")


def choose(choice: Locator) -> None:
    """Press it wherever it is by then: errors that go away move what is below them."""
    choice.evaluate("(choice) => choice.click()")
    expect(choice).to_be_checked()


def answer_choices(page: Page) -> None:
    choose(question(page, "Har du smerter?").get_by_label("Ja"))
    expect(question(page, "Hvor gør det mest ondt?")).to_be_visible()
    choose(question(page, "Hvor gør det mest ondt?").get_by_label("Hofte eller knæ"))
    for words in ("Trapper", "At tage tøj på"):
        choose(question(page, "besvær med").get_by_label(words))
    question(page, "I hvilken måned").get_by_role("combobox").select_option("september")
    choose(question(page, "Hvilket ansigt").get_by_label("Glad"))
    choose(question(page, "Er det her").get_by_label("Nej"))


def answer_numbers(page: Page) -> None:
    page.locator("input[name='a:line']").fill("3")
    page.locator("input[name='a:vas']").fill("64")
    page.locator("input[name='a:weight']").fill("81,5")
    page.locator("input[name='a:days']").fill("12")
    page.locator("input[name='a:days']").press("Tab")
    for prefix, part in zip("dmy", ("24", "11", "2025"), strict=True):
        page.locator(f"input[name='{prefix}:since']").fill(part)
    page.locator("input[name='a:sleep']").fill("22:30")
    page.locator("input[name='a:sleep']").press("Tab")
    saved(page)
    for line in page.get_by_role("slider").all():
        expect(line).to_be_visible()


def answer_texts(page: Page) -> None:
    page.get_by_label("Hvem hjælper dig?").fill("Min søn")
    page.get_by_label("Hvad er det sværeste?").fill(SOME_WORDS)
    page.get_by_label("Hvad mærker du?: Svar 1").fill("Kvalme")
    page.get_by_label("Hvad mærker du?: Svar 1").press("Tab")
    saved(page)
    page.get_by_role("button", name="Tilføj et svar mere").click()
    expect(page.get_by_label("Hvad mærker du?: Svar 2")).to_be_focused()
    page.get_by_role("combobox", name="Hvilken by bor du i?").press_sequentially("ærø")
    page.get_by_role("option", name="Ærøskøbing").click()
    expect(page.get_by_role("radio", name="Ærøskøbing")).to_be_checked()


def answer_groups(page: Page) -> None:
    for asked, words in (("nedtrykt", "Slet ikke"), ("falde i søvn", "Noget"), ("været glad", "Meget")):
        choose(page.get_by_role("group", name=re.compile(asked)).get_by_role("radio", name=words, exact=True))
    page.get_by_label("Hvad hedder den?").fill("Panodil")
    page.get_by_role("button", name="Tilføj en mere").click()
    expect(page.locator(".question-row")).to_have_count(2)
    photo = {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": uploads.photo((1200, 900))}
    question(page, "Tag et billede").locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    expect(page.get_by_role("link", name="Såret.jpg")).to_be_visible()


ANSWERS = {1: answer_choices, 2: answer_numbers, 3: answer_texts, 4: answer_groups}


def test_what_cannot_be_read(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 2))
    page.locator("input[name='a:line']").fill("11")
    page.locator("input[name='a:weight']").fill("mange")
    for prefix, part in zip("dmy", ("31", "31", "2025"), strict=True):
        page.locator(f"input[name='{prefix}:since']").fill(part)
    page.locator("input[name='y:since']").press("Tab")
    page.wait_for_load_state("networkidle")
    go_on(looking)
    expect(page.locator("[data-error-summary]")).to_be_focused()
    assert page.locator("input[name='a:weight']").input_value() == "mange"
    looking.at("cannot-be-read")


def test_the_numbers_of_a_line_stand_there_once(enter: Callable[..., Looking], citizen: Citizen) -> None:
    """The marks say 0 and 10; under them only words stand, and a screen reader hears both together."""
    page = enter().go(side(begun(citizen), 2))
    line = question(page, "Hvor stærke er smerterne?")
    for end in ("0", "10"):
        said = [
            each
            for each in line.get_by_text(end, exact=True).all()
            if (box := each.bounding_box()) is not None and box["width"] > 1
        ]
        assert len(said) == 1
    described = page.get_by_role("slider", name="Hvor godt er dit helbred i dag?")
    expect(described).to_have_accessible_description(
        "0: Det værste helbred, du kan forestille dig 100: Det bedste helbred, du kan forestille dig"
    )


def test_a_long_list_with_its_search_open(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 3))
    page.get_by_role("combobox", name="Hvilken by bor du i?").press_sequentially("a")
    expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.press("ArrowDown")
    looking.at("search-open")
    page.get_by_role("combobox", name="Hvilken by bor du i?").fill("Atlantis")
    expect(page.locator("[data-search-status]")).to_contain_text("Intet passer")
    looking.at("search-nothing")
    page.keyboard.press("Tab")
    expect(page.locator(".form-error-message")).to_be_visible()
    how = page.get_by_text("Skriv nogle bogstaver, og vælg i listen.").bounding_box()
    wrong = page.locator(".form-error-message").bounding_box()
    assert how
    assert wrong
    assert how["y"] < wrong["y"], "what went wrong stands next to the field"
    looking.at("search-refused")


def test_a_row_that_would_take_words_along_asks_first(
    enter: Callable[..., Looking], citizen: Citizen
) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 4))
    page.get_by_label("Hvad hedder den?").fill("Panodil")
    page.get_by_role("button", name="Tilføj en mere").click()
    expect(page.locator(".question-row")).to_have_count(2)
    page.locator(".question-row").first.get_by_role("button", name="Fjern").click()
    expect(page.get_by_text("Vil du fjerne det, du har skrevet her?").first).to_be_visible()
    looking.at("row-going")


def test_a_file_that_is_refused(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 4))
    page.locator("input[type=file]").set_input_files(
        {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": b"<html></html>"}
    )
    expect(page.get_by_text("Filen kan ikke bruges her.").first).to_be_visible()
    looking.at("file-refused")


def test_a_file_on_its_way_and_one_that_did_not_get_there(
    enter: Callable[..., Looking], citizen: Citizen
) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 4))
    held = Held(page, "**/fil/4/")
    photo = {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": uploads.photo((120, 90))}
    box = question(page, "Tag et billede")
    box.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    expect(box.get_by_role("status")).to_have_text("Sender filen …")
    looking.at("file-sending")
    held[0].abort()
    expect(box.get_by_role("status")).to_contain_text("Filen kunne ikke sendes.")
    looking.at("file-not-sent")


# --- saving -------------------------------------------------------------------------------------


def test_saving_saved_and_no_connection(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    page = looking.go(side(begun(citizen), 1))
    held = Held(page, "**/svar/1/")
    choose(question(page, "Har du smerter?").get_by_label("Ja"))
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemmer")
    looking.at("saving", whole=False)
    held[0].continue_()
    page.unroute("**/svar/1/")
    saved(page)
    looking.at("saved")
    page.context.set_offline(True)
    choose(question(page, "Har du smerter?").get_by_label("Nej"))
    expect(page.locator("[data-saved-state]")).to_contain_text("Ingen forbindelse")
    looking.at("no-connection")
    looking.press("Næste")
    page.wait_for_timeout(300)
    looking.at("no-connection-pressed", whole=False)


def test_two_devices(enter: Callable[..., Looking], citizen: Citizen) -> None:
    task = begun(citizen)
    phone, computer = enter(), enter()
    for each in (phone, computer):
        each.go(side(task, 1))
    for label in ("Trapper", "At gå ud og handle"):
        choose(question(phone.page, "besvær med").get_by_label(label))
    choose(question(phone.page, "Har du smerter?").get_by_label("Ja"))
    expect(question(phone.page, "Hvor gør det mest ondt?")).to_be_visible()
    choose(question(computer.page, "Har du smerter?").get_by_label("Nej"))
    expect(computer.page.locator(".question-elsewhere")).to_be_visible()
    computer.at("two-answers")


def test_a_session_that_ran_out(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    looking.page.route(
        "**/login/session/", lambda route: route.fulfill(json={"seconds": 100, "extendable": True})
    )
    looking.page.clock.install()
    page = looking.go(side(begun(citizen), 1))
    page.clock.fast_forward("29:30")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    looking.at("session-dialog", whole=False)
    Session.objects.all().delete()
    page = looking.go("/login/ended/")
    looking.at("session-ended")


def test_what_was_sent_after_the_session_is_there_after_the_login(
    enter: Callable[..., Looking], citizen: Citizen
) -> None:
    task, looking = begun(citizen), enter(java_script_enabled=False)
    page = looking.go(side(task, 1))
    Session.objects.all().delete()
    page.route("**/login/citizen/**", lambda route: route.fulfill(body="Log ind", content_type="text/html"))
    choose(question(page, "Har du smerter?").get_by_label("Ja"))
    looking.press("Næste")
    assert "/login/" in page.url
    log_in_again(page, citizen)
    looking.go(side(task, 1))
    expect(page.get_by_text("Du var blevet logget ud, men dine svar på siden er gemt.")).to_be_visible()
    expect(question(page, "Har du smerter?").get_by_label("Ja")).to_be_checked()
    looking.at("session-brought", has_scripts=False)


def log_in_again(page: Page, citizen: Citizen) -> None:
    """As the broker would send them back: the browser's session has somebody in it again."""
    (key,) = [
        each["value"] for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME
    ]
    session = SessionStore(session_key=key)
    session[SESSION_ACTOR] = CitizenActor(citizen_id=citizen.pk, name=citizen.name).to_session()
    session[SESSION_SEEN_AT] = timezone.now().timestamp()
    session.save()


# --- before and after ------------------------------------------------------------------------------


def test_the_list_of_tasks(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    looking.go("/borger/")
    looking.at("tasks-none")
    task_with(citizen, FORM)
    looking.go("/borger/")
    looking.at("tasks-due")
    factories.overdue_task(citizen)
    half_done = begun(citizen)
    assert half_done.response is not None
    save_answers(
        response=half_done.response, fields={"pain": ["true"]}, at=timezone.now() + timedelta(seconds=1)
    )
    factories.assign(citizen, plan=factories.PlanFactory(weekly=8))
    looking.go("/borger/")
    looking.at("tasks-all")
    looking.go(reverse("citizens:task", args=[half_done.pk]))
    looking.at("task-half-done")


def test_figures_over_time(enter: Callable[..., Looking], citizen: Citizen) -> None:
    answered(citizen, 40, 52, 48, 64)
    looking = enter()
    page = looking.go(reverse("citizens:responses"))
    expect(page.locator("[data-trend-chart]")).to_be_visible()
    page.get_by_text("Vis de 4 tal").click()
    looking.at("answers-chart")


SHORT = factories.questionnaire_source(title="Om din uge")


def test_a_summary_with_nothing_missing(enter: Callable[..., Looking], citizen: Citizen) -> None:
    task = begun(citizen, SHORT)
    assert task.response is not None
    fields = {"pain": ["true"], "how-much": ["3"], "note": [SOME_WORDS]}
    save_answers(response=task.response, fields=fields, at=timezone.now())
    looking = enter()
    page = looking.go(reverse("citizens:summary", args=[task.pk]))
    expect(page.locator("[data-error-summary]")).to_have_count(0)
    looking.at("summary-complete")


def sent(citizen: Citizen) -> Task:
    task = begun(
        citizen,
        SHORT,
        correction_days=3,
        what_happens_now="En sygeplejerske læser dine svar inden fredag.",
        if_you_get_worse="Ring til hjerteteamet på 12 34 56 78 hverdage kl. 8-15.",
    )
    assert task.response is not None
    at = timezone.now()
    fields = {"pain": ["true"], "how-much": ["3"], "note": [SOME_WORDS]}
    save_answers(response=task.response, fields=fields, at=at)
    return plans.submit_task(task=task, at=at)


def test_from_the_summary_to_an_earlier_version(enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter()
    half = begun(citizen)
    assert half.response is not None
    fields = {"pain": ["true"], "where": ["c1"], "trouble": ["c0", "c2"], "vas": ["64"], "note": [SOME_WORDS]}
    save_answers(response=half.response, fields=fields, at=timezone.now() + timedelta(seconds=1))
    page = looking.go(reverse("citizens:summary", args=[half.pk]))
    given = page.locator("dl > div", has_text="Sidste måneds tal")
    expect(given).to_contain_text("7")
    assert given.get_by_role("link").count() == 0, "nobody asked for it, so nobody can mend it"
    looking.at("summary-unfinished")
    looking.press("Send svar")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    looking.at("summary-missing")
    task = sent(citizen)
    looking.go(reverse("citizens:receipt", args=[task.pk]))
    looking.at("receipt")
    looking.go(reverse("citizens:responses"))
    looking.at("answers-list")
    looking.go(reverse("citizens:response", args=[task.response_id]))
    looking.at("answer")
    page.emulate_media(media="print")
    looking.at("answer-print", has_scripts=False)
    page.emulate_media(media="screen")
    looking.press("Ret dit svar")
    expect(page.get_by_role("button", name="Send rettelsen")).to_be_visible()
    looking.at("correction-summary")
    page.get_by_role("link").filter(has_text="Er der andet").click()
    page.get_by_label("Er der andet").fill("Det gør ondt igen")
    saved(page)
    looking.at("correction-page")
    with page.expect_navigation():
        looking.press("Gem, og gå til dine svar")
    looking.go("/borger/")
    looking.at("correction-tasks")
    looking.go(reverse("citizens:undo_correction", args=[task.pk]))
    looking.at("correction-undo")
    looking.go(reverse("citizens:response", args=[task.response_id]))
    looking.at("correction-answer")
    looking.go(reverse("citizens:summary", args=[task.pk]))
    with page.expect_navigation():
        looking.press("Send rettelsen")
    page.get_by_role("link", name="Se dine svar").click()
    looking.at("answer-corrected")
    page.get_by_role("region", name="Tidligere udgaver").get_by_role("link").click()
    looking.at("answer-earlier")
    looking.go(reverse("citizens:access"))
    looking.at("access")
    looking.go(reverse("citizens:my_data"))
    looking.at("my-data")


# --- languages and other ways to read ---------------------------------------------------------------


def test_in_other_languages(enter: Callable[..., Looking], citizen: Citizen) -> None:
    task = begun(citizen, TRANSLATED)
    english = enter(locale="en-GB")
    english.go("/borger/")
    english.at("english-tasks")
    english.go(side(task, 1))
    english.at("english-page")
    go_on(english)
    english.at("english-errors")
    arabic = enter()
    page = arabic.go(side(task, 1))
    page.get_by_role("button", name="العربية").click()
    expect(page.locator("[dir=rtl] [data-question]").first).to_be_visible()
    page.locator("input[name='a:pain'][value=true]").check(force=True)
    expect(page.locator("input[name='a:where']").first).to_be_visible()
    page.locator("input[name='a:where']").first.check(force=True)
    arabic.at("arabic-page")
    go_on(arabic)
    go_on(arabic)
    expect(page).to_have_url(re.compile("/opsummering/$"))
    arabic.at("arabic-summary")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_larger_text_and_without_colours(
    number: int, enter: Callable[..., Looking], citizen: Citizen
) -> None:
    task = begun(citizen)
    looking = enter()
    page = looking.go(side(task, number))
    looking.press("Større tekst")
    expect(page.locator("html.large-text")).to_have_count(1)
    go_on(looking)
    looking.at(f"large-text-{number}")
    forced = enter(forced_colors="active", reduced_motion="reduce")
    forced.go(side(task, number))
    ANSWERS[number](forced.page)
    saved(forced.page)
    forced.at(f"forced-colours-{number}")


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_without_scripts(number: int, enter: Callable[..., Looking], citizen: Citizen) -> None:
    looking = enter(java_script_enabled=False)
    looking.go(side(begun(citizen), number))
    looking.at(f"no-script-{number}", has_scripts=False)
    go_on(looking)
    looking.at(f"no-script-{number}-missing", has_scripts=False)


# --- refusals ---------------------------------------------------------------------------------------


def test_each_refusal(enter: Callable[..., Looking], citizen: Citizen, settings: LazySettings) -> None:
    looking = enter()
    looking.go("/findes-ikke/")
    looking.at("refused-404")
    looking.go("/medarbejder/")
    looking.at("refused-403")
    withdrawn = begun(citizen)
    Task.objects.filter(pk=withdrawn.pk).update(status=Task.Status.CANCELLED)
    looking.go(side(withdrawn, 1))
    looking.at("refused-409")
    somebody_elses = begun(factories.CitizenFactory())
    page = looking.go(side(somebody_elses, 1))
    expect(page.get_by_role("heading", level=1)).to_have_text("Vi kan ikke finde siden")
    looking.at("refused-foreign")
    task = begun(citizen)
    page = looking.go(side(task, 3))
    too_much = "x" * 3 * 1024**2
    # In a hidden field: laying out a single word of that length takes Chromium minutes.
    page.evaluate(
        """(text) => { const note = document.querySelector("[name='a:note']");
             const hidden = document.createElement("input");
             Object.assign(hidden, { type: "hidden", name: note.name, value: text });
             note.replaceWith(hidden);
             document.querySelector("#answers").noValidate = true;
             HTMLFormElement.prototype.submit.call(document.querySelector("#answers")); }""",
        too_much,
    )
    page.wait_for_load_state("networkidle")
    looking.at("refused-413")
    nobody = enter()
    nobody.page.context.clear_cookies()
    nobody.go("/")
    nobody.at("front")


# --- staff --------------------------------------------------------------------------------------------


def test_pages_of_staff(enter: Callable[..., Looking], citizen: Citizen) -> None:
    nurse = factories.StaffMemberFactory(municipality=citizen.municipality, name="Anne Vestergaard")
    task = sent(citizen)
    draft = correcting.begin(task=task, at=timezone.now())
    save_answers(response=draft, fields={"note": ["Det gør ondt igen"]}, at=timezone.now())
    task = correcting.submit(task=task, at=timezone.now())
    assert task.response is not None
    looking = enter(staff_actor(nurse))
    looking.go(reverse("staff:response", args=[task.response.pk]))
    looking.at("staff-corrected")
    looking.go(reverse("staff:edition", args=[task.response.replaces_id]))
    looking.at("staff-earlier")
    other = task_with(citizen, FORM)
    page = looking.go(reverse("staff:enter", args=[other.pk]))
    page.get_by_label("På papir").check(force=True)
    looking.press("Begynd")
    page.goto(looking.root + reverse("staff:enter_page", args=[other.pk, 4]))
    photo = {"name": "Såret.jpg", "mimeType": "image/jpeg", "buffer": uploads.photo((1200, 900))}
    page.locator("input[type=file]").set_input_files(photo)  # type: ignore[arg-type]
    expect(page.get_by_role("link", name="Såret.jpg")).to_be_visible()
    page.wait_for_load_state("networkidle")
    looking.at("staff-file")


def test_kam_chooses_how_much_is_on_a_page(enter: Callable[..., Looking]) -> None:
    administrator = factories.StaffMemberFactory(municipality=None, name="Birgitte Hedegård")
    draft = factories.QuestionnaireVersionFactory(
        source=FORM, title=FORM["title"], status="draft", published_at=None
    )
    looking = enter(staff_actor(administrator, ADMINISTRATOR_ROLES))
    looking.go(reverse("kam:questionnaire", args=[draft.pk]))
    looking.at("kam-paging")
