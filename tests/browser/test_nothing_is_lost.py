"""Nothing that a citizen answers is lost: two devices at once, no connection, a session that ran out."""

import re
from collections.abc import Callable
from contextlib import suppress

import pytest
from django.contrib.sessions.models import Session
from playwright.sync_api import BrowserContext, Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.browser.held import Held
from tests.browser.looking import nothing_found
from tests.browser.one_form import open_page, question, saved

__all__ = ["open_page"]

pytestmark = pytest.mark.django_db(transaction=True)

Open = Callable[..., Page]


def kept(page: Page) -> list[str]:
    """The names of what the device keeps."""
    found: list[str] = page.evaluate(
        "Object.keys(localStorage).filter((name) => name.startsWith('kpro-answers:'))"
    )
    return found


def wait_until_brought(page: Page) -> None:
    """Until the device keeps nothing any more; the page's security policy lets Playwright not wait for it itself."""
    for _ in range(100):
        if not kept(page):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"The device still keeps {kept(page)}.")


def answer(page: Page, text: str, label: str) -> None:
    question(page, text).get_by_label(label).check(force=True)
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")


class TestTwoDevices:
    def test_what_the_other_has_answered_stays_and_is_shown(self, open_page: Open) -> None:
        phone, computer = open_page(), open_page()
        answer(phone, "Får du hjælp?", "Ja")
        computer.get_by_label("Hvor mange dage?").fill("3")
        computer.get_by_label("Hvor mange dage?").press("Tab")
        expect(question(computer, "Får du hjælp?").get_by_label("Ja")).to_be_checked()
        assert saved("help") == ({"valueBoolean": True},)
        assert saved("days") == ({"valueInteger": 3},)

    @pytest.mark.parametrize(
        ("button", "counts"), [("Brug svaret her", False), ("Brug svaret fra det andet sted", True)]
    )
    def test_the_later_one_is_told_and_chooses(self, open_page: Open, button: str, counts: bool) -> None:
        phone, computer = open_page(), open_page()
        answer(phone, "Får du hjælp?", "Ja")
        question(computer, "Får du hjælp?").get_by_label("Nej").check(force=True)
        asked = question(computer, "Får du hjælp?")
        expect(asked).to_contain_text("Du har også svaret på spørgsmålet et andet sted.")
        expect(asked).to_contain_text("Det andet sted svarede du: Ja")
        expect(asked.get_by_label("Nej")).to_be_checked()
        assert saved("help") == ({"valueBoolean": True},)
        assert nothing_found(computer)
        # Other answers are saved meanwhile, and nobody goes on without having chosen.
        answer(computer, "Har du smerter?", "Nej")
        computer.get_by_role("button", name="Næste", exact=True).click()
        expect(asked).to_contain_text("Det andet sted svarede du: Ja")
        asked.get_by_role("button", name=button).click()
        expect(computer.locator(".question-elsewhere")).to_have_count(0)
        assert saved("help") == ({"valueBoolean": counts},)
        expect(question(computer, "Får du hjælp?").get_by_label("Ja" if counts else "Nej")).to_be_checked()
        assert kept(computer) == []

    def test_it_can_be_chosen_without_javascript(self, open_page: Open) -> None:
        phone, computer = open_page(), open_page(java_script_enabled=False)
        answer(phone, "Har du smerter?", "Nej")
        answer(phone, "Får du hjælp?", "Ja")
        question(computer, "Har du smerter?").get_by_label("Nej").check(force=True)
        question(computer, "Får du hjælp?").get_by_label("Nej").check(force=True)
        computer.get_by_role("button", name="Næste", exact=True).click()
        question(computer, "Får du hjælp?").get_by_role("button", name="Brug svaret her").click()
        expect(computer.locator(".question-elsewhere")).to_have_count(0)
        assert saved("help") == ({"valueBoolean": False},)


def test_an_answer_before_the_scripts_have_come_is_saved(open_page: Open) -> None:
    page = open_page()
    address = page.url
    page.goto("about:blank")
    held = Held(page, "**/answering*.js", most=1)
    page.goto(address, wait_until="commit")
    question(page, "Har du smerter?").get_by_label("Ja").check(force=True)
    page.get_by_label("Er der andet?").fill("Det er en langsom linje")
    held[0].continue_()
    expect(question(page, "Hvor stærke er de?")).to_be_visible()
    expect(page.locator("[data-saved-state]")).to_contain_text("Gemt")
    assert saved("pain") == ({"valueBoolean": True},)
    assert saved("note") == ({"valueString": "Det er en langsom linje"},)


def test_who_goes_on_while_a_save_is_on_its_way_is_not_taken_for_another_device(open_page: Open) -> None:
    """The server has stored what was typed first, its answer is not here yet, and more was typed since."""
    page = open_page()
    answer(page, "Har du smerter?", "Nej")
    held = Held(page, "**/svar/**", most=1, taken=lambda route: route.fetch())  # the server stores it
    page.get_by_label("Er der andet?").fill("Det")
    page.get_by_label("Er der andet?").press("Tab")
    page.get_by_label("Er der andet?").fill("Det går")
    page.get_by_role("button", name="Næste", exact=True).click()
    held[0].continue_()
    expect(page).to_have_url(re.compile(r"/opsummering/$"))
    assert saved("note") == ({"valueString": "Det går"},)


class TestNoConnection:
    def test_answers_stay_on_the_device_until_it_is_back(self, open_page: Open) -> None:
        page = open_page()
        page.context.set_offline(True)
        question(page, "Har du smerter?").get_by_label("Nej").check(force=True)
        expect(page.locator("[data-saved-state]")).to_contain_text(
            "Ingen forbindelse. Dine svar er gemt på denne enhed"
        )
        assert len(kept(page)) == 1
        assert nothing_found(page)
        page.get_by_role("button", name="Næste", exact=True).click()
        expect(question(page, "Har du smerter?").get_by_label("Nej")).to_be_checked()
        page.context.set_offline(False)
        # Where a save was on its way, “Næste” waited for it and leads on by itself.
        with suppress(PlaywrightTimeout):
            page.wait_for_url("**/opsummering/", timeout=8_000)
        if not page.url.endswith("/opsummering/"):
            expect(page.locator("[data-saved-state]")).to_contain_text("Gemt kl.")
            page.get_by_role("button", name="Næste", exact=True).click()
        expect(page).to_have_url(re.compile(r"/opsummering/$"))
        assert saved("pain") == ({"valueBoolean": False},)
        wait_until_brought(page)

    def test_a_browser_that_was_closed_brings_them_when_it_is_opened_again(self, open_page: Open) -> None:
        page = open_page()
        address = page.url
        page.context.set_offline(True)
        page.get_by_label("Er der andet?").fill("Skrevet i toget")
        page.get_by_label("Er der andet?").press("Tab")
        expect(page.locator("[data-saved-state]")).to_contain_text("Ingen forbindelse")
        page = closed_and_opened_again(page)
        page.goto(address)
        expect(page.get_by_label("Er der andet?")).to_have_value("Skrevet i toget")
        wait_until_brought(page)
        assert saved("note") == ({"valueString": "Skrevet i toget"},)

    def test_they_come_from_any_page_of_the_citizens(self, open_page: Open) -> None:
        page = open_page()
        address = page.url
        page.context.set_offline(True)
        page.get_by_label("Hvor mange dage?").fill("4")
        page.get_by_label("Hvor mange dage?").press("Tab")
        expect(page.locator("[data-saved-state]")).to_contain_text("Ingen forbindelse")
        page = closed_and_opened_again(page)
        page.goto(re.sub(r"/borger/.*", "/borger/", address))
        wait_until_brought(page)
        assert saved("days") == ({"valueInteger": 4},)

    def test_another_citizen_on_the_same_device_finds_nothing(self, open_page: Open) -> None:
        page = open_page()
        left = "localStorage.setItem('kpro-answers:somebody-else:1:1', JSON.stringify({at: Date.now(), fields: []}))"
        page.evaluate(left)
        page.reload()
        assert kept(page) == []


def closed_and_opened_again(page: Page) -> Page:
    """Another window of the same browser, with a connection."""
    context: BrowserContext = page.context
    page.close(run_before_unload=False)
    context.set_offline(False)
    return context.new_page()


def test_a_session_that_ran_out_costs_nothing(open_page: Open) -> None:
    """The answer that met the login page is there after the next login."""
    page = open_page()
    cookies = page.context.cookies()
    address = page.url
    ended = Session.objects.get()
    row = (ended.session_key, ended.session_data, ended.expire_date)
    ended.delete()
    page.route("**/login/**", lambda route: route.fulfill(body="Log ind", content_type="text/html"))
    question(page, "Får du hjælp?").get_by_label("Ja").check(force=True)
    page.wait_for_url("**/login/**")
    assert "next=" in page.url
    assert len(kept(page)) == 1
    Session.objects.create(session_key=row[0], session_data=row[1], expire_date=row[2])
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(address)
    expect(question(page, "Får du hjælp?").get_by_label("Ja")).to_be_checked()
    wait_until_brought(page)
    assert saved("help") == ({"valueBoolean": True},)
