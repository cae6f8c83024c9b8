"""Care plans and tasks carry whose they are, so that policies compare columns (docs/adr/0009).

Filled from the course here; `0003_walls` lets the database hold it true.
"""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE plans_careplan SET municipality_id = episode.municipality_id, citizen_id = episode.citizen_id
    FROM plans_episodeofcare episode WHERE episode.id = plans_careplan.episode_id;
UPDATE plans_task SET municipality_id = care_plan.municipality_id
    FROM plans_careplan care_plan WHERE care_plan.id = plans_task.care_plan_id;
"""


def whose(model, related_name="+", *, null, index=False):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name=related_name,
        to=model,
        db_constraint=False,
        db_index=index,
        null=null,
    )


def of_municipality(name):
    return models.UniqueConstraint(fields=["municipality", "citizen", "id"], name=f"{name}_of_municipality")


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0001_initial"),
        ("citizens", "0003_walls"),
        ("municipalities", "0002_scope_and_walls"),
    ]

    operations = [
        migrations.AddField("careplan", "municipality", whose("municipalities.municipality", null=True)),
        migrations.AddField(
            "careplan", "citizen", whose("citizens.citizen", "care_plans", null=True, index=True)
        ),
        migrations.AddField("task", "municipality", whose("municipalities.municipality", null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("careplan", "municipality", whose("municipalities.municipality", null=False)),
        migrations.AlterField(
            "careplan", "citizen", whose("citizens.citizen", "care_plans", null=False, index=True)
        ),
        migrations.AlterField("task", "municipality", whose("municipalities.municipality", null=False)),
        migrations.AddConstraint("episodeofcare", of_municipality("episode")),
        migrations.AddConstraint("careplan", of_municipality("care_plan")),
        migrations.AddConstraint("task", of_municipality("task")),
    ]
