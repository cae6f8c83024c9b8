"""Where FUT keeps what KAM published. Addresses of forms and plans, which are about nobody: for the workers alone."""

from django.db import migrations, models

from municipalities.policies import SYSTEM, Policy, Wall

WORKERS = f"{SYSTEM} OR (SELECT scope_kind()) = 'municipality'"


class Migration(migrations.Migration):
    dependencies = [("fut", "0002_whose_addresses_and_walls")]

    operations = [
        migrations.CreateModel(
            name="FutDefinition",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "resource_type",
                    models.CharField(help_text="FHIR's name, such as “PlanDefinition”.", max_length=40),
                ),
                (
                    "local_id",
                    models.UUIDField(help_text="Our identifier, which the resource carries as urn:uuid."),
                ),
                ("url", models.URLField(max_length=500)),
                ("version_id", models.CharField(blank=True, max_length=40)),
                ("stored_at", models.DateTimeField(auto_now=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("resource_type", "local_id"), name="one_address_a_definition"
                    )
                ],
            },
        ),
        Wall("FutDefinition", Policy("workers", using=WORKERS)),
    ]
