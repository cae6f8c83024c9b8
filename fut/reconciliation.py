"""Comparing both sides, and telling the platform again what it lacks."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

import structlog
from django.db.models import Prefetch, Q
from django.utils import timezone

from fut import channel
from fut.differences import MENDABLE, Difference, Expected, Kind, differences
from fut.errors import FutRefused
from fut.facts import Reference
from fut.gateway import FutGateway
from fut.mapping.reading import Found
from fut.models import FutReference
from municipalities.scope import Scope, within
from outbox import archive
from outbox import services as outbox
from outbox.models import ArchivedDelivery, ChannelName, Delivery, EventName
from plans.correcting import editions
from plans.models import CarePlan, EpisodeOfCare, Task

log = structlog.get_logger(__name__)

LOOKED_AT_AFTER_ITS_END = timedelta(days=30)

TELLS = {
    (Kind.MISSING, "CarePlan"): (
        EventName.CARE_PLAN_ASSIGNED,
        EventName.CARE_PLAN_PAUSED,
        EventName.CARE_PLAN_RESUMED,
        EventName.CARE_PLAN_ENDED,
    ),
    (Kind.MISSING, "QuestionnaireResponse"): (EventName.RESPONSE_COMPLETED,),
    (Kind.LAGGING, "CarePlan"): (EventName.CARE_PLAN_ENDED,),
}
"""Which news tell the platform what it lacks; the later ones where they have happened."""


@dataclass(frozen=True, slots=True)
class Compared:
    """A difference in an episode of a municipality, and whether it is told again."""

    municipality_id: int
    episode_id: UUID
    difference: Difference
    mended: bool


def reconcile(*, mend: bool, at: datetime) -> Iterator[Compared]:
    """Every course that goes on or ended lately, one after the other; with `mend` what can be told again is.

    What still waits to be sent is no difference. Raises as `FutGateway` where the platform does not answer; what was
    compared until then stands.
    """
    recent = Q(status=EpisodeOfCare.Status.ACTIVE) | Q(ended_on__gte=(at - LOOKED_AT_AFTER_ITS_END).date())
    with within(Scope.system()):
        courses = list(
            EpisodeOfCare.objects.filter(recent).order_by("pk").values_list("pk", "municipality_id")
        )
    for episode_id, municipality_id in courses:
        scope = Scope.municipality(municipality_id)
        with within(scope):
            expected = _expected(episode_id)
            addresses = _addresses(episode_id)
        try:
            found = differences(expected, _there(addresses, channel.gateway()))
        except FutRefused as refusal:
            # One course that is closed to us must not keep us from the others.
            found = [Difference(Kind.UNREADABLE, "EpisodeOfCare", episode_id, theirs=str(refusal.status))]
        for difference in found:
            with within(scope):
                mended = mend and _tell_again(difference, municipality_id, at=at)
            log.warning(
                "fut.difference",
                kind=difference.kind.value,
                resource_type=difference.resource_type,
                our_id=str(difference.our_id),
                mended=mended,
            )
            yield Compared(municipality_id, episode_id, difference, mended)


def resend(*, since: datetime, at: datetime) -> int:
    """Tell the platform again all news of `since` and later, archived ones too; what stands there its probe finds."""
    # Nothing ends before it happens, so older months need not be read; a day more where clocks differ.
    archived = ArchivedDelivery.objects.filter(
        channel=ChannelName.FUT, occurred_at__gte=since, ended_at__gte=since - timedelta(days=1)
    )
    with within(Scope.system()):
        again = archive.bring_back(archived, at=at)
        told = list(
            Delivery.objects.filter(channel=ChannelName.FUT, event__occurred_at__gte=since)
            .exclude(state=Delivery.State.WAITING)
            .order_by("pk")
        )
    for delivery in told:
        with within(Scope.municipality(delivery.municipality_id)):
            again += outbox.tell_again(delivery, at=at)
    return again


def _expected(episode_id: UUID) -> list[Expected]:
    answered = Task.objects.answered().select_related("response")
    plans = CarePlan.objects.filter(episode=episode_id).prefetch_related(Prefetch("tasks", queryset=answered))
    ours: list[Expected] = []
    former: list[Expected] = []
    for plan in plans:
        ours.append(Expected("CarePlan", plan.pk, plan.status))
        answers = [task.response for task in plan.tasks.all() if task.response is not None]
        ours += [Expected("QuestionnaireResponse", one.pk, "completed") for one in answers]
        former += [
            Expected("QuestionnaireResponse", earlier.pk, "entered-in-error")
            for one in answers
            for earlier in editions(one)
        ]
    waiting = Delivery.objects.filter(
        channel=ChannelName.FUT,
        state=Delivery.State.WAITING,
        event__subject_id__in=[one.our_id for one in (*ours, *former)],
    )
    on_their_way: dict[UUID, set[str]] = {}
    for subject_id, name in waiting.values_list("event__subject_id", "event__name"):
        on_their_way.setdefault(subject_id, set()).add(name)
    # Until the platform has heard that it was corrected, an answer stands there as it was.
    not_told = {EventName.RESPONSE_CORRECTED.value}
    ours += [
        replace(one, status="completed") if on_their_way.get(one.our_id) == not_told else one
        for one in former
    ]
    return [one for one in ours if on_their_way.get(one.our_id, not_told) == not_told]


def _addresses(episode_id: UUID) -> tuple[Reference, Reference] | None:
    """Of the citizen and the episode there; None where one has none."""
    citizen_id = EpisodeOfCare.objects.values_list("citizen_id", flat=True).get(pk=episode_id)
    rows = FutReference.objects.filter(local_id__in=[citizen_id, episode_id])
    found = {row.resource_type: Reference(row.url) for row in rows}
    return (found["Patient"], found["EpisodeOfCare"]) if len(found) == 2 else None


def _there(addresses: tuple[Reference, Reference] | None, gateway: FutGateway) -> list[Found]:
    if addresses is None:
        return []
    patient, episode = addresses
    return gateway.read_episode(patient=patient, episode=episode)


def _tell_again(difference: Difference, municipality_id: int, *, at: datetime) -> bool:
    """Put the news back into the outbox; False where nothing can be told, or nobody would know which is right."""
    if difference.kind not in MENDABLE or difference.our_id is None:
        return False
    names = TELLS.get((difference.kind, difference.resource_type), ())
    # With its old id it leaves in its old place; recorded anew it would be news to other channels, too.
    archived = ArchivedDelivery.objects.filter(
        channel=ChannelName.FUT, name__in=names, subject_id=difference.our_id
    )
    brought_back = archive.bring_back(archived, at=at)
    told = Delivery.objects.filter(
        channel=ChannelName.FUT, event__name__in=names, event__subject_id=difference.our_id
    )
    again = [outbox.tell_again(delivery, at=at) for delivery in told.order_by("pk")]
    if difference.kind is Kind.MISSING:
        _forget(difference.resource_type, difference.our_id, municipality_id)
    elif not again:
        # It ended before the platform was told of endings.
        plan = CarePlan.objects.get(pk=difference.our_id)
        outbox.record(EventName.CARE_PLAN_ENDED, subject=plan, key=plan.citizen_id, at=at)
        return True
    return brought_back > 0 or any(again)


def _forget(resource_type: str, our_id: UUID, municipality_id: int) -> None:
    """The addresses that lead to nothing any more."""
    ids = [our_id]
    if resource_type == "CarePlan":
        plan = CarePlan.objects.select_related("plan").get(pk=our_id)
        ids += [channel.service_request_id(plan, activity) for activity in plan.plan.activities.all()]
    FutReference.objects.filter(local_id__in=ids, municipality=municipality_id).delete()


def reconcile_at_night() -> int:
    """Compare and mend; how many differences there were, each of them logged."""
    return sum(1 for _ in reconcile(mend=True, at=timezone.now()))
