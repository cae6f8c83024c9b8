"""Requests that do not leave the browser until a test lets them: what happens meanwhile can then be looked at."""

import time
from collections.abc import Callable

from playwright.sync_api import Page, Route

LONGEST = 60.0
"""Seconds until a request that was to come is missed."""


class Held:
    """The requests of a page to an address, from here on; the first `most` are kept, later ones go on.

    `held[0].continue_()` lets the first one go. `taken` is called with each that is kept.
    """

    def __init__(
        self,
        page: Page,
        address: str,
        *,
        most: int | None = None,
        taken: Callable[[Route], object] | None = None,
    ) -> None:
        self._page = page
        self._most = most
        self._taken = taken
        self._routes: list[Route] = []
        page.route(address, self._hold)

    def __getitem__(self, number: int) -> Route:
        """The request of this number. The browser tells of one (`expect_request`) before it is handed over here."""
        end = time.monotonic() + LONGEST
        while len(self._routes) <= number:
            assert time.monotonic() < end, f"Request number {number} has not come in {LONGEST:.0f} s."
            self._page.evaluate("null")  # lets Playwright hand over what has come
        return self._routes[number]

    def _hold(self, route: Route) -> None:
        if self._most is not None and len(self._routes) >= self._most:
            route.continue_()
            return
        self._routes.append(route)
        if self._taken is not None:
            self._taken(route)
