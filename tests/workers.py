"""A pytest plugin: `make test` shares the tests between processes, each with servers of its own.

What stays together and what is counted across the processes is said here.
"""

from collections import Counter

import pytest

# How often each class of attack was tried, in this process and, at the end, in all of them.
TRIED: Counter[str] = Counter()
# One system serves all of a folder's tests, or they take ports and processor time that others would miss.
TOGETHER = ("tests/browser", "tests/embedded", "tests/faults", "tests/interop")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files stay whole, some folders too; what runs in the browser is the largest part and begins at once."""
    for item in items:
        file = item.nodeid.partition("::")[0]
        folder = next((each for each in TOGETHER if file.startswith(f"{each}/")), file)
        item.add_marker(pytest.mark.xdist_group(folder))
    items.sort(key=lambda item: not item.nodeid.startswith("tests/browser/"))


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
