"""Questionnaires, their immutable versions, and what citizens answered."""

import uuid
from collections.abc import Iterator
from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from municipalities.models import Municipality
from questionnaires.fingerprints import fingerprint
from questionnaires.import_models import ImportBatch, ImportFile
from questionnaires.life_cycle import Area, DecisionSupport, PublicationEvent, PublicationStatus, UseCount

if TYPE_CHECKING:
    from identity.models import StaffMember

__all__ = [
    "AnswerTime",
    "Area",
    "DecisionSupport",
    "ImportBatch",
    "ImportFile",
    "PublicationEvent",
    "PublicationStatus",
    "Questionnaire",
    "QuestionnaireVersion",
    "Response",
    "Score",
    "Upload",
    "UseCount",
    "address_of_our_own",
]


def address_of_our_own() -> str:
    """A canonical address for a questionnaire that nobody has named."""
    return f"urn:uuid:{uuid.uuid4()}"


def language_of_texts(language: str) -> str:
    """The language of a questionnaire for HTML's `lang`; one that does not say so is Danish."""
    return language or settings.LANGUAGE_CODE


class Questionnaire(models.Model):
    """What stays the same through all versions: the canonical address, who owns it, and what the library says of it.

    `copied_from` is the version of another owner's questionnaire that it was copied from, or brought up to since.
    `shared`: other municipalities may look at what is published of it and copy it.
    `licence` and `source` say whose instrument it is; where `permission_needed`, who publishes it confirms that it was
    given.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.CharField(
        max_length=500, unique=True, help_text="The canonical address (Questionnaire.url)."
    )
    # None: national, made by the system administration and used by all.
    owner = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="questionnaires"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    copied_from = models.ForeignKey(
        "QuestionnaireVersion", on_delete=models.PROTECT, null=True, blank=True, related_name="copies"
    )
    shared = models.BooleanField(default=False, db_default=False)
    area = models.CharField(max_length=20, choices=Area, blank=True, default="", db_default="")
    licence = models.CharField(max_length=300, blank=True, default="", db_default="")
    source = models.CharField(max_length=500, blank=True, default="", db_default="")
    permission_needed = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [
            # What is national is everybody's already.
            models.CheckConstraint(
                condition=Q(shared=False) | Q(owner__isnull=False), name="only_local_ones_are_shared"
            )
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def next_number(self) -> int:
        """The number of the version to come; the row is to be locked, so that nobody else takes it."""
        return (self.versions.aggregate(last=models.Max("number"))["last"] or 0) + 1


def _somebody() -> "models.ForeignKey[StaffMember | None, StaffMember | None]":
    return models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )


class QuestionnaireVersionQuerySet(models.QuerySet["QuestionnaireVersion"]):
    def active(self) -> Self:
        return self.filter(status=PublicationStatus.ACTIVE)

    def published(self) -> Self:
        """Active ones, and those that were active."""
        return self.filter(status__in=PublicationStatus.PUBLISHED)

    def being_written(self) -> Self:
        """Drafts, also while they are in review: one a questionnaire at most."""
        return self.filter(status__in=PublicationStatus.UNPUBLISHED)

    def visible_in_kam(self, owner: Municipality | None) -> Self:
        """All of one's own, what the system administration has published, what another municipality shares.

        Nobody else's drafts.
        """
        own = Q(questionnaire__owner=owner)
        national = Q(questionnaire__owner=None, status__in=PublicationStatus.PUBLISHED)
        shared = Q(questionnaire__shared=True, status__in=PublicationStatus.PUBLISHED)
        return self.filter(own | national | shared)

    def usable(self) -> Self:
        """Those that were not taken out of use."""
        return self.filter(withdrawn_at=None)

    def newest_first(self) -> Self:
        return self.order_by("-questionnaire__created_at", "-number")

    def usable_by(self, municipality: Municipality | None) -> Self:
        """National ones and the municipality's own; None stands for the system administration."""
        return self.of_owner_or_national(municipality.pk if municipality else None)

    def of_owner_or_national(self, municipality_id: int | None) -> Self:
        """The same by the municipality's id."""
        return self.filter(Q(questionnaire__owner=None) | Q(questionnaire__owner=municipality_id))


class QuestionnaireVersion(models.Model):
    """One version of a questionnaire as FHIR JSON; never changes once it is active, nor while it is in review.

    Triggers (migrations 0002 and 0009) guard that in the database as well, and which state may follow which.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=10, choices=PublicationStatus, default=PublicationStatus.DRAFT)
    title = models.CharField(max_length=300)
    language = models.CharField(max_length=20, blank=True)
    source = models.JSONField(help_text="The FHIR R4 Questionnaire as it was imported or built.")
    # A trigger sees to it (migration 0014), whoever writes.
    revision = models.UUIDField(
        default=uuid.uuid4,
        db_default=uuid.UUID(int=0),
        editable=False,
        help_text="Another one whenever `source` is written.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    # Who last changed the draft, where that is known, and all who ever did: nobody approves what they wrote.
    # A trigger remembers them (migration 0016), whoever writes.
    edited_by = _somebody()
    written_by = ArrayField(models.UUIDField(), default=list, db_default=[], editable=False)
    # Set while it is in review. Published with decision support, it was approved by one and published by another.
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = _somebody()
    decision_support = models.ForeignKey(
        DecisionSupport,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Under which its colours and what it says to answers are shown; none: they are off.",
    )
    # Taken out of use without a successor.
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="one_row_a_version"),
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(status__in=["draft", "in-review"]),
                name="one_draft_a_questionnaire",
            ),
            models.UniqueConstraint(
                fields=["questionnaire"],
                condition=Q(status=PublicationStatus.ACTIVE),
                name="one_active_version_a_questionnaire",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in-review"]) | Q(published_at__isnull=False),
                name="active_version_is_published",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in-review", "active", "retired"]),
                name="version_status_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="draft") | Q(approved_by__isnull=True, decision_support__isnull=True),
                name="draft_is_not_approved",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True, approved_at__isnull=True)
                | Q(approved_by__isnull=False, approved_at__isnull=False),
                name="approval_has_its_time",
            ),
            # A medical device: two people, neither of whom wrote it.
            models.CheckConstraint(
                condition=Q(decision_support__isnull=True)
                | Q(approved_by__isnull=False)
                & (Q(edited_by__isnull=True) | ~Q(edited_by=F("approved_by")))
                & (
                    Q(status__in=["draft", "in-review"])
                    | Q(published_by__isnull=False)
                    & ~Q(published_by=F("approved_by"))
                    & (Q(edited_by__isnull=True) | ~Q(edited_by=F("published_by")))
                ),
                name="decision_support_is_approved_by_two",
            ),
            # Also where somebody else wrote after them.
            models.CheckConstraint(
                condition=Q(decision_support__isnull=True)
                | ~Q(written_by__contains=[F("approved_by")]) & ~Q(written_by__contains=[F("published_by")]),
                name="nobody_approves_what_they_wrote",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(status="retired"),
                name="withdrawn_version_is_retired",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} v{self.number}"

    def was_written_by(self, staff_id: uuid.UUID) -> bool:
        """Did they write anything in it, whoever wrote after them?"""
        return staff_id in self.written_by

    @property
    def canonical(self) -> str:
        """`url|version`, by which a response names exactly what was answered."""
        return f"{self.questionnaire.url}|{self.number}"

    @property
    def is_draft(self) -> bool:
        return self.status == PublicationStatus.DRAFT

    @property
    def is_in_review(self) -> bool:
        return self.status == PublicationStatus.IN_REVIEW

    @property
    def is_published(self) -> bool:
        """Active or retired: it never changes again."""
        return self.status in PublicationStatus.PUBLISHED

    @property
    def fhir_status(self) -> str:
        """FHIR's publication-status, which knows no review: what is in review is a draft still."""
        return PublicationStatus(self.status).fhir

    @property
    def is_withdrawn(self) -> bool:
        """Taken out of use: nothing new is assigned with it, what is open stays answerable."""
        return self.withdrawn_at is not None

    @property
    def has_a_newer(self) -> bool:
        """A version is retired by publishing the next one, or by taking the questionnaire out of use."""
        return self.status == PublicationStatus.RETIRED and not self.is_withdrawn

    @property
    def shows_decision_support(self) -> bool:
        """Whether staff see its colours, and citizens what it says to their numbers."""
        return self.decision_support_id is not None

    @property
    def text_language(self) -> str:
        """What its texts are written in, for HTML's `lang`."""
        return language_of_texts(self.language)

    @property
    def fingerprint(self) -> str:
        """Names the content: who publishes a draft says by it what they have looked at."""
        return fingerprint(self.source)


class QuestionnaireTest(models.Model):
    """Answers that were tried, and what has to follow from them in every later version (questionnaires/test_cases.py).

    It belongs to the questionnaire and is its owner's: a draft is not published while one of them fails.
    """

    LONGEST_NAME = 120

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.CASCADE, related_name="tests")
    name = models.CharField(max_length=LONGEST_NAME)
    answers = models.JSONField(help_text="The item tree of a QuestionnaireResponse.")
    expected_scores = models.JSONField(help_text="Link id → number as text; null where there must be none.")
    expected_shown = models.JSONField(help_text="Link ids of questions that have to be shown.")
    expected_hidden = models.JSONField(help_text="Link ids of questions that must not be shown.")
    names = models.JSONField(help_text="Link id → what it was called when the test was made.")
    made_by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(help_text="What “today” means when it is run.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "name"], name="one_test_of_a_name"),
            models.CheckConstraint(condition=~Q(name=""), name="test_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


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


class DraftStep(models.Model):
    """One act on a draft, as what changed (`questionnaires.authoring.deltas`): the way back, and the way forth again.

    Steps that were undone stay until something else is done; those after the last that is not undone are the way forth.
    """

    class Act(models.TextChoices):
        ADDED = "added", _("Tilføjede")
        DUPLICATED = "duplicated", _("Kopierede")
        MOVED = "moved", _("Flyttede")
        DELETED = "deleted", _("Slettede")
        DELETED_WITH_USES = "deleted-all", _("Slettede med det, der brugte det:")
        TEXT = "text", _("Skrev teksten")
        SETTING = "setting", _("Ændrede")
        ANSWERS = "answers", _("Ændrede svarmulighederne i")
        PANEL = "panel", _("Ændrede")
        HEAD = "head", _("Ændrede spørgeskemaets oplysninger:")

    version = models.ForeignKey(QuestionnaireVersion, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    act = models.CharField(max_length=12, choices=Act)
    about = models.CharField(max_length=200, blank=True, help_text="The element's text at the time.")
    link_id = models.CharField(max_length=300, blank=True, help_text="The element to look at.")
    delta = models.JSONField()
    is_undone = models.BooleanField(default=False)
    by = models.ForeignKey("identity.StaffMember", on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "number"], name="one_step_a_number"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} step {self.number}"

    @property
    def sentence(self) -> str:
        """What was done, in the language of the screen."""
        act = str(self.Act(self.act).label)
        return f"{act} »{self.about}«" if self.about else act.rstrip(":")


class DraftHolder(models.Model):
    """Who has a draft open to change it, and when they last did something."""

    version = models.OneToOneField(
        QuestionnaireVersion, on_delete=models.CASCADE, primary_key=True, related_name="holder"
    )
    staff = models.ForeignKey("identity.StaffMember", on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    last_act_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.version_id} held by {self.staff_id}"


class AnswerListQuerySet(models.QuerySet["AnswerList"]):
    def of(self, owner: Municipality | None) -> Self:
        """One's own; None stands for the system administration."""
        return self.filter(owner=owner)

    def usable_by(self, owner: Municipality | None) -> Self:
        """National ones and one's own."""
        return self.filter(Q(owner=None) | Q(owner=owner))


class AnswerList(models.Model):
    """Options that are kept under a name, to be copied into questions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # None: national, made by the system administration and used by all.
    owner = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="answer_lists"
    )
    name = models.CharField(max_length=100)
    options = models.JSONField(help_text="In order: the label of each, and its weight as a text or null.")
    changed_at = models.DateTimeField()

    objects = AnswerListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"], name="one_answer_list_a_name", nulls_distinct=False
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_national(self) -> bool:
        return self.owner_id is None
