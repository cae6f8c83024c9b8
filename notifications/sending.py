"""A message whose turn has come: everything is looked at again, then it is sent, or it is said why not.

Nothing of what was true when it was asked for need be true now. Messages of the same kind to the same citizen that
wait at that moment become one: the citizen's telephone rings once in the morning, however many tasks opened at night.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from citizens.models import Citizen
from municipalities.scope import Scope, within
from notifications.gateways import Gateway, Sender, TextMessage
from notifications.models import Message
from notifications.quiet_hours import next_allowed
from notifications.sf1601.access import Sf1601Config
from notifications.sf1601.gateway import Sf1601Gateway
from notifications.states import Status
from notifications.texts import Kind
from outbox.channels import NotYet
from outbox.models import Delivery
from plans.models import Task


def allowed_from(moment: datetime) -> datetime:
    """The first instant at or after `moment` outside the quiet hours of the settings."""
    return next_allowed(moment, settings.NEMSMS_QUIET_HOURS)


def send_in_turn(delivery: Delivery) -> None:
    """Send the delivery's message, unless there is no longer a reason to, or another one stands for it.

    Called outside any transaction. Raises NotYet in the quiet hours, RetryLater or Refused as the gateway does.
    """
    of_its_municipality = Scope.municipality(delivery.municipality_id)
    with within(of_its_municipality):
        turn = _begin(delivery, timezone.now())
    if turn is None:
        return
    message, of_one = turn.message, Message.objects.filter(pk=turn.message.id)
    enrolled = gateway().is_enrolled(cpr=message.cpr, sender=message.sender)
    with within(of_its_municipality):
        _remember(turn.citizen, enrolled, at=timezone.now())
        if not enrolled:
            of_one.move(Status.NOT_ENROLLED, at=timezone.now())
            return
    # The questions above take their time, and nobody's telephone rings at 18:00:01 for it.
    now = timezone.now()
    if (allowed := allowed_from(now)) > now:
        raise NotYet(allowed)
    gateway().send(message)
    now = timezone.now()
    with within(of_its_municipality):
        of_one.move(Status.SENT, at=now, sent_at=now)


@dataclass(frozen=True, slots=True)
class _Turn:
    message: TextMessage
    citizen: Citizen


def _begin(delivery: Delivery, now: datetime) -> _Turn | None:
    """What is to be sent; None where the message has ended. Called in a transaction.

    The rows of all that wait for the citizen are locked while they become one, so that two workers with two of them
    agree on which one leaves.
    """
    own = Message.objects.only("citizen_id", "municipality_id", "kind").filter(delivery=delivery).get()
    waiting = list(
        Message.objects.waiting()
        .filter(
            Q(pk=own.pk) | Q(leaves_at__lte=now),
            citizen_id=own.citizen_id,
            municipality_id=own.municipality_id,
            kind=own.kind,
        )
        .select_for_update(of=("self",))
        .select_related("citizen", "municipality", "task", "delivery__event")
        .order_by("requested_at", "pk")
    )
    open_ones = [message for message in waiting if _is_still_wanted(message, now)]
    if not any(message.pk == own.pk for message in open_ones):
        return None
    # One that may have reached NemSMS already is sent again under its own id, which counts once.
    carrier = next((one for one in open_ones if one.begun_at), open_ones[0])
    others = [message.pk for message in open_ones if message is not carrier]
    Message.objects.filter(pk__in=others).move(Status.COLLAPSED, at=now, collapsed_into=carrier)
    if carrier.pk != own.pk:
        return None
    if carrier.begun_at is None:
        Message.objects.filter(pk=carrier.pk).update(begun_at=now)
    return _Turn(_as_text_message(carrier), carrier.citizen)


def _is_still_wanted(message: Message, now: datetime) -> bool:
    """Whether there still is something to answer, for it or one that it stands for; else it ends with the reason."""
    statuses = _statuses_of_tasks(message)
    if Task.Status.OPEN in statuses:
        return True
    stood_for = message.collapsed.select_related("task", "delivery__event")
    if any(Task.Status.OPEN in _statuses_of_tasks(other) for other in stood_for):
        return True
    reason = Status.ANSWERED if Task.Status.COMPLETED in statuses else Status.CALLED_OFF
    Message.objects.filter(pk=message.pk).move(reason, at=now)
    return False


def _statuses_of_tasks(message: Message) -> set[str]:
    if message.task is not None:
        return {message.task.status}
    if message.delivery is None:
        return set()
    of_plan = Task.objects.filter(care_plan_id=message.delivery.event.subject_id)
    return set(of_plan.values_list("status", flat=True).distinct().order_by())


def _as_text_message(message: Message) -> TextMessage:
    return TextMessage(
        id=message.pk,
        kind=Kind(message.kind),
        cpr=message.citizen.cpr,
        sender=Sender(cvr=message.municipality.cvr, name=message.municipality.authority_name),
    )


def _remember(citizen: Citizen, enrolled: bool, *, at: datetime) -> None:
    """Keep NemSMS's answer for staff to see; once a day where it stays the same."""
    known_at = citizen.nemsms_asked_at
    if enrolled == citizen.is_nemsms_enrolled and known_at and known_at.date() == at.date():
        return
    Citizen.objects.filter(pk=citizen.pk).update(is_nemsms_enrolled=enrolled, nemsms_asked_at=at)


@lru_cache(maxsize=1)
def gateway() -> Gateway:
    """The gateway of the settings; one a process, since it keeps connections and access tokens."""
    return Sf1601Gateway(
        Sf1601Config(
            url=settings.NEMSMS_URL,
            token_url=settings.NEMSMS_TOKEN_URL,
            certificate=_file(settings.NEMSMS_CERTIFICATE),
            key=_file(settings.NEMSMS_KEY),
            trust=_file(settings.NEMSMS_TRUST),
            legal_fields=settings.NEMSMS_LEGAL_FIELDS,
        )
    )


def _file(name: str) -> Path | None:
    return Path(name) if name else None
