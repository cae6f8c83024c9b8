"""An administrator tries a draft, keeps a test that later stops a publication, and translates it to English."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from identity.actors import StaffActor
from questionnaires.authoring.translations import State, texts_of
from questionnaires.models import PublicationStatus, QuestionnaireTest, QuestionnaireVersion
from tests.browser.looking import looked_at
from tests.conftest import ADMINISTRATOR_ROLES, staff_actor
from tests.engine.small_forms import calculated, extension
from tests.factories import QuestionnaireVersionFactory, StaffMemberFactory

pytestmark = pytest.mark.django_db(transaction=True)

SUM = "%resource.descendants().where(linkId='line').answer.value * 2"
SCALE = [
    {"valueCoding": {"system": "s", "code": str(number), "display": label}}
    for number, label in enumerate(("Slet ikke", "Lidt", "Meget"))
]
FORM: dict[str, Any] = {
    "resourceType": "Questionnaire",
    "url": "https://example.org/trying",
    "status": "active",
    "title": "Om din dag",
    "item": [
        {
            "linkId": "p1",
            "type": "group",
            "text": "Smerter",
            "item": [
                {"linkId": "pain", "type": "boolean", "text": "Har du smerter?", "required": True},
                {
                    "linkId": "line",
                    "type": "integer",
                    "text": "Hvor stærk er smerten?",
                    "enableWhen": [{"question": "pain", "operator": "=", "answerBoolean": True}],
                },
                {
                    "linkId": "table",
                    "type": "group",
                    "text": "Hvor meget fylder det?",
                    "extension": [
                        extension(
                            "questionnaire-itemControl", valueCodeableConcept={"coding": [{"code": "gtable"}]}
                        )
                    ],
                    "item": [
                        {"linkId": "sleep", "type": "choice", "text": "Når du sover", "answerOption": SCALE},
                        {"linkId": "walk", "type": "choice", "text": "Når du går", "answerOption": SCALE},
                    ],
                },
            ],
        },
        {
            "linkId": "p2",
            "type": "group",
            "text": "Til sidst",
            "item": [{"linkId": "note", "type": "text", "text": "Er der andet?"}],
        },
        {
            "linkId": "sum",
            "type": "decimal",
            "text": "Smertetal",
            "extension": [
                calculated(SUM),
                extension("questionnaire-hidden", valueBoolean=True),
                extension("minValue", valueInteger=0),
                extension("maxValue", valueInteger=20),
            ],
        },
    ],
}
ENGLISH = {
    "Om din dag": "About your day",
    "Smerter": "Pain",
    "Har du smerter?": "Are you in pain?",
    "Hvor stærk er smerten?": "How strong is the pain?",
    "Hvor meget fylder det?": "How much does it matter?",
    "Når du sover": "When you sleep",
    "Når du går": "When you walk",
    "Slet ikke": "Not at all",
    "Lidt": "A little",
    "Meget": "A lot",
    "Til sidst": "Finally",
    "Er der andet?": "Anything else?",
    "Smertetal": "Pain score",
}


@pytest.fixture
def version(transactional_db: None) -> QuestionnaireVersion:
    made: QuestionnaireVersion = QuestionnaireVersionFactory(
        source=FORM, title=FORM["title"], status=PublicationStatus.DRAFT, published_at=None
    )
    return made


@pytest.fixture
def enter(
    chrome: Browser, live_server: LiveServer, client_as: Callable[[StaffActor], Client]
) -> Iterator[Callable[..., Page]]:
    """KAM in a browser; a script that fails fails the test, and so does anything that the page's policy stops."""
    client = client_as(staff_actor(StaffMemberFactory(municipality=None), ADMINISTRATOR_ROLES))
    contexts: list[BrowserContext] = []

    def open_page(address: str, *, width: int = 1280, **how: Any) -> Page:
        context = chrome.new_context(viewport={"width": width, "height": 900}, locale="da-DK", **how)
        contexts.append(context)
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: pytest.fail(f"A script failed: {error}"))
        page.on("console", lambda said: _no_violation(said.text))
        page.goto(f"{live_server.url}{address}")
        return page

    yield open_page
    for context in contexts:
        context.close()


def _no_violation(text: str) -> None:
    assert "Content Security Policy" not in text, text


def look(page: Page, screenshots: Path | None, name: str) -> None:
    looked_at(page, f"kam-{name}", screenshots)


def frame(page: Page) -> Any:
    return page.locator(".try-screen")


def test_trying_keeping_failing_and_not_publishing(
    enter: Callable[..., Page], version: QuestionnaireVersion, screenshots: Path | None
) -> None:
    page = enter(f"/kam/spoergeskemaer/{version.pk}/")
    look(page, screenshots, "version")
    page.get_by_role("link", name="Prøv som borger").click()
    expect(
        page.get_by_text("»Hvor stærk er smerten?« vises ikke, fordi »Har du smerter?« ikke er besvaret.")
    ).to_be_visible()
    look(page, screenshots, "try")

    # As wide as a telephone: the questions on a scale come one by one. As wide as a computer: as a table.
    assert frame(page).bounding_box()["width"] == 390
    expect(frame(page).locator(".question-matrix")).to_have_count(0)
    page.get_by_label("Computer").check()
    expect(frame(page).locator(".question-matrix")).to_have_count(1)
    assert frame(page).bounding_box()["width"] > 600
    look(page, screenshots, "try-computer")
    page.get_by_label("Telefon").check()

    frame(page).get_by_label("Ja").check(force=True)
    expect(
        page.get_by_text("»Hvor stærk er smerten?« vises, fordi »Har du smerter?« er »Ja«.")
    ).to_be_visible()
    frame(page).get_by_label("Hvor stærk er smerten?").fill("7")
    frame(page).get_by_label("Hvor stærk er smerten?").press("Tab")
    expect(page.locator(".try-value")).to_have_text("14")
    look(page, screenshots, "try-answered")
    frame(page).get_by_role("button", name=re.compile("Næste")).click()
    expect(frame(page).get_by_label("Er der andet?")).to_be_visible()

    page.get_by_label("Prøvens navn").fill("Stærke smerter")
    page.get_by_role("button", name="Gem som prøve").click()
    expect(page.get_by_text("»Stærke smerter« er gemt som prøve.")).to_be_visible()
    expect(page.get_by_text("1 prøve består")).to_be_visible()
    look(page, screenshots, "tests")

    version.source["item"][2]["extension"][0] = calculated(SUM + " + 1")
    version.save()
    page.get_by_role("link", name="Om din dag").click()
    page.get_by_role("button", name="Udgiv version 1").click()
    expect(page.get_by_text("Prøven »Stærke smerter« fejler. Ret spørgeskemaet eller prøven")).to_be_visible()
    expect(page.get_by_text("»Smertetal« skulle være 14, men er 15.")).to_be_visible()
    look(page, screenshots, "tests-failing")
    version.refresh_from_db()
    assert version.is_draft

    page.get_by_role("link", name="Stærke smerter").click()
    look(page, screenshots, "test")
    page.get_by_role("button", name="Forvent det, som skemaet giver nu").click()
    expect(page.get_by_text("1 prøve består")).to_be_visible()
    assert QuestionnaireTest.objects.get().expected_scores == {"sum": "15"}
    page.get_by_role("link", name="Om din dag").click()
    page.get_by_role("button", name="Udgiv version 1").click()
    expect(page.get_by_text("er udgivet som version 1")).to_be_visible()


def test_trying_without_javascript(enter: Callable[..., Page], version: QuestionnaireVersion) -> None:
    page = enter(f"/kam/spoergeskemaer/{version.pk}/proev/", java_script_enabled=False)
    frame(page).get_by_label("Ja").check(force=True)
    page.get_by_role("button", name="Vis, hvad svarene ændrer").click()
    expect(
        page.get_by_text("»Hvor stærk er smerten?« vises, fordi »Har du smerter?« er »Ja«.")
    ).to_be_visible()
    expect(frame(page).get_by_label("Hvor stærk er smerten?")).to_be_visible()


def test_translated_to_english_and_seen_as_a_citizen(
    enter: Callable[..., Page], version: QuestionnaireVersion, screenshots: Path | None
) -> None:
    page = enter(f"/kam/spoergeskemaer/{version.pk}/oversaettelser/")
    look(page, screenshots, "translations-none")
    page.get_by_label("Oversæt til").select_option("en")
    page.get_by_role("button", name="Vælg").click()
    every = len(texts_of(FORM))
    expect(page.get_by_text(f"0 af {every} tekster er oversat")).to_be_visible()

    # By the keyboard alone: each text is saved when the next field is reached.
    page.locator("#words-1").focus()
    for text in texts_of(FORM):
        page.keyboard.type(ENGLISH[text.words])
        page.keyboard.press("Tab")
    expect(page.get_by_text(f"{every} af {every} tekster er oversat")).to_be_visible()
    expect(page.get_by_role("link", name="Mangler eller er ændret (0)")).to_be_visible()
    look(page, screenshots, "translations")
    version.refresh_from_db()
    assert {text.state("en") for text in texts_of(version.source)} == {State.DONE}

    page.goto(re.sub(r"/oversaettelser/.*", "/proev/", page.url))
    page.get_by_label("English").check()
    expect(frame(page).get_by_text("Are you in pain?")).to_be_visible()
    expect(frame(page).get_by_text("Har du smerter?")).to_have_count(0)
    look(page, screenshots, "try-english")

    version.source["item"][0]["item"][0]["text"] = "Har du ondt nu?"
    version.save()
    page.goto(re.sub(r"/proev/.*", "/oversaettelser/?sprog=en&vis=aendret", page.url))
    expect(page.get_by_text("»Har du smerter?«")).to_be_visible()
    look(page, screenshots, "translations-changed")
    page.get_by_role("button", name="Oversættelsen passer stadig").click()
    expect(page.get_by_text("Gemt", exact=True)).to_be_visible()
    version.refresh_from_db()
    assert {text.state("en") for text in texts_of(version.source)} == {State.DONE}


@pytest.mark.parametrize("width", [320, 390])
def test_on_a_telephone(
    enter: Callable[..., Page], version: QuestionnaireVersion, screenshots: Path | None, width: int
) -> None:
    root = f"/kam/spoergeskemaer/{version.pk}"
    page = enter(f"{root}/proev/", width=width)
    look(page, screenshots, "try")
    for address, name in (
        ("/", "version"),
        ("/proever/", "tests"),
        ("/oversaettelser/?sprog=ar", "translations"),
    ):
        page.goto(re.sub(r"/kam/.*", root + address, page.url))
        look(page, screenshots, name)
