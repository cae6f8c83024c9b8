"""Giving one plan to many citizens: asked for, worked through in the background, tried again, forgotten.

Each citizen is a transaction of its own in which the care plan and the item's state are committed together. Whoever
goes on after a worker that was killed therefore neither loses nor doubles one, and two workers on the same work share
it (`SKIP LOCKED`). Beat finds what was left lying (`resume`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from uuid import UUID

import structlog
from celery import current_app
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from kombu.exceptions import OperationalError as QueueAway

from citizens.models import Citizen
from identity.models import StaffMember
from kommunalpro.problems import Problem
from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope, within
from plans import services
from plans.bulk_models import FORSAKEN_AFTER, MOST_AT_ONCE, BulkAssignment, BulkAssignmentItem
from plans.models import CarePlan, Plan

log = structlog.get_logger(__name__)

TASK = "plans.tasks.assign_to_many"
State = BulkAssignmentItem.State


class NobodyChosen(Problem):
    """There is no citizen to give the plan to."""

    code = "nobody_chosen"


class TooManyChosen(Problem):
    """More citizens than one go takes."""

    code = "too_many_chosen"


class IdTaken(Problem):
    """The id that the form brings is not the municipality's."""

    code = "id_taken"


class LivesElsewhere(Problem):
    """A municipality gives plans to its own residents."""

    code = "lives_elsewhere"


@dataclass(frozen=True, slots=True)
class Order:
    """What everybody is to be given. `appointment_on` only where the plan counts from an appointment."""

    plan: Plan
    care_team: CareTeam
    starts_on: date
    appointment_on: date | None = None


@transaction.atomic
def begin(
    *,
    work_id: UUID,
    order: Order,
    citizens: Iterable[UUID],
    municipality: Municipality,
    by: StaffMember,
    at: datetime,
) -> BulkAssignment:
    """Note that these citizens (ids, in this order) are to be given a plan, and hand it to a worker.

    `work_id` is the form's own: sent twice it is one piece of work. Whoever does not live in the municipality is
    left out. Raises NobodyChosen, TooManyChosen, IdTaken, or of plans.services AppointmentMissing, each with a
    sentence for the screen.
    """
    earlier = BulkAssignment.objects.filter(pk=work_id, municipality=municipality).first()
    if earlier is not None:
        return earlier
    if order.plan.needs_appointment and order.appointment_on is None:
        raise services.AppointmentMissing(_("Skriv datoen for aftalen. Den gælder for alle, der får planen."))
    wanted = list(dict.fromkeys(citizens))
    if len(wanted) > MOST_AT_ONCE:
        raise TooManyChosen(
            _("Vælg højst %(most)s borgere ad gangen. Tildel resten bagefter.") % {"most": MOST_AT_ONCE}
        )
    residents = set(Citizen.objects.of(municipality).filter(pk__in=wanted).values_list("pk", flat=True))
    if not residents:
        raise NobodyChosen(_("Vælg mindst én borger, der kan få planen."))
    bulk, is_new = _noted(work_id, order, municipality=municipality, by=by, at=at)
    if is_new:
        BulkAssignmentItem.objects.bulk_create(
            BulkAssignmentItem(bulk=bulk, municipality=municipality, citizen_id=citizen, position=position)
            for position, citizen in enumerate(one for one in wanted if one in residents)
        )
        transaction.on_commit(partial(_hand_over, bulk.pk))
    return bulk


def _noted(
    work_id: UUID, order: Order, *, municipality: Municipality, by: StaffMember, at: datetime
) -> tuple[BulkAssignment, bool]:
    """The work of this id, and whether it is new; one that another request has just noted is waited for."""
    try:
        return BulkAssignment.objects.get_or_create(
            pk=work_id,
            municipality=municipality,
            defaults={
                "plan": order.plan,
                "care_team": order.care_team,
                "starts_on": order.starts_on,
                "appointment_on": order.appointment_on if order.plan.needs_appointment else None,
                "made_by": by,
                "made_at": at,
                "worked_at": at,
            },
        )
    except IntegrityError as clash:
        # Another municipality's, which we do not see: no form of ours has sent it.
        raise IdTaken(_("Siden kan ikke bruges mere. Begynd forfra på listen over borgere.")) from clash


def work(bulk_id: UUID) -> None:
    """Give the plan to everybody who waits for it, each in a transaction of their own."""
    with within(Scope.system()):
        bulk = (
            BulkAssignment.objects.select_related("plan", "care_team", "made_by").filter(pk=bulk_id).first()
        )
    if bulk is None or not bulk.is_at_work:
        return
    while True:
        with within(bulk.scope):
            waiting = bulk.items.waiting().select_for_update(of=("self",), skip_locked=True, no_key=True)
            item = waiting.order_by("position").first()
            if item is None:
                break
            now = timezone.now()
            _assign(item, bulk, at=now)
            BulkAssignment.objects.filter(pk=bulk_id).update(worked_at=now)
    with within(bulk.scope):
        # The last one to come ends it: what another has in its hands is waited for by nobody.
        held = BulkAssignment.objects.select_for_update(no_key=True).get(pk=bulk_id)
        if held.is_at_work and not held.items.waiting().exists():
            held.done_at = held.worked_at = timezone.now()
            held.save(update_fields=["done_at", "worked_at"])


@transaction.atomic
def try_again(*, bulk: BulkAssignment, at: datetime) -> int:
    """Try those again who did not get the plan; how many. A second click finds none any more."""
    bulk = BulkAssignment.objects.select_for_update(no_key=True).get(pk=bulk.pk)
    if bulk.is_at_work:
        return 0
    waiting = bulk.items.without_plan().update(state=State.WAITING, problem="", ended_at=None)
    if waiting:
        bulk.done_at, bulk.worked_at = None, at
        bulk.save(update_fields=["done_at", "worked_at"])
        transaction.on_commit(partial(_hand_over, bulk.pk))
    return waiting


def resume(*, at: datetime) -> list[UUID]:
    """Hand over again what nobody works on any more; which."""
    with within(Scope.system()):
        left = BulkAssignment.objects.filter(done_at=None, worked_at__lt=at - FORSAKEN_AFTER)
        ids = list(left.order_by("pk").values_list("pk", flat=True))
        BulkAssignment.objects.filter(pk__in=ids).update(worked_at=at)
    for bulk_id in ids:
        _hand_over(bulk_id)
    return ids


def _assign(item: BulkAssignmentItem, bulk: BulkAssignment, *, at: datetime) -> None:
    """Give the item's citizen the plan, and write down what became of it; inside the item's transaction."""
    try:
        with transaction.atomic():
            item.care_plan, item.state = _given(item, bulk, at=at), State.ASSIGNED
    except Problem as refusal:
        item.state, item.problem = State.REFUSED, refusal.sentence
    except (OperationalError, InterfaceError):
        # The database is away, or two waited for each other in a ring: the item waits on, and beat comes back to it.
        raise
    except Exception:
        # One citizen's fault must not keep the plan from everybody behind them; it is logged whole.
        log.exception("plans.bulk_item_failed", bulk=str(bulk.pk), item=str(item.pk))
        item.state = State.FAILED
        item.problem = _("Der skete en fejl hos os. Prøv igen, eller tildel planen på borgerens side.")
    item.ended_at = at
    item.save(update_fields=["care_plan", "state", "problem", "ended_at"])


def _given(item: BulkAssignmentItem, bulk: BulkAssignment, *, at: datetime) -> CarePlan:
    citizen = Citizen.objects.filter(pk=item.citizen_id, municipality=bulk.municipality_id).first()
    if citizen is None:
        raise LivesElsewhere(lives_elsewhere())
    # Read anew for each: what was taken out of use meanwhile is given to nobody.
    plan = Plan.objects.prefetch_related("activities").get(pk=bulk.plan_id)
    return services.assign_plan(
        plan=plan,
        citizen=citizen,
        care_team=bulk.care_team,
        starts_on=bulk.starts_on,
        appointment_on=bulk.appointment_on,
        by=bulk.made_by,
        at=at,
    )


def lives_elsewhere() -> str:
    """Why somebody who has moved gets no plan, for the screen."""
    return _("Borgeren bor ikke i kommunen.")


def _hand_over(bulk_id: UUID) -> None:
    """To a worker. Where the queue is away, beat's `resume` finds it."""
    try:
        current_app.send_task(TASK, args=[str(bulk_id)], retry=False, ignore_result=True)
    except QueueAway as error:
        log.warning("plans.bulk_not_handed_over", bulk=str(bulk_id), reason=str(error))
