"""The key of a program: by it a script that has no browser is let into the interface for programs."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from identity.roles import Permission
from municipalities.models import Municipality

# The issuer of the StaffMember rows that are programs: no login service can have this name, it is no address.
PROGRAMS = "urn:kommunalpro:programs"


class ProgramKeyQuerySet(models.QuerySet["ProgramKey"]):
    def of_owner(self, municipality_id: int | None) -> ProgramKeyQuerySet:
        """A municipality's own; None stands for the system administration."""
        return self.filter(municipality=municipality_id)


class ProgramKey(models.Model):
    """What a program may do, for whom, until when, and who answers for it.

    It can hold no right but these two: nothing about citizens can be given to a program (docs/adr/0024). The secret is
    kept as its hash alone. A key never changes but by being used and, once, revoked; a trigger holds that, and that
    `member` is a program, and `made_by` a person, of the same owner (migration 0014).
    """

    LONGEST_NAME = 80
    LONGEST: ClassVar[timedelta] = timedelta(days=365)

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Whose questionnaires it works on; none: the national ones.",
    )
    member = models.OneToOneField(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        related_name="program_key",
        help_text="In whose name the program writes.",
    )
    name = models.CharField(
        max_length=LONGEST_NAME, help_text="What the program is called, as people know it."
    )
    secret_hash = models.CharField(max_length=64, unique=True, help_text="SHA-256 of the secret.")
    hint = models.CharField(max_length=12, help_text="How the secret begins, to tell keys apart.")
    may_edit = models.BooleanField(help_text="May write drafts and send them to review.")
    may_publish = models.BooleanField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(
        "identity.StaffMember", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.ForeignKey(
        "identity.StaffMember",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    last_used_at = models.DateTimeField(null=True, blank=True, help_text="To the hour.")

    objects = ProgramKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["municipality", "name"],
                condition=Q(revoked_at__isnull=True),
                nulls_distinct=False,
                name="one_program_key_a_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="program_key_has_a_name"),
            models.CheckConstraint(
                condition=Q(secret_hash__regex=r"^[0-9a-f]{64}$"),  # noqa: S106 - the form of a hash
                name="program_key_holds_a_hash",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at"))
                & Q(expires_at__lte=F("made_at") + timedelta(days=365)),
                name="program_key_ends_within_a_year",
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True, revoked_by__isnull=True)
                | Q(revoked_at__isnull=False, revoked_by__isnull=False, revoked_at__gte=F("made_at")),
                name="who_revoked_program_key_is_known",
            ),
        ]

    def __str__(self) -> str:
        return f"ProgramKey {self.hint}… {self.name}"

    @property
    def permissions(self) -> frozenset[Permission]:
        """Everything the program may do: to look, always; the rest as it was given."""
        given = {
            Permission.EDIT_QUESTIONNAIRE: self.may_edit,
            Permission.PUBLISH_QUESTIONNAIRE: self.may_publish,
        }
        return frozenset({Permission.SEE_KAM, *(each for each, is_given in given.items() if is_given)})

    @property
    def is_revoked(self) -> bool:
        return self.revoked_at is not None

    def has_expired(self, now: datetime | None = None) -> bool:
        """Whether its time is over at `now`."""
        return self.expires_at <= (now or timezone.now())
