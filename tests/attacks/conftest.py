"""Every attack says how often it was tried; the run ends with a table of them, see tests/workers.py."""

import logging
from collections.abc import Callable, Iterator

import pytest

from identity import rate_limits
from identity.rate_limits import RULES, Action
from tests.workers import TRIED


@pytest.fixture
def tried() -> Callable[[str, int], None]:
    """`tried("csrf", 12)`: twelve attempts more of this class."""

    def add(kind: str, attempts: int) -> None:
        assert attempts > 0, f"{kind}: nothing was tried"
        TRIED[kind] += attempts

    return add


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals, each a line in the log."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture(autouse=True)
def _may_try_often(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """An attacker who is slowed down finds less: the limits have tests of their own."""
    for action in Action:
        monkeypatch.setitem(RULES, action, rate_limits.rule("1000000/second"))
