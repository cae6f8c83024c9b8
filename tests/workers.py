"""A pytest plugin: `make test` shares the tests between processes, each with servers of its own.

What stays together and what is counted across the processes is said here.
"""

from collections import Counter
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

# How often each class of attack was tried, in this process and, at the end, in all of them.
TRIED: Counter[str] = Counter()
# One system serves all of a folder's tests, they take ports, or they make tables that stay (archived months).
TOGETHER = ("tests/browser", "tests/embedded", "tests/faults", "tests/interop", "tests/outbox")


def part_of(nodeid: str) -> str:
    """What a test is run together with, in one process: its file, or one of the folders TOGETHER."""
    file = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if file.startswith(f"{folder}/")), file)


class _Parts(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return part_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling:
    """Not `--dist loadgroup`: xdist 3.8 writes its groups where pytest 9.2 does not read them."""
    return _Parts(config, log)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What runs in the browser is the largest part and begins at once."""
    items.sort(key=lambda item: part_of(item.nodeid) != "tests/browser")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a process of several: hand on what was counted."""
    handed_on = getattr(session.config, "workeroutput", None)
    if handed_on is not None:
        handed_on["tried"] = dict(TRIED)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: object) -> None:
    """In the process that shares the tests out."""
    TRIED.update(getattr(node, "workeroutput", {}).get("tried", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if TRIED:
        terminalreporter.section("attacks tried")
        for kind, attempts in sorted(TRIED.items()):
            terminalreporter.write_line(f"{attempts:7,}  {kind}")
