"""Text messages whose turn has come: everything is looked at again, then each is sent, or it is said why not.

Nothing of what was true when they were asked for need be true now. Some dozens of messages are looked at in one
transaction and noted in another, in the scope *system*, since they are many municipalities' (docs/adr/0012): a
transaction each cost more than the sending.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from citizens.models import Citizen
from municipalities.scope import Scope, within
from notifications import sending
from notifications.becoming_one import Waiting, by_reason, decide
from notifications.gateways import Sender, TextMessage
from notifications.models import Message
from notifications.states import Status
from notifications.texts import Kind
from outbox.channels import NotYet
from outbox.models import Delivery
from plans.models import Task

# In the order of their ids, as `look` locks messages: two workers that note about the same citizens wait, in no ring.
_REMEMBER = """
WITH held AS MATERIALIZED (
    SELECT id FROM citizens_citizen WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
)
UPDATE citizens_citizen citizen SET is_nemsms_enrolled = said.enrolled, nemsms_asked_at = said.at
FROM held JOIN unnest(%s::uuid[], %s::boolean[], %s::timestamptz[]) AS said (id, enrolled, at) USING (id)
WHERE citizen.id = held.id
"""


class NemSmsHandover:
    """The messages of one claim (outbox.channels.Handover)."""

    def __init__(self) -> None:
        # The message to send for a delivery, None where there is nothing to send any more.
        self._turns: dict[int, Message | None] = {}
        self._done: dict[Status, dict[UUID, datetime]] = defaultdict(dict)
        self._enrolled: dict[UUID, tuple[bool, datetime]] = {}

    def look(self, deliveries: Sequence[Delivery]) -> None:
        ids = [delivery.pk for delivery in deliveries]
        with within(Scope.system()):
            turns = {message.delivery_id: message for message in _begin(ids, timezone.now())}
        self._turns = {pk: turns.get(pk) for pk in ids}

    def deliver(self, delivery: Delivery) -> None:
        if delivery.pk not in self._turns:
            self.look([delivery])  # those of the claim could not be looked at together
        message = self._turns[delivery.pk]
        if message is None:
            return
        leaving = as_text_message(message)
        enrolled = sending.gateway().is_enrolled(cpr=leaving.cpr, sender=leaving.sender)
        # The question took its time, and nobody's telephone rings at 18:00:01 for it.
        now = timezone.now()
        self._remember(message.citizen, enrolled, at=now)
        if not enrolled:
            self._done[Status.NOT_ENROLLED][message.pk] = now
            return
        if (allowed := sending.allowed_from(now)) > now:
            raise NotYet(allowed)
        sending.gateway().send(leaving)
        self._done[Status.SENT][message.pk] = timezone.now()

    def note(self) -> None:
        done, self._done = self._done, defaultdict(dict)
        if len(done) > 1:
            _hold({pk for moments in done.values() for pk in moments})
        for status, moments in done.items():
            Message.objects.move_each(status, moments)
        enrolled, self._enrolled = self._enrolled, {}
        if enrolled:
            citizens = sorted(enrolled)
            answers = [[enrolled[pk][place] for pk in citizens] for place in (0, 1)]
            with connection.cursor() as cursor:
                cursor.execute(_REMEMBER, [citizens, citizens, *answers])

    def _remember(self, citizen: Citizen, enrolled: bool, *, at: datetime) -> None:
        """Keep NemSMS's answer for staff to see; once a day where it stays the same."""
        known_at = citizen.nemsms_asked_at
        if enrolled == citizen.is_nemsms_enrolled and known_at and known_at.date() == at.date():
            return
        self._enrolled[citizen.pk] = (enrolled, at)


def _hold(messages: Collection[UUID]) -> None:
    """Lock them in the order of their ids, as `look` does, before they are noted in another."""
    rows = Message.objects.filter(pk__in=messages).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def as_text_message(message: Message) -> TextMessage:
    """What leaves for a message that has its citizen and municipality; reads the CPR number."""
    return TextMessage(
        id=message.pk,
        kind=Kind(message.kind),
        cpr=message.citizen.cpr,
        sender=Sender(cvr=message.municipality.cvr, name=message.municipality.authority_name),
    )


@dataclass(frozen=True, slots=True)
class _Group:
    """What becomes one: a kind of message to a citizen on behalf of a municipality."""

    citizen_id: UUID
    municipality_id: int
    kind: str

    @classmethod
    def of(cls, message: Message) -> "_Group":
        return cls(message.citizen_id, message.municipality_id, message.kind)


def _begin(deliveries: Collection[int], now: datetime) -> list[Message]:
    """The messages of these deliveries that are to be sent; the others have ended. Called in a transaction.

    The rows of all that wait for their citizens are locked while they become one, so that two workers with two of them
    agree on which one leaves.
    """
    own = list(
        Message.objects.filter(delivery__in=deliveries).only("pk", "citizen_id", "municipality_id", "kind")
    )
    wanted = {_Group.of(message) for message in own}
    waiting = [
        message
        for message in Message.objects.waiting()
        .filter(Q(pk__in=[message.pk for message in own]) | Q(leaves_at__lte=now))
        .filter(citizen__in={group.citizen_id for group in wanted})
        .select_for_update(of=("self",))
        .select_related("citizen", "municipality")
        .order_by("pk")
        if _Group.of(message) in wanted
    ]
    decided = decide(_groups(waiting))
    for status, ids in by_reason(decided.ended).items():
        Message.objects.filter(pk__in=ids).move(status, at=now)
    Message.objects.collapse(decided.collapsed, at=now)
    turns = [
        message for message in waiting if message.pk in decided.carriers and message.delivery_id in deliveries
    ]
    beginning = [message.pk for message in turns if message.begun_at is None]
    Message.objects.filter(pk__in=beginning).update(begun_at=now)
    return turns


def _groups(waiting: Iterable[Message]) -> list[list[Waiting]]:
    """The messages as they are decided upon; three queries, however many they are."""
    waiting = list(waiting)
    tasks = _statuses_of_tasks(waiting)
    # Only of those that would end otherwise need it be known.
    ending = [message.pk for message in waiting if Task.Status.OPEN not in tasks[message.pk]]
    parts = list(Message.objects.filter(collapsed_into__in=ending)) if ending else []
    of_parts = _statuses_of_tasks(parts)
    standing = {part.collapsed_into_id for part in parts if Task.Status.OPEN in of_parts[part.pk]}
    found: dict[_Group, list[Waiting]] = defaultdict(list)
    for message in waiting:
        found[_Group.of(message)].append(
            Waiting(
                id=message.pk,
                requested_at=message.requested_at,
                tasks=tasks[message.pk],
                may_have_left=message.begun_at is not None,
                stands_for_open=message.pk in standing,
            )
        )
    return list(found.values())


def _statuses_of_tasks(messages: Sequence[Message]) -> dict[UUID, frozenset[str]]:
    """Of the task that each message is about, or of all of its plan."""
    task_ids = {message.task_id for message in messages if message.task_id}
    plan_ids = {message.care_plan_id for message in messages if message.care_plan_id}
    of_task: dict[UUID | None, set[str]] = defaultdict(set)
    of_plan: dict[UUID | None, set[str]] = defaultdict(set)
    if task_ids:
        for task_id, status in Task.objects.filter(pk__in=task_ids).order_by().values_list("pk", "status"):
            of_task[task_id].add(status)
    if plan_ids:
        distinct = Task.objects.filter(care_plan__in=plan_ids).order_by().distinct()
        for plan_id, status in distinct.values_list("care_plan_id", "status"):
            of_plan[plan_id].add(status)
    return {
        message.pk: frozenset(of_task[message.task_id] if message.task_id else of_plan[message.care_plan_id])
        for message in messages
    }
