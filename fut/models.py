"""What of ours has which address on the FUT platform."""

from django.db import models


class FutReference(models.Model):
    """The absolute address a resource got when the platform took it (fut.md §2: store full URLs)."""

    resource_type = models.CharField(max_length=40, help_text="FHIR's name, such as “ServiceRequest”.")
    local_id = models.UUIDField(help_text="Our identifier, which the resource carries as urn:uuid.")
    url = models.URLField(max_length=500)
    version_id = models.CharField(max_length=40, blank=True)
    stored_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["resource_type", "local_id"], name="one_address_a_resource")
        ]

    def __str__(self) -> str:
        return self.url
