"""The text messages a citizen was sent, or was not, and why."""

import uuid
from datetime import datetime, timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import Municipality
from outbox.models import Delivery
from plans.models import Task

# So long one reminder of a task is enough.
ONE_REMINDER_A = timedelta(days=1)


class Message(models.Model):
    """One NemSMS with one of the two fixed texts."""

    class Kind(models.TextChoices):
        TASK = "task", _("Ny opgave")
        REMINDER = "reminder", _("Påmindelse")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("Venter")
        SENT = "sent", _("Sendt")
        NOT_ENROLLED = "not_enrolled", _("Ikke sendt: ikke tilmeldt NemSMS")
        ANSWERED = "answered", _("Ikke sendt: allerede besvaret")
        FAILED = "failed", _("Kunne ikke sendes")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="messages")
    # On whose behalf it is sent; the sender that the citizen sees.
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, blank=True, related_name="messages")
    delivery = models.OneToOneField(Delivery, on_delete=models.PROTECT, null=True, related_name="message")
    requested_at = models.DateTimeField()
    requested_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    leaves_at = models.DateTimeField(help_text="The first moment it may leave: outside the quiet hours.")
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.PENDING)
    outcome_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="pending", outcome_at__isnull=True)
                | ~Q(outcome="pending") & Q(outcome_at__isnull=False),
                name="message_outcome_has_its_time",
            ),
            models.CheckConstraint(
                condition=~Q(kind="reminder") | Q(task__isnull=False, requested_by__isnull=False),
                name="reminder_has_a_task_and_a_sender",
            ),
            models.CheckConstraint(
                condition=Q(leaves_at__gte=models.F("requested_at")), name="message_leaves_after_its_request"
            ),
        ]

    def __str__(self) -> str:
        return f"Message {self.pk} ({self.kind})"

    def is_enough(self, now: datetime) -> bool:
        """Whether no other of its kind is needed: it waits, or was asked for within the last day and did not fail."""
        if self.outcome == Message.Outcome.PENDING:
            return True
        return self.outcome != Message.Outcome.FAILED and now - self.requested_at < ONE_REMINDER_A
