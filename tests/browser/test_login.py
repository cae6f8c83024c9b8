"""Logging in in Chromium: each refused login explained, contexts, the administrators' pages, the end of a session.

`pytest tests/browser/test_login.py --screenshots docs/screenshots` keeps, in `login/`, a picture of each.
"""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from identity.broker.odd import ODDITIES
from tests.browser.conftest import DESKTOP, PHONE, LogIn
from tests.browser.looking import looked_at
from tests.browser.system import System
from tests.browser.test_pages import TALLEST_PICTURE

LETS_IN = {"name-protected", "role-besides", "groups-two"}
REFUSED = [
    (audience, code)
    for code, oddity in ODDITIES.items()
    for audience in oddity.audiences
    if code not in LETS_IN
]
# The pages differ only in their words, and tests/identity reads those; so without pictures these stand for all.
LONG_AND_SHORT = [("staff", "role-version"), ("staff", "no-answer"), ("citizen", "cpr-missing")]


def looks_right(page: Page, name: str, screenshots: Path | None) -> None:
    """At both widths: nothing for axe to find, nothing to scroll sideways; and its picture."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)
        looked_at(page, f"{name} at {size['width']} px")
    picture(page, name, screenshots)


def picture(page: Page, name: str, screenshots: Path | None) -> None:
    """Keep a picture of the page at both widths, where pictures are kept."""
    for size in (DESKTOP, PHONE) if screenshots else ():
        assert screenshots is not None
        page.set_viewport_size(size)
        height = page.evaluate("document.documentElement.scrollHeight")
        page.set_viewport_size({"width": size["width"], "height": min(height, TALLEST_PICTURE)})
        (screenshots / "login").mkdir(exist_ok=True)
        page.screenshot(path=screenshots / "login" / f"{name}-{size['width']}.png", animations="disabled")
    page.set_viewport_size(DESKTOP)


@pytest.fixture
def compose(system: System, chrome: Browser) -> Iterator[Callable[..., Page]]:
    """`compose("staff", "loa-low")`: a browser that has tried to log in so."""
    with ExitStack() as contexts:

        def log_in(audience: str, *codes: str, then: str = "/") -> Page:
            context = chrome.new_context(viewport=DESKTOP, locale="da-DK", base_url=system.url)
            contexts.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(f"A script failed on {page.url}: {error}"))
            page.goto(f"/login/{audience}/?next={then}")
            page.get_by_role("link", name="Sammensæt et skævt login").click()
            for code in codes:
                page.locator(f"#{code}").check(force=True)
            page.get_by_role("button", name="Log ind").click()
            page.wait_for_url(f"{system.url}/**")
            return page

        yield log_in


def test_the_page_to_compose_odd_logins(system: System, chrome: Browser, screenshots: Path | None) -> None:
    page = chrome.new_page(base_url=system.url)
    page.goto("/login/staff/")
    page.get_by_role("link", name="Sammensæt et skævt login").click()
    looks_right(page, "compose", screenshots)
    page.close()


def test_a_refused_login_explains_itself(compose: Callable[..., Page], screenshots: Path | None) -> None:
    for audience, code in REFUSED if screenshots else LONG_AND_SHORT:
        page = compose(audience, code)
        expect(page.get_by_role("heading", name="Du blev ikke logget ind")).to_be_visible()
        expect(page.get_by_role("heading", name="Hvem kan rette det?")).to_be_visible()
        expect(page.get_by_label("Tekst til helpdesk")).to_have_value(re.compile(r"Reference: [0-9A-F]{8}"))
        looks_right(page, f"refused-{audience}-{code}", screenshots)
        page.context.close()


def test_an_answer_to_a_login_never_begun_explains_itself(
    system: System, chrome: Browser, screenshots: Path | None
) -> None:
    page = chrome.new_page(base_url=system.url, locale="da-DK")
    page.goto("/login/staff/callback/?code=x&state=x")
    expect(page.get_by_text("Vi kunne ikke finde det login, du var i gang med.", exact=True)).to_be_visible()
    looks_right(page, "refused-never-begun", screenshots)
    page.close()


def test_the_text_for_the_help_desk_is_copied(compose: Callable[..., Page]) -> None:
    page = compose("staff", "role-version")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Kopiér teksten").click()
    expect(page.get_by_text("Teksten er kopieret.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Fejlkode: role_unknown" in copied
    assert "clinical_viewer/2" in copied


def test_an_employee_with_two_groups_chooses_and_changes(
    compose: Callable[..., Page], screenshots: Path | None
) -> None:
    page = compose("staff", "groups-two", then="/medarbejder/")
    expect(page.get_by_role("heading", name="Vælg, hvad du vil arbejde med")).to_be_visible()
    looks_right(page, "context", screenshots)
    page.get_by_role("button", name="Arbejd her").nth(1).click()
    change = page.get_by_role("link", name="Skift fra Udegående team")
    expect(change).to_be_visible()
    looks_right(page, "context-chosen", screenshots)
    change.click()
    page.get_by_role("button", name="Arbejd her").click()
    expect(page.get_by_role("link", name="Skift fra Rehabilitering")).to_be_visible()


def test_the_administrators_pages(
    log_in: LogIn, compose: Callable[..., Page], screenshots: Path | None
) -> None:
    compose("staff", "role-version")
    compose("staff", "no-answer")
    page = log_in("staff", "Birgitte Hedegård")
    page.goto("/login/readiness/")
    looks_right(page, "readiness-overview", screenshots)
    page.get_by_role("link", name="Aalborg", exact=True).click()
    expect(page.get_by_role("heading", name="Login-parathed: Aalborg Kommune")).to_be_visible()
    looks_right(page, "readiness", screenshots)
    page.get_by_role("link", name="Test en login").click()
    looks_right(page, "test-empty", screenshots)
    group = (
        '<PrivilegeList><PrivilegeGroup Scope="urn:dk:gov:saml:cvrNumberIdentifier:90000851">'
        '<Constraint Name="urn:dk:kombit:orgUnit">48df8b3d-53f7-4b6c-9a0b-5a5f6d7d5a11</Constraint>'
        "<Privilege>http://ehealth.seb.dk/roles/usersystemrole/clinical_viewer/{}</Privilege>"
        "</PrivilegeGroup></PrivilegeList>"
    )
    page.get_by_label("Det login, der skal undersøges").fill(group.format(2))
    page.get_by_label("En kollegas, der virker").fill(group.format(1))
    page.get_by_role("button", name="Undersøg").click()
    expect(page.get_by_text("Personen ville blive afvist.")).to_be_visible()
    looks_right(page, "test", screenshots)
    page.goto("/login/sessions/")
    looks_right(page, "sessions", screenshots)


# --- the end of a session -----------------------------------------------------------------------------


@pytest.fixture
def nurse_page(chrome: Browser, live_server: LiveServer, nurse_client: Client) -> Iterator[BrowserContext]:
    context = chrome.new_context(viewport=DESKTOP, locale="da-DK", base_url=live_server.url)
    key = nurse_client.cookies["kommunalpro_session"].value
    context.add_cookies([{"name": "kommunalpro_session", "value": key, "url": live_server.url}])
    yield context
    context.close()


@pytest.mark.django_db(transaction=True)
def test_a_dialog_warns_and_extends_the_session_by_keyboard(
    nurse_page: BrowserContext, settings, screenshots: Path | None
) -> None:
    settings.SESSION_COOKIE_AGE = 100
    page = nurse_page.new_page()
    page.goto("/medarbejder/")
    dialog = page.get_by_role("alertdialog", name="Du bliver snart logget ud")
    expect(dialog).to_be_visible()
    expect(dialog.locator("[data-session-clock]")).to_have_text(re.compile(r"^1:[0-3]\d$"))
    looks_right(page, "session-dialog", screenshots)
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    settings.SESSION_COOKIE_AGE = 1800
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Bliv logget ind")).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(dialog).to_be_hidden()


@pytest.mark.django_db(transaction=True)
def test_without_scripts_a_new_tab_extends_the_session(
    chrome: Browser, live_server: LiveServer, nurse_client: Client, screenshots: Path | None
) -> None:
    context = chrome.new_context(
        viewport=DESKTOP, locale="da-DK", base_url=live_server.url, java_script_enabled=False
    )
    key = nurse_client.cookies["kommunalpro_session"].value
    context.add_cookies([{"name": "kommunalpro_session", "value": key, "url": live_server.url}])
    page = context.new_page()
    page.goto("/medarbejder/")
    expect(page.get_by_text(re.compile(r"^\s*Du bliver logget ud kl. \d\d.\d\d, hvis"))).to_be_visible()
    expect(page.get_by_role("alertdialog")).to_be_hidden()
    picture(page, "without-scripts", screenshots)
    with context.expect_page() as opened:
        page.get_by_role("button", name="Bliv logget ind (åbner en ny fane)").click()
    expect(opened.value.get_by_role("heading", name=re.compile("Du er logget ind til kl."))).to_be_visible()
    picture(opened.value, "extended-without-scripts", screenshots)
    context.close()


@pytest.mark.django_db(transaction=True)
def test_another_tabs_use_takes_the_dialog_away(nurse_page: BrowserContext, settings) -> None:
    settings.SESSION_COOKIE_AGE = 100
    page = nurse_page.new_page()
    page.goto("/medarbejder/")
    expect(page.get_by_role("alertdialog")).to_be_visible()
    settings.SESSION_COOKIE_AGE = 1800
    other = nurse_page.new_page()
    other.goto("/medarbejder/")
    expect(other.get_by_role("alertdialog")).to_be_hidden()


@pytest.mark.django_db(transaction=True)
def test_when_the_time_is_up_the_page_says_so(
    nurse_page: BrowserContext, settings, screenshots: Path | None
) -> None:
    settings.SESSION_COOKIE_AGE = 3
    page = nurse_page.new_page()
    page.goto("/medarbejder/")
    page.wait_for_url("**/login/ended/**")
    expect(page.get_by_role("heading", name="Du er logget ud")).to_be_visible()
    expect(page.get_by_role("link", name="Log ind igen")).to_have_attribute(
        "href", "/login/staff/?next=%2Fmedarbejder%2F"
    )
    looks_right(page, "ended", screenshots)
