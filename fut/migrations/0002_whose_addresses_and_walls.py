"""The platform's addresses carry whose they are, and have their wall.

Two kinds have ids that follow from others (uuid5), which PostgreSQL cannot calculate: those are found here.
An address of nothing we have is forgotten: whoever needs it again, asks the platform by our identifier.
"""

from uuid import uuid5

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

FILL = """
UPDATE fut_futreference SET citizen_id = local_id
    WHERE resource_type = 'Patient' AND EXISTS (SELECT FROM citizens_citizen WHERE id = local_id);
UPDATE fut_futreference SET citizen_id = one.citizen_id, municipality_id = one.municipality_id
    FROM plans_episodeofcare one WHERE resource_type = 'EpisodeOfCare' AND one.id = local_id;
UPDATE fut_futreference SET citizen_id = one.citizen_id, municipality_id = one.municipality_id
    FROM plans_careplan one WHERE resource_type = 'CarePlan' AND one.id = local_id;
UPDATE fut_futreference SET citizen_id = one.citizen_id, municipality_id = one.municipality_id
    FROM questionnaires_response one WHERE resource_type = 'QuestionnaireResponse' AND one.id = local_id;
"""
FORGET = """
DELETE FROM fut_futreference WHERE citizen_id IS NULL;
SET CONSTRAINTS ALL IMMEDIATE;
"""


def fill_what_follows_from_others(apps, _schema_editor):
    reference = apps.get_model("fut", "FutReference")
    episodes = apps.get_model("plans", "EpisodeOfCare").objects
    for episode in episodes.only("pk", "citizen_id", "municipality_id").iterator():
        reference.objects.filter(resource_type="Condition", local_id=uuid5(episode.pk, "condition")).update(
            citizen_id=episode.citizen_id, municipality_id=episode.municipality_id
        )
    rows = apps.get_model("plans", "CarePlan").objects.values_list(
        "pk", "plan__activities", "citizen_id", "municipality_id"
    )
    for care_plan, activity, citizen, municipality in rows.iterator():
        local_id = uuid5(care_plan, str(activity))
        reference.objects.filter(resource_type="ServiceRequest", local_id=local_id).update(
            citizen_id=citizen, municipality_id=municipality
        )


def citizen(*, null):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="citizens.citizen", null=null
    )


class Migration(migrations.Migration):
    dependencies = [("fut", "0001_initial"), ("plans", "0003_walls")]

    operations = [
        migrations.AddField("futreference", "citizen", citizen(null=True)),
        migrations.AddField(
            "futreference",
            "municipality",
            models.ForeignKey(
                blank=True,
                null=True,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunPython(fill_what_follows_from_others, migrations.RunPython.noop),
        migrations.RunSQL(FORGET, migrations.RunSQL.noop),
        migrations.AlterField("futreference", "citizen", citizen(null=False)),
        migrations.AddConstraint(
            "futreference",
            models.CheckConstraint(
                condition=models.Q(resource_type="Patient") ^ models.Q(municipality__isnull=False),
                name="all_but_the_person_is_of_a_municipality",
            ),
        ),
        # A person's own address is for whoever sees the person; what a municipality told is its own.
        Wall(
            "FutReference",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            Policy(
                "person",
                using="municipality_id IS NULL AND EXISTS (SELECT FROM citizens_citizen c WHERE c.id = citizen_id)",
            ),
            Policy("own_read", "SELECT", using=OF_CITIZEN),
        ),
    ]
