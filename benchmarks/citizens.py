"""What answering costs: saving an answer, showing a page of twenty questions and submitting, against a bare view.

    make bench

The *floor* is a view of the same server behind the same middleware, session and walls that makes one INSERT in the
request's transaction and gives back a page of the same size. Floor and page are asked in turns over HTTP, over two
databases: with 10,000 stored responses and with 1,000,000 (`benchmarks/seeded.py` makes them once, which takes some
minutes). A second is one of processor time, of the web server's worker and of its PostgreSQL backend together, so that
a busy machine disturbs little. Nothing here is a test.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import psycopg
from psycopg.conninfo import conninfo_to_dict

from benchmarks.pages import _logged_in
from benchmarks.two_sizes import ROUNDS, Ask, Ratios, against_floor, bytes_of, head, run
from benchmarks.web import SESSION, Web

REQUESTS = 25
"""Of a side, each round."""
WANTED = (ROUNDS + 1) * REQUESTS + 1
"""Tasks to submit in a run, and one to look at."""
GOALS = {"save one answer": 0.5, "show 20 questions": 0.4, "submit": 0.35}
MOST_GROWTH = 1.2
"""So much more of the floor's time may it take with a hundred times the responses."""

_TABLE = """
CREATE TABLE IF NOT EXISTS benchmark_floor (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, citizen_id uuid NOT NULL, at timestamptz NOT NULL DEFAULT now()
);
GRANT INSERT ON benchmark_floor TO kommunalpro
"""


# A run submits what is open: the next one finds as many tasks, each with one to come, so that no plan ends with it.
_TASKS = """
UPDATE plans_careplan SET status = 'active' WHERE status = 'completed' AND id IN (SELECT care_plan_id FROM chosen);
INSERT INTO plans_task (id, care_plan_id, activity_id, municipality_id, citizen_id, status, opens_at, due_at)
SELECT gen_random_uuid(), care_plan_id, activity_id, municipality_id, citizen_id, 'open', at, at + interval '7 days'
FROM chosen, (VALUES (now() - interval '1 hour'), (now() + interval '20 days')) AS times (at)
"""
# Spread over everybody, so that no page of the database is at hand more than others.
_CHOSEN = """
CREATE TEMPORARY TABLE chosen AS
SELECT DISTINCT ON (citizen_id) care_plan_id, activity_id, municipality_id, citizen_id
FROM plans_task JOIN plans_activity ON plans_activity.id = activity_id
JOIN questionnaires_questionnaireversion AS version ON version.id = version_id
WHERE source->>'url' LIKE '%/en-side' ORDER BY citizen_id LIMIT {wanted}
"""


def prepare(owner_url: str) -> None:
    """The table that the floor writes to, and tasks to answer."""
    with psycopg.connect(owner_url, autocommit=True) as owner:
        owner.execute(_TABLE)
    # The walls hold for the owner, too.
    host = conninfo_to_dict(owner_url)["host"]
    with psycopg.connect(host=host, user="postgres", dbname="kommunalpro", autocommit=True) as database:
        database.execute(_CHOSEN.format(wanted=WANTED))
        for statement in _TASKS.split(";"):
            database.execute(statement)


def asks(web: Web) -> dict[str, Callable[[], Iterator[Ask]]]:
    """By name, what gives one request after the other, each ready to be asked; a request gives the page's bytes."""
    from django.urls import reverse
    from django.utils import timezone

    from benchmarks.forms import one_page_filled
    from municipalities.scope import Scope, within
    from plans.models import Task
    from plans.services import begin_task
    from questionnaires import engine
    from questionnaires.definitions import definition_of
    from questionnaires.fingerprints import answers_fingerprint
    from questionnaires.form_reading import ASKED, SHOWN
    from questionnaires.models import Response
    from questionnaires.rendering import field_name

    with within(Scope.system()):
        open_tasks = Task.objects.available(timezone.now()).filter(
            activity__version__source__url__endswith="/en-side"
        )
        newest = open_tasks.select_related("activity__version", "citizen").order_by("-opens_at", "id")
        tasks = list(newest[:WANTED])
        sessions = {}
        for task in tasks:
            with within(Scope.citizen(task.citizen_id)):
                response = begin_task(task=task, at=timezone.now())
                filled = {**response.document, **one_page_filled()}
                Response.objects.filter(pk=response.pk).update(document=filled)
            sessions[task.pk] = _session(task.citizen_id)
        one, *others = tasks
        definition = definition_of(one.activity.version)
    items = [item for item in definition.pages[0].walk() if item.is_asked]

    def answered(number: int) -> dict[str, Any]:
        """The first question as in answers `number`, the others as in answers 0."""
        first = engine.answers_of(one_page_filled(number), items[0].link_id)
        return engine.with_answers(definition, one_page_filled(), items[0].link_id, first)

    def form(number: int, before: int) -> dict[str, list[str]]:
        """All fields of a page that was drawn from answers `before`, once its first question is answered otherwise."""
        post: dict[str, list[str]] = {ASKED: [item.link_id for item in items]}
        for item in items:
            answers = engine.answers_of(answered(number), item.link_id)
            post[field_name(item.link_id)] = list(engine.form_values(item, answers))
        drawn = engine.evaluate(definition, answered(before))
        shown = engine.occurrences_of(definition, answered(before), drawn).walk()
        post[SHOWN] = [
            f"{one.item.link_id} {answers_fingerprint(one.effective)}"
            for one in shown
            if one.item.type.is_question
        ]
        return post

    forms = [urlencode(form(0, 1), doseq=True), urlencode(form(1, 0), doseq=True)]
    page = reverse("citizens:page", args=[one.pk, 1])
    save = reverse("citizens:save", args=[one.pk, 1])

    def saves() -> Iterator[Ask]:
        turn = 0
        while True:
            turn = 1 - turn
            yield partial(_saved, web, sessions[one.pk], save, forms[turn])

    def shows() -> Iterator[Ask]:
        while True:
            yield lambda: bytes_of(web.get(page, session=sessions[one.pk]))

    def submits() -> Iterator[Ask]:
        for task in others:
            address = reverse("citizens:summary", args=[task.pk])
            with within(Scope.citizen(task.citizen_id)):
                seen = Response.objects.get(task=task).fingerprint
            yield partial(_submitted, web, sessions[task.pk], address, seen)

    return {"save one answer": saves, "show 20 questions": shows, "submit": submits}


def _session(citizen_id: UUID) -> str:
    """The key of a session of the citizen's."""
    from identity.actors import CitizenActor

    return str(_logged_in(CitizenActor(citizen_id=citizen_id, name="Borger")).cookies[SESSION].value)


def _saved(web: Web, session: str, address: str, form: str) -> int:
    return bytes_of(web.post(address, form, session=session, htmx=True))


def _submitted(web: Web, session: str, address: str, seen: str) -> int:
    return bytes_of(web.post(address, urlencode({"seen": seen}), session=session), expected=302)


def floor(web: Web, session: str, size: int) -> Ask:
    """The bare view, giving a page of `size` bytes."""
    return lambda: bytes_of(web.post(f"/floor/{size}/", "", session=session))


def measure(web: Web) -> Ratios:
    """By name: how many times the floor's processor time a request takes, round by round."""
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from plans.models import Task

    with within(Scope.system()):
        citizen_id = Task.objects.filter(due_at__gt=timezone.now()).values_list("citizen_id", flat=True)[0]
    session = _session(citizen_id)
    pages = {name: requests() for name, requests in asks(web).items()}
    return against_floor(web, pages, lambda size: floor(web, session, size), requests=REQUESTS)


def report(sizes: Sequence[int], times: Mapping[str, list[float]]) -> None:
    """The table: the floor's requests a second, and how the same work grew."""
    print(
        f"Requests a second, as a share of the floor's; {2 * ROUNDS} rounds of {REQUESTS} a side; medians\n"
    )
    print(head(sizes))
    for name, goal in GOALS.items():
        grew = times[name][-1] / times[name][0]
        shares = "".join(f"{1 / each:>12.2f}" for each in times[name])
        met = min(1 / each for each in times[name]) >= goal and grew <= MOST_GROWTH
        verdict = f"at least {goal}, {MOST_GROWTH} at most: {'met' if met else 'NOT MET'}"
        print(f"{name:<20}{shares}{grew:>12.2f}  {verdict}", flush=True)


if __name__ == "__main__":
    run("benchmarks.citizens", measure, report, prepare=prepare)
