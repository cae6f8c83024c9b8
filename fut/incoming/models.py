"""When each course was last looked at on FUT, and what was found there."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import Municipality
from plans.models import CarePlan, EpisodeOfCare

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class FutLook(models.Model):
    """A course that FUT knows: when it was looked at there, and who looks at it now."""

    episode = models.OneToOneField(
        EpisodeOfCare, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Whose turn it is: the longest waiting first; None goes before all others.
    looked_at = models.DateTimeField(null=True, blank=True)
    # What changed there from this moment on has not been read; None: nothing has.
    read_until = models.DateTimeField(null=True, blank=True)
    # While a worker looks; a killed worker's course comes back when the lease has run out.
    leased_until = models.DateTimeField(null=True, blank=True)
    had_nemsms = models.BooleanField(
        null=True, blank=True, help_text="Whether the telecom there held NemSMS when last read."
    )
    problem = models.TextField(blank=True, help_text="Why the platform refused the last look.")

    class Meta:
        indexes = [models.Index(F("looked_at").asc(nulls_first=True), "episode", name="looks_by_turn")]

    def __str__(self) -> str:
        return f"Look at {self.episode_id}"


class FutFinding(models.Model):
    """Something that stands on FUT otherwise than here, in one version; nothing is overwritten before it is settled."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Planen står anderledes på FUT")
        PLAN_ELSEWHERE = "plan_elsewhere", _("Planen er lavet i et andet system")
        ANSWER = "answer", _("Besvarelsen står anderledes på FUT")
        ANSWER_ELSEWHERE = "answer_elsewhere", _("Besvarelsen er sendt fra et andet system")

    class Settlement(models.TextChoices):
        OURS = "ours", _("Vores beholdt")
        THEIRS = "theirs", _("FUT's brugt")
        SEEN = "seen", _("Set")
        TAKEN_OVER = "taken_over", _("Overtaget af sig selv")
        OUTDATED = "outdated", _("Ændret på FUT siden")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+")
    episode = models.ForeignKey(EpisodeOfCare, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    # Ours that it is about; None where it was made elsewhere, or is an answer.
    care_plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(max_length=500)
    version_id = models.CharField(max_length=40, blank=True)
    ours = models.CharField(max_length=20, blank=True, help_text="Our status; empty where we have none.")
    theirs = models.CharField(max_length=20, help_text="The status there.")
    # What it is there: a plan's canonical or a questionnaire's address.
    about = models.CharField(max_length=500, blank=True)
    happened_at = models.DateTimeField(null=True, blank=True, help_text="As the platform says it.")
    found_at = models.DateTimeField()
    settlement = models.CharField(max_length=10, choices=Settlement, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    # When FUT was told that ours holds; None where there is nothing to tell or it has not been told yet.
    told_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-found_at", "pk"]
        constraints = [
            # What a person has settled comes again only when somebody changes it there.
            models.UniqueConstraint(fields=["url", "version_id"], name="one_finding_a_version"),
            models.CheckConstraint(
                condition=Q(settlement="", settled_at__isnull=True, settled_by__isnull=True)
                | Q(
                    settlement__in=["taken_over", "outdated"],
                    settled_at__isnull=False,
                    settled_by__isnull=True,
                )
                | Q(
                    settlement__in=["ours", "theirs", "seen"],
                    settled_at__isnull=False,
                    settled_by__isnull=False,
                ),
                name="a_person_settles_or_nobody",
            ),
            models.CheckConstraint(
                condition=Q(kind="plan", care_plan__isnull=False) & ~Q(ours="")
                | Q(kind="answer", care_plan__isnull=True) & ~Q(ours="")
                | Q(kind__in=["plan_elsewhere", "answer_elsewhere"], care_plan__isnull=True, ours=""),
                name="ours_stands_where_we_have_it",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(settlement="ours"), name="told_only_what_we_kept"
            ),
        ]
        indexes = [
            models.Index(
                fields=["citizen", "municipality"], condition=Q(settlement=""), name="open_findings"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.url}"

    @property
    def may_take_theirs(self) -> bool:
        """Whether FUT's can become ours: a plan of ours that goes on here has ended there."""
        return self.kind == self.Kind.PLAN and self.ours == "active" and self.theirs in ENDINGS

    @property
    def is_over_there(self) -> bool:
        """Whether the platform lets nobody open it again."""
        return self.theirs not in {"draft", "active", "on-hold", "unknown"}

    @property
    def ours_in_words(self) -> StrOrPromise:
        return STATUS_WORDS.get(self.ours, self.ours)

    @property
    def theirs_in_words(self) -> StrOrPromise:
        return STATUS_WORDS.get(self.theirs, self.theirs)

    @property
    def number_there(self) -> str:
        """What it is called there, for whoever looks it up: such as “CarePlan/17”."""
        return "/".join(self.url.rsplit("/", 2)[-2:])

    @property
    def is_conflict(self) -> bool:
        return self.kind in {self.Kind.PLAN, self.Kind.ANSWER}


STATUS_WORDS = {
    "draft": _("kladde"),
    "active": _("i gang"),
    "on-hold": _("sat på pause"),
    "completed": _("afsluttet"),
    "revoked": _("stoppet"),
    "unknown": _("ukendt"),
    "amended": _("rettet"),
    "in-progress": _("påbegyndt"),
    "entered-in-error": _("fejlregistreret"),
}
ENDINGS = frozenset({"completed", "revoked"})
