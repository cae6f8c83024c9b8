"""How long a municipality keeps data, whose are held, what was deleted, and what citizens asked for."""

import uuid
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from identity.models import StaffMember
from municipalities.models import Municipality
from privacy.retention import DEFAULT_YEARS, LONGEST_YEARS, SHORTEST_YEARS


class RetentionDecision(models.Model):
    """How many years a municipality keeps a course from a day on; one without a row keeps DEFAULT_YEARS.

    Rows are only added. The newest alone counts: before its day what held when it was made, from its day on its own.
    """

    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="retention_decisions"
    )
    years_before = models.PositiveSmallIntegerField()
    years = models.PositiveSmallIntegerField(_("År"))
    # Somebody has to say so: fewer than ten years are lawful only where nobody who keeps a journal needs ten.
    only_five_year_professions = models.BooleanField(default=False)
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    takes_effect_on = models.DateField()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(years__range=(SHORTEST_YEARS, LONGEST_YEARS)), name="retention_decided_is_lawful"
            ),
            models.CheckConstraint(
                condition=Q(years__gte=DEFAULT_YEARS) | Q(only_five_year_professions=True),
                name="retention_decided_under_ten_years_has_its_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.municipality_id}: {self.years} years from {self.takes_effect_on}"

    def years_on(self, day: date) -> int:
        """What holds on a Danish day, as long as this is the newest."""
        return self.years if self.takes_effect_on <= day else self.years_before


class LegalHoldQuerySet(models.QuerySet["LegalHold"]):
    def standing(self) -> Self:
        """Those not lifted yet."""
        return self.filter(lifted_at=None)


class LegalHold(models.Model):
    """Nothing of a citizen's is deleted while one stands: a complaint, a case, a claim."""

    LONGEST_REASON = 500

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="legal_holds")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=LONGEST_REASON)
    set_at = models.DateTimeField()
    set_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = LegalHoldQuerySet.as_manager()

    class Meta:
        ordering = ["-set_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="legal_hold_has_its_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at=None, lifted_by=None)
                | Q(lifted_at__gte=models.F("set_at"), lifted_by__isnull=False),
                name="legal_hold_is_lifted_by_somebody_afterwards",
            ),
        ]
        indexes = [
            models.Index(fields=["citizen"], condition=Q(lifted_at=None), name="standing_holds_of_citizen")
        ]

    def __str__(self) -> str:
        return f"LegalHold {self.pk}"

    @property
    def stands(self) -> bool:
        return self.lifted_at is None


class DeletionRecord(models.Model):
    """What was deleted on a day, and why: numbers, and nothing about anybody."""

    class Cause(models.TextChoices):
        RETENTION = "retention", _("Opbevaringstiden er gået")
        DRAFTS = "drafts", _("Kladder, der aldrig blev sendt")
        REQUEST = "request", _("Borgere har bedt om det")

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    on = models.DateField()
    cause = models.CharField(max_length=10, choices=Cause)
    # How many rows of each kind, by `deletion.Kind`.
    counts = models.JSONField(default=dict)

    class Meta:
        ordering = ["-on", "cause"]
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "on", "cause"], name="one_deletion_record_a_day_and_cause"
            )
        ]

    def __str__(self) -> str:
        return f"{self.on} {self.cause}"


class ErasureRequest(models.Model):
    """A citizen's wish to be forgotten (GDPR article 17), and what became of it.

    The answer follows from rules, so it is decided and carried out at once. The row outlives the citizen, and then
    says nothing of whom it was.
    """

    class Outcome(models.TextChoices):
        ALL = "all", _("Alt er slettet")
        PART = "part", _("Noget er slettet, resten skal gemmes")
        NOTHING = "nothing", _("Alt skal gemmes")
        HELD = "held", _("Intet er slettet: oplysningerne skal bevares i en sag")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(
        Citizen, on_delete=models.SET_NULL, null=True, blank=True, related_name="erasure_requests"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    # None: the citizen's own click.
    noted_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    outcome = models.CharField(max_length=10, choices=Outcome)
    counts = models.JSONField(default=dict, help_text="What was deleted, by `deletion.Kind`.")
    # Of what stays: the last day it is kept, if nothing more is written and no case holds it.
    kept_until = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["-requested_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(outcome__in=["part", "nothing"]) | Q(kept_until__isnull=False),
                name="erasure_says_how_long_the_rest_is_kept",
            )
        ]

    def __str__(self) -> str:
        return f"ErasureRequest {self.pk} {self.outcome}"


class DataExport(models.Model):
    """Somebody was handed everything stored about a citizen."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="data_exports")
    # Whose data it was; None: everything, to the citizen themself.
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(municipality=None, by=None) | Q(municipality__isnull=False, by__isnull=False),
                name="export_is_a_citizens_own_or_a_municipalitys",
            )
        ]

    def __str__(self) -> str:
        return f"DataExport {self.pk}"
