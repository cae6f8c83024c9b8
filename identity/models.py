"""The people who have worked here, the sessions that are open, and how logins have gone."""

from __future__ import annotations

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from citizens.models import Citizen
from identity.program_models import PROGRAMS, ProgramKey
from municipalities.models import Municipality

__all__ = [
    "PROGRAMS",
    "AccessEntry",
    "AccessReview",
    "AssistedVisit",
    "LoginAttempt",
    "ProgramKey",
    "SpentLogoutToken",
    "StaffMember",
    "UserSession",
]


class StaffMemberQuerySet(models.QuerySet["StaffMember"]):
    def people(self) -> StaffMemberQuerySet:
        """Those that are no programs."""
        return self.exclude(issuer=PROGRAMS)


class StaffMember(models.Model):
    """A member of staff, known by who vouches for them and under which name.

    Holds nothing that a token must say anew at each login: no roles, no rights. `municipality` is None
    for the national system administration. FHIR: Practitioner.

    A program that has a key is one, too, so that what it wrote names it: its issuer is `PROGRAMS` (`ProgramKey`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.CharField(max_length=300, help_text="The OpenID issuer that vouches for the person.")
    subject = models.CharField(max_length=255, help_text="Who that issuer says it is (`sub`).")
    name = models.CharField(max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="staff_members"
    )
    # Each `municipality` so far, as the database notes it: a place goes on reading who did what there.
    worked_in = ArrayField(models.BigIntegerField(), default=list, editable=False)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_login_at = models.DateTimeField(default=timezone.now)

    objects = StaffMemberQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_staff_member_a_subject")
        ]

    def __str__(self) -> str:
        return f"StaffMember {self.id}"

    @property
    def is_program(self) -> bool:
        """Whether no person stands behind the row, but a program with a key."""
        return self.issuer == PROGRAMS

    @property
    def shown_name(self) -> str:
        """The name, and that it is a program's where it is one."""
        return gettext("%(name)s (program)") % {"name": self.name} if self.is_program else self.name


class UserSession(models.Model):
    """A session that somebody has open, so that they can see it and end it from elsewhere.

    Holds only hashes of what would open a session or name a person at the issuer. It goes with the session.
    """

    class ActorKind(models.TextChoices):
        CITIZEN = "citizen"
        STAFF = "staff"

    key_hash = models.CharField(max_length=64, unique=True)
    actor_kind = models.CharField(max_length=10, choices=ActorKind)
    actor_id = models.UUIDField()
    subject_hash = models.CharField(
        max_length=64, help_text="Of the issuer and `sub`, for back-channel logout."
    )
    issuer_session_hash = models.CharField(
        max_length=64, blank=True, help_text="Of the issuer and `sid`, where the issuer gives one."
    )
    device = models.CharField(max_length=60, blank=True, help_text="Browser and system, in words.")
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField(help_text="To the minute.")
    ends_at = models.DateTimeField(help_text="When it ends whatever happens.")

    class Meta:
        indexes = [
            models.Index(fields=["actor_kind", "actor_id"], name="user_session_actor"),
            models.Index(fields=["subject_hash"], name="user_session_subject"),
            models.Index(fields=["issuer_session_hash"], name="user_session_issuer_session"),
            models.Index(fields=["ends_at"], name="user_session_end"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(actor_kind__in=["citizen", "staff"]), name="user_session_actor_kind_known"
            )
        ]

    def __str__(self) -> str:
        return f"UserSession {self.pk}"


class SpentLogoutToken(models.Model):
    """A logout token of an issuer that has been obeyed; kept for as long as somebody could send it again."""

    name_hash = models.CharField(max_length=64, primary_key=True, help_text="Of the issuer and `jti`.")
    forget_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["forget_at"], name="spent_logout_token_end")]

    def __str__(self) -> str:
        return f"SpentLogoutToken {self.name_hash[:8]}"


class LoginAttempt(models.Model):
    """How one login of an employee went: of which authority, with which level and roles. Nobody's name or number."""

    ACCEPTED = "accepted"

    at = models.DateTimeField()
    cvr = models.CharField(max_length=8, blank=True, help_text="The authority, where the login got so far.")
    outcome = models.CharField(max_length=40, help_text="“accepted” or the code of the refusal.")
    assurance = models.CharField(max_length=100, blank=True, help_text="As received.")
    roles = models.JSONField(default=list, help_text="The roles' addresses, as received.")

    class Meta:
        indexes = [models.Index(fields=["cvr", "-at"], name="login_attempt_of_authority")]

    def __str__(self) -> str:
        return f"LoginAttempt {self.pk} {self.outcome}"


def _finite(column: str) -> models.Func:
    """No `infinity`, which PostgreSQL takes for a time: it would lie in no month."""
    return models.Func(models.F(column), function="isfinite", output_field=models.BooleanField())


class AccessEntry(models.Model):
    """One use of one citizen's data by somebody else: who, from which unit, what, why, when.

    Only ever added to: the application's database role may neither change nor delete a row, and the months are
    partitions that only the owner's functions make and drop (`identity.access_months`). No row here holds another
    one in place: the citizen, the employee and the municipality are plain values, because an entry outlives the
    erasure of both people, and a month must be dropped without locking the tables it points to (docs/adr/0008).
    """

    class Action(models.TextChoices):
        READ = "read", _("læst")
        LIST = "list", _("vist på en liste")
        SEARCH = "search", _("søgt frem")
        CHANGE = "change", _("ændret")
        PRINT = "print", _("udskrevet")
        EXPORT = "export", _("trukket ud")
        DELETE = "delete", _("slettet")

    class What(models.TextChoices):
        """Which page or act it was; new ones are added here, and `identity.access_words` has their sentences."""

        OVERVIEW = "overview", _("Overblik")
        CITIZENS = "citizens", _("Borgere")
        CITIZEN = "citizen", _("Borgerens side")
        RESPONSE = "response", _("Besvarelse")
        UNANSWERED = "unanswered", _("Ubesvarede spørgeskemaer")
        ASSIGNMENT = "assignment", _("Tildeling af plan")
        CARE_PLAN = "care_plan", _("Ændring af plan")
        COURSE = "course", _("Forløb og samtykke")
        REMINDER = "reminder", _("Påmindelse")
        ASSISTED = "assisted", _("Assisteret besøg")
        ENTERING = "entering", _("Indtastning af svar")
        ACCESS_LOG = "access_log", _("Adgangslog")
        ANSWERS = "answers", _("Uddata")
        DATA = "data", _("Data og opbevaring")
        NOTE = "note", _("Note om borgeren")
        ERRAND = "errand", _("Opgave til en kollega")
        FOLLOWING = "following", _("Egen liste")
        HISTORY = "history", _("Tidslinje og log")
        BELL = "bell", _("Klokken")

    class Purpose(models.TextChoices):
        FOLLOW_UP = "follow_up", _("opfølgning og behandling")
        ADMINISTRATION = "administration", _("administration")
        CONTROL = "control", _("kontrol af adgang")
        STATISTICS = "statistics", _("statistik og planlægning")
        # Somebody outside one's own teams was opened; `reason` holds the employee's own words.
        BREAK_THE_GLASS = "break_the_glass", _("særlig grund")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        help_text="The data controller whose employee it was.",
    )
    staff_id = models.UUIDField(help_text="StaffMember.")
    staff_name = models.CharField(max_length=200, help_text="As the login gave it that day.")
    organisation_unit = models.CharField(
        max_length=100, blank=True, help_text="As the login's role named it."
    )
    care_team = models.CharField(max_length=100, blank=True, help_text="As the login's role named it.")
    unit_name = models.CharField(max_length=200, blank=True, help_text="What FUT calls that unit or team.")
    citizen_id = models.UUIDField(
        null=True, blank=True, help_text="Citizen; none where a search found nobody."
    )
    action = models.CharField(max_length=20, choices=Action)
    what = models.CharField(max_length=40, choices=What)
    subject_id = models.UUIDField(null=True, blank=True, help_text="The response, plan … itself.")
    purpose = models.CharField(max_length=20, choices=Purpose)
    reason = models.CharField(
        max_length=500, blank=True, help_text="The employee's own words, where asked for."
    )
    criterion = models.CharField(
        max_length=200, blank=True, help_text="What was searched for, numbers masked."
    )
    request_id = models.CharField(
        max_length=64, blank=True, help_text="Leads to the lines of the system log."
    )

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(purpose="break_the_glass") | ~models.Q(reason=""),
                name="broken_glass_has_a_reason",
            ),
            models.CheckConstraint(
                condition=~models.Q(criterion__regex=r"[0-9]{6}[- ]?[0-9]{4}"),
                name="criterion_holds_no_cpr_number",
            ),
            models.CheckConstraint(condition=_finite("at"), name="access_entry_time_is_finite"),
        ]
        indexes = [
            models.Index(fields=["citizen_id", "at"], name="access_entry_of_citizen"),
            models.Index(fields=["municipality", "at", "id"], name="access_entry_of_municipality"),
            models.Index(fields=["staff_id", "at"], name="access_entry_of_staff"),
        ]

    def __str__(self) -> str:
        return f"AccessEntry {self.pk}"


class AccessReview(models.Model):
    """What the municipality's control decided about one entry. Added to, never changed; the newest counts.

    Partitioned by the entry's month, so that a decision goes when what it is about goes.
    """

    class Outcome(models.TextChoices):
        IN_ORDER = "in_order", _("I orden")
        FOLLOW_UP = "follow_up", _("Følg op")

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    municipality = models.ForeignKey(
        Municipality, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+"
    )
    entry_id = models.BigIntegerField(help_text="AccessEntry.")
    entry_at = models.DateTimeField(help_text="Its time; the month this row belongs to.")
    outcome = models.CharField(max_length=20, choices=Outcome)
    note = models.CharField(max_length=1000, blank=True)
    staff_id = models.UUIDField(help_text="StaffMember who decided.")
    staff_name = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="in_order") | ~models.Q(note=""),
                name="follow_up_says_what_about",
            ),
            models.CheckConstraint(
                condition=models.Q(_finite("at"), _finite("entry_at")), name="access_review_times_are_finite"
            ),
        ]
        indexes = [models.Index(fields=["entry_id"], name="access_review_of_entry")]

    def __str__(self) -> str:
        return f"AccessReview {self.pk} {self.outcome}"


class AssistedVisit(models.Model):
    """An employee helps one citizen to answer, with the consent that is noted here. FUT: assisted login.

    It belongs to one session of the employee (`session_hash`), and a session has one that is running at most. What
    is over is never begun again.
    """

    class Consent(models.TextChoices):
        """How the citizen agreed to it."""

        ORAL = "oral", _("Mundtligt, mens borgeren var til stede")
        WRITTEN = "written", _("Skriftligt")

    class Checked(models.TextChoices):
        """How the employee made sure who the citizen is."""

        PHOTO_ID = "photo-id", _("Pas, kørekort eller andet billed-id")
        HEALTH_CARD = "health-card", _("Sundhedskort og kontrolspørgsmål")
        KNOWN = "known", _("Jeg kender borgeren fra forløbet")

    class Ended(models.TextChoices):
        """Why a visit is over."""

        DONE = "done", _("afsluttet")
        WITHDRAWN = "withdrawn", _("borgeren trak sit samtykke tilbage")
        LOGGED_OUT = "logged-out", _("medarbejderen loggede ud")
        TIME_UP = "time-up", _("tiden gik")
        NOT_ALLOWED = "not-allowed", _("medarbejderen måtte ikke længere")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(Municipality, on_delete=models.PROTECT, related_name="+")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="assisted_visits")
    helper = models.ForeignKey(StaffMember, on_delete=models.PROTECT, related_name="assisted_visits")
    organisation_unit = models.CharField(max_length=100, blank=True)
    unit_name = models.CharField(max_length=200, blank=True)
    session_hash = models.CharField(max_length=64, help_text="Of the session's key, as in UserSession.")
    consent = models.CharField(max_length=10, choices=Consent)
    consent_at = models.DateTimeField()
    identity_checked = models.CharField(max_length=20, choices=Checked, help_text="By the helper.")
    begun_at = models.DateTimeField()
    last_used_at = models.DateTimeField(help_text="To the minute.")
    ends_at = models.DateTimeField(help_text="When it ends whatever happens.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=20, choices=Ended, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session_hash"],
                condition=models.Q(ended_at__isnull=True),
                name="one_running_visit_a_session",
            ),
            models.CheckConstraint(
                condition=models.Q(consent__in=["oral", "written"]), name="visit_has_consent"
            ),
            models.CheckConstraint(
                condition=models.Q(identity_checked__in=["photo-id", "health-card", "known"]),
                name="visit_has_checked_identity",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_why="")
                | models.Q(
                    ended_at__isnull=False,
                    ended_why__in=["done", "withdrawn", "logged-out", "time-up", "not-allowed"],
                ),
                name="ended_visit_says_why",
            ),
            models.CheckConstraint(
                condition=models.Q(consent_at__lte=models.F("begun_at"))
                & models.Q(ends_at__gt=models.F("begun_at"))
                & (models.Q(ended_at__isnull=True) | models.Q(ended_at__gte=models.F("begun_at"))),
                name="visit_times_in_order",
            ),
        ]
        indexes = [models.Index(fields=["citizen", "-begun_at"], name="assisted_visits_of_citizen")]

    def __str__(self) -> str:
        return f"AssistedVisit {self.pk}"
