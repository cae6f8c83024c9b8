"""One fault after the other while people work; then it is healed, what is left leaves, and both sides are compared."""

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import redis
from django.db import connection
from django.utils import timezone

from citizens.models import Citizen
from municipalities.scope import Scope, within
from notifications import reminders
from notifications.models import Message
from notifications.states import Status
from outbox import waking
from outbox.models import ChannelName, Delivery
from plans.models import Task
from tests.faults.apps import ANSWER_SECONDS
from tests.faults.comparing import Counts, compare
from tests.faults.people import Record, Work, World, make_world
from tests.faults.system import WORKERS, NeverHappened, System, until

# Past every lease and every pause that is not asked for by a receiver.
A_WHILE = timedelta(minutes=11)
LONGEST_DRAIN = 1200.0
SENDING = "/nemsms/service/KombiPostAfsend_1"


class Standstill:
    """True once a count has not changed for so many seconds; looks at it when asked."""

    def __init__(self, count: Callable[[], int], *, seconds: float) -> None:
        self._count, self._seconds = count, seconds
        self.begin()

    def begin(self) -> None:
        self._seen, self._since = self._count(), time.monotonic()

    def __bool__(self) -> bool:
        seen = self._count()
        if seen != self._seen:
            self._seen, self._since = seen, time.monotonic()
        return time.monotonic() - self._since > self._seconds


@dataclass(slots=True)
class Trial:
    """A system, its people, and what they did so far. `chance` decides when and whom a fault meets."""

    system: System
    citizens: int
    hits: int
    chance: random.Random
    world: World = field(default_factory=make_world)
    record: Record = field(default_factory=Record)
    # How often which of the simulator's faults struck in the scenario.
    felt: Counter[str] = field(default_factory=Counter)

    @contextmanager
    def people_at_work(self) -> Iterator[Work]:
        """Citizens and staff work, and have ended their work afterwards."""
        work = Work(
            self.world, self.record, citizens=self.citizens, web_url=self.system.web_url, chance=self.chance
        )
        # One in eight gets no text messages.
        for citizen in self.record.citizens[-self.citizens :: 8]:
            self._leaves_nemsms(citizen)
        work.begin()
        yield work
        work.end()

    def moments(self, work: Work) -> Iterator[int]:
        """So many random moments between the first answer that is sent and the last that arrives."""
        arrived_before, sent_before = self.answers_there(), self.record.answered

        def progress() -> float:
            sent = self.record.answered - sent_before
            return (sent + self.answers_there() - arrived_before) / (2 * work.answers)

        for number, share in enumerate(sorted(self.chance.uniform(0.02, 0.95) for _ in range(self.hits))):
            stands = Standstill(self.calls, seconds=1)
            until(
                lambda: progress() >= share or (not work.goes_on and bool(stands)),  # noqa: B023
                "people at work",
                seconds=LONGEST_DRAIN,
            )
            yield number

    def assign_only(self) -> list[Task]:
        """As many citizens, each with a plan that nobody answers; the tasks that can be reminded of, by lot."""
        work = Work(
            self.world, self.record, citizens=self.citizens, web_url=self.system.web_url, chance=self.chance,
            answering=False,
        )  # fmt: skip
        work.begin()
        work.end()
        with within(Scope.system()):
            tasks = list(Task.objects.filter(citizen__in=self.record.citizens[-self.citizens :]))
        self.chance.shuffle(tasks)
        return tasks

    def remind(self, tasks: Sequence[Task], *, until: datetime) -> None:
        """Ask for reminders of these, one after the other, spread over the time until then."""
        nurses = {place.pk: nurse for place, nurse in self.world.places}
        pause = max(0.0, (until - self.system.clock.now()).total_seconds() / len(tasks))
        for task in tasks:
            with within(Scope.municipality(task.municipality_id)):
                message = reminders.send(task=task, by=nurses[task.municipality_id], at=timezone.now())
            self.record.reminders.append(message.pk)
            self.record.lasting_reminders.append(message.pk)
            time.sleep(pause)

    def fault(self, **order: object) -> None:
        self.system.control("POST", "/control/faults", order)

    def heal(self) -> None:
        """No more faults are ordered, and everything runs."""
        for one in self._faults():
            status = f" {one['status']}" if one["kind"] == "status" else ""
            self.felt[f"{one['kind']}{status} {one['when']}"] += one["applied"]
        self.system.control("DELETE", "/control/faults")
        self.system.start_what_ended()
        self.system.until_it_answers()

    def drain(self, *channels: ChannelName) -> None:
        """Until nothing waits."""
        self._time_passes(lambda: not self._left(channels), "everything leaves")

    def until_each_struck(self) -> None:
        """Until each fault that was ordered a number of times has come at least once; or has nothing left to meet."""
        self._time_passes(
            lambda: not self._faults_to_come() or not self._left(list(ChannelName)), "faults strike"
        )

    def _time_passes(self, ends: Callable[[], bool], what: str) -> None:
        """Wait. Where all that is left waits for a pause or for a dead worker's lease, a while passes."""
        give_up = time.monotonic() + LONGEST_DRAIN
        stands = Standstill(self.calls, seconds=ANSWER_SECONDS + 0.5)
        while not ends():
            if time.monotonic() > give_up:
                raise NeverHappened(
                    f"{what}: not within {LONGEST_DRAIN:.0f} s: {self._faults_to_come()}, {self._what_is_left()}"
                )
            self.system.start_what_ended()
            if stands and self.system.workers_rest():
                self.system.move_clock(self.system.clock.now() + A_WHILE)
                self.nudge()
                stands.begin()
            time.sleep(0.05)

    @contextmanager
    def receipts_held(self) -> Iterator[None]:
        """NemSMS's receipts come when all has left, the last one first: till then only we know what we sent."""
        self.system.control("POST", "/nemsms/control", {"receipts": "hold"})
        yield
        self.heal()
        self.drain(*ChannelName)
        self.system.control("POST", "/nemsms/control", {"receipts": "backwards"})

    def stand_still(self) -> None:
        """Until nothing is under way: no worker is at work, and nobody has called for as long as a call may take."""
        stands = Standstill(self.calls, seconds=ANSWER_SECONDS + 0.5)
        until(lambda: bool(stands) and self.system.workers_rest(), "a standstill", seconds=LONGEST_DRAIN)

    def nudge(self) -> None:
        for channel in ChannelName:
            waking.nudge(channel)

    def struck(self) -> int:
        """How often the faults that stand have struck."""
        return sum(one["applied"] for one in self._faults())

    def compare(self) -> Counts:
        return compare(self.system, self.world, self.record)

    def answers_there(self) -> int:
        (counted,) = self.system.control("GET", "/control/counts?type=QuestionnaireResponse").json()["counts"]
        return int(counted["total"])

    def calls(self) -> int:
        """How often the simulator was called by the application so far."""
        shown = self.system.control("GET", "/control/requests").json()
        return sum(
            one["count"]
            for kind in ("requests", "faults")
            for one in shown[kind]
            if not one["target"].startswith(("/control", "/nemsms/control"))
        )

    def _faults(self) -> list[dict[str, Any]]:
        standing: list[dict[str, Any]] = self.system.control("GET", "/control/faults").json()["faults"]
        return standing

    def _faults_to_come(self) -> list[str]:
        """Those that were ordered a number of times and have not come once."""
        return [
            f"{one['kind']} {one['when']} {one['target']}"
            for one in self._faults()
            if one["times"] and not one["applied"]
        ]

    def _left(self, channels: Sequence[ChannelName]) -> int:
        """How many deliveries wait and receipts are under way."""
        of_these = {"channel__in": channels} if channels else {}
        with within(Scope.system()):
            waiting = Delivery.objects.filter(state=Delivery.State.WAITING, **of_these).count()
        if channels:
            return waiting
        receipts = self.system.control("GET", "/nemsms/control").json()["receipts"]
        return waiting + sum(not one["taken"] for one in receipts)

    def _what_is_left(self) -> list[str]:
        with within(Scope.system()):
            left = Delivery.objects.filter(state=Delivery.State.WAITING).select_related("event")
            return [f"{one} {one.due_at} {one.leased_until} {one.last_problem}" for one in left[:5]]

    def _leaves_nemsms(self, citizen: Citizen) -> None:
        self.world.outside.append(citizen)
        self.system.control(
            "POST", "/nemsms/control", {"citizens": [{"cpr": citizen.cpr, "enrolled": False}]}
        )


def nothing(trial: Trial) -> None:
    """Nothing goes wrong."""
    with trial.people_at_work():
        pass


def workers_killed(trial: Trial) -> None:
    """kill -9 of a worker, whole or one of its processes."""
    with trial.people_at_work() as work:
        for number in trial.moments(work):
            name = WORKERS[number % len(WORKERS)]
            if trial.chance.random() < 0.3:
                trial.system.kill_a_child(name, trial.chance)
            else:
                trial.system.kill(name)
                trial.system.start_again(name)


def workers_killed_after_sending(trial: Trial) -> None:
    """kill -9 of both workers while they wait for the answer of a receiver that has stored what they sent."""
    with trial.receipts_held(), trial.people_at_work() as work:
        for number in trial.moments(work):
            target = (SENDING, "$submit-measurement", "transaction")[number % 3]
            struck = trial.struck()
            trial.fault(kind="latency", when="after", seconds=ANSWER_SECONDS - 0.5, target=target, times=1)
            until(lambda: trial.struck() > struck or not work.goes_on, f"{target}", seconds=LONGEST_DRAIN)  # noqa: B023
            for name in WORKERS:
                trial.system.kill(name)
                trial.system.start_again(name)


def web_killed(trial: Trial) -> None:
    """kill -9 of the web server, in the middle of whatever it does."""
    with trial.people_at_work() as work:
        for _ in trial.moments(work):
            trial.system.kill("web")
            trial.system.start_again("web")


def beat_killed(trial: Trial) -> None:
    """kill -9 of beat, and the queues emptied, so that no nudge is left."""
    with trial.people_at_work() as work:
        for number in trial.moments(work):
            if number % 2:
                trial.system.start_again("beat")
            else:
                trial.system.kill("beat")
            empty_the_queues(trial)
    if not trial.system.runs("beat"):
        trial.system.start_again("beat")


def postgres_stopped(trial: Trial) -> None:
    """PostgreSQL stopped, in order or in the middle of everything, and started."""
    with trial.people_at_work() as work:
        for number in trial.moments(work):
            if number % 2:
                trial.system.postgres.stop()
            else:
                crash(trial.system)
            trial.system.postgres.start()
    # Our own connections; the system's processes have to notice for themselves.
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


def redis_stopped(trial: Trial) -> None:
    """Redis emptied, killed and started empty."""
    with trial.people_at_work() as work:
        for number in trial.moments(work):
            empty_the_queues(trial)
            if number % 2 == 0:
                process = trial.system.redis.process
                assert process is not None
                process.stop(patience=0)
                for file in trial.system.redis.folder.glob("appendonly*"):
                    file.unlink()
                trial.system.redis.start()


def empty_the_queues(trial: Trial) -> None:
    """FLUSHALL: the queues, what is in the hands of workers, the counts of who tries too often."""
    with redis.Redis.from_url(trial.system.redis.url) as client:
        client.flushall()


def crash(system: System) -> None:
    """Let PostgreSQL end as when the machine loses power, but for the disk: it recovers from its log."""
    process = system.postgres.process
    assert process is not None
    os.killpg(process.pid, signal.SIGQUIT)
    process.wait()


def errors(trial: Trial) -> None:
    """FUT and NemSMS answer 500 and 429."""
    seed = trial.chance.randrange(1000)
    # Each at least once, then by lot.
    for when in ("before", "after"):
        trial.fault(kind="status", status=500, when=when, times=1)
    trial.fault(kind="status", status=429, retryAfter=1, times=1)
    trial.fault(kind="status", status=500, share=0.15, seed=seed)
    trial.fault(kind="status", status=500, when="after", share=0.05, seed=seed + 1)
    trial.fault(kind="status", status=429, retryAfter=1, share=0.05, seed=seed + 2)
    with trial.people_at_work():
        pass
    trial.until_each_struck()


def time_outs(trial: Trial) -> None:
    """Answers come too late: FUT and NemSMS have done it, and we have hung up."""

    def order(target: str | None) -> None:
        when = trial.chance.choice(["before", "after"])
        trial.fault(kind="latency", when=when, seconds=ANSWER_SECONDS + 0.3, target=target, times=1)

    # One that an answer meets for certain; those by lot may come when the last one has arrived.
    order("$submit-measurement")
    with trial.people_at_work() as work:
        for number in trial.moments(work):
            order((SENDING, "$submit-measurement", None, "transaction")[number % 4])
    trial.until_each_struck()


def hanging_up(trial: Trial) -> None:
    """The connection closes before it is done, and after it is stored; and answers that nobody can read."""
    seed = trial.chance.randrange(1000)
    for target in (SENDING, "$submit-measurement", "transaction"):
        trial.fault(kind="drop", when="after", target=target, times=2)
    trial.fault(kind="drop", when="after", share=0.1, seed=seed)
    trial.fault(kind="drop", share=0.05, seed=seed + 1)
    trial.fault(kind="malformed", when="after", target="$submit-measurement", share=0.1, seed=seed + 2)
    trial.fault(kind="expired", share=0.03, seed=seed + 3)
    with trial.receipts_held():
        with trial.people_at_work():
            pass
        trial.until_each_struck()


def evening_and_morning(trial: Trial) -> None:
    """18:00 strikes while messages wait and are under way, 08:00 while reminders are asked for and a worker dies."""
    system, clock = trial.system, trial.system.clock
    tasks = trial.assign_only()
    trial.drain()
    evening = clock.there().replace(hour=18, minute=0, second=0, microsecond=0)
    morning = evening.replace(hour=8) + timedelta(days=1)
    before = messages_there(system)
    # Whatever is under way takes its time; it must be there by 18:00.
    trial.fault(kind="latency", seconds=ANSWER_SECONDS - 0.5, target=SENDING)
    system.move_clock(evening - timedelta(minutes=30))
    trial.remind(tasks[0:1], until=clock.now())
    until(lambda: messages_there(system) > before, "the last message that is sure to leave")
    trial.stand_still()
    system.move_clock(evening - timedelta(seconds=32))
    trial.remind(tasks[4::4], until=evening - timedelta(seconds=29))
    trial.stand_still()
    system.move_clock(evening - timedelta(seconds=1))
    trial.remind(tasks[1::4], until=evening + timedelta(seconds=1))
    trial.heal()
    trial.drain(ChannelName.FUT)
    trial.stand_still()
    in_the_evening = messages_there(system)
    with within(Scope.system()):
        held = Message.objects.filter(status=Status.HELD).count()
    assert held, "nothing waits for 08:00"
    system.move_clock(morning - timedelta(seconds=1))
    trial.remind(tasks[2::4], until=morning + timedelta(seconds=0.5))
    until(lambda: messages_there(system) > in_the_evening, "the morning's first message")
    system.kill("worker-nemsms")
    system.start_again("worker-nemsms")
    trial.remind(tasks[3::4], until=clock.now() + timedelta(seconds=0.5))


def messages_there(system: System) -> int:
    return len(system.control("GET", "/nemsms/messages").json()["messages"])


SCENARIOS: dict[str, Callable[[Trial], None]] = {
    each.__name__: each
    for each in (
        nothing,
        workers_killed,
        workers_killed_after_sending,
        web_killed,
        beat_killed,
        postgres_stopped,
        redis_stopped,
        errors,
        time_outs,
        hanging_up,
        evening_and_morning,
    )
}

# Nobody answers in them.
WITHOUT_ANSWERS = frozenset({"evening_and_morning"})
BY_THE_SIMULATOR = frozenset({"errors", "time_outs", "hanging_up"})


def carry_out(trial: Trial, name: str) -> Counts:
    """One scenario from the next morning on, healed, drained and compared."""
    begin_a_day(trial.system)
    trial.felt.clear()
    SCENARIOS[name](trial)
    trial.heal()
    assert trial.felt.total() or name not in BY_THE_SIMULATOR, "no fault has struck"
    trial.drain()
    return trial.compare()


def begin_a_day(system: System) -> None:
    """Nine o'clock in the morning, or where the day is young enough, just now."""
    there = system.clock.there()
    if not 9 <= there.hour < 15:
        tomorrow = there if there.hour < 9 else there + timedelta(days=1)
        system.move_clock(tomorrow.replace(hour=9, minute=0, second=0, microsecond=0))
