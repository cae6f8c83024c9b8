"""News and their deliveries: written with the change itself, delivered afterwards."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from outbox.breaker import Breaker
from outbox.token_bucket import Bucket


class EventName(models.TextChoices):
    """All news that this system tells the outside world."""

    CARE_PLAN_ASSIGNED = "care_plan.assigned", _("Plan tildelt")
    CARE_PLAN_PAUSED = "care_plan.paused", _("Plan sat på pause")
    CARE_PLAN_RESUMED = "care_plan.resumed", _("Plan genoptaget")
    CARE_PLAN_CHANGED = "care_plan.changed", _("Plan ændret")
    CARE_PLAN_ENDED = "care_plan.ended", _("Plan afsluttet")
    EPISODE_FINISHED = "episode_of_care.finished", _("Forløb afsluttet")
    EPISODE_MOVED = "episode_of_care.moved", _("Forløb flyttet til et andet team")
    CONSENT_WITHDRAWN = "consent.withdrawn", _("Samtykke trukket tilbage")
    RESPONSE_COMPLETED = "response.completed", _("Besvarelse indsendt")
    RESPONSE_CORRECTED = "response.corrected", _("Besvarelse rettet")
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
    # The constraint below that an event has one delivery a channel serves as its index.
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
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
    # What was asked of the receiver last and what it answered; CPR masked, and nothing of a citizen's answers.
    last_sent = models.TextField(blank=True)
    last_problem = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What had to wait for the morning leaves behind what somebody asks for now, and both get on.
    is_held = models.BooleanField(default=False, help_text="It could not leave when it was recorded.")
    patience_from = models.DateTimeField(
        default=timezone.now, help_text="When it could first leave, or a person sent it again."
    )
    # What it waits for while that is left alone: where the channel says it goes, then what last did not answer.
    receiver = models.CharField(
        max_length=20,
        blank=True,
        default="",
        db_default="",
        help_text="Empty: no part of its own (docs/adr/0014).",
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
            models.Index(
                fields=["channel", "municipality", "is_held", "due_at", "id"],
                condition=Q(state="waiting"),
                name="deliveries_due_by_municipality",
            ),
            models.Index(
                fields=["channel", "ended_at"], condition=~Q(state="waiting"), name="deliveries_ended"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event.name} to {self.channel}: {self.state}"


class ArchivedDelivery(models.Model):
    """A delivery that arrived long ago, and the news it brought: flat, in the month it ended (outbox/archive.py).

    It points at no row and holds no words: what was said to the receiver and answered goes when it arrives. The months
    are partitions that only the owner's functions make and drop (migration 0007); no row is ever changed.
    """

    id = models.BigIntegerField(primary_key=True, help_text="Delivery's, where it was one.")
    event_id = models.BigIntegerField(help_text="Event's; two rows where two channels brought it.")
    name = models.CharField(max_length=40, choices=EventName)
    channel = models.CharField(max_length=10, choices=ChannelName)
    key = models.UUIDField(help_text="The citizen.")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    subject_model = models.CharField(max_length=60)
    subject_id = models.UUIDField()
    occurred_at = models.DateTimeField()
    ended_at = models.DateTimeField(help_text="The month this row belongs to.")
    attempts = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=Delivery.State)
    request_id = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name_plural = "archived deliveries"
        constraints = [
            # What was given up waits for a person, however long.
            models.CheckConstraint(condition=Q(state="delivered"), name="archived_delivery_was_delivered"),
            # No `infinity`, which PostgreSQL takes for a time: it would lie in no month.
            models.CheckConstraint(
                condition=Q(
                    models.Func(models.F("ended_at"), function="isfinite", output_field=models.BooleanField())
                ),
                name="archived_delivery_time_is_finite",
            ),
        ]
        indexes = [
            models.Index(fields=["key"], name="archived_deliveries_of_citizen"),
            models.Index(fields=["subject_id"], name="archived_deliveries_of_subject"),
        ]

    def __str__(self) -> str:
        return f"{self.name} to {self.channel}, archived"


class LeftAlone(models.Model):
    """Something with a breaker (outbox/breaker.py)."""

    failures = models.PositiveIntegerField(default=0)
    openings = models.PositiveIntegerField(default=0)
    open_until = models.DateTimeField(null=True, blank=True)
    last_problem = models.TextField(blank=True, help_text="Why it was last held or left alone, CPR masked.")

    class Meta:
        abstract = True

    @property
    def breaker(self) -> Breaker:
        return Breaker(failures=self.failures, openings=self.openings, open_until=self.open_until)

    @breaker.setter
    def breaker(self, breaker: Breaker) -> None:
        self.failures, self.openings = breaker.failures, breaker.openings
        self.open_until = breaker.open_until


class ChannelState(LeftAlone):
    """How a channel stands, for all its workers: one row each, locked while one of them claims.

    Its breaker is of what everything in it needs, as FUT's tokens. Nobody's data: no municipality, no citizen.
    """

    channel = models.CharField(max_length=10, choices=ChannelName, primary_key=True)
    # A worker last asked for something to deliver; old where none does.
    asked_at = models.DateTimeField(null=True, blank=True)
    # By a person, until a person lets it go on.
    paused_at = models.DateTimeField(null=True, blank=True)
    paused_by = models.CharField(max_length=200, blank=True)
    pause_reason = models.CharField(max_length=500, blank=True)
    # By the receiver: 429 with Retry-After.
    held_until = models.DateTimeField(null=True, blank=True)
    # The rate (outbox/token_bucket.py).
    tokens = models.FloatField(default=0)
    tokens_at = models.DateTimeField(null=True, blank=True)
    # The municipality that was served last: the next claim begins with the one after it.
    last_served = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=ChannelName.values), name="channel_state_channel_is_known"
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by="", pause_reason="")
                | Q(paused_at__isnull=False) & ~Q(paused_by="") & ~Q(pause_reason=""),
                name="channel_pause_says_who_and_why",
            ),
            models.CheckConstraint(
                condition=Q(open_until__isnull=True, openings=0)
                | Q(open_until__isnull=False, openings__gt=0, failures__gt=0),
                name="channel_breaker_opens_by_failures",
            ),
            models.CheckConstraint(condition=Q(tokens__gte=0), name="channel_tokens_are_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.channel}: {'paused' if self.paused_at else 'running'}"

    @property
    def bucket(self) -> Bucket:
        return Bucket(tokens=self.tokens, at=self.tokens_at)

    @bucket.setter
    def bucket(self, bucket: Bucket) -> None:
        self.tokens, self.tokens_at = bucket.tokens, bucket.at

    def is_stopped(self, now: datetime) -> bool:
        """Whether nothing may leave, on whosever word."""
        held = self.held_until is not None and now < self.held_until
        return self.paused_at is not None or held or self.breaker.is_open(now)


class ReceiverState(LeftAlone):
    """How a part of a channel stands that has an address of its own, as a service of FUT's; one that ever failed.

    Read and written under its channel's row. Nobody's data.
    """

    channel = models.CharField(max_length=10, choices=ChannelName)
    receiver = models.CharField(max_length=20)

    class Meta:
        ordering = ["channel", "receiver"]
        constraints = [
            models.UniqueConstraint(fields=["channel", "receiver"], name="one_state_a_receiver"),
            models.CheckConstraint(
                condition=Q(channel__in=ChannelName.values) & ~Q(receiver=""),
                name="receiver_state_says_whose",
            ),
            models.CheckConstraint(
                condition=Q(open_until__isnull=True, openings=0)
                | Q(open_until__isnull=False, openings__gt=0, failures__gt=0),
                name="receiver_breaker_opens_by_failures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel}, {self.receiver}: {'answers' if self.breaker.is_closed else 'left alone'}"


class Intervention(models.Model):
    """What a person did to a channel: added to, never changed."""

    class Act(models.TextChoices):
        PAUSE = "pause", _("Sat på pause")
        RESUME = "resume", _("Sat i gang")
        SEND_AGAIN = "send_again", _("Sendt igen")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    channel = models.CharField(max_length=10, choices=ChannelName)
    act = models.CharField(max_length=10, choices=Act)
    by = models.CharField(max_length=200, help_text="The employee's name, or who ran the command.")
    by_id = models.UUIDField(null=True, blank=True, help_text="StaffMember; none for a command.")
    reason = models.CharField(max_length=500, blank=True)
    count = models.PositiveIntegerField(default=0, help_text="How many deliveries were sent again.")

    class Meta:
        ordering = ["-at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(channel__in=ChannelName.values), name="intervention_channel_is_known"
            ),
            models.CheckConstraint(condition=~Q(by=""), name="intervention_says_who"),
            models.CheckConstraint(
                condition=~Q(act="pause") | ~Q(reason=""), name="intervention_pause_says_why"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.channel} by {self.by}"
