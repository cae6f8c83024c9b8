"""What staff do with what citizens have answered: which answers wait for a look, and what was done about them.

Everything here belongs to a municipality and, but for what is a person's own (`SavedView`, `DeskSettings`), to a
citizen of its courses. Citizens see none of it on their pages; in *Mine data* it is theirs.
"""

import uuid
from typing import Self
from urllib.parse import urlencode

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from followup.journal_models import JournalLayout as JournalLayout
from identity.models import StaffMember
from municipalities.models import CareTeam, Municipality
from questionnaires.models import Questionnaire, Response, is_corrected, language_of_texts

LONGEST_NOTE = 2000


class Colour(models.TextChoices):
    """The engine's colours, the least serious first; none is the empty text."""

    GREEN = "green", _("Grøn")
    YELLOW = "yellow", _("Gul")
    RED = "red", _("Rød")


SERIOUS = (Colour.YELLOW, Colour.RED)

# A red answer before one that only became worse; 0 is not marked.
_SERIOUSNESS = Case(
    When(colour=Colour.RED, then=Value(3)),
    When(worsened=True, then=Value(2)),
    When(colour=Colour.YELLOW, then=Value(1)),
    default=Value(0),
)


class AttentionQuerySet(models.QuerySet["Attention"]):
    """Rows of answers that count: what was corrected since is history."""

    def in_force(self) -> Self:
        return self.filter(~is_corrected("response"))

    def unhandled(self) -> Self:
        return self.filter(handled_at=None)

    def marked(self) -> Self:
        """What the questionnaire's approved rules say is serious, or more serious than last time."""
        return self.filter(seriousness__gt=0)


class Attention(models.Model):
    """A submitted answer as staff's lists know it: when it came, what it points to, and who has handled it.

    Made with the submission, in its transaction (followup/noting.py). `colours` has the most serious colour of each
    item that has one, by link id; `colour` is the most serious of all. Both are empty where the version has no decision
    support that two have approved (docs/adr/0016). `worsened`: an item is more serious than in the citizen's answer
    before, by the same rules. `care_team` is the course's at the time.
    """

    response = models.OneToOneField(
        Response, on_delete=models.CASCADE, primary_key=True, related_name="attention"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    care_team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, related_name="+", db_index=False)
    questionnaire = models.ForeignKey(
        Questionnaire, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    answered_at = models.DateTimeField()
    colours = models.JSONField(default=dict)
    colour = models.CharField(max_length=6, choices=Colour, blank=True, default="")
    worsened = models.BooleanField(default=False)
    # Read by the database alone, which sorts by it.
    seriousness = models.GeneratedField(
        expression=_SERIOUSNESS, output_field=models.SmallIntegerField(), db_persist=True
    )
    handled_at = models.DateTimeField(null=True, blank=True)
    handled_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    note = models.CharField(max_length=LONGEST_NOTE, blank=True, default="")

    # The questionnaire's, where `selectors.with_what_is_shown` has read them.
    title: str
    language: str

    objects = AttentionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(handled_at__isnull=True, handled_by__isnull=True, note="")
                | Q(handled_at__isnull=False, handled_by__isnull=False),
                name="handled_answer_says_by_whom",
            ),
            models.CheckConstraint(
                condition=Q(colour__in=["", *Colour.values]), name="attention_colour_is_known"
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "-answered_at", "-response"],
                condition=Q(handled_at__isnull=True),
                name="answers_not_handled",
            ),
            # The marked ones stand first in it.
            models.Index(
                fields=["municipality", "-seriousness", "-answered_at", "-response"],
                condition=Q(handled_at__isnull=True),
                name="serious_answers_not_handled",
            ),
            models.Index(
                fields=["municipality", "-handled_at", "-response"],
                condition=Q(handled_at__isnull=False),
                name="answers_handled",
            ),
            models.Index(fields=["citizen", "questionnaire", "-answered_at"], name="attention_of_a_citizen"),
        ]

    def __str__(self) -> str:
        return f"Attention {self.pk}"

    @property
    def text_language(self) -> str:
        """What the questionnaire is written in, for HTML's `lang`."""
        return language_of_texts(self.language)

    @property
    def is_handled(self) -> bool:
        return self.handled_at is not None

    @property
    def is_marked(self) -> bool:
        return self.colour in SERIOUS or self.worsened


class Following(models.Model):
    """An employee has put a citizen on their own list."""

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    staff_member = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, related_name="following", db_index=False
    )
    citizen = models.ForeignKey(Citizen, on_delete=models.CASCADE, related_name="followers")
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["staff_member", "citizen"], name="citizen_once_on_a_list")
        ]

    def __str__(self) -> str:
        return f"Following {self.pk}"


class SavedView(models.Model):
    """A choice of filters of the overview that an employee has given a name; their own."""

    LONGEST_NAME = 60

    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    staff_member = models.ForeignKey(
        StaffMember, on_delete=models.CASCADE, related_name="saved_views", db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME)
    choices = models.JSONField(help_text="The overview's fields as its address has them; no citizen in it.")
    made_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["staff_member", "name"], name="one_saved_view_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="saved_view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def query(self) -> str:
        """What follows the “?” in the overview's address."""
        return urlencode(self.choices)


class CitizenNote(models.Model):
    """A short note of the follow-up; the journal is elsewhere. Written once: a mistake is put right by another."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=LONGEST_NOTE)
    written_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", db_index=False)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["-written_at"]
        constraints = [models.CheckConstraint(condition=~Q(text=""), name="citizen_note_says_something")]
        indexes = [models.Index(fields=["citizen", "-written_at"], name="notes_of_a_citizen")]

    def __str__(self) -> str:
        return f"CitizenNote {self.pk}"


class Errand(models.Model):
    """Something a colleague is asked to do about a citizen: one person's, or whoever of a team takes it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+")
    response = models.ForeignKey(
        Response, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    text = models.CharField(max_length=LONGEST_NOTE)
    asked_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    for_member = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="errands", db_index=False
    )
    for_team = models.ForeignKey(
        CareTeam, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    due_on = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = [F("due_on").asc(nulls_last=True), "asked_at"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="errand_says_something"),
            models.CheckConstraint(
                condition=Q(for_member__isnull=False, for_team__isnull=True)
                | Q(for_member__isnull=True, for_team__isnull=False),
                name="errand_is_somebodys",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="done_errand_says_by_whom",
            ),
        ]
        indexes = [
            models.Index(
                fields=["municipality", "for_member"],
                condition=Q(done_at__isnull=True),
                name="errands_to_do",
            )
        ]

    def __str__(self) -> str:
        return f"Errand {self.pk}"

    @property
    def is_done(self) -> bool:
        return self.done_at is not None


class OutsideAccess(models.Model):
    """An employee opened a citizen whom none of their teams follows, and said why; it holds until `until`.

    Whoever controls access looks at each of them. Never changed, but by that look.
    """

    LONGEST_REASON = 500

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+")
    staff_member = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", db_index=False)
    care_team_name = models.CharField(max_length=120, blank=True, help_text="The team they logged in for.")
    reason = models.CharField(max_length=LONGEST_REASON)
    at = models.DateTimeField()
    until = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(
        StaffMember, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="outside_access_has_a_reason"),
            models.CheckConstraint(condition=Q(until__gt=F("at")), name="outside_access_lasts"),
            models.CheckConstraint(
                condition=Q(seen_at__isnull=True, seen_by__isnull=True)
                | Q(seen_at__isnull=False, seen_by__isnull=False) & ~Q(seen_by=F("staff_member")),
                name="outside_access_is_seen_by_another",
            ),
        ]
        indexes = [
            models.Index(fields=["municipality", "-at"], name="outside_access_by_time"),
            models.Index(fields=["staff_member", "citizen", "-until"], name="outside_access_standing"),
        ]

    def __str__(self) -> str:
        return f"OutsideAccess {self.pk}"


class DeskSettings(models.Model):
    """What an employee has chosen for themself: when they last looked at the bell, and the daily e-mail."""

    staff_member = models.OneToOneField(
        StaffMember, on_delete=models.CASCADE, primary_key=True, related_name="desk"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    bell_seen_at = models.DateTimeField(null=True, blank=True)
    digest_to = models.EmailField(
        blank=True, default="", help_text="Where the daily e-mail goes; empty: none."
    )
    # The team whose figures it has, as the employee was logged in when they asked for it; none is all of them.
    digest_team = models.ForeignKey(
        CareTeam, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    digest_sent_on = models.DateField(null=True, blank=True)

    def __str__(self) -> str:
        return f"DeskSettings {self.pk}"
