"""One plan for many citizens: everybody once, whatever happens to the worker, and a sentence for each who gets none."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from citizens.models import Citizen
from identity.models import StaffMember
from municipalities.models import CareTeam, Municipality
from outbox.models import Event, EventName
from plans import bulk_assigning, services
from plans.bulk_assigning import NobodyChosen, Order, TooManyChosen
from plans.bulk_models import MOST_AT_ONCE
from plans.models import BulkAssignment, BulkAssignmentItem, CarePlan, Plan, Task
from plans.schedule import BeforeAppointment
from tests import factories
from tests.at_the_same_time import in_a_connection_of_its_own

pytestmark = pytest.mark.django_db

State = BulkAssignmentItem.State


@pytest.fixture
def municipality() -> Municipality:
    return factories.MunicipalityFactory()


@pytest.fixture
def team(municipality: Municipality) -> CareTeam:
    return factories.CareTeamFactory(municipality=municipality)


@pytest.fixture
def by(municipality: Municipality) -> StaffMember:
    return factories.StaffMemberFactory(municipality=municipality)


def begun(team: CareTeam, by: StaffMember, citizens: list[Citizen], **given: Any) -> BulkAssignment:
    now = timezone.now()
    order = Order(
        plan=given.pop("plan", None) or factories.PlanFactory(weekly=2),
        care_team=team,
        starts_on=timezone.localdate(now),
        appointment_on=given.pop("appointment_on", None),
    )
    return bulk_assigning.begin(
        work_id=given.pop("id", None) or uuid4(),
        order=order,
        citizens=[citizen.pk for citizen in citizens],
        municipality=team.municipality,
        by=by,
        at=now,
        **given,
    )


def states(bulk: BulkAssignment) -> list[str]:
    return list(bulk.items.order_by("position").values_list("state", flat=True))


def test_everybody_gets_the_plan_and_the_work_is_done(team: CareTeam, by: StaffMember) -> None:
    citizens = factories.CitizenFactory.create_batch(3, municipality=team.municipality)
    bulk = begun(team, by, citizens)
    assert not CarePlan.objects.exists()

    bulk_assigning.work(bulk.pk)

    bulk.refresh_from_db()
    assert not bulk.is_at_work
    assert states(bulk) == [State.ASSIGNED] * 3
    assert [item.care_plan and item.care_plan.citizen for item in bulk.items.all()] == citizens
    assert {plan.assigned_by for plan in CarePlan.objects.all()} == {by}
    assert Task.objects.count() == 6


def test_who_cannot_get_it_is_told_why_and_the_others_get_it(team: CareTeam, by: StaffMember) -> None:
    having, moves, gets = factories.CitizenFactory.create_batch(3, municipality=team.municipality)
    plan = factories.PlanFactory(weekly=2)
    factories.assign(having, plan=plan)
    bulk = begun(team, by, [having, moves, gets], plan=plan)
    Citizen.objects.filter(pk=moves.pk).update(municipality=factories.MunicipalityFactory())

    bulk_assigning.work(bulk.pk)

    assert states(bulk) == [State.REFUSED, State.REFUSED, State.ASSIGNED]
    assert [item.problem for item in bulk.items.all()] == [
        "Borgeren har allerede denne plan, og den er i gang.",
        "Borgeren bor ikke i kommunen.",
        "",
    ]
    assert CarePlan.objects.filter(plan=plan).count() == 2


def test_a_plan_that_is_retired_meanwhile_is_given_to_nobody(team: CareTeam, by: StaffMember) -> None:
    citizens = factories.CitizenFactory.create_batch(2, municipality=team.municipality)
    bulk = begun(team, by, citizens)
    Plan.objects.filter(pk=bulk.plan_id).update(status="retired")

    bulk_assigning.work(bulk.pk)

    assert states(bulk) == [State.REFUSED] * 2
    assert "udgået" in bulk.items.all()[0].problem


def test_a_fault_of_ours_at_one_citizen_stops_nobody_else(
    team: CareTeam, by: StaffMember, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = factories.CitizenFactory.create_batch(2, municipality=team.municipality)
    bulk = begun(team, by, [first, second])
    assign = services.assign_plan

    def fails_for_the_first(**given: Any) -> CarePlan:
        made = assign(**given)
        if given["citizen"] == first:
            raise RuntimeError("after everything was written")
        return made

    with monkeypatch.context() as broken:
        broken.setattr(services, "assign_plan", fails_for_the_first)
        bulk_assigning.work(bulk.pk)

    assert states(bulk) == [State.FAILED, State.ASSIGNED]
    assert not CarePlan.objects.filter(citizen=first).exists()
    assert "Prøv igen" in bulk.items.all()[0].problem

    assert bulk_assigning.try_again(bulk=bulk, at=timezone.now()) == 1
    assert bulk_assigning.try_again(bulk=bulk, at=timezone.now()) == 0
    bulk_assigning.work(bulk.pk)
    assert states(bulk) == [State.ASSIGNED] * 2
    assert CarePlan.objects.count() == 2


def test_a_form_that_is_sent_twice_is_one_piece_of_work(team: CareTeam, by: StaffMember) -> None:
    citizens = factories.CitizenFactory.create_batch(2, municipality=team.municipality)
    once = uuid4()
    assert begun(team, by, citizens, id=once) == begun(team, by, citizens, id=once)
    assert BulkAssignmentItem.objects.count() == 2


def test_another_municipalitys_citizens_are_left_out(team: CareTeam, by: StaffMember) -> None:
    own, stranger = factories.CitizenFactory(municipality=team.municipality), factories.CitizenFactory()
    assert [item.citizen for item in begun(team, by, [stranger, own]).items.all()] == [own]
    with pytest.raises(NobodyChosen):
        begun(team, by, [stranger])


def test_more_than_one_go_takes_is_refused(team: CareTeam, by: StaffMember) -> None:
    now = timezone.now()
    order = Order(plan=factories.PlanFactory(), care_team=team, starts_on=timezone.localdate(now))
    with pytest.raises(TooManyChosen, match="200"):
        bulk_assigning.begin(
            work_id=uuid4(),
            order=order,
            citizens=[uuid4() for _ in range(MOST_AT_ONCE + 1)],
            municipality=team.municipality,
            by=by,
            at=now,
        )


def test_a_plan_before_an_appointment_needs_its_date(team: CareTeam, by: StaffMember) -> None:
    plan = factories.PlanFactory(activities=lambda made: factories.add_to(made, BeforeAppointment(3)))
    citizens = factories.CitizenFactory.create_batch(1, municipality=team.municipality)
    with pytest.raises(services.AppointmentMissing):
        begun(team, by, citizens, plan=plan)
    day = timezone.localdate() + timedelta(days=20)
    bulk = begun(team, by, citizens, plan=plan, appointment_on=day)
    bulk_assigning.work(bulk.pk)
    assert CarePlan.objects.get().appointment_on == day


def test_an_item_cannot_have_another_citizens_plan(team: CareTeam, by: StaffMember) -> None:
    """Nor of another municipality: the database holds it true."""
    citizen = factories.CitizenFactory(municipality=team.municipality)
    bulk = begun(team, by, [citizen])
    for wrong in (
        factories.assign(),
        factories.assign(factories.CitizenFactory(municipality=team.municipality)),
    ):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises(IntegrityError, match="bulk_item_has_its_citizens_plan"), transaction.atomic():
            bulk.items.update(care_plan=wrong, state=State.ASSIGNED, ended_at=timezone.now())


def test_what_nobody_works_on_is_handed_over_again(team: CareTeam, by: StaffMember) -> None:
    bulk = begun(team, by, factories.CitizenFactory.create_batch(1, municipality=team.municipality))
    now = timezone.now()
    assert bulk_assigning.resume(at=now) == []
    assert bulk_assigning.resume(at=now + timedelta(minutes=2)) == [bulk.pk]
    # Whoever was handed it has a minute before the next is asked.
    assert bulk_assigning.resume(at=now + timedelta(minutes=2, seconds=30)) == []
    bulk_assigning.work(bulk.pk)
    assert bulk_assigning.resume(at=now + timedelta(hours=1)) == []


# --- when the worker is killed ----------------------------------------------------------------------------

CITIZENS = 40
WORKER = """
import sys
from uuid import UUID
import django
django.setup()
from plans import bulk_assigning
bulk_assigning.work(UUID(sys.argv[1]))
"""


def worker(bulk_id: UUID) -> subprocess.Popen[bytes]:
    """A process of its own that works on it, on the database of the test."""
    here = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return subprocess.Popen(
        [sys.executable, "-c", WORKER, str(bulk_id)],
        env={**os.environ, "DATABASE_URL": here, "DJANGO_SETTINGS_MODULE": "kommunalpro.settings"},
    )


def wait_until(happened: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while not happened() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)


def wait_until_the_server_has_noticed() -> None:
    """PostgreSQL ends what a process that is gone had begun: only then is there something to count."""
    deadline = time.monotonic() + 60
    with connection.cursor() as cursor:
        while time.monotonic() < deadline:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND pid <> pg_backend_pid() AND xact_start IS NOT NULL AND backend_type = 'client backend'"
            )
            if cursor.fetchone() == (0,):
                return
            time.sleep(0.002)
    raise AssertionError("The killed worker's transaction never ended.")


def assigned() -> int:
    return BulkAssignmentItem.objects.filter(state=State.ASSIGNED).count()


def assigned_at_least(number: int) -> bool:
    return assigned() >= number


def everybody_has_it_once(bulk: BulkAssignment) -> None:
    bulk.refresh_from_db()
    assert not bulk.is_at_work
    assert states(bulk) == [State.ASSIGNED] * CITIZENS
    assert CarePlan.objects.count() == CITIZENS
    assert CarePlan.objects.values("citizen").distinct().count() == CITIZENS
    assert Task.objects.count() == 2 * CITIZENS
    assert Event.objects.filter(name=EventName.CARE_PLAN_ASSIGNED).count() == CITIZENS


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_nothing_and_nothing_is_doubled(
    team: CareTeam, by: StaffMember
) -> None:
    """Killed three times, each time in the middle of somebody; the care plans are counted after each."""
    citizens = factories.CitizenFactory.create_batch(CITIZENS, municipality=team.municipality)
    bulk = begun(team, by, citizens)
    for _ in range(3):
        before = assigned()
        process = worker(bulk.pk)
        wait_until(partial(assigned_at_least, before + 4), process)
        process.send_signal(signal.SIGKILL)
        process.wait()
        wait_until_the_server_has_noticed()
        # What the server had begun for it is rolled back; what is committed is whole.
        done = assigned()
        assert before < done < CITIZENS, "It was killed too early or too late to prove anything."
        assert CarePlan.objects.count() == done
        assert Task.objects.count() == 2 * done
        assert Event.objects.filter(name=EventName.CARE_PLAN_ASSIGNED).count() == done

    # Beat finds it, and a worker goes on.
    assert bulk_assigning.resume(at=timezone.now() + timedelta(minutes=2)) == [bulk.pk]
    process = worker(bulk.pk)
    assert process.wait(timeout=60) == 0
    everybody_has_it_once(bulk)
    assert bulk_assigning.resume(at=timezone.now() + timedelta(hours=1)) == []


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_the_same_work_share_it(team: CareTeam, by: StaffMember) -> None:
    citizens = factories.CitizenFactory.create_batch(CITIZENS, municipality=team.municipality)
    bulk = begun(team, by, citizens)
    with ThreadPoolExecutor(2) as both:
        at_work = [
            both.submit(in_a_connection_of_its_own, lambda: bulk_assigning.work(bulk.pk)) for _ in range(2)
        ]
        for one in at_work:
            one.result(timeout=60)
    everybody_has_it_once(bulk)
