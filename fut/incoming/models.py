"""When each course was last looked at on FUT, and what was found there."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import CareTeam, Municipality
from plans.models import Activity, CarePlan, EpisodeOfCare

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


class FutTeam(models.Model):
    """Which care team on FUT a team of ours is: the one with its name in its municipality's organisation."""

    care_team = models.OneToOneField(CareTeam, on_delete=models.PROTECT, primary_key=True, related_name="+")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    url = models.URLField(max_length=500, unique=True)
    version_id = models.CharField(max_length=40, blank=True)
    read_at = models.DateTimeField(help_text="When it was last read there.")

    def __str__(self) -> str:
        return self.url


class FutTeamLook(models.Model):
    """A municipality whose teams are looked at on FUT: whose turn it is, as `FutLook`."""

    municipality = models.OneToOneField(
        Municipality, on_delete=models.PROTECT, primary_key=True, related_name="+"
    )
    looked_at = models.DateTimeField(null=True, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True, help_text="Why the platform refused the last look.")

    def __str__(self) -> str:
        return f"Look at the teams of {self.municipality_id}"


class FutRun(models.Model):
    """How the looking goes, over all workers: one row for the courses, one for the teams. Nobody's data."""

    class What(models.TextChoices):
        COURSES = "courses", _("Forløb")
        TEAMS = "teams", _("Team")

    what = models.CharField(max_length=10, choices=What, primary_key=True)
    # A run that the platform answered to its end; one that had nothing to ask counts.
    succeeded_at = models.DateTimeField(null=True, blank=True)
    runs = models.PositiveBigIntegerField(default=0)
    stopped = models.PositiveBigIntegerField(default=0, help_text="Runs that ended early: no answer.")
    looked = models.PositiveBigIntegerField(default=0, help_text="Looks that were answered.")
    refused = models.PositiveBigIntegerField(default=0, help_text="Looks that were refused.")
    resources = models.PositiveBigIntegerField(default=0, help_text="Resources that were read.")
    problem = models.TextField(blank=True, help_text="Why the last run ended early.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(what__in=["courses", "teams"]), name="fut_run_what_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.what}: {self.runs} runs"


class FutFinding(models.Model):
    """Something that stands on FUT otherwise than here, in one version; nothing is overwritten before it is settled."""

    class Kind(models.TextChoices):
        PLAN = "plan", _("Planen står anderledes på FUT")
        PLAN_ELSEWHERE = "plan_elsewhere", _("Planen er lavet i et andet system")
        REQUEST = "request", _("Et spørgeskema i planen står anderledes på FUT")
        REQUEST_ELSEWHERE = "request_elsewhere", _("Planen har fået mere på FUT")
        ANSWER = "answer", _("Besvarelsen står anderledes på FUT")
        ANSWER_ELSEWHERE = "answer_elsewhere", _("Besvarelsen er sendt fra et andet system")
        TEAM = "team", _("Teamet står anderledes på FUT")

    class Settlement(models.TextChoices):
        OURS = "ours", _("Vores beholdt")
        THEIRS = "theirs", _("FUT's brugt")
        SEEN = "seen", _("Set")
        TAKEN_OVER = "taken_over", _("Overtaget af sig selv")
        OUTDATED = "outdated", _("Ændret på FUT siden")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    # None for a team, which is no citizen's.
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    episode = models.ForeignKey(
        EpisodeOfCare, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=20, choices=Kind)
    # Ours that it is about; None where it was made elsewhere, or is an answer.
    care_plan = models.ForeignKey(CarePlan, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    # The questionnaire of the plan, where it is about that one alone.
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    care_team = models.ForeignKey(CareTeam, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    url = models.URLField(max_length=500)
    version_id = models.CharField(max_length=40, blank=True)
    ours = models.CharField(max_length=20, blank=True, help_text="Our status; empty where we have none.")
    theirs = models.CharField(
        max_length=20, help_text="The status there; of a team also “renamed”, “moved”, “gone”."
    )
    # What it is there: a plan's canonical, a questionnaire's address, a team's name.
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
                condition=Q(kind="plan", care_plan__isnull=False, activity__isnull=True) & ~Q(ours="")
                | Q(kind="request", care_plan__isnull=False, activity__isnull=False) & ~Q(ours="")
                | Q(kind="request_elsewhere", care_plan__isnull=False, activity__isnull=True, ours="")
                | Q(kind__in=["answer", "team"], care_plan__isnull=True, activity__isnull=True) & ~Q(ours="")
                | Q(
                    kind__in=["plan_elsewhere", "answer_elsewhere"],
                    care_plan__isnull=True,
                    activity__isnull=True,
                    ours="",
                ),
                name="ours_stands_where_we_have_it",
            ),
            models.CheckConstraint(
                condition=Q(kind="team", care_team__isnull=False, citizen__isnull=True, episode__isnull=True)
                | ~Q(kind="team") & Q(care_team__isnull=True, citizen__isnull=False, episode__isnull=False),
                name="of_a_citizens_course_or_of_a_team",
            ),
            models.CheckConstraint(
                condition=Q(told_at__isnull=True) | Q(settlement="ours"), name="told_only_what_we_kept"
            ),
        ]
        indexes = [
            models.Index(
                fields=["citizen", "municipality"], condition=Q(settlement=""), name="open_findings"
            ),
            models.Index(
                fields=["municipality", "kind", "found_at"],
                condition=Q(settlement=""),
                name="open_findings_of_a_place",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.url}"

    @property
    def may_take_theirs(self) -> bool:
        """Whether FUT's can become ours: a plan, or a questionnaire of one, that goes on here has ended there.

        A team that is closed there can be closed for new plans.
        """
        if self.kind == self.Kind.TEAM:
            return self.theirs != "renamed"
        goes_on = self.kind in {self.Kind.PLAN, self.Kind.REQUEST} and self.ours in {"active", "on-hold"}
        return goes_on and self.theirs in ENDINGS

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
    def ended_at(self) -> datetime:
        """When it happened there, as far as that is known."""
        return self.happened_at or self.found_at

    @property
    def subject(self) -> str:
        """What of ours it is about, by its title; empty where that is a citizen's answer or nothing of ours."""
        if self.care_team is not None:
            return self.care_team.name
        if self.activity is not None:
            return self.activity.shown_title
        return self.care_plan.plan.title if self.care_plan is not None else ""

    @property
    def is_conflict(self) -> bool:
        return self.kind in {self.Kind.PLAN, self.Kind.REQUEST, self.Kind.ANSWER, self.Kind.TEAM}


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
    "inactive": _("nedlagt"),
    "suspended": _("sat på pause"),
    "proposed": _("foreslået"),
    "renamed": _("har fået et navn, som et andet team har her"),
    "moved": _("hører til en anden organisation"),
    "gone": _("findes ikke mere"),
}
ENDINGS = frozenset({"completed", "revoked"})
