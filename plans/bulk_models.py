"""One plan for many citizens: what was asked for, and what became of each. Forgotten a month later (`KEPT_FOR`)."""

import uuid
from datetime import timedelta
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from municipalities.models import CareTeam, Municipality
from municipalities.scope import Scope

MOST_AT_ONCE = 200
"""So many citizens can be given a plan in one go: a page of results that a person can still read."""
KEPT_FOR = timedelta(days=30)
"""The care plans themselves say who gave them and when; this only says how one evening's work went."""
FORSAKEN_AFTER = timedelta(minutes=1)
"""Without a sign of work for so long, whoever worked on it is gone."""


class BulkAssignment(models.Model):
    """A plan, a team and a start for many citizens of a municipality. Its items say for whom."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    plan = models.ForeignKey("plans.Plan", on_delete=models.PROTECT, related_name="+")
    # Of the municipality, which the database holds true (migration 0010).
    care_team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, related_name="+")
    starts_on = models.DateField()
    appointment_on = models.DateField(null=True, blank=True)
    made_by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    worked_at = models.DateTimeField(help_text="The last sign of work on it.")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["municipality", "id"], name="bulk_assignment_of_municipality"),
            models.CheckConstraint(
                condition=Q(appointment_on__isnull=True) | Q(appointment_on__gte=F("starts_on")),
                name="bulk_appointment_is_within_the_plan",
            ),
        ]
        indexes = [
            models.Index(fields=["made_by", "-made_at"], name="bulk_assignments_of_somebody"),
            models.Index(
                fields=["worked_at"], condition=Q(done_at__isnull=True), name="bulk_assignments_at_work"
            ),
        ]

    def __str__(self) -> str:
        return f"BulkAssignment {self.pk}"

    @property
    def scope(self) -> Scope:
        """Whose it is, as the walls ask."""
        return Scope.municipality(self.municipality_id)

    @property
    def is_at_work(self) -> bool:
        return self.done_at is None


class BulkAssignmentItemQuerySet(models.QuerySet["BulkAssignmentItem"]):
    def waiting(self) -> Self:
        return self.filter(state=BulkAssignmentItem.State.WAITING)

    def without_plan(self) -> Self:
        """Those that were tried, and whose citizen did not get the plan."""
        return self.filter(state__in=BulkAssignmentItem.WITHOUT_PLAN)


class BulkAssignmentItem(models.Model):
    """One citizen of it. Its state is committed together with the care plan: what is assigned is assigned once.

    `municipality` and `citizen` are the care plan's, which a foreign key over all three holds true (migration 0010).
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Venter")
        ASSIGNED = "assigned", _("Tildelt")
        REFUSED = "refused", _("Ikke tildelt")
        FAILED = "failed", _("Fejlede")

    WITHOUT_PLAN = (State.REFUSED, State.FAILED)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    bulk = models.ForeignKey(BulkAssignment, on_delete=models.CASCADE, related_name="items", db_index=False)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey("citizens.Citizen", on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField(help_text="Its place in the list, as the preview showed it.")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    care_plan = models.OneToOneField(
        "plans.CarePlan", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    problem = models.TextField(blank=True, help_text="Why the citizen did not get the plan, as a sentence.")
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = BulkAssignmentItemQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["bulk", "citizen"], name="a_citizen_once_in_a_bulk_assignment"),
            models.UniqueConstraint(fields=["bulk", "position"], name="one_place_in_a_bulk_assignment"),
            models.CheckConstraint(
                condition=Q(position__lt=MOST_AT_ONCE), name="bulk_assignment_is_not_endless"
            ),
            models.CheckConstraint(
                condition=Q(state="waiting", care_plan__isnull=True, problem="", ended_at__isnull=True)
                | Q(state="assigned", care_plan__isnull=False, problem="", ended_at__isnull=False)
                | Q(state__in=["refused", "failed"], care_plan__isnull=True, ended_at__isnull=False)
                & ~Q(problem=""),
                name="bulk_item_says_what_became_of_it",
            ),
        ]

    def __str__(self) -> str:
        return f"BulkAssignmentItem {self.pk}"
