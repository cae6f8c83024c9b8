"""How long a version takes, for all who are here to read and for the nightly run to write."""

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import SOMEBODY, SYSTEM, Policy, Wall


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0004_whose_rows_and_walls")]

    operations = [
        migrations.CreateModel(
            name="AnswerTime",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="answer_time",
                        serialize=False,
                        to="questionnaires.questionnaireversion",
                    ),
                ),
                ("seconds", models.PositiveIntegerField()),
                ("measured_at", models.DateTimeField()),
            ],
        ),
        Wall(
            "AnswerTime",
            Policy("system", using=SYSTEM),
            Policy("somebody_reads", "SELECT", using=SOMEBODY),
        ),
    ]
