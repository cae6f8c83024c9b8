"""What bringing answers to FUT costs: the outbox with its channel, against an HTTP client that does nothing else.

    make bench

Answers of citizens in weekly plans wait; the platform is the simulator, a process of its own. *channel* is what the
worker runs, in four processes: the dispatcher claims, the channel reads the answers, makes the platform's resources of
them, checks those, gets tokens, submits, and notes addresses and arrivals. *bare* is httpx in four processes: it posts
bodies that were made beforehand to the same simulator, with a token for the answer's course as the platform demands,
and remembers nothing. The sides take turns on as many answers each, not the same ones; a process begins without tokens,
and answers of a citizen lie apart, so that both sides need about as many (the table counts them). Wall clock from the
first answer to the last; starting up is not counted. The processor time of the sides' own processes says something on a
busy machine, too, which the clock does not.

Then one answer after the other on an idle system, with a Celery worker, Redis and the nudge: from the commit until the
simulator shows it. Nothing here is a test.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import IO, TYPE_CHECKING, Any
from uuid import UUID, uuid4

import httpx

from benchmarks.outbox import set_up
from benchmarks.pages import servers
from tests.servers import free_port

if TYPE_CHECKING:
    from plans.models import CarePlan, Task

WORKERS = 4
ROUNDS = 4
WEEKS = 2
"""How many answers of a citizen each side pushes a round."""
ONE_BY_ONE = 30
GOAL = 0.7
GOAL_SECONDS = 1.0
PLAN = "Smerte og funktion i 12 uger"
SECRET = "for the benchmark only"


@contextmanager
def platform(folder: Path) -> Iterator[str]:
    """The simulator in a process of its own; gives its address."""
    port = free_port()
    variables = {
        "FUT_CLIENT_ID": "kommunalpro",
        "FUT_CLIENT_SECRET": SECRET,
        "FUT_SIMULATOR_PORT": str(port),
        "FUT_SIMULATOR_DATA": str(folder),
    }
    process = subprocess.Popen([sys.executable, "-m", "fut.simulator"], env={**os.environ, **variables})
    address = f"http://127.0.0.1:{port}"
    try:
        _wait_for(lambda: httpx.get(f"{address}/healthz").is_success, process)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait_for(is_there: Callable[[], bool], process: subprocess.Popen[Any], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if is_there():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise RuntimeError("A process did not start: there is nothing to measure.")


# What is told.


def make_courses(number: int) -> None:
    """So many citizens, each in a course with the plan; the news of it wait in the outbox."""
    from django.utils import timezone

    from citizens.models import Citizen
    from municipalities.scope import Scope, within
    from outbox.models import Delivery, Event
    from plans.models import CarePlan, EpisodeOfCare

    now = timezone.now()
    with within(Scope.system()):
        # The demo's own need not be told.
        Delivery.objects.filter(state="waiting").update(state="delivered", ended_at=now)
        old = list(CarePlan.objects.filter(plan__title=PLAN).select_related("episode__citizen"))
        rows: dict[type, list[Any]] = {}
        for index in range(number):
            one = old[index % len(old)]
            whose = {"municipality_id": one.municipality_id}
            citizen = Citizen(
                **whose, given_name="Bo", family_name="Prøve", birth_date=now.date(), sex="male"
            )
            # Day 61-88 marks a replacement number: nobody's CPR.
            month, serial = divmod(index, 4000)
            citizen.keep_cpr(f"61{1 + month:02d}50{serial:04d}")
            episode = EpisodeOfCare(
                **whose,
                citizen_id=citizen.pk,
                care_team_id=one.episode.care_team_id,
                started_on=now.date() - timedelta(weeks=10),
            )
            care_plan = CarePlan(
                **whose,
                episode_id=episode.pk,
                citizen_id=citizen.pk,
                plan_id=one.plan_id,
                starts_on=episode.started_on,
                assigned_by_id=one.assigned_by_id,
                assigned_at=now - timedelta(weeks=10),
            )
            event = Event(
                **whose,
                name="care_plan.assigned",
                key=citizen.pk,
                subject_model="plans.CarePlan",
                subject_id=care_plan.pk,
                occurred_at=now,
            )
            for row in (citizen, episode, care_plan, event):
                rows.setdefault(type(row), []).append(row)
        for model, some in rows.items():
            model.objects.bulk_create(some, batch_size=1000)  # type: ignore[attr-defined]
        _deliver(rows[Event], due_at=now)


def _deliver(events: list[Any], *, due_at: Any) -> None:
    """Put the news into the outbox."""
    from outbox.models import Delivery

    deliveries = [
        Delivery(
            event_id=event.pk,
            channel="fut",
            key=event.key,
            municipality_id=event.municipality_id,
            due_at=due_at,
        )
        for event in events
    ]
    Delivery.objects.bulk_create(deliveries, batch_size=1000)


def make_answers(number: int, *, submitted: bool = True) -> list[UUID]:
    """So many answers, the weeks' one after the other; their ids. Nothing of them waits in the outbox.

    Where they are not submitted, each citizen has something left to answer after it.
    """
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from outbox.models import Event
    from plans.models import Task
    from questionnaires.models import Response

    now = timezone.now()
    with within(Scope.system()):
        told = Event.objects.filter(name="care_plan.assigned", deliveries__channel="fut")
        care_plans = _whole(
            list(told.order_by("-pk").values_list("subject_id", flat=True)[: -(-number // WEEKS)])
        )
        answered = Task.objects.answered().filter(activity__plan__title=PLAN).select_related("response")
        document = answered.earliest("due_at").response.document  # type: ignore[union-attr]
        responses, tasks = [], []
        for index in range(number):
            week, place = divmod(index, len(care_plans))
            care_plan = care_plans[place]
            whose = {"municipality_id": care_plan.municipality_id, "citizen_id": care_plan.citizen_id}
            (activity,) = care_plan.plan.activities.all()
            response = Response(
                **whose,
                version_id=activity.version_id,
                status="completed" if submitted else "in-progress",
                document=document,
                started_at=now - timedelta(minutes=4),
                saved_at=now,
                completed_at=now if submitted else None,
            )
            responses.append(response)
            opens_at = now - timedelta(weeks=len(care_plan.tasks.all()) + week + 1)
            of_plan = {**whose, "care_plan_id": care_plan.pk, "activity_id": activity.pk}
            task = Task(**of_plan, opens_at=opens_at, due_at=now + timedelta(days=7), response_id=response.pk)
            task.status = "completed" if submitted else "open"
            tasks.append(task)
            if not submitted:
                later = now + timedelta(weeks=1 + week)
                tasks.append(Task(**of_plan, opens_at=later, due_at=later + timedelta(days=7)))
        Response.objects.bulk_create(responses, batch_size=1000)
        Task.objects.bulk_create(tasks, batch_size=1000)
    return [response.pk for response in responses]


def _whole(ids: list[UUID]) -> list["CarePlan"]:
    from plans.models import CarePlan

    found = CarePlan.objects.prefetch_related("tasks", "plan__activities").in_bulk(ids)
    return [found[pk] for pk in ids]


def make_news(response_ids: list[UUID]) -> None:
    """Let the answers wait in the outbox, in this order."""
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from outbox.models import Event
    from questionnaires.models import Response

    now = timezone.now()
    with within(Scope.system()):
        found = Response.objects.only("citizen_id", "municipality_id").in_bulk(response_ids)
        events = [
            Event(
                name="response.completed",
                key=found[pk].citizen_id,
                municipality_id=found[pk].municipality_id,
                subject_model="questionnaires.Response",
                subject_id=pk,
                occurred_at=now,
            )
            for pk in response_ids
        ]
        Event.objects.bulk_create(events, batch_size=1000)
        _deliver(events, due_at=now)


def bodies(response_ids: list[UUID]) -> Iterator[dict[str, Any]]:
    """What the channel would post for each, and what its token has to be narrowed to."""
    from fut import mapping, subjects
    from fut.facts import Reference
    from fut.models import FutReference
    from municipalities.scope import Scope, within
    from outbox.models import Delivery, Event

    with within(Scope.system()):
        news = [
            Delivery(pk=place, event=Event(name="response.completed", subject_id=pk))
            for place, pk in enumerate(response_ids)
        ]
        found = subjects.read(news)
        addresses = {
            row.local_id: Reference(row.url, row.version_id or None)
            for row in FutReference.objects.exclude(resource_type="QuestionnaireResponse")
        }
    for one in news:
        task: Task = found[one.pk]  # type: ignore[assignment]
        patient, episode = addresses[task.citizen_id], addresses[task.care_plan.episode_id]
        request = addresses[subjects.service_request_id(task.care_plan, task.activity)]
        body = mapping.submit_measurement(
            subjects.response_facts(task), patient=patient, episode=episode, service_request=request
        )
        yield {"patient": patient.url, "episode": episode.url, "body": body}


# The two sides, each in processes that wait for “go” on their standard input.


@dataclass(frozen=True, slots=True)
class Pushed:
    """What a side has done: `rate` a second on the clock, `milliseconds` of its processes' own time for each."""

    count: int
    rate: float
    milliseconds: float


def channel() -> tuple[int, float]:
    """All that is due, as the worker runs it; how many were attempted, and seconds of the process' time."""
    set_up()
    from outbox import channels, dispatcher

    fut, done = channels.named("fut"), 0
    _start_up()
    began = _ready()
    while waiting():
        done += dispatcher.deliver_due(fut)
        # Where another process has the citizens' answers before it, a nudge would wake us.
        time.sleep(0.05)
    return done, time.process_time() - began


def _start_up() -> None:
    """What a worker does once, however long it runs: connect, load its certificates, read FHIR's models."""
    from django.utils import timezone

    from fut import mapping
    from fut.channel import gateway
    from fut.facts import Reference, ResponseFacts, Window

    gateway()
    waiting()
    now = timezone.now()
    made_up = ResponseFacts(
        id=uuid4(),
        questionnaire="https://example.org/Questionnaire/1|1",
        authored=now,
        items=[{"linkId": "1", "answer": [{"valueInteger": 1}]}],
        window=Window(start=now, end=now + timedelta(days=7)),
        started_at=now - timedelta(minutes=4),
    )
    here = Reference("https://example.org/fhir/Basic/1", "1")
    mapping.submit_measurement(made_up, patient=here, episode=here, service_request=here)


def bare(made: Path, address: str) -> tuple[int, float]:
    """Post what the file holds; as `channel`."""
    posts = [json.loads(line) for line in made.read_text().splitlines()]
    form = {"grant_type": "client_credentials", "client_id": "kommunalpro", "client_secret": SECRET}
    tokens: dict[str, str] = {}
    headers = {"Content-Type": "application/fhir+json", "Prefer": "return=representation"}
    with httpx.Client(timeout=20) as client:
        began = _ready()
        for post in posts:
            if (token := tokens.get(post["episode"])) is None:
                narrowed = {"patient_id": post["patient"], "episode_of_care_id": post["episode"]}
                answer = client.post(f"{address}/token", data=form | narrowed).raise_for_status()
                token = tokens[post["episode"]] = answer.json()["access_token"]
            client.post(
                f"{address}/measurement/fhir/$submit-measurement",
                json=post["body"],
                headers={**headers, "Authorization": f"Bearer {token}"},
            ).raise_for_status()
    return len(posts), time.process_time() - began


def _ready() -> float:
    print("ready", flush=True)
    sys.stdin.readline()
    return time.process_time()


def _run(commands: list[list[str]]) -> Pushed:
    """Processes that begin at the same moment."""
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.fut", *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for command in commands
    ]
    for process in processes:
        _stream(process.stdout).readline()
    began = time.monotonic()
    for process in processes:
        _stream(process.stdin).write("go\n")
        _stream(process.stdin).flush()
    said = [process.communicate()[0].split()[-2:] for process in processes]
    seconds = time.monotonic() - began
    done = sum(int(count) for count, _ in said)
    return Pushed(done, done / seconds, 1000 * sum(float(own) for _, own in said) / done)


def _stream(stream: IO[str] | None) -> IO[str]:
    assert stream is not None
    return stream


def by_channel() -> Pushed:
    return _run([["--side", "channel"]] * WORKERS)


def by_bare(response_ids: list[UUID], folder: Path, address: str) -> Pushed:
    posts = list(bodies(response_ids))
    commands = []
    # Whoever is free claims: a citizen's answers are not all one process's.
    whose = [random.randrange(WORKERS) for _ in posts]
    for worker in range(WORKERS):
        made = folder / f"{worker}.ndjson"
        made.write_text(
            "".join(
                json.dumps(post) + "\n" for post, mine in zip(posts, whose, strict=True) if mine == worker
            )
        )
        commands.append(["--side", "bare", "--made", str(made), "--address", address])
    return _run(commands)


def counted(address: str, target: str) -> int:
    """How many requests of a kind the simulator has answered since it was asked last."""
    shown = httpx.get(f"{address}/control/requests").json()["requests"]
    httpx.delete(f"{address}/control/requests")
    return sum(one["count"] for one in shown if one["target"] == target)


# One by one.


@contextmanager
def celery_worker() -> Iterator[None]:
    """The worker of the channel, as it is started anywhere."""
    from kommunalpro.celery import app

    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "--app", "kommunalpro", "worker", "--queues", "fut", "--concurrency", "2"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        _wait_for(lambda: bool(app.control.ping(timeout=1)), worker, seconds=60)
        yield
    finally:
        worker.terminate()
        worker.wait(30)


def delays(address: str) -> list[float]:
    """Seconds from the commit of an answer, by the use case that the page calls, until the simulator shows it."""
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from plans.models import Task
    from plans.services import submit_task

    seen = []
    with httpx.Client() as control:
        for pk in make_answers(ONE_BY_ONE + 1, submitted=False):
            with within(Scope.system()):
                task = Task.objects.get(response=pk)
            with within(Scope.citizen(task.citizen_id)):
                submit_task(task=task, at=timezone.now())
            committed = time.monotonic()
            query = {"type": "QuestionnaireResponse", "identifier": f"urn:ietf:rfc:3986|urn:uuid:{pk}"}
            while not control.get(f"{address}/control/resources", params=query).json()["resources"]:
                if time.monotonic() - committed > 60:
                    raise RuntimeError("An answer did not arrive within a minute.")
                time.sleep(0.002)
            seen.append(time.monotonic() - committed)
            time.sleep(0.3)
    return seen[1:]  # the first opens connections


def main() -> None:
    """Measure and print the tables; or be one of the processes."""
    asked = argparse.ArgumentParser()
    asked.add_argument(
        "--answers", type=int, default=10_000, help="how many each side pushes, in four rounds"
    )
    asked.add_argument("--side", choices=["channel", "bare"])
    asked.add_argument("--made", type=Path)
    asked.add_argument("--address")
    chosen = asked.parse_args()
    if chosen.side:
        print(*(channel() if chosen.side == "channel" else bare(chosen.made, chosen.address)))
        return
    with tempfile.TemporaryDirectory() as name, servers() as started, platform(Path(name) / "fut") as address:
        os.environ.update(
            started.variables,
            FUT_BASE_URL=f"{address}/{{service}}/fhir",
            FUT_TOKEN_URL=f"{address}/token",
            FUT_CLIENT_SECRET=SECRET,
        )
        set_up()
        measure(chosen.answers, Path(name), address)


def measure(answers: int, folder: Path, address: str) -> None:
    courses = -(-answers // ROUNDS // WEEKS)
    make_courses(courses)
    first = by_channel()
    print(
        f"{first.count:,} new citizens with course and plan: {first.rate:.0f} a second by the channel\n",
        flush=True,
    )
    a_round = answers // ROUNDS
    print(f"{ROUNDS} rounds of {a_round:,} answers a side, {WORKERS} processes; answers a second\n")
    print("round      bare  channel  ratio   tokens: bare  channel   own ms each: bare  channel")
    ratios = []
    for number in range(ROUNDS):
        counted(address, "token")
        bares = by_bare(make_answers(a_round), folder, address)
        tokens = counted(address, "token")
        make_news(make_answers(a_round))
        ours = by_channel()
        if ours.count != a_round or waiting():
            raise RuntimeError(
                f"{ours.count} of {a_round} were attempted, {waiting()} wait: the figures say nothing."
            )
        ratios.append(ours.rate / bares.rate)
        print(
            f"{number + 1:<8} {bares.rate:>6.0f} {ours.rate:>8.0f} {ratios[-1]:>6.2f}   {tokens:>12,} "
            f"{counted(address, 'token'):>8,}   {bares.milliseconds:>17.2f} {ours.milliseconds:>8.2f}",
            flush=True,
        )
    verdict = "met" if median(ratios) >= GOAL else "NOT MET"
    print(f"median ratio {median(ratios):.2f}; at least {GOAL}: {verdict}\n")
    with celery_worker():
        seen = delays(address)
    verdict = "met" if median(seen) < GOAL_SECONDS else "NOT MET"
    print(
        f"{len(seen)} answers one by one, from commit to visible: median {1000 * median(seen):.0f} ms, longest "
        f"{1000 * max(seen):.0f} ms; within {GOAL_SECONDS:.0f} s: {verdict}"
    )


def waiting() -> int:
    """How many news for FUT have not arrived."""
    from municipalities.scope import Scope, within
    from outbox.models import Delivery

    with within(Scope.system()):
        return Delivery.objects.filter(channel="fut").exclude(state="delivered").count()


if __name__ == "__main__":
    main()
