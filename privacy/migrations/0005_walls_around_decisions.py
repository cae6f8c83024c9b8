"""Bring along how long municipalities have decided to keep, put a wall around it, and drop what held it before."""

from datetime import timedelta

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from municipalities.policies import OF_MUNICIPALITY, SOMEBODY, SYSTEM, Policy, Wall


def bring_along(apps: Apps, _: BaseDatabaseSchemaEditor) -> None:
    """Each row as a decision of its time, which held at once."""
    decisions = apps.get_model("privacy", "RetentionDecision")
    decisions.objects.bulk_create(
        decisions(
            municipality_id=policy.municipality_id,
            years_before=10,
            years=policy.years,
            only_five_year_professions=policy.only_five_year_professions,
            decided_at=policy.changed_at,
            decided_by_id=policy.changed_by_id,
            takes_effect_on=(policy.changed_at - timedelta(days=1)).date(),
        )
        for policy in apps.get_model("privacy", "RetentionPolicy").objects.all()
    )


class Migration(migrations.Migration):
    dependencies = [("privacy", "0004_retention_decisions")]

    operations = [
        # Only added to, so that it can be seen who decided what.
        Wall(
            "RetentionDecision",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            # How long their data are kept is no secret from citizens.
            Policy("somebody_reads", "SELECT", using=SOMEBODY),
            privileges=("SELECT", "INSERT"),
        ),
        migrations.RunPython(bring_along, migrations.RunPython.noop),
    ]
