"""Pages against a bare view, round by round, over a small database and a large one in turns.

A second is one of processor time, of the web server's worker and of its PostgreSQL backend together.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from statistics import median

from benchmarks.pages import ROOT, Servers, _set_up
from benchmarks.seeded import seeded
from benchmarks.web import Answer, Web, web_server

SIZES = (10_000, 1_000_000)
"""How many responses are stored."""
ROUNDS = 7

Ask = Callable[[], int]
Ratios = dict[str, list[float]]
"""By page: how many times the floor's processor time it took, round by round."""


def bytes_of(answer: Answer, expected: int = 200) -> int:
    """How long the page is. Raises where it is another than the one to be measured."""
    if answer.status != expected:
        raise RuntimeError(f"{answer.status} instead of {expected}: the figures would say nothing.")
    return len(answer.content)


def against_floor(
    web: Web, pages: Mapping[str, Iterator[Ask]], floor: Callable[[int], Ask], *, requests: int
) -> Ratios:
    """Each page's requests in turns with the floor's, `requests` of a side each round.

    `floor` gives the bare view that answers with so many bytes.
    """
    ratios: Ratios = {}
    for name, each in pages.items():
        size = max(next(each)() for _ in range(requests))
        bare = floor(size)
        bare()
        ratios[name] = []
        for number in range(ROUNDS):
            sides = {"page": [next(each) for _ in range(requests)], "floor": [bare] * requests}
            took = {side: _seconds(web, sides[side]) for side in (sides if number % 2 else reversed(sides))}
            ratios[name].append(took["page"] / took["floor"])
    return ratios


def _seconds(web: Web, requests: list[Ask]) -> float:
    began = web.seconds()
    for ask in requests:
        ask()
    return web.seconds() - began


def run(
    module: str,
    measure: Callable[[Web], Ratios],
    report: Callable[[Sequence[int], Mapping[str, list[float]]], None],
    *,
    prepare: Callable[[str], None] | None = None,
) -> None:
    """Measure both sizes in turns and report; or be one of the processes that measure (`module --work`).

    `report` gets the sizes and, by page, the median at each. `prepare` gets the owner's address before each measure.
    """
    asked = argparse.ArgumentParser()
    asked.add_argument("--work", action="store_true")
    asked.add_argument("--sizes", type=int, nargs="+", default=SIZES, help="how many responses are stored")
    options = asked.parse_args()
    if options.work:
        _set_up()
        started = Servers(owner_url=os.environ["OWNER_URL"], variables=dict(os.environ))
        with web_server(started) as web:
            print(json.dumps(measure(web)))
        return
    found: dict[int, Ratios] = {size: {} for size in options.sizes}
    with ExitStack() as running:
        servers = {size: running.enter_context(seeded(size)) for size in options.sizes}
        for size in (*options.sizes, *reversed(options.sizes)):
            if prepare is not None:
                prepare(servers[size].owner_url)
            variables = {**os.environ, **servers[size].variables, "OWNER_URL": servers[size].owner_url}
            said = subprocess.run(
                [sys.executable, "-m", module, "--work"],
                cwd=ROOT, env=variables, stdout=subprocess.PIPE, check=True, text=True,
            )  # fmt: skip
            for name, ratios in json.loads(said.stdout.splitlines()[-1]).items():
                found[size].setdefault(name, []).extend(ratios)
    names = found[options.sizes[0]]
    report(options.sizes, {name: [median(found[size][name]) for size in options.sizes] for name in names})


def head(sizes: Sequence[int]) -> str:
    """The first line of the table."""
    return f"{'':<20}" + "".join(f"{size:>12,}" for size in sizes) + f"{'time grew':>12}  goal"
