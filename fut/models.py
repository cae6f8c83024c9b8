"""What of ours has which address on the FUT platform."""

from django.db import models

from citizens.models import Citizen
from fut.incoming.models import FutFinding, FutLook, FutRun, FutTeam, FutTeamLook
from municipalities.models import Municipality

__all__ = [
    "FutDefinition",
    "FutFinding",
    "FutLook",
    "FutReference",
    "FutRun",
    "FutTeam",
    "FutTeamLook",
]


class FutReference(models.Model):
    """The absolute address a resource got when the platform took it (fut.md §2: store full URLs)."""

    resource_type = models.CharField(max_length=40, help_text="FHIR's name, such as “ServiceRequest”.")
    local_id = models.UUIDField(help_text="Our identifier, which the resource carries as urn:uuid.")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="+")
    # None for the citizen as a person, whom every municipality that follows them knows by one address.
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    url = models.URLField(max_length=500)
    version_id = models.CharField(max_length=40, blank=True)
    stored_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource_type", "local_id"], name="one_address_a_resource"),
            models.CheckConstraint(
                condition=models.Q(resource_type="Patient") ^ models.Q(municipality__isnull=False),
                name="all_but_the_person_is_of_a_municipality",
            ),
        ]

    def __str__(self) -> str:
        return self.url


class FutDefinition(models.Model):
    """The address that a published questionnaire, activity or plan got on the platform; nobody's personal data.

    A row a version: `local_id` is the id of ours that never means anything else once it is published.
    """

    resource_type = models.CharField(max_length=40, help_text="FHIR's name, such as “PlanDefinition”.")
    local_id = models.UUIDField(help_text="Our identifier, which the resource carries as urn:uuid.")
    url = models.URLField(max_length=500)
    version_id = models.CharField(max_length=40, blank=True)
    stored_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource_type", "local_id"], name="one_address_a_definition"),
        ]

    def __str__(self) -> str:
        return self.url
