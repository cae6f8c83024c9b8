"""What happens to a questionnaire besides being written: its states, what was decided by whom, how much it is used."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from municipalities.models import Municipality


class PublicationStatus(models.TextChoices):
    """The life of what KAM publishes.

    FHIR's publication-status, and FUT with it, has no word for being reviewed: that is a draft to them (`fhir`).
    """

    DRAFT = "draft", _("Kladde")
    IN_REVIEW = "in-review", _("Til gennemsyn")
    ACTIVE = "active", _("Aktiv")
    RETIRED = "retired", _("Udgået")

    @property
    def fhir(self) -> str:
        """The same in FHIR's words."""
        return "draft" if self is PublicationStatus.IN_REVIEW else str(self.value)

    UNPUBLISHED: ClassVar[tuple[str, str]]
    PUBLISHED: ClassVar[tuple[str, str]]


PublicationStatus.UNPUBLISHED = (PublicationStatus.DRAFT.value, PublicationStatus.IN_REVIEW.value)
PublicationStatus.PUBLISHED = (PublicationStatus.ACTIVE.value, PublicationStatus.RETIRED.value)


class Area(models.TextChoices):
    """What a questionnaire is about: the national areas for municipalities, and what is not of one of them."""

    HEART = "heart", _("Hjerte")
    STROKE = "stroke", _("Apopleksi")
    KNEE_HIP = "knee-hip", _("Knæ og hofte")
    DIABETES = "diabetes", _("Diabetes")
    BIRTH = "birth", _("Graviditet og barsel")
    EARLY = "early-detection", _("Tidlig opsporing")
    PALLIATION = "palliation", _("Palliation")
    REHABILITATION = "rehabilitation", _("Rehabilitering")
    WELL_BEING = "well-being", _("Trivsel")
    PAIN = "pain", _("Smerter")
    OTHER = "other", _("Andet")


class DecisionSupport(models.Model):
    """That a questionnaire may steer care by its colours and thresholds: a medical device, switched on by somebody.

    Off until there is one. What it is meant for and by which version of its algorithm never changes: another purpose or
    algorithm is another row, and the versions are approved anew. It ends by being switched off.
    """

    LONGEST_PURPOSE = 2000

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(
        "questionnaires.Questionnaire", on_delete=models.PROTECT, related_name="decision_supports"
    )
    intended_purpose = models.TextField(help_text="What the colours are for, and for whom.")
    algorithm_version = models.CharField(max_length=50)
    switched_on_at = models.DateTimeField()
    switched_on_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    switched_off_at = models.DateTimeField(null=True, blank=True)
    switched_off_by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(switched_off_at__isnull=True),
                name="one_decision_support_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(intended_purpose="") & ~Q(algorithm_version=""),
                name="decision_support_says_what_for",
            ),
            models.CheckConstraint(
                condition=Q(switched_off_at__isnull=True, switched_off_by__isnull=True)
                | Q(switched_off_at__isnull=False, switched_off_by__isnull=False),
                name="who_switched_off_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id}: {self.algorithm_version}"


class PublicationEvent(models.Model):
    """A step in the life of a questionnaire or of one of its versions: who, what, when, and of exactly which content.

    Never changed and never deleted; `municipality` is the questionnaire's owner, none for national ones.
    """

    LONGEST_COMMENT = 2000

    class Kind(models.TextChoices):
        SENT_IN = "sent-in", _("Kladde sendt ind af et program")
        SENT_TO_REVIEW = "sent-to-review", _("Sendt til gennemsyn")
        TAKEN_BACK = "taken-back", _("Taget tilbage til kladde")
        SENT_BACK = "sent-back", _("Sendt tilbage med en kommentar")
        APPROVED = "approved", _("Godkendt")
        PUBLISHED = "published", _("Udgivet")
        SUPERSEDED = "superseded", _("Afløst af en nyere version")
        WITHDRAWN = "withdrawn", _("Taget ud af brug")
        PERMISSION_CONFIRMED = "permission-confirmed", _("Tilladelse til instrumentet bekræftet")
        SUPPORT_ON = "support-on", _("Beslutningsstøtte slået til")
        SUPPORT_OFF = "support-off", _("Beslutningsstøtte slået fra")
        COPIED = "copied", _("Kopieret")
        SHARED = "shared", _("Delt med andre kommuner")
        UNSHARED = "unshared", _("Deles ikke længere")
        FACTS_CHANGED = "facts-changed", _("Oplysninger ændret")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(
        "questionnaires.Questionnaire", on_delete=models.PROTECT, related_name="events"
    )
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    version = models.ForeignKey(
        "questionnaires.QuestionnaireVersion",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="events",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=Kind)
    at = models.DateTimeField()
    by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    comment = models.TextField(blank=True, default="")
    fingerprint = models.CharField(max_length=64, blank=True, default="")
    decision_support = models.ForeignKey(
        DecisionSupport, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        ordering = ["-at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"


class UseCount(models.Model):
    """How many answers a municipality got with a questionnaire in the last year: counted at night (use_counts.py)."""

    questionnaire = models.ForeignKey(
        "questionnaires.Questionnaire", on_delete=models.CASCADE, related_name="use_counts"
    )
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="+", db_index=False)
    answers = models.PositiveIntegerField()
    counted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "municipality"], name="one_count_a_municipality")
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id}: {self.answers}"
