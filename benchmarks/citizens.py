"""What answering costs: saving an answer, showing a page of twenty questions and submitting, against a bare view.

    make bench

The *floor* is a view behind the same middleware, session and walls that makes one INSERT in the request's transaction
and gives back a page of the same size. Floor and page are asked in turns in one process, over two databases: with
10,000 stored responses and with 1,000,000 (`benchmarks/seeded.py` makes them once, which takes some minutes). A second
is one of processor time, of this process and of its PostgreSQL backend together, so that a busy machine disturbs
little. Nothing here is a test.
"""

import argparse
import gc
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from statistics import median
from typing import Any
from urllib.parse import urlencode

import psycopg

from benchmarks.pages import ROOT, _logged_in, _set_up, processor_seconds
from benchmarks.seeded import seeded

SIZES = (10_000, 10_000)
ROUNDS = 7
REQUESTS = 25
"""Of a side, each round."""
GOALS = {"save one answer": 0.5, "show 20 questions": 0.4, "submit": 0.35}
MOST_GROWTH = 1.2
"""So much more of the floor's time may it take with a hundred times the responses."""

Ask = Callable[[], int]

_TABLE = """
CREATE TABLE IF NOT EXISTS benchmark_floor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, citizen_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON benchmark_floor TO kommunalpro
"""


def make_table(owner_url: str) -> None:
    """Make the table that the floor writes to, where there is none yet."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(_TABLE)


def asks() -> dict[str, Callable[[], Iterator[Ask]]]:
    """By name, what gives one request after the other, each ready to be asked; a request gives the page's bytes."""
    from django.urls import reverse
    from django.utils import timezone

    from benchmarks.forms import one_page_filled
    from identity.actors import CitizenActor
    from municipalities.scope import Scope, within
    from plans.models import Task
    from plans.services import begin_task
    from questionnaires import engine
    from questionnaires.definitions import definition_of
    from questionnaires.fingerprints import answers_fingerprint
    from questionnaires.form_reading import ASKED, SHOWN
    from questionnaires.models import Response
    from questionnaires.rendering import field_name

    wanted = (ROUNDS + 1) * REQUESTS + 1
    with within(Scope.system()):
        # Spread over everybody, so that no page of the database is at hand more than others.
        open_tasks = Task.objects.unanswered().filter(activity__version__source__url__endswith="/en-side")
        tasks = list(open_tasks.select_related("activity__version", "citizen").order_by("id")[:wanted])
        clients = {}
        for task in tasks:
            with within(Scope.citizen(task.citizen_id)):
                response = begin_task(task=task, at=timezone.now())
                filled = {**response.document, **one_page_filled()}
                Response.objects.filter(pk=response.pk).update(document=filled)
            clients[task.pk] = client = _logged_in(CitizenActor(citizen_id=task.citizen_id, name="Borger"))
            client.handler.load_middleware()  # a server does so once, not with its first request
        one, *others = tasks
        definition = definition_of(one.activity.version)
    items = [item for item in definition.pages[0].walk() if item.is_asked]

    def form(number: int, before: int) -> dict[str, list[str]]:
        """All fields of the page: the first question as in answers `number`, the others as in answers 0."""
        post: dict[str, list[str]] = {ASKED: [], SHOWN: []}
        for item in items:
            answers = {n: engine.answers_of(one_page_filled(n), item.link_id) for n in (0, number, before)}
            first = item is items[0]
            post[field_name(item.link_id)] = list(engine.form_values(item, answers[number if first else 0]))
            post[ASKED].append(item.link_id)
            printed = answers_fingerprint(answers[before if first else 0])
            post[SHOWN].append(f"{item.link_id} {printed}")
        return post

    forms = [urlencode(form(0, 1), doseq=True), urlencode(form(1, 0), doseq=True)]
    page = reverse("citizens:page", args=[one.pk, 1])
    save = reverse("citizens:save", args=[one.pk, 1])

    def saves() -> Iterator[Ask]:
        turn = 0
        while True:
            turn = 1 - turn
            yield partial(_saved, clients[one.pk], save, forms[turn])

    def shows() -> Iterator[Ask]:
        while True:
            yield lambda: _bytes(clients[one.pk].get(page))

    def submits() -> Iterator[Ask]:
        for task in others:
            address = reverse("citizens:summary", args=[task.pk])
            with within(Scope.citizen(task.citizen_id)):
                seen = Response.objects.get(task=task).fingerprint
            yield partial(_submitted, clients[task.pk], address, seen)

    return {"save one answer": saves, "show 20 questions": shows, "submit": submits}


def _saved(client: Any, address: str, body: str) -> int:
    form, htmx = "application/x-www-form-urlencoded", {"HX-Request": "true"}
    return _bytes(client.post(address, body, content_type=form, headers=htmx))


def _submitted(client: Any, address: str, seen: str) -> int:
    return _bytes(client.post(address, {"seen": seen}), expected=302)


def _bytes(answer: Any, expected: int = 200) -> int:
    if answer.status_code != expected:
        raise RuntimeError(f"{answer.status_code} instead of {expected}: the figures would say nothing.")
    return len(answer.content)


def floor(client: Any, size: int) -> Ask:
    """The bare view, giving a page of `size` bytes."""
    return lambda: _bytes(client.post(f"/floor/{size}/"))


def measure() -> dict[str, list[float]]:
    """By name: how many times the floor's processor time a request takes, round by round."""
    from django.conf import settings
    from django.utils import timezone

    from identity.actors import CitizenActor
    from municipalities.scope import Scope, within
    from plans.models import Task

    settings.ROOT_URLCONF = "benchmarks.floor"
    with within(Scope.system()):
        citizen_id = Task.objects.filter(due_at__gt=timezone.now()).values_list("citizen_id", flat=True)[0]
    client = _logged_in(CitizenActor(citizen_id=citizen_id, name="Borger"))
    ratios: dict[str, list[float]] = {}
    for name, requests in asks().items():
        each = requests()
        size = max(next(each)() for _ in range(REQUESTS))
        bare = floor(client, size)
        bare()
        ratios[name] = []
        for number in range(ROUNDS):
            sides = {"page": [next(each) for _ in range(REQUESTS)], "floor": [bare] * REQUESTS}
            took = {side: _seconds(sides[side]) for side in (sides if number % 2 else reversed(sides))}
            ratios[name].append(took["page"] / took["floor"])
    return ratios


def _seconds(requests: list[Ask]) -> float:
    gc.collect()
    began = processor_seconds()
    for ask in requests:
        ask()
    return processor_seconds() - began


def main() -> None:
    """Measure both sizes in turns and print the table; or be one of the processes that measure."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--work", action="store_true")
    if asked.parse_args().work:
        _set_up()
        print(json.dumps(measure()))
        return
    found: dict[int, dict[str, list[float]]] = {size: {} for size in SIZES}
    with ExitStack() as running:
        servers = {size: running.enter_context(seeded(size)) for size in SIZES}
        for started in servers.values():
            make_table(started.owner_url)
        for size in (*SIZES, *reversed(SIZES)):
            said = subprocess.run(
                [sys.executable, "-m", "benchmarks.citizens", "--work"],
                cwd=ROOT, env={**os.environ, **servers[size].variables}, stdout=subprocess.PIPE, check=True, text=True,
            )  # fmt: skip
            for name, ratios in json.loads(said.stdout.splitlines()[-1]).items():
                found[size].setdefault(name, []).extend(ratios)
    print(
        f"Requests a second, as a share of the floor's; {2 * ROUNDS} rounds of {REQUESTS} a side; medians\n"
    )
    print(f"{'':<20}" + "".join(f"{size:>12,}" for size in SIZES) + f"{'time grew':>12}  goal")
    for name, goal in GOALS.items():
        times = [median(found[size][name]) for size in SIZES]
        grew = times[1] / times[0]
        shares = "".join(f"{1 / each:>12.2f}" for each in times)
        met = min(1 / each for each in times) >= goal and grew <= MOST_GROWTH
        verdict = f"at least {goal}, {MOST_GROWTH} at most: {'met' if met else 'NOT MET'}"
        print(f"{name:<20}{shares}{grew:>12.2f}  {verdict}", flush=True)


if __name__ == "__main__":
    main()
