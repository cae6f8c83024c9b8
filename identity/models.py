"""The people who have worked here: one row each, made at their first login."""

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
