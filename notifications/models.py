"""The text messages a citizen was sent, or was not, and why."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from django.db import connection, models
from django.db.models import Case, F, Q, Value, When

from citizens.models import Citizen
from municipalities.models import Municipality
from notifications import states, texts
from notifications.states import NOT_SENT, ON_ITS_WAY, WAITING
from outbox.models import Delivery
from plans.models import CarePlan, Task

# So long one reminder of a task is enough.
ONE_REMINDER_A = timedelta(days=1)


def _sorted(statuses: Iterable[states.Status]) -> list[str]:
    """In one order every time, so that no migration is made of another."""
    return sorted(statuses)


_MOVE_EACH = """
WITH held AS MATERIALIZED (
    SELECT id FROM notifications_message WHERE id = ANY(%(ids)s) ORDER BY id FOR NO KEY UPDATE
)
UPDATE notifications_message message
SET status = %(to)s, status_at = said.at, sent_at = CASE WHEN %(leaves)s THEN said.at ELSE message.sent_at END
FROM held JOIN unnest(%(ids)s, %(moments)s::timestamptz[]) AS said (id, at) USING (id)
WHERE message.id = held.id AND message.status = ANY(%(before)s)
"""


class MessageQuerySet(models.QuerySet["Message"]):
    def waiting(self) -> Self:
        """Those that may still leave."""
        return self.filter(status__in=WAITING)

    def move(self, to: states.Status, *, at: datetime, **facts: Any) -> int:
        """Bring those of these that may go to `to` there, with `facts` noted; how many that were.

        The one way a message changes its state, in one statement: two workers cannot both make the change.
        """
        when = None if to in WAITING else at
        return self.filter(status__in=states.before(to)).update(status=to, status_at=when, **facts)

    def collapse(self, into: Mapping[uuid.UUID, uuid.UUID], *, at: datetime) -> None:
        """Let each of these messages, by id, be a part of another that leaves in its place; in one statement."""
        if into:
            others = [When(pk=part, then=Value(carrier)) for part, carrier in into.items()]
            carrier = Case(*others, output_field=models.UUIDField())
            self.filter(pk__in=into).move(states.Status.COLLAPSED, at=at, collapsed_into=carrier)

    def move_each(self, to: states.Status, at: Mapping[uuid.UUID, datetime]) -> None:
        """`move` for messages by id, each at a time of its own; in one statement, in the order of their ids.

        The order keeps workers that write about the same messages from waiting for each other in a ring.
        """
        if not at:
            return
        ids = sorted(at)
        with connection.cursor() as cursor:
            cursor.execute(
                _MOVE_EACH,
                {
                    "ids": ids,
                    "moments": [at[pk] for pk in ids],
                    "to": to.value,
                    "before": [status.value for status in states.before(to)],
                    "leaves": to in ON_ITS_WAY,
                },
            )


class Message(models.Model):
    """One NemSMS with one of the two fixed texts. Its id is MeMo's messageUUID, which NemSMS counts once."""

    Kind = texts.Kind
    Status = states.Status

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=texts.Kind)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="messages")
    # On whose behalf it is sent; the sender that the citizen sees.
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    # What it is about: a reminder a task, a message of kind *task* the plan that was assigned.
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    care_plan = models.ForeignKey(
        CarePlan, on_delete=models.PROTECT, null=True, blank=True, related_name="messages"
    )
    # Of the same citizen and municipality. None once it is archived: the database lets go (migration 0007).
    delivery = models.OneToOneField(
        Delivery,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        db_constraint=False,
        related_name="message",
    )
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    leaves_at = models.DateTimeField(help_text="The first moment it may leave: outside the quiet hours.")
    status = models.CharField(max_length=20, choices=states.Status, default=states.Status.QUEUED)
    status_at = models.DateTimeField(null=True, blank=True, help_text="Since when; nothing while it waits.")
    begun_at = models.DateTimeField(
        null=True, blank=True, help_text="When it was first about to be sent: from here it may have arrived."
    )
    sent_at = models.DateTimeField(null=True, blank=True)
    reason = models.TextField(
        blank=True, help_text="Why it failed, in NemSMS's own words, CPR numbers masked."
    )
    # The message that was sent in the place of this one; of the same citizen and municipality (migration 0003).
    collapsed_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="collapsed"
    )

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=_sorted(states.Status)), name="message_status_is_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=_sorted(WAITING), status_at__isnull=True)
                | ~Q(status__in=_sorted(WAITING)) & Q(status_at__isnull=False),
                name="message_status_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(status="held") | Q(leaves_at__gt=F("requested_at")),
                name="held_message_leaves_later",
            ),
            models.CheckConstraint(
                condition=Q(status__in=_sorted(ON_ITS_WAY), sent_at__isnull=False)
                | Q(status__in=_sorted(WAITING | NOT_SENT), sent_at__isnull=True)
                | Q(status="failed"),
                name="message_that_left_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(status="collapsed", collapsed_into__isnull=False) & ~Q(collapsed_into=F("id"))
                | ~Q(status="collapsed") & Q(collapsed_into__isnull=True),
                name="collapsed_message_names_the_other",
            ),
            models.UniqueConstraint(fields=["municipality", "citizen", "id"], name="message_of_citizen"),
            models.CheckConstraint(
                condition=~Q(kind="reminder") | Q(task__isnull=False, requested_by__isnull=False),
                name="reminder_has_a_task_and_a_sender",
            ),
            models.CheckConstraint(
                condition=~Q(kind="task") | Q(care_plan__isnull=False), name="task_message_has_its_care_plan"
            ),
            models.CheckConstraint(
                condition=Q(leaves_at__gte=F("requested_at")), name="message_leaves_after_its_request"
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} ({self.kind})"

    @property
    def is_waiting(self) -> bool:
        return self.status in WAITING

    @property
    def carrier(self) -> "Message":
        """The message that stands for this one: itself, or the one it was collapsed into."""
        return self.collapsed_into or self

    def is_enough(self, now: datetime) -> bool:
        """Whether no other of its kind is needed: it waits, or it left and was asked for within the last day.

        Needs `collapsed_into`.
        """
        carrier = self.carrier
        if carrier.is_waiting:
            return True
        return carrier.status in ON_ITS_WAY and now - self.requested_at < ONE_REMINDER_A
