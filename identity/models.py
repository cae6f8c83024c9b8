"""The people who have worked here, the sessions that are open, and how logins have gone."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone

from municipalities.models import Municipality


class StaffMember(models.Model):
    """A member of staff, known by who vouches for them and under which name.

    Holds nothing that a token must say anew at each login: no roles, no rights. `municipality` is None
    for the national system administration. FHIR: Practitioner.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.CharField(max_length=300, help_text="The OpenID issuer that vouches for the person.")
    subject = models.CharField(max_length=255, help_text="Who that issuer says it is (`sub`).")
    name = models.CharField(max_length=200, blank=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="staff_members"
    )
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_login_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "subject"], name="one_staff_member_a_subject")
        ]

    def __str__(self) -> str:
        return f"StaffMember {self.id}"


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
