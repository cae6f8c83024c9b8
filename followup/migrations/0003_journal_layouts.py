"""How a municipality wants answers written in its journal, behind the wall around the municipality."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, Policy, Wall

PARTS = ["date", "questionnaire", "scores", "coloured", "free-text", "answers"]


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0002_walls_and_what_is_new"),
        ("identity", "0011_assisted_visits"),
        ("municipalities", "0005_teams_by_their_login"),
    ]

    operations = [
        migrations.CreateModel(
            name="JournalLayout",
            fields=[
                (
                    "municipality",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="journal_layout",
                        serialize=False,
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "parts",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("date", "Dato"),
                                ("questionnaire", "Spørgeskema"),
                                ("scores", "Resultater med bånd og ændring"),
                                ("coloured", "Farvede svar, med ord"),
                                ("free-text", "Borgerens egne ord"),
                                ("answers", "Alle svar"),
                            ],
                            max_length=13,
                        ),
                        size=None,
                    ),
                ),
                ("chosen_at", models.DateTimeField()),
                (
                    "chosen_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.staffmember",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parts__contained_by", PARTS), ("parts__len__range", (1, 6))),
                        name="journal_layout_has_parts_we_know",
                    )
                ],
            },
        ),
        Wall("JournalLayout", Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")),
    ]
