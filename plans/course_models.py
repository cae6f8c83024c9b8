"""What staff write down about a course: the citizen's consent to it, and what was done with its plans, and why."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import Municipality


class CourseConsent(models.Model):
    """That the citizen said yes to a course (FHIR Consent), as a member of staff heard or read it.

    It is never changed: one that is taken back gets its end, and a new yes is a new row. What was agreed to is the text
    of `text_version` (plans/consent_texts.py).
    """

    class Given(models.TextChoices):
        ORAL = "oral", _("Mundtligt")
        WRITTEN = "written", _("Skriftligt")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey("plans.EpisodeOfCare", on_delete=models.PROTECT, related_name="consents")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    text_version = models.CharField(max_length=20)
    given = models.CharField(max_length=10, choices=Given)
    given_on = models.DateField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode"],
                condition=Q(withdrawn_at__isnull=True),
                name="one_standing_consent_a_course",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="withdrawn_consent_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(given__in=["oral", "written"]), name="consent_was_given_somehow"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("recorded_at")),
                name="consent_is_withdrawn_after_it_was_recorded",
            ),
        ]

    def __str__(self) -> str:
        return f"CourseConsent {self.pk}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None


class CarePlanEvent(models.Model):
    """Something done with a citizen's plan after it was assigned; never changed. That it was assigned it says itself.

    `by` is None where nobody of ours did it: the last answer ended the plan, or somebody on the platform.
    """

    class Kind(models.TextChoices):
        PAUSED = "paused", _("Sat på pause")
        RESUMED = "resumed", _("Genoptaget")
        CHANGED = "changed", _("Ændret")
        EXTRA = "extra", _("Ekstra spørgeskema")
        COMPLETED = "completed", _("Afsluttet")
        STOPPED = "stopped", _("Stoppet")

    LONGEST_REASON = 500

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.ForeignKey("plans.CarePlan", on_delete=models.PROTECT, related_name="events")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    reason = models.CharField(max_length=LONGEST_REASON, blank=True, default="")
    # The day it counts from: the plan goes on again, or begins anew.
    counts_from = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["paused", "resumed", "changed", "extra", "completed", "stopped"]),
                name="care_plan_event_is_known",
            ),
            # Whoever stops what a citizen is asked says why, and so who.
            models.CheckConstraint(
                condition=~Q(kind__in=["paused", "resumed", "changed", "extra"]) | Q(by__isnull=False),
                name="care_plan_event_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.care_plan_id}"
