"""A real browser on the real system: PostgreSQL, Redis, web, worker, beat, login broker, platform simulator."""

import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect, sync_playwright

from kommunalpro.embedded import browser as chromium
from tests.browser import system as systems
from tests.browser.system import System

DESKTOP: ViewportSize = {"width": 1280, "height": 900}
PHONE: ViewportSize = {"width": 390, "height": 844}

# Without these, Chromium asks the world for updates; the tests need no world.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]

# Playwright keeps an event loop in the tests' thread for the whole session, so Django believes that their queries,
# the making and the removal of the test database among them, are asynchronous.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

PATIENCE = 60_000
"""Milliseconds until something that was to come on a page is missed; other processes may have the processors."""

expect.set_options(timeout=PATIENCE)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser" in item.nodeid:
            item.add_marker(pytest.mark.browser)
            if chromium.find() is None:
                item.add_marker(pytest.mark.skip(reason=chromium.LEFT_OUT))


@pytest.fixture(scope="session")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    folder = tmp_path_factory.mktemp("system")
    for parent in (folder, folder.parent):
        parent.chmod(0o711)
    running = systems.start(folder / "data")
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _system_still_runs(request: pytest.FixtureRequest) -> None:
    """One that has ended is told once and with its reason, not as a refused connection on every page."""
    if "system" in request.fixturenames:
        request.getfixturevalue("system").must_run()


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        browser.on("context", lambda context: context.set_default_timeout(PATIENCE))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path | None:
    """Where to keep pictures of the pages, if anywhere."""
    named = request.config.getoption("--screenshots")
    if named is None:
        return None
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def entered(
    system: System,
    chrome: Browser,
    contexts: ExitStack,
    person: tuple[str, str] | None,
    viewport: ViewportSize,
    *,
    watch: Callable[[BrowserContext], None] | None = None,
) -> Page:
    """A page in a browser context of its own, logged in as (audience, name); faults on it fail the test.

    `watch` gets the context before anything happens in it.
    """
    context = chrome.new_context(viewport=viewport, locale="da-DK", base_url=system.url)
    if watch is not None:
        watch(context)
    contexts.callback(context.close)
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"A script failed on {page.url}: {error}"))
    if person is not None:
        audience, name = person
        page.goto(f"/login/{audience}/")
        page.get_by_role("button", name=name).first.click()
        page.wait_for_url(f"{system.url}/**")
    return page


LogIn = Callable[..., Page]


@pytest.fixture
def log_in(system: System, chrome: Browser) -> Iterator[LogIn]:
    """`log_in("staff", "Mette Kjærgaard")`: a page of a browser of its own."""
    with ExitStack() as contexts:

        def enter(audience: str, name: str, *, viewport: ViewportSize = DESKTOP) -> Page:
            return entered(system, chrome, contexts, (audience, name), viewport)

        yield enter
