"""What was uploaded and waits until somebody has chosen among it; gone a day later, and when it is done with."""

import uuid
from datetime import timedelta
from typing import ClassVar, Self

from django.db import models
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality
from municipalities.scope import Scope

KEPT_FOR = timedelta(days=1)
KEPT_WHEN_DONE = timedelta(hours=1)
"""So long the page can still say what became of each."""
FORSAKEN_AFTER = timedelta(minutes=1)
"""Without a sign of work for so long, whoever worked on it is gone."""


class ImportBatch(models.Model):
    """One upload: first read, then chosen among, then stored as drafts. `content` is emptied when it is read."""

    class State(models.TextChoices):
        READING = "reading", _("Bliver læst")
        READY = "ready", _("Klar til at vælge")
        STORING = "storing", _("Bliver gemt")
        DONE = "done", _("Færdig")
        REFUSED = "refused", _("Kan ikke læses")

    AT_WORK: ClassVar = (State.READING, State.STORING)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: the system administration, whose questionnaires are national.
    owner = models.ForeignKey(Municipality, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    made_by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=200, help_text="What the file was called; only shown.")
    content = models.BinaryField()
    expected = models.PositiveIntegerField(
        null=True, help_text="How many questionnaires; None: nobody knows yet."
    )
    state = models.CharField(max_length=10, choices=State, default=State.READING)
    refusal = models.TextField(blank=True, help_text="Why nothing of it can be used, as a sentence.")
    created_at = models.DateTimeField(db_index=True)
    worked_at = models.DateTimeField(help_text="The last sign of work on it.")

    def __str__(self) -> str:
        return f"ImportBatch {self.pk}"

    @property
    def scope(self) -> Scope:
        """Whose it is, as the walls ask."""
        return Scope.national() if self.owner_id is None else Scope.municipality(self.owner_id)

    @property
    def is_at_work(self) -> bool:
        return self.state in self.AT_WORK


class ImportFileQuerySet(models.QuerySet["ImportFile"]):
    def usable(self) -> Self:
        """What can be chosen: neither refused nor here already."""
        return self.exclude(relation__in=[ImportFile.Relation.REFUSED, ImportFile.Relation.IDENTICAL])

    def to_store(self) -> Self:
        """Chosen, and not dealt with yet."""
        return self.filter(is_chosen=True, outcome=ImportFile.Outcome.WAITING)


class ImportFile(models.Model):
    """One questionnaire of an upload: what it is to those we have, what the engine says, what became of it."""

    class Relation(models.TextChoices):
        NEW = "new", _("Nyt spørgeskema")
        NEXT = "next", _("Ny version")
        REPLACES = "replaces", _("Erstatter kladden")
        IDENTICAL = "identical", _("Findes allerede")
        REFUSED = "refused", _("Kan ikke importeres")

    class Outcome(models.TextChoices):
        WAITING = "waiting", _("Ikke gemt")
        STORED = "stored", _("Gemt som kladde")
        FAILED = "failed", _("Blev ikke gemt")

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="files")
    owner = models.ForeignKey(Municipality, on_delete=models.CASCADE, null=True, blank=True, related_name="+")
    position = models.PositiveIntegerField()
    name = models.CharField(max_length=250, help_text="The file's or entry's; only shown.")
    title = models.CharField(max_length=300, blank=True)
    url = models.CharField(max_length=500, blank=True)
    copyright = models.TextField(blank=True)
    language = models.CharField(max_length=20, blank=True)
    relation = models.CharField(max_length=10, choices=Relation)
    number = models.PositiveIntegerField(null=True, help_text="The version that it is or becomes.")
    source = models.JSONField(null=True, help_text="The FHIR questionnaire, until it is stored.")
    refusal = models.TextField(blank=True)
    issues = models.JSONField(default=list, help_text="Of the engine, each in both languages.")
    notes = models.JSONField(
        default=list, help_text="Sentences about what the file holds and we cannot take."
    )
    is_chosen = models.BooleanField(default=False)
    outcome = models.CharField(max_length=10, choices=Outcome, default=Outcome.WAITING)
    version = models.ForeignKey(
        "questionnaires.QuestionnaireVersion",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )

    objects = ImportFileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["batch", "position"], name="one_row_an_imported_file")]

    def __str__(self) -> str:
        return f"ImportFile {self.pk}"

    @property
    def is_usable(self) -> bool:
        return self.relation not in (self.Relation.REFUSED, self.Relation.IDENTICAL)
