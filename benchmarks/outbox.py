"""What the outbox costs: a night's text messages released at 08:00, against a loop that keeps no books, and Celery.

    make bench

100,000 messages wait. Two processes deliver them, over HTTP, to a gateway that answers at once; the sides take turns of
some seconds on the same rows. *NemSMS* is what the worker runs: the dispatcher, and the channel that looks at every
message again and notes what became of it. *Bare* claims the same rows in batches of the same size, reads what leaves,
asks the same gateway the same two questions, and marks the batch; it looks at nothing and remembers nothing. *Celery*
is a task for each message, as one would write it: look at the message again, ask, send, and note it, with
acknowledgement after the work, so that a killed worker loses none; the time it takes to queue them counts. What the
turns leave is delivered by *NemSMS* to the end, to see that memory stays flat. Wall clock, since the processes and
PostgreSQL share the machine; starting up is not counted. Nothing here is a test.
"""

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from statistics import median
from uuid import uuid4

from benchmarks.pages import servers
from tests.servers import free_port

WORKERS = 2
ROUNDS = 3
SECONDS = 8
"""How long a side has its turn."""
# Of two processes that take 8 seconds, so that its turn is about as long as the others'.
CELERY_MESSAGES = 400
GOALS = {"bare": 0.5, "celery": 5.0}
"""What *NemSMS* is to reach, against each other side."""


class AtOnce(asyncio.Protocol):
    """The gateway: SF1601's four answers, without a thought."""

    ANSWERS = (
        (
            b"/token-service",
            b'{"RequestedSecurityToken": {"Assertion": "x"}, "Lifetime": "12/31/2099 00:00:00"}',
        ),
        (b"AccessTokenService", b'{"access_token": "x", "token_type": "Bearer", "expires_in": 3600}'),
        (b"PostForespoerg", b'{"result": true}'),
        (b"KombiPostAfsend", b"{}"),
    )

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport, self.seen = transport, b""

    def data_received(self, data: bytes) -> None:
        self.seen += data
        while (end := self.seen.find(b"\r\n\r\n")) >= 0:
            head = self.seen[:end]
            length = 0
            for line in head.split(b"\r\n"):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if len(self.seen) < end + 4 + length:
                return
            self.seen = self.seen[end + 4 + length :]
            first = head.split(b"\r\n", 1)[0]
            body = next(answer for path, answer in self.ANSWERS if path in first)
            self.transport.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                % (len(body), body)
            )


def serve(port: int) -> None:
    """Run the gateway until the process ends."""

    async def forever() -> None:
        server = await asyncio.get_running_loop().create_server(AtOnce, "127.0.0.1", port)
        await server.serve_forever()

    asyncio.run(forever())


def make_messages(number: int) -> None:
    """So many reminders that waited for 08:00, of as many citizens of the demo's municipalities."""
    from django.utils import timezone

    from citizens.models import Citizen
    from identity.models import StaffMember
    from municipalities.scope import Scope, within
    from notifications.models import Message
    from outbox.models import Delivery, Event
    from plans.models import CarePlan, EpisodeOfCare, Task

    now = timezone.now()
    with within(Scope.system()):
        plans = list(CarePlan.objects.select_related("episode__citizen").order_by("pk")[:50])
        activities = {plan.pk: plan.plan.activities.first() for plan in plans}
        staff = {one.municipality_id: one for one in StaffMember.objects.filter(municipality__isnull=False)}
        rows: dict[type, list[object]] = {}
        for index in range(number):
            plan = plans[index % len(plans)]
            old = plan.episode
            whose = old.municipality_id
            citizen = Citizen(
                municipality_id=whose,
                given_name="Bo",
                family_name="Prøve",
                birth_date=old.citizen.birth_date,
                sex=old.citizen.sex,
                is_nemsms_enrolled=True,
                nemsms_asked_at=now,
            )
            citizen.keep_cpr(old.citizen.cpr)
            # Each is somebody else; nobody is looked up by number here.
            citizen.cpr_hash = bytes(citizen.cpr_hash)[:4] + uuid4().bytes + uuid4().bytes
            episode = EpisodeOfCare(
                citizen=citizen,
                municipality_id=whose,
                care_team_id=old.care_team_id,
                started_on=old.started_on,
            )
            care_plan = CarePlan(
                episode=episode, municipality_id=whose, citizen=citizen, plan_id=plan.plan_id,
                starts_on=plan.starts_on, assigned_by_id=plan.assigned_by_id, assigned_at=plan.assigned_at,
            )  # fmt: skip
            task = Task(
                care_plan=care_plan, activity=activities[plan.pk], municipality_id=whose, citizen=citizen,
                opens_at=now - timedelta(days=1), due_at=now + timedelta(days=3),
            )  # fmt: skip
            message_id = uuid4()
            event = Event(
                name="reminder.requested", key=citizen.pk, municipality_id=whose,
                subject_model="notifications.Message", subject_id=message_id, occurred_at=now - timedelta(hours=9),
            )  # fmt: skip
            delivery = Delivery(
                event=event, channel="nemsms", key=citizen.pk, municipality_id=whose, due_at=now, is_held=True
            )
            message = Message(
                id=message_id, kind="reminder", citizen=citizen, municipality_id=whose, task=task,
                requested_at=now - timedelta(hours=9), requested_by=staff[whose], leaves_at=now, status="held",
                delivery=delivery,
            )  # fmt: skip
            for row in (citizen, episode, care_plan, task, event, delivery, message):
                rows.setdefault(type(row), []).append(row)
        for model, some in rows.items():
            for each in some:
                for field in model._meta.concrete_fields:  # type: ignore[attr-defined]
                    if field.is_relation and field.is_cached(each):
                        setattr(each, field.attname, getattr(each, field.name).pk)
            model.objects.bulk_create(some, batch_size=1000)  # type: ignore[attr-defined]


def nemsms(until: float) -> int:
    """All of it, as the worker runs it."""
    from outbox import channels, dispatcher

    left = timedelta(seconds=max(0.0, until - time.time()))
    return dispatcher.deliver_due(channels.named("nemsms"), for_at_most=left)


def bare(until: float) -> int:
    """Claim, read, send, mark: in batches of the dispatcher's size."""
    from django.db import connection
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from notifications import sending
    from notifications.handover import as_text_message
    from notifications.models import Message
    from outbox.claims import BATCH

    done = 0
    gateway = sending.gateway()
    while time.time() < until:
        with within(Scope.system()), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_delivery SET leased_until = %s WHERE id IN ("
                "SELECT id FROM outbox_delivery WHERE channel = 'nemsms' AND state = 'waiting' AND due_at <= now() "
                "AND leased_until IS NULL ORDER BY due_at, id LIMIT %s FOR UPDATE SKIP LOCKED) RETURNING id",
                [timezone.now() + timedelta(minutes=5), BATCH],
            )
            ids = [pk for (pk,) in cursor.fetchall()]
            messages = list(
                Message.objects.filter(delivery__in=ids).select_related("citizen", "municipality")
            )
        if not ids:
            return done
        for message in messages:
            leaving = as_text_message(message)
            gateway.is_enrolled(cpr=leaving.cpr, sender=leaving.sender)
            gateway.send(leaving)
        with within(Scope.system()), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_delivery SET state = 'delivered', ended_at = now() WHERE id = ANY(%s)", [ids]
            )
        done += len(messages)
    return done


SIDES: dict[str, Callable[[float], int]] = {"bare": bare, "nemsms": nemsms}


def work(side: str, seconds: float) -> None:
    """In a process of its own: deliver for so long; prints how many, the memory's growth in MB, and the times."""
    import psutil

    set_up()
    me = psutil.Process()
    began = time.time()
    # What a process needs anyway it has after the first batches.
    done = SIDES[side](began + min(2.0, seconds / 4))
    before = me.memory_info().rss
    done += SIDES[side](began + seconds)
    print(done, (me.memory_info().rss - before) / 2**20, began, time.time())


def by_dispatcher(side: str, seconds: float = SECONDS) -> tuple[float, float, int]:
    """Messages a second of two workers, by how many MB the larger of them grew, and how many there were."""
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.outbox", "--work", side, "--seconds", str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(WORKERS)
    ]
    said = [[float(word) for word in worker.communicate()[0].split()[-4:]] for worker in workers]
    took = max(ended for *_, ended in said) - min(began for _, _, began, _ in said)
    done = sum(int(count) for count, *_ in said)
    if not done:
        raise RuntimeError(f"{side} delivered nothing: the figures would say nothing.")
    return done / took, max(grown for _, grown, *_ in said), done


def by_celery() -> float:
    """Messages a second, from before the first is queued until the last is noted."""
    from municipalities.scope import Scope, within
    from notifications.models import Message

    with within(Scope.system()):
        waiting = Message.objects.waiting().filter(delivery__state="waiting")
        chosen = list(waiting.values_list("pk", "municipality_id")[:CELERY_MESSAGES])
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "--app", "benchmarks.one_task_a_message", "worker", "--pool", "prefork",
         "--concurrency", str(WORKERS), "--loglevel", "WARNING", "--without-gossip", "--without-mingle"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    from benchmarks.one_task_a_message import app, send

    try:
        while not app.control.ping(timeout=1):
            if worker.poll() is not None:
                raise RuntimeError("The Celery worker ended before it began.")
        began = time.time()
        for message_id, municipality_id in chosen:
            send.delay(str(message_id), municipality_id)
        ids = [pk for pk, _ in chosen]
        left = len(ids)
        while left:
            if time.time() - began > 300:
                raise RuntimeError(f"Celery has left {left} of {len(ids)} messages after five minutes.")
            time.sleep(0.05)
            with within(Scope.system()):
                left = Message.objects.waiting().filter(pk__in=ids).count()
        return len(ids) / (time.time() - began)
    finally:
        worker.terminate()
        worker.wait(30)


def main() -> None:
    """Measure in turns and print the table; or be one of the workers."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--messages", type=int, default=100_000, help="how many wait at 08:00")
    asked.add_argument("--work", choices=SIDES)
    asked.add_argument("--seconds", type=float, default=SECONDS)
    chosen = asked.parse_args()
    if chosen.work:
        work(chosen.work, chosen.seconds)
        return
    port = free_port()
    threading.Thread(target=serve, args=[port], daemon=True).start()
    with servers() as started:
        os.environ.update(started.variables)
        os.environ.update(
            NEMSMS_GATEWAY="simulator",
            NEMSMS_PER_SECOND="0",
            NEMSMS_URL=f"http://127.0.0.1:{port}",
            NEMSMS_TOKEN_URL=f"http://127.0.0.1:{port}/token-service",
            NEMSMS_QUIET_FROM="03:00",
            NEMSMS_QUIET_UNTIL="03:01",
        )
        set_up()
        make_messages(chosen.messages)
        rates: dict[str, list[float]] = {"bare": [], "celery": [], "nemsms": []}
        for _ in range(ROUNDS):
            rates["bare"].append(by_dispatcher("bare")[0])
            rates["nemsms"].append(by_dispatcher("nemsms")[0])
            rates["celery"].append(by_celery())
        report(rates, chosen.messages)
        rate, grown, done = by_dispatcher("nemsms", seconds=3600)
        print(f"\nthe rest, {done:,} messages, by nemsms: {rate:.0f} a second; memory grew by {grown:.0f} MB")
        left = waiting_still()
        if left:
            raise RuntimeError(f"{left} messages still wait: the figures would say nothing.")


def report(rates: dict[str, list[float]], messages: int) -> None:
    """Print the table: medians, and ratios taken round by round."""
    print(
        f"{messages:,} messages wait; {ROUNDS} rounds of {SECONDS} s a side, {WORKERS} processes; medians\n"
    )
    print(f"{'':<8} {'a second':>9} {'nemsms to it':>13}  goal")
    for side, measured in rates.items():
        if side == "nemsms":
            print(f"{side:<8} {median(measured):>9.0f}")
            continue
        ratio = median(ours / theirs for ours, theirs in zip(rates["nemsms"], measured, strict=True))
        verdict = f"at least {GOALS[side]}: {'met' if ratio >= GOALS[side] else 'NOT MET'}"
        print(f"{side:<8} {median(measured):>9.0f} {ratio:>13.2f}  {verdict}")


def waiting_still() -> int:
    """How many messages nobody has delivered, but for those that the bare loop left as they were."""
    from municipalities.scope import Scope, within
    from notifications.models import Message

    with within(Scope.system()):
        return Message.objects.waiting().filter(delivery__state="waiting").count()


def set_up() -> None:
    import logging

    os.environ["DJANGO_SETTINGS_MODULE"] = "kommunalpro.settings"
    import django

    django.setup()
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    main()
