"""News and their deliveries: written with the change itself, delivered afterwards."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality


class EventName(models.TextChoices):
    """All news that this system tells the outside world."""

    CARE_PLAN_ASSIGNED = "care_plan.assigned", _("Plan tildelt")
    RESPONSE_COMPLETED = "response.completed", _("Besvarelse indsendt")
    REMINDER_REQUESTED = "reminder.requested", _("Påmindelse bestilt")


class ChannelName(models.TextChoices):
    FUT = "fut", _("FUT-infrastrukturen")
    NEMSMS = "nemsms", _("NemSMS")


class Event(models.Model):
    """Something that happened and that others need to hear of."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=40, choices=EventName)
    # Deliveries with the same key leave in order; it is the citizen's id.
    key = models.UUIDField()
    # Whose news they are: the subject's municipality.
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    subject_model = models.CharField(max_length=60, help_text="The label, such as “plans.CarePlan”.")
    subject_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    request_id = models.CharField(
        max_length=64, blank=True, help_text="Follows from the web request to the receiver."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(name__in=EventName.values), name="event_name_is_known"),
            models.UniqueConstraint(fields=["municipality", "key", "id"], name="event_of_municipality"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.subject_id}"


class Delivery(models.Model):
    """One event on its way through one channel.

    `key` and `municipality` are the event's, which a foreign key over all three holds true (migration 0003).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Venter")
        DELIVERED = "delivered", _("Afleveret")
        DEAD = "dead", _("Opgivet")

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries")
    channel = models.CharField(max_length=10, choices=ChannelName)
    key = models.UUIDField()
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    due_at = models.DateTimeField(help_text="Not before this time: a retry's pause or the quiet hours.")
    attempts = models.PositiveIntegerField(default=0)
    # While a worker holds it; a killed worker's claim comes back when the lease has run out.
    leased_until = models.DateTimeField(null=True, blank=True)
    last_problem = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    revived_at = models.DateTimeField(
        null=True, blank=True, help_text="When a person sent it again; the patience counts from here."
    )

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["event", "channel"], name="one_delivery_an_event_and_channel"),
            models.CheckConstraint(
                condition=Q(state="waiting", ended_at__isnull=True)
                | ~Q(state="waiting") & Q(ended_at__isnull=False),
                name="delivery_has_ended_unless_waiting",
            ),
            models.CheckConstraint(
                condition=Q(channel__in=ChannelName.values), name="delivery_channel_is_known"
            ),
            models.UniqueConstraint(fields=["municipality", "key", "id"], name="delivery_of_municipality"),
        ]
        indexes = [
            models.Index(
                fields=["channel", "due_at", "id"],
                condition=Q(state="waiting"),
                name="deliveries_due_in_channel",
            ),
            models.Index(
                fields=["channel", "key", "id"], condition=Q(state="waiting"), name="deliveries_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.name} to {self.channel}: {self.state}"
