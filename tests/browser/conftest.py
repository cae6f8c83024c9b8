"""A real browser on the real system: PostgreSQL, Redis, web, worker, beat, login broker, platform simulator."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from kommunalpro.embedded import browser as chromium
from tests.browser import system as systems
from tests.browser.system import System

DESKTOP = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

# Without these, Chromium asks the world for updates; the tests need no world.
FLAGS = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
]

expect.set_options(timeout=15_000)


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


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.find(), args=FLAGS)
        yield browser
        browser.close()


LogIn = Callable[..., Page]


@pytest.fixture
def log_in(system: System, chrome: Browser) -> Iterator[LogIn]:
    """A page of a browser of its own, logged in as a demo person; faults on it fail the test."""
    with ExitStack() as contexts:

        def enter(audience: str, search: str, *, viewport: dict[str, int] = DESKTOP) -> Page:
            context: BrowserContext = chrome.new_context(
                viewport=viewport,
                locale="da-DK",
                base_url=system.url,  # type: ignore[arg-type]
            )
            context.set_default_timeout(15_000)
            contexts.callback(context.close)
            page = context.new_page()
            page.on("pageerror", lambda error: pytest.fail(f"A script failed on {page.url}: {error}"))
            page.goto(f"/login/{audience}/")
            page.get_by_role("button", name=search).first.click()
            page.wait_for_url(f"{system.url}/**")
            return page

        yield enter
