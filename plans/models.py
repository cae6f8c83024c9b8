"""Plans as KAM makes them, and plans as citizens have them: courses, care plans and tasks."""

import uuid
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Deferrable, F, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import CareTeam, Municipality
from plans.bulk_models import BulkAssignment as BulkAssignment
from plans.bulk_models import BulkAssignmentItem as BulkAssignmentItem
from plans.course_models import CarePlanEvent as CarePlanEvent
from plans.course_models import CourseConsent as CourseConsent
from plans.rhythm_columns import Kind, rhythm_of
from plans.schedule import (
    MOST_ANSWER_DAYS,
    MOST_TIMES,
    Moves,
    Rhythm,
    Unit,
    Window,
)
from questionnaires.models import PublicationStatus, QuestionnaireVersion, Response

MOST_CORRECTION_DAYS = 14
KIND_CHOICES = [
    (Kind.ONCE.value, _("Én gang, når planen begynder")),
    (Kind.OFFSETS.value, _("På bestemte dage efter starten")),
    (Kind.EVERY.value, _("Med fast mellemrum")),
    (Kind.WEEKDAYS.value, _("På bestemte ugedage")),
    (Kind.APPOINTMENT.value, _("Før en aftale")),
    (Kind.ANSWER.value, _("Når borgeren har svaret på et andet spørgeskema")),
]
UNIT_CHOICES = [
    (Unit.DAYS.value, _("dage")),
    (Unit.WEEKS.value, _("uger")),
    (Unit.MONTHS.value, _("måneder")),
]
MOVES_CHOICES = [
    (Moves.STAYS.value, _("Åbn på dagen alligevel")),
    (Moves.LATER.value, _("Flyt til den næste hverdag")),
    (Moves.EARLIER.value, _("Flyt til hverdagen før")),
]


# A check that is neither true nor false lets a row through: so each column is said to be there as well.
_UNUSED = {
    "offsets": Q(offsets__isnull=True),
    "every": Q(every__isnull=True, every_unit=""),
    "weekdays": Q(weekdays__isnull=True),
    "end": Q(times__isnull=True, lasts__isnull=True, lasts_unit=""),
    "days": Q(days__isnull=True),
}
_UNITS = [unit.value for unit in Unit]
_USED = {
    "offsets": Q(offsets__isnull=False, offsets__len__range=(1, MOST_TIMES)),
    "every": Q(every__isnull=False, every__range=(1, 366), every_unit__in=_UNITS),
    "weekdays": Q(weekdays__isnull=False, weekdays__len__range=(1, 7), weekdays__contained_by=list(range(7))),
    "end": Q(times__isnull=False, times__range=(1, MOST_TIMES), lasts__isnull=True, lasts_unit="")
    | Q(times__isnull=True, lasts__isnull=False, lasts__range=(1, 366), lasts_unit__in=_UNITS),
    "days": Q(days__isnull=False, days__range=(0, 366)),
}


def _with(kind: Kind, *used: str) -> Q:
    """The check of one kind: these columns have a value, the others none."""
    condition = Q(kind=kind.value)
    for name in _USED:
        condition &= _USED[name] if name in used else _UNUSED[name]
    return condition


WHOLE_RHYTHM = (
    _with(Kind.ONCE)
    | _with(Kind.OFFSETS, "offsets")
    | _with(Kind.EVERY, "every", "end")
    | _with(Kind.WEEKDAYS, "every", "weekdays", "end") & Q(every_unit="weeks")
    | _with(Kind.APPOINTMENT, "days") & Q(days__gte=1)
    | _with(Kind.ANSWER, "days")
)


class PlanQuerySet(models.QuerySet["Plan"]):
    def active(self) -> Self:
        return self.filter(status=PublicationStatus.ACTIVE)

    def visible_in_kam(self, owner: Municipality | None) -> Self:
        """All of one's own, and what the system administration has published; nobody else's drafts."""
        return self.filter(Q(owner=owner) | Q(owner=None) & Q(status__in=PublicationStatus.PUBLISHED))

    def usable_by(self, municipality: Municipality | None) -> Self:
        """National plans and the municipality's own; None stands for the system administration."""
        return self.filter(Q(owner=None) | Q(owner=municipality))


class Plan(models.Model):
    """A template: which questionnaires, how often (FHIR PlanDefinition).

    It goes on with the versions it was published with, also after newer ones are published (docs/adr/0007). It stays
    as it was published, and so do its activities; triggers guard that in the database as well (migration 0008). What
    is to be otherwise is a new version: a row of its own in the same `line`, which retires the former when it is
    published. Care plans go on with the version they were given.
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
    # What stays the same through its versions: the id of the first.
    line = models.UUIDField(default=None, editable=False)
    version = models.PositiveIntegerField(default=1)
    # The national plan that a municipality made it from.
    copied_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="copies"
    )
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
                condition=Q(status__in=["draft", "in-review"]) | Q(published_at__isnull=False),
                name="active_plan_is_published",
            ),
            models.UniqueConstraint(fields=["line", "version"], name="one_row_a_version_of_a_plan"),
            models.UniqueConstraint(
                fields=["line"],
                condition=Q(status__in=["draft", "in-review"]),
                name="one_draft_a_plan",
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(status="active"), name="one_active_version_a_plan"
            ),
            # No longer than a correction that was begun and left is kept (privacy.retention.DRAFT_LIFE).
            models.CheckConstraint(
                condition=Q(correction_days__lte=MOST_CORRECTION_DAYS), name="plan_has_few_days_to_correct"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Store it; the first version begins a line of its own."""
        self.line = self.line or self.pk
        super().save(*args, **kwargs)

    @property
    def is_active(self) -> bool:
        return self.status == PublicationStatus.ACTIVE

    @property
    def is_in_review(self) -> bool:
        return self.status == PublicationStatus.IN_REVIEW

    @property
    def is_retired(self) -> bool:
        return self.status == PublicationStatus.RETIRED

    @property
    def needs_appointment(self) -> bool:
        """Whether staff must say when an appointment is, to assign it."""
        return any(activity.kind == Kind.APPOINTMENT for activity in self.activities.all())

    @property
    def is_draft(self) -> bool:
        return self.status == PublicationStatus.DRAFT

    @property
    def uses_an_older_version(self) -> bool:
        """Whether a newer version of one of its questionnaires has been published since."""
        return any(activity.version.has_a_newer for activity in self.activities.all())

    @property
    def uses_a_withdrawn_version(self) -> bool:
        """Whether one of its questionnaires was taken out of use: it goes on where it was given, and nowhere else."""
        return any(activity.version.is_withdrawn for activity in self.activities.all())


class Activity(models.Model):
    """One questionnaire in a plan, when it is asked and for how long (FHIR ActivityDefinition).

    Its rhythm (plans/schedule.py) lies in columns, so that the database can tell a whole one from half a one:
    `kind` says which there are. `after` is the activity whose answer brings this one, `condition` which answer
    (plans/triggers.py); None is any.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    plan = models.ForeignKey(Plan, on_delete=models.CASCADE, related_name="activities")
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="activities")
    position = models.PositiveSmallIntegerField(default=0, db_default=0)
    title = models.CharField(_("Titel"), max_length=200, blank=True, default="", db_default="")
    for_whom = models.CharField(_("Hvem den er til"), max_length=300, blank=True, default="", db_default="")
    kind = models.CharField(
        _("Hvornår"), max_length=11, choices=KIND_CHOICES, default=Kind.ONCE.value, db_default="once"
    )
    offsets = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    every = models.PositiveSmallIntegerField(null=True, blank=True)
    every_unit = models.CharField(max_length=6, choices=UNIT_CHOICES, blank=True, default="", db_default="")
    weekdays = ArrayField(models.PositiveSmallIntegerField(), null=True, blank=True)
    times = models.PositiveSmallIntegerField(null=True, blank=True)
    lasts = models.PositiveSmallIntegerField(null=True, blank=True)
    lasts_unit = models.CharField(max_length=6, choices=UNIT_CHOICES, blank=True, default="", db_default="")
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    # That it is of the same plan the database holds true (migration 0008).
    after = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="followers"
    )
    condition = models.JSONField(null=True, blank=True)
    moves = models.CharField(
        max_length=7, choices=MOVES_CHOICES, default=Moves.STAYS.value, db_default="stays"
    )
    overlaps = models.BooleanField(default=False, db_default=False)
    answer_days = models.PositiveSmallIntegerField(
        _("Dage til at svare"), default=7, help_text="How many days a task stays open before it is overdue."
    )
    # How often staff may remind of one task, and how many days apart at the least; None and 0: no limit of the plan's.
    most_reminders = models.PositiveSmallIntegerField(null=True, blank=True)
    reminder_gap = models.PositiveSmallIntegerField(
        default=0, db_default=0, help_text="How many days there are between two reminders at the least."
    )

    class Meta:
        verbose_name_plural = "activities"
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=WHOLE_RHYTHM, name="activity_has_a_whole_rhythm"),
            models.CheckConstraint(
                condition=Q(answer_days__range=(1, MOST_ANSWER_DAYS)), name="activity_has_days_to_answer"
            ),
            models.CheckConstraint(
                condition=Q(kind="answer", after__isnull=False) & ~Q(after=F("id"))
                | ~Q(kind="answer") & Q(after__isnull=True, condition__isnull=True),
                name="activity_after_an_answer_has_another",
            ),
            models.CheckConstraint(
                condition=Q(moves__in=[move.value for move in Moves]), name="activity_moves_somewhere_known"
            ),
            models.UniqueConstraint(fields=["plan", "id"], name="activity_of_plan"),
            models.UniqueConstraint(
                fields=["plan", "position"], deferrable=Deferrable.DEFERRED, name="one_activity_a_position"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.version} {self.kind}"

    @property
    def shown_title(self) -> str:
        """What citizens and staff read: its own title, else the questionnaire's."""
        return self.title or self.version.title

    @property
    def title_language(self) -> str:
        """What that is written in, for HTML's `lang`."""
        return settings.LANGUAGE_CODE if self.title else self.version.text_language

    @property
    def rhythm(self) -> Rhythm:
        return rhythm_of(self)

    @property
    def window(self) -> Window:
        return Window(answer_days=self.answer_days, moves=Moves(self.moves), overlaps=self.overlaps)


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
    """A plan that was given to a citizen (FHIR CarePlan). It is over when none of its tasks is open or paused.

    `is_adjusted`: its tasks are not those of the rhythm alone, because staff moved or left out some of them
    (plans/assigning.py, plans/changing.py). `municipality` and `citizen` are the course's, which a foreign key over all
    three holds true (migration 0003).
    """

    class Status(models.TextChoices):
        ACTIVE = "active", _("I gang")
        ON_HOLD = "on-hold", _("På pause")
        COMPLETED = "completed", _("Afsluttet")
        REVOKED = "revoked", _("Stoppet")

    GOING_ON = (Status.ACTIVE, Status.ON_HOLD)

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
    # The day of the appointment that activities are counted from; where the plan asks for one.
    appointment_on = models.DateField(null=True, blank=True)
    assigned_by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    assigned_at = models.DateTimeField()
    is_adjusted = models.BooleanField(default=False, db_default=False)

    class Meta:
        ordering = ["-assigned_at"]
        constraints = [
            # The same plan twice at a time is a slip, never a wish.
            models.UniqueConstraint(
                fields=["episode", "plan"],
                condition=Q(status__in=["active", "on-hold"]),
                name="plan_once_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["municipality", "citizen", "id"], name="care_plan_of_municipality"
            ),
            models.CheckConstraint(
                condition=Q(appointment_on__isnull=True) | Q(appointment_on__gte=F("starts_on")),
                name="appointment_is_within_the_plan",
            ),
        ]

    def __str__(self) -> str:
        return f"CarePlan {self.pk}"

    @property
    def goes_on(self) -> bool:
        return self.status in self.GOING_ON

    @property
    def is_on_hold(self) -> bool:
        return self.status == CarePlan.Status.ON_HOLD


class TaskQuerySet(models.QuerySet["Task"]):
    def of(self, municipality: Municipality) -> Self:
        return self.filter(municipality=municipality)

    def for_citizen(self, citizen: Citizen) -> Self:
        return self.filter(citizen=citizen)

    def unanswered(self) -> Self:
        """Those that are asked for or will be: what rests in a pause is none of them."""
        return self.filter(status=Task.Status.OPEN)

    def not_ended(self) -> Self:
        """The unanswered ones and those that rest in a pause."""
        return self.filter(status__in=[Task.Status.OPEN, Task.Status.PAUSED])

    def paused(self) -> Self:
        return self.filter(status=Task.Status.PAUSED)

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

    It is *paused* while its care plan is on hold, and *open* at no such time: so nothing that asks for open tasks (the
    citizen's list, reminders, what is overdue) needs to know of pauses (docs/adr/0017). `is_extra`: staff asked once
    more than the plan does. `municipality` and `citizen` are the care plan's and the response's, held true by the
    database (migration 0003).
    """

    class Status(models.TextChoices):
        OPEN = "open", _("Ikke besvaret")
        PAUSED = "paused", _("På pause")
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
    is_extra = models.BooleanField(default=False, db_default=False)
    # Whether its answer may bring another task. The activity says it, too; here it costs submitting no query.
    triggers = models.BooleanField(default=False, db_default=False)
    # The task whose answer brought this one.
    triggered_by = models.ForeignKey(
        "self", on_delete=models.RESTRICT, null=True, blank=True, related_name="followers", db_index=False
    )

    # The plan's, where a list has read it (`notifications.unanswered.as_listed`).
    plan_title: str

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
            models.UniqueConstraint(
                fields=["triggered_by", "activity"],
                condition=Q(triggered_by__isnull=False),
                name="an_answer_brings_a_task_once",
            ),
        ]
        indexes = [
            models.Index(
                fields=["citizen", "due_at"], condition=Q(status="open"), name="open_tasks_of_a_citizen"
            ),
            models.Index(fields=["due_at"], condition=Q(status="open"), name="open_tasks_by_due_time"),
            # The list of the unanswered walks along it, and never through another municipality's.
            models.Index(
                fields=["municipality", "due_at", "id"],
                condition=Q(status="open"),
                name="open_tasks_of_a_municipality",
            ),
        ]

    def __str__(self) -> str:
        return f"Task {self.pk}"

    @property
    def title(self) -> str:
        return self.activity.shown_title

    @property
    def is_open(self) -> bool:
        return self.status == Task.Status.OPEN

    def is_overdue(self, now: datetime) -> bool:
        return self.is_open and self.due_at < now
