"""What archiving the outbox brings and costs: claims and the bookkeeping's page before, during and after, and the room.

    python -m benchmarks.archive --rows 500000

A year of delivered rows, three in five an answer told to FUT, the rest plans told to FUT and by text message, and some
thousands that wait. Claims are made and taken back, so that each finds the same. Milliseconds are of processor time, of
this process and its PostgreSQL backend, so that a busy machine disturbs little; the longest claim is on the clock. The
first run of the archive moves all but the last 30 days, by `manage.py outbox archive` in a process of its own, while
this one goes on claiming. A system of its own is started and thrown away. Nothing here is a test, and it is not a part
of `make bench`: what it measures changes seldom, and it takes some minutes.
"""

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Callable

import psycopg

from benchmarks.pages import ROOT, processor_seconds, servers

WAITING = 5_000
CLAIMS = 100
TABLES = ("outbox_delivery", "outbox_event")

# Over the demo's plans in turn; each row ended some day of the last 365.
FILL = """
SET kommunalpro.scope_kind = 'system';
CREATE TEMPORARY TABLE plan AS
    SELECT row_number() OVER (ORDER BY id) - 1 AS number, id, municipality_id, citizen_id FROM plans_careplan;
CREATE TEMPORARY TABLE news AS
SELECT nextval(pg_get_serial_sequence('outbox_event', 'id')) AS id, each %% 4 = 3 AS of_plan,
    now() - interval '365 days' * (each::float / %(events)s) AS ended_at,
    gen_random_uuid() AS response_id, plan.id AS plan_id, plan.municipality_id, plan.citizen_id AS key
FROM generate_series(1, %(events)s) each JOIN plan ON plan.number = each %% (SELECT count(*) FROM plan);
INSERT INTO outbox_event (id, name, key, municipality_id, subject_model, subject_id, occurred_at, request_id)
SELECT id, CASE WHEN of_plan THEN 'care_plan.assigned' ELSE 'response.completed' END, key, municipality_id,
    CASE WHEN of_plan THEN 'plans.CarePlan' ELSE 'questionnaires.Response' END,
    CASE WHEN of_plan THEN plan_id ELSE response_id END, ended_at - interval '1 minute', gen_random_uuid()::text
FROM news;
INSERT INTO outbox_delivery (event_id, channel, key, municipality_id, state, due_at, attempts, last_sent, last_problem,
    ended_at, is_held, patience_from)
SELECT id, channel, key, municipality_id, 'delivered', ended_at, 1, '', '', ended_at, false, ended_at
FROM news JOIN (VALUES ('fut'), ('nemsms')) way (channel) ON of_plan OR channel = 'fut' ORDER BY ended_at;
INSERT INTO notifications_message (id, kind, citizen_id, municipality_id, care_plan_id, delivery_id, requested_at,
    leaves_at, status, status_at, sent_at, reason)
SELECT gen_random_uuid(), 'task', one.key, one.municipality_id, news.plan_id, one.id, one.due_at, one.due_at, 'sent',
    one.ended_at, one.ended_at, ''
FROM outbox_delivery one JOIN news ON news.id = one.event_id WHERE one.channel = 'nemsms' AND one.state = 'delivered';
WITH event AS (
    INSERT INTO outbox_event (name, key, municipality_id, subject_model, subject_id, occurred_at, request_id)
    SELECT 'response.completed', key, municipality_id, 'questionnaires.Response', gen_random_uuid(), now(), ''
    FROM news LIMIT %(waiting)s RETURNING *
)
INSERT INTO outbox_delivery (event_id, channel, key, municipality_id, state, due_at, attempts, last_sent, last_problem,
    is_held, patience_from)
SELECT id, 'nemsms', key, municipality_id, 'waiting', occurred_at, 0, '', '', false, occurred_at FROM event;
"""


def claim() -> None:
    """As a worker does; taken back."""
    from django.db import transaction
    from django.utils import timezone

    from outbox import channels, claims

    with transaction.atomic():
        turn = claims.claim(channels.named("nemsms"), timezone.now())
        if len(turn.deliveries) != claims.BATCH:
            raise RuntimeError(f"{len(turn.deliveries)} were claimed: the figures would say nothing.")
        transaction.set_rollback(True)


def standings() -> None:
    """What `/drift/` and `/metrics` ask."""
    from django.utils import timezone

    from municipalities.scope import Scope, within
    from outbox import bookkeeping

    with within(Scope.national()):
        bookkeeping.standings(timezone.now())


def milliseconds(act: Callable[[], None], enough: Callable[[int], bool]) -> tuple[float, float]:
    """What `act` costs in processor time, the mean of as many as are enough; and the longest on the clock."""
    done, longest, began = 0, 0.0, processor_seconds()
    while not enough(done):
        then = time.perf_counter()
        act()
        done, longest = done + 1, max(longest, time.perf_counter() - then)
    return 1000 * (processor_seconds() - began) / done, 1000 * longest


def room(owner: psycopg.Connection[tuple[object, ...]]) -> dict[str, int]:
    """MB with their indexes, of the workers' tables and of the archive's months together."""
    own = "SELECT sum(pg_total_relation_size(name::regclass)) / 1048576 FROM unnest(%s::text[]) name"
    months = "SELECT sum(pg_total_relation_size(relid)) / 1048576 FROM pg_partition_tree('outbox_archiveddelivery')"
    found = {"workers": owner.execute(own, [list(TABLES)]), "archive": owner.execute(months)}
    return {name: round(float(str(rows.fetchall()[0][0]))) for name, rows in found.items()}


def report(when: str, owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """One line of the table, after what autovacuum would have done."""
    for table in TABLES:
        owner.execute(f"VACUUM (ANALYZE) {table}")
    claims, longest = milliseconds(claim, lambda done: done == CLAIMS)
    asked, _ = milliseconds(standings, lambda done: done == CLAIMS)
    megabytes = room(owner)
    print(
        f"{when:<24} {claims:>9.1f} {longest:>9.0f} {asked:>10.1f} "
        f"{megabytes['workers']:>8} {megabytes['archive']:>8}",
        flush=True,
    )


def main() -> None:
    """Fill, measure, archive, measure, and give the room back."""
    asked = argparse.ArgumentParser()
    asked.add_argument("--rows", type=int, default=500_000, help="deliveries that ended in the last year")
    rows = asked.parse_args().rows
    with servers() as started:
        os.environ.update(started.variables)
        _set_up()
        with psycopg.connect(started.owner_url, autocommit=True) as owner:
            facts = {"events": rows * 4 // 5, "waiting": WAITING}
            psycopg.ClientCursor(owner).execute(FILL, facts)
            print(
                f"{rows:,} deliveries of a year, {WAITING:,} that wait\n\n{'':<24} "
                f"{'claim':>9} {'longest':>9} {'standings':>10} {'workers':>8} {'archive':>8}"
            )
            report("before", owner)
            began = time.monotonic()
            archiving = subprocess.Popen(
                [sys.executable, "manage.py", "outbox", "archive"],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
            claims, longest = milliseconds(claim, lambda _: archiving.poll() is not None)
            took = time.monotonic() - began
            print(f"{'while it is archived':<24} {claims:>9.1f} {longest:>9.0f}")
            report("after", owner)
            for table in TABLES:
                owner.execute(f"VACUUM (FULL, ANALYZE) {table}")
            report("after VACUUM FULL", owner)
            print(f"\n{took:.0f} s: {archiving.communicate()[0].partition('.')[0]}.")


def _set_up() -> None:
    import logging

    os.environ["DJANGO_SETTINGS_MODULE"] = "kommunalpro.settings"
    import django

    django.setup()
    logging.disable(logging.WARNING)


if __name__ == "__main__":
    main()
