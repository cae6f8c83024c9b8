"""What the outbox costs: a night's text messages released at 08:00, against a loop that keeps no books.

    make bench

Two processes deliver messages that are due, over HTTP, to a gateway that answers at once. *NemSMS* is what the worker
runs: the dispatcher, and the channel that looks at every message again and notes what became of it. *Dispatcher* is the
same without the channel's own books: its messages are read one by one and sent. *Bare* claims the same rows in batches
of the same size, reads what leaves, asks the same gateway the same two questions, and marks the batch; it looks at
nothing and remembers nothing. All are measured in turns on fresh rows of one database, on the wall clock, since two
processes and PostgreSQL share the machine; starting up is not counted. `--messages` says how many in all. Nothing here
is a test.
"""

import argparse
import asyncio
import os
import resource
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
GOAL = 0.5


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


def dispatcher_alone() -> int:
    """Claims, leases, breaker and arrivals; of the channel only reading a message and sending it."""
    from municipalities.scope import Scope, within
    from notifications import sending
    from notifications.channel import NemSmsChannel
    from notifications.models import Message
    from outbox import dispatcher
    from outbox.models import Delivery

    class Plain(NemSmsChannel):
        def deliver(self, delivery: Delivery) -> None:
            with within(Scope.municipality(delivery.municipality_id)):
                message = Message.objects.select_related("citizen", "municipality").get(delivery=delivery)
            leaving = sending._as_text_message(message)
            sending.gateway().is_enrolled(cpr=leaving.cpr, sender=leaving.sender)
            sending.gateway().send(leaving)

    return dispatcher.deliver_due(Plain())


def nemsms() -> int:
    """All of it, as the worker runs it."""
    from outbox import channels, dispatcher

    return dispatcher.deliver_due(channels.named("nemsms"))


def bare() -> int:
    """Claim, read, send, mark: in batches of the dispatcher's size."""
    from django.db import connection
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from notifications import sending
    from notifications.models import Message
    from outbox.claims import BATCH

    done = 0
    gateway = sending.gateway()
    while True:
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
            leaving = sending._as_text_message(message)
            gateway.is_enrolled(cpr=leaving.cpr, sender=leaving.sender)
            gateway.send(leaving)
        with within(Scope.system()), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE outbox_delivery SET state = 'delivered', ended_at = now() WHERE id = ANY(%s)", [ids]
            )
        done += len(messages)


SIDES: dict[str, Callable[[], int]] = {"bare": bare, "dispatcher": dispatcher_alone, "nemsms": nemsms}


def work(side: str) -> None:
    """In a process of its own: deliver until nothing waits; prints how many, the memory's growth, and the times."""
    _set_up()
    before, began = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.time()
    done = SIDES[side]()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(done, grown // 1024, began, time.time())


def rate(side: str, number: int) -> tuple[float, int]:
    """Messages a second of two workers, and by how many MB the larger of them grew."""
    make_messages(number)
    workers = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.outbox", "--work", side], stdout=subprocess.PIPE, text=True
        )
        for _ in range(WORKERS)
    ]
    said = [[float(word) for word in worker.communicate()[0].split()[-4:]] for worker in workers]
    took = max(ended for *_, ended in said) - min(began for _, _, began, _ in said)
    done = sum(int(count) for count, *_ in said)
    if done != number:
        raise RuntimeError(f"{side}: {done} of {number} were sent: the figures would say nothing.")
    return done / took, max(int(grown) for _, grown, *_ in said)


def main() -> None:
    """Measure in turns and print the table; or be one of the workers."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--messages", type=int, default=100_000, help="in all, over the rounds of all sides")
    asked.add_argument("--work", choices=SIDES)
    chosen = asked.parse_args()
    if chosen.work:
        work(chosen.work)
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
        _set_up()
        each = chosen.messages // (len(SIDES) * ROUNDS)
        rates: dict[str, list[float]] = {side: [] for side in SIDES}
        grown = dict.fromkeys(SIDES, 0)
        for turn in range(ROUNDS):
            for side in SIDES if turn % 2 else reversed(SIDES):
                a_second, megabytes = rate(side, each)
                rates[side].append(a_second)
                grown[side] = max(grown[side], megabytes)
    print(f"{ROUNDS} rounds of {each:,} messages a side, {WORKERS} workers; messages a second, median\n")
    print(f"{'':<12} {'a second':>9} {'to bare':>8}  {'goal':<22} memory grew by")
    for side in SIDES:
        ratio = median(mine / theirs for mine, theirs in zip(rates[side], rates["bare"], strict=True))
        verdict = "" if side == "bare" else f"at least {GOAL} {'met' if ratio >= GOAL else 'NOT MET'}"
        print(f"{side:<12} {median(rates[side]):>9.0f} {ratio:>8.2f}  {verdict:<22} {grown[side]} MB")


def _set_up() -> None:
    import logging

    os.environ["DJANGO_SETTINGS_MODULE"] = "kommunalpro.settings"
    import django

    django.setup()
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    main()
