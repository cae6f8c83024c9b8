"""No text from outside keeps a processor busy: every regular expression of ours against texts made to stall it.

Those that questionnaires bring along run under the `regex` package's own time-out (tests/engine/test_regexes.py).
The budget is processor time, some hundred times what a search of such a text takes, so a busy machine fails nothing;
a search that grows with the square of the text passes it many times over.
"""

import importlib
import pkgutil
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import product
from pathlib import Path

import pytest

import api
import citizens
import fut
import identity
import kam
import kommunalpro
import municipalities
import notifications
import outbox
import plans
import questionnaires
import staff

OURS = (
    *(api, citizens, fut, identity, kam, kommunalpro),
    *(municipalities, notifications, outbox, plans, questionnaires, staff),
)
# Stand-ins of the demo and tools of developers: nobody outside reaches them.
NOT_REACHED = (
    *("identity.broker", "fut.simulator"),
    *("kommunalpro.embedded", "kommunalpro.demo", "kommunalpro.translations"),
)

LENGTH = 20_000
BUDGET_SECONDS = 0.5
# Where the text is bounded before the pattern sees it: the most that can come.
BOUNDED: dict[str, int] = {}

# How patterns are used that a loop goes through.
NAMED_IN_A_LIST = {"questionnaires.engine.written": "fullmatch"}

UNITS = (
    *"aA01 \t\n\u00a0-_.,:/\\'\"([{}<%+=@$|*æ\u200b",
    *(
        "eyJ",
        "eyJ.",
        "<br>",
        "</p>",
        "</p> ",
        "a-",
        "a.",
        "a/",
        "a:",
        "0.",
        "0-",
        "0:",
        "1 ",
        "a ",
        "%41",
        "on",
    ),
    *("on ", "\\a", "[a]", "{1}", "{1", ".item[1]", "matches('", "http://", "2026-", "12:", " - ", "10*"),
)
BEFORE = ("", "a", "1", "eyJ", "2026-01-01T", "urn:", "http://a/", "matches('", "Questionnaire")
AFTER = ("", "!", "\0")


class TooLong(Exception):
    """The budget is spent."""


@contextmanager
def budget() -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TooLong

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, BUDGET_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


@cache
def patterns() -> dict[str, re.Pattern[str]]:
    found: dict[str, re.Pattern[str]] = {}
    for package in OURS:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if (
                module.name.startswith(NOT_REACHED)
                or ".migrations." in module.name
                or "__main__" in module.name
            ):
                continue
            for name, value in vars(importlib.import_module(module.name)).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    found[f"{module.name}.{name}"] = value
    return found


def used(name: str) -> list[Callable[[str], object]]:
    """The ways in which the code searches with it."""
    pattern = patterns()[name]
    places = [name] + [other for other, same in patterns().items() if same is pattern]
    methods = set()
    for module, _, variable in (place.rpartition(".") for place in places):
        text = Path(str(importlib.import_module(module).__file__)).read_text()
        methods |= set(
            re.findall(rf"\b{variable}\.(search|match|fullmatch|sub|finditer|findall|split)\(", text)
        )
    known: dict[str, Callable[[str], object]] = {
        "search": pattern.search,
        "match": pattern.match,
        "fullmatch": pattern.fullmatch,
        "split": pattern.split,
    }
    methods = methods or {NAMED_IN_A_LIST.get(name.rpartition(".")[0], "search")}
    return [known.get(method, pattern.findall) for method in sorted(methods)]


def stalled_by(searches: list[Callable[[str], object]], length: int) -> tuple[str, str, str] | None:
    """The first (before, unit, after) that passes the budget."""
    for before, unit, after in product(BEFORE, UNITS, AFTER):
        text = before + unit * (length // len(unit)) + after
        for search in searches:
            try:
                with budget():
                    search(text)
            except TooLong:
                return before, unit, after
    return None


def test_the_patterns_are_found() -> None:
    assert len(patterns()) > 30


@pytest.mark.parametrize("name", sorted(patterns()))
def test_no_text_stalls_it(name: str, tried: Callable[[str, int], None]) -> None:
    searches = used(name)
    found = stalled_by(searches, BOUNDED.get(name, LENGTH))
    tried("ReDoS", len(BEFORE) * len(UNITS) * len(AFTER) * len(searches))
    assert found is None, f"{patterns()[name].pattern!r} stalls on {found}"
