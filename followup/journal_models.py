"""How a municipality wants an answer written in its journal (EOJ): which parts, in which order."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from identity.models import StaffMember
from municipalities.models import Municipality


class JournalPart(models.TextChoices):
    """A part of the text; the order here is the one that every municipality begins with."""

    DATE = "date", _("Dato")
    QUESTIONNAIRE = "questionnaire", _("Spørgeskema")
    SCORES = "scores", _("Resultater med bånd og ændring")
    COLOURED = "coloured", _("Farvede svar, med ord")
    FREE_TEXT = "free-text", _("Borgerens egne ord")
    ANSWERS = "answers", _("Alle svar")


USUAL_PARTS = (
    JournalPart.DATE,
    JournalPart.QUESTIONNAIRE,
    JournalPart.SCORES,
    JournalPart.COLOURED,
    JournalPart.FREE_TEXT,
)
"""What a municipality that has chosen nothing gets: all but the whole questionnaire, which stays here to be read."""


class JournalLayout(models.Model):
    """A municipality's choice. It holds nothing of any citizen."""

    municipality = models.OneToOneField(
        Municipality, on_delete=models.PROTECT, primary_key=True, related_name="journal_layout"
    )
    parts = ArrayField(models.CharField(max_length=13, choices=JournalPart))
    chosen_at = models.DateTimeField()
    chosen_by = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    parts__len__range=(1, len(JournalPart.values)), parts__contained_by=JournalPart.values
                ),
                name="journal_layout_has_parts_we_know",
            )
        ]

    def __str__(self) -> str:
        return f"JournalLayout {self.municipality_id}"
