"""What has to hold of every page that somebody looks at, and where its picture is kept."""

from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def nothing_found(page: Page, state: str = "") -> bool:
    """Axe finds nothing to mend on the page as it is shown now; otherwise the test fails with its report."""
    come(page)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{state}: {found.generate_report()}"
    return True


def sideways(page: Page) -> int:
    """How far the page can be scrolled to the side, in pixels: nobody should have to."""
    come(page)
    wide = page.locator("html").evaluate("element => element.scrollWidth - element.clientWidth")
    return int(wide)


def looked_at(page: Page, name: str, folder: Path | None = None) -> None:
    """Nothing for axe to find, nothing to scroll sideways; and its picture, where pictures are kept."""
    nothing_found(page, name)
    assert sideways(page) <= 0, f"{name} scrolls {sideways(page)} px sideways"
    keep(page, folder, f"{name}-{width_of(page)}")


def keep(page: Page, folder: Path | None, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the page, whole or as much as the window shows, where pictures are kept."""
    if folder is not None:
        come(page)
        page.screenshot(path=folder / f"{name}.png", full_page=whole)


def come(page: Page) -> None:
    """Wait until the page that a press asked for is there.

    A press returns when the browser has turned to the next page, of which there may be nothing yet."""
    page.wait_for_load_state("load")


def width_of(page: Page) -> int:
    """The window's width in pixels."""
    return page.viewport_size["width"] if page.viewport_size else 0
