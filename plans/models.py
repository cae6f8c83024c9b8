"""Plans as KAM makes them, and plans as citizens have them: courses, care plans and tasks."""

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import CareTeam, Municipality
from plans.schedule import Repeat
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response

MOST_CORRECTION_DAYS = 14
REPEAT_CHOICES = [(Repeat.ONCE.value, _("Én gang")), (Repeat.WEEKLY.value, _("Hver uge"))]


class PlanQuerySet(models.QuerySet["Plan"]):
    def active(self) -> Self:
        return self.filter(status=PublicationStatus.ACTIVE)

    def visible_in_kam(self, owner: Municipality | None) -> Self:
        """All of one's own, and what the system administration has published; nobody else's drafts."""
        return self.filter(Q(owner=owner) | Q(owner=None) & ~Q(status=PublicationStatus.DRAFT))

    def usable_by(self, municipality: Municipality | None) -> Self:
        """National plans and the municipality's own; None stands for the system administration."""
        return self.filter(Q(owner=None) | Q(owner=municipality))


class Plan(models.Model):
    """A template: which questionnaires, how often (FHIR PlanDefinition).

    It goes on with the versions it was published with, also after newer ones are published (docs/adr/0007). What it
    tells and allows citizens stays as it was published; a trigger (migrations 0004 to 0006) guards that in the database
    as well.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    title = models.CharField(_("Titel"), max_length=200)
    description = models.TextField(_("Beskrivelse"), blank=True)
    # What citizens read when they have answered; the screens say it in general words where these are empty.
    what_happens_now = models.TextField(_("Hvad der sker nu"), blank=True, default="", db_default="")
    if_you_get_worse = models.TextField(
        _("Hvis borgeren får det værre"), blank=True, default="", db_default=""
    )
    # Off unless KAM says so: a figure without anybody to explain it can frighten.
    citizens_see_scores = models.BooleanField(_("Borgeren kan se sine tal"), default=False, db_default=False)
    # How long citizens may correct what they have sent (plans/correcting.py); 0: not at all.
    correction_days = models.PositiveSmallIntegerField(
        _("Dage til at rette"), default=0, db_default=0, help_text="How many days an answer can be corrected."
    )
    owner = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="plans"
    )
    version = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=10, choices=PublicationStatus, default=PublicationStatus.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = PlanQuerySet.as_manager()

    class Meta:
        ordering = ["title"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status=PublicationStatus.DRAFT) | Q(published_at__isnull=False),
                name="active_plan_is_published",
            ),
            # No longer than a correction that was begun and left is kept (privacy.retention.DRAFT_LIFE).
            models.CheckConstraint(
                condition=Q(correction_days__lte=MOST_CORRECTION_DAYS), name="plan_has_few_days_to_correct"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.status == PublicationStatus.ACTIVE

    @property
    def is_draft(self) -> bool:
        return self.status == PublicationStatus.DRAFT

    @property
    def uses_an_older_version(self) -> bool:
        """Whether a newer version of one of its questionnaires has been published since."""
        return any(activity.version.has_a_newer for activity in self.activities.all())


class Activity(models.Model):
    """One questionnaire in a plan and its rhythm (FHIR ActivityDefinition)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="activities")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="activities")
    repeat = models.CharField(
        _("Hvor ofte"), max_length=10, choices=REPEAT_CHOICES, default=Repeat.ONCE.value
    )
    occurrences = models.PositiveSmallIntegerField(_("Antal gange"), default=1)
    answer_days = models.PositiveSmallIntegerField(
        _("Dage til at svare"), default=7, help_text="How many days a task stays open before it is overdue."
    )

    class Meta:
        verbose_name_plural = "activities"
        constraints = [
            models.CheckConstraint(
                condition=Q(repeat="weekly", occurrences__range=(1, 104)) | Q(repeat="once", occurrences=1),
                name="activity_once_happens_once",
            ),
            models.CheckConstraint(
                condition=Q(answer_days__range=(1, 90)), name="activity_has_days_to_answer"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.repeat}"


class EpisodeOfCare(models.Model):
    """A citizen's course in a municipality: what plans and answers belong to."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("I gang")
        FINISHED = "finished", _("Afsluttet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="episodes")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="episodes")
    care_team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, related_name="episodes")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "care_team"],
                condition=Q(status="active"),
                name="one_active_episode_a_team",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="episode_ends_after_its_start",
            ),
            # What belongs to the course names it together with whose it is (migration 0003).
            models.UniqueConstraint(fields=["municipality", "citizen", "id"], name="episode_of_municipality"),
        ]

    def __str__(self) -> str:
        return f"EpisodeOfCare {self.pk}"


class CarePlan(models.Model):
    """A plan that was given to a citizen (FHIR CarePlan). It is over when none of its tasks is open.

    `municipality` and `citizen` are the course's, which a foreign key over all three holds true (migration 0003).
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("I gang")
        COMPLETED = "completed", _("Afsluttet")
        REVOKED = "revoked", _("Stoppet")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(EpisodeOfCare, on_delete=models.PROTECT, related_name="care_plans")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="care_plans", db_constraint=False
    )
    plan = models.ForeignKey(Plan, on_delete=models.PROTECT, related_name="care_plans")
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    starts_on = models.DateField()
    assigned_by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()

    class Meta:
        ordering = ["-assigned_at"]
        constraints = [
            # The same plan twice at a time is a slip, never a wish.
            models.UniqueConstraint(
                fields=["episode", "plan"], condition=Q(status="active"), name="plan_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=["municipality", "citizen", "id"], name="care_plan_of_municipality"
            ),
        ]

    def __str__(self) -> str:
        return f"CarePlan {self.pk}"


class TaskQuerySet(models.QuerySet["Task"]):
    def of(self, municipality: Municipality) -> Self:
        return self.filter(municipality=municipality)

    def for_citizen(self, citizen: Citizen) -> Self:
        return self.filter(citizen=citizen)

    def unanswered(self) -> Self:
        return self.filter(status=Task.Status.OPEN)

    def answered(self) -> Self:
        return self.filter(status=Task.Status.COMPLETED)

    def available(self, now: datetime) -> Self:
        """What a citizen can answer at `now`: opened and not yet answered; overdue ones included."""
        return self.unanswered().filter(opens_at__lte=now)

    def coming(self, now: datetime) -> Self:
        return self.unanswered().filter(opens_at__gt=now)

    def overdue(self, now: datetime) -> Self:
        return self.unanswered().filter(due_at__lt=now)

    def locked(self, task: "Task") -> "Task":
        """The task as it stands, with its questionnaire, locked until the transaction ends."""
        return self.select_for_update(of=("self",)).with_questionnaire().get(pk=task.pk)

    def with_questionnaire(self) -> Self:
        """With what there is to know about the questionnaire; the form itself is compiled (`definition_of`)."""
        return self.select_related("activity__version", "response", "care_plan__plan").defer(
            "activity__version__source"
        )


class Task(models.Model):
    """One due occurrence of an activity: “answer this, before then”.

    `municipality` and `citizen` are the care plan's and the response's, held true by the database (migration 0003).
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Ikke besvaret")
        COMPLETED = "completed", _("Besvaret")
        CANCELLED = "cancelled", _("Aflyst")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    care_plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, related_name="tasks")
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="tasks")
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="tasks")
    status = models.CharField(max_length=10, choices=Status, default=Status.OPEN)
    opens_at = models.DateTimeField()
    due_at = models.DateTimeField()
    # None until the citizen has begun.
    response = models.OneToOneField(
        Response, on_delete=models.PROTECT, null=True, blank=True, related_name="task"
    )

    objects = TaskQuerySet.as_manager()

    class Meta:
        ordering = ["due_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["care_plan", "activity", "opens_at"], name="one_task_an_occurrence"
            ),
            models.CheckConstraint(condition=Q(due_at__gt=F("opens_at")), name="task_is_due_after_it_opens"),
            models.CheckConstraint(
                condition=~Q(status="completed") | Q(response__isnull=False),
                name="completed_task_has_its_response",
            ),
            models.UniqueConstraint(fields=["municipality", "citizen", "id"], name="task_of_municipality"),
        ]
        indexes = [
            models.Index(
                fields=["citizen", "due_at"], condition=Q(status="open"), name="open_tasks_of_a_citizen"
            ),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="open_tasks_by_due_time"),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"

    @property
    def title(self) -> str:
        return self.activity.version.title

    @property
    def is_open(self) -> bool:
        return self.status == Task.Status.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at < now
