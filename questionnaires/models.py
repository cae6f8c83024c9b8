"""Questionnaires, their immutable versions, and what citizens answered."""

import uuid
from collections.abc import Iterator
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import Municipality
from questionnaires.fingerprints import fingerprint


class PublicationStatus(models.TextChoices):
    """The life of what KAM publishes (FHIR publication-status)."""

    DRAFT = "draft", _("Kladde")
    ACTIVE = "active", _("Aktiv")
    RETIRED = "retired", _("Udgået")


class Questionnaire(models.Model):
    """What stays the same through all versions: the canonical address and who owns it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(
        max_length=500, unique=True, help_text="The canonical address (Questionnaire.url)."
    )
    # None: national, made by the system administration and used by all.
    owner = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="questionnaires"
    )
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.url


class QuestionnaireVersionQuerySet(models.QuerySet["QuestionnaireVersion"]):
    def active(self) -> Self:
        return self.filter(status=PublicationStatus.ACTIVE)

    def visible_in_kam(self, owner: Municipality | None) -> Self:
        """All of one's own, and what the system administration has published; nobody else's drafts."""
        own = Q(questionnaire__owner=owner)
        return self.filter(own | Q(questionnaire__owner=None) & ~Q(status=PublicationStatus.DRAFT))

    def newest_first(self) -> Self:
        return self.order_by("-questionnaire__created_at", "-number")

    def usable_by(self, municipality: Municipality | None) -> Self:
        """National ones and the municipality's own; None stands for the system administration."""
        return self.of_owner_or_national(municipality.pk if municipality else None)

    def of_owner_or_national(self, municipality_id: int | None) -> Self:
        """The same by the municipality's id."""
        return self.filter(Q(questionnaire__owner=None) | Q(questionnaire__owner=municipality_id))


class QuestionnaireVersion(models.Model):
    """One version of a questionnaire as FHIR JSON; never changes once it is active.

    A trigger (migration 0002) guards that in the database as well.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=PublicationStatus, default=PublicationStatus.DRAFT)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=20, blank=True)
    source = models.JSONField(help_text="The FHIR R4 Questionnaire as it was imported or built.")
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="one_row_a_version"),
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(status=PublicationStatus.DRAFT),
                name="one_draft_a_questionnaire",
            ),
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(status=PublicationStatus.ACTIVE),
                name="one_active_version_a_questionnaire",
            ),
            models.CheckConstraint(
                condition=Q(status=PublicationStatus.DRAFT) | Q(published_at__isnull=False),
                name="active_version_is_published",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    @property
    def canonical(self) -> str:
        """`url|version`, by which a response names exactly what was answered."""
        return f"{self.questionnaire.url}|{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.status == PublicationStatus.DRAFT

    @property
    def has_a_newer(self) -> bool:
        """A version is retired by publishing the next one, and by nothing else."""
        return self.status == PublicationStatus.RETIRED

    @property
    def text_language(self) -> str:
        """What its texts are written in, for HTML's `lang`; a questionnaire that does not say so is Danish."""
        return self.language or settings.LANGUAGE_CODE

    @property
    def fingerprint(self) -> str:
        """Names the content: who publishes a draft says by it what they have looked at."""
        return fingerprint(self.source)


class AnswerTime(models.Model):
    """How long citizens take to answer a version: the median of many (questionnaires/answer_times.py)."""

    version = models.OneToOneField(
        QuestionnaireVersion, on_delete=models.CASCADE, primary_key=True, related_name="answer_time"
    )
    seconds = models.PositiveIntegerField()
    measured_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version_id}: {self.seconds} s"


class ResponseQuerySet(models.QuerySet["Response"]):
    def completed(self) -> Self:
        """What was submitted, also what was corrected since."""
        return self.filter(status=Response.Status.COMPLETED)

    def in_force(self) -> Self:
        """What was submitted and counts: of an answer that was corrected its newest edition."""
        return self.completed().filter(~is_corrected("pk"))

    def former(self) -> Self:
        """What was submitted and counts no more, because a correction of it was submitted."""
        return self.completed().filter(is_corrected("pk"))


def is_corrected(response: str) -> Exists:
    """For a query in which `response` names a response: whether a later edition of it was submitted."""
    return Exists(Response.objects.completed().filter(replaces=OuterRef(response)))


class Response(models.Model):
    """A citizen's answers to one version; a draft until it is submitted (FHIR QuestionnaireResponse).

    `municipality` is the one that asked: the task's, which names its response together with it.
    `mode` says how the answers came. Where the citizen did not give them to the screen alone, `entered_by` is the
    member of staff who entered them or helped, and where they were given away from it, `given_on` is the Danish day.
    `replaces` is the submitted response that this one corrects (plans/correcting.py): the former stays as it is. That
    both are the same citizen's, of one municipality and one version, and come in the same way, the database holds true
    (migration 0008).
    """

    class Status(models.TextChoices):
        IN_PROGRESS = "in-progress", _("I gang")
        COMPLETED = "completed", _("Indsendt")

    class Mode(models.TextChoices):
        OWN = "own", _("Af borgeren selv")
        PAPER = "paper", _("På papir")
        TELEPHONE = "telephone", _("I telefonen")
        IN_PERSON = "in-person", _("Ved et møde")
        ASSISTED = "assisted", _("Med hjælp ved skærmen")

    # What staff enter; the database's walls know them by the same words (migration 0006).
    REGISTERED = (Mode.PAPER, Mode.TELEPHONE, Mode.IN_PERSON)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="responses")
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+", db_index=False)
    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.PROTECT, related_name="responses")
    status = models.CharField(max_length=12, choices=Status, default=Status.IN_PROGRESS)
    # The QuestionnaireResponse's `item` tree; a completed one also holds texts and calculated values.
    document = models.JSONField(default=dict)
    started_at = models.DateTimeField()
    saved_at = models.DateTimeField()
    completed_at = models.DateTimeField(null=True, blank=True)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.OWN, db_default=Mode.OWN)
    entered_by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="Who entered the answers, or helped the citizen to.",
    )
    given_on = models.DateField(
        null=True, blank=True, help_text="When they were given, where staff enter them."
    )
    # One to one: a response has at most one correction, under way or submitted.
    replaces = models.OneToOneField(
        "self",
        # Both are deleted together or not at all.
        on_delete=models.RESTRICT,
        null=True,
        blank=True,
        related_name="correction",
        help_text="The submitted response that this one corrects.",
    )

    objects = ResponseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(status="completed", completed_at__isnull=False)
                | Q(status="in-progress", completed_at__isnull=True),
                name="completed_response_has_its_time",
            ),
            models.CheckConstraint(
                condition=Q(completed_at__isnull=True) | Q(completed_at__gte=F("started_at")),
                name="response_is_completed_after_its_start",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["own", "paper", "telephone", "in-person", "assisted"]),
                name="response_mode_is_known",
            ),
            models.CheckConstraint(
                condition=Q(mode="own", entered_by__isnull=True)
                | ~Q(mode="own") & Q(entered_by__isnull=False),
                name="who_entered_it_is_known",
            ),
            models.CheckConstraint(
                condition=Q(mode__in=["own", "assisted"], given_on__isnull=True)
                | ~Q(mode__in=["own", "assisted"]) & Q(given_on__isnull=False),
                name="registered_response_has_its_day",
            ),
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")), name="response_corrects_another"
            ),
            models.UniqueConstraint(
                fields=["municipality", "citizen", "id"], name="response_of_municipality"
            ),
        ]
        indexes = [
            models.Index(
                fields=["citizen", "-completed_at"],
                condition=Q(status="completed"),
                name="responses_of_a_citizen",
            )
        ]

    def __str__(self) -> str:
        return f"Response {self.pk}"

    @property
    def is_completed(self) -> bool:
        return self.status == Response.Status.COMPLETED

    @property
    def is_registered(self) -> bool:
        """Whether staff enter it for the citizen; then a draft of it is theirs."""
        return self.mode in Response.REGISTERED

    @property
    def fingerprint(self) -> str:
        """Names the answers: who sends a draft says by it what they have looked at."""
        return fingerprint(self.document)

    def earlier(self) -> Iterator["Response"]:
        """What it corrects, and what that corrected in its turn; the newest first."""
        former = self.replaces if self.replaces_id is not None else None
        if former is not None:
            yield former
            yield from former.earlier()

    @property
    def is_untouched(self) -> bool:
        """Whether nothing was saved since it was begun: it holds the questionnaire's own initial values at most."""
        return self.saved_at == self.started_at


class Score(models.Model):
    """A figure the engine calculated from a completed response, kept for lists and trends.

    What a form calls its figures is as long as its author likes; `score_rows` fits the numbers to their columns.
    """

    DIGITS = 24
    DECIMAL_PLACES = 4
    # PostgreSQL keeps no more than 2,704 bytes in an index, and a character takes up to four.
    LONGEST_LINK_ID = 600

    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="scores")
    # The response's, which a foreign key over all three holds true (migration 0004).
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    link_id = models.TextField()
    name = models.TextField()
    value = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES)
    minimum = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    maximum = models.DecimalField(max_digits=DIGITS, decimal_places=DECIMAL_PLACES, null=True, blank=True)
    unit = models.TextField(blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["response", "link_id"], name="one_score_an_item")]

    def __str__(self) -> str:
        return f"{self.name}: {self.value}"


class Upload(models.Model):
    """A picture or file that somebody gave as an answer; its attachment in the response names it (`address`).

    Its bytes are never changed. It can be given and taken back while the response is a draft, which the wall sees to
    (migration 0007); once that is sent it stays as long as the response.
    """

    LONGEST_NAME = 80

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, on_delete=models.CASCADE, related_name="uploads")
    # The response's, which a foreign key over all three holds true (migration 0007).
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    citizen = models.ForeignKey(
        Citizen, on_delete=models.PROTECT, related_name="+", db_constraint=False, db_index=False
    )
    name = models.CharField(max_length=LONGEST_NAME)
    content_type = models.CharField(max_length=50)
    size = models.PositiveIntegerField(help_text="In bytes.")
    content = models.BinaryField()
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"Upload {self.pk}"

    @property
    def address(self) -> str:
        """What an attachment in the response calls it (Attachment.url)."""
        return self.pk.urn

    @property
    def is_picture(self) -> bool:
        return self.content_type.startswith("image/")
