"""Uploads of questionnaires that wait to be chosen among: each owner sees its own, nobody another's."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import Policy, Wall, owned


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_assisted_visits"),
        ("municipalities", "0004_teams_that_are_closed"),
        ("questionnaires", "0012_answer_lists"),
    ]

    operations = [
        migrations.CreateModel(
            name="ImportBatch",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(help_text="What the file was called; only shown.", max_length=200)),
                ("content", models.BinaryField()),
                (
                    "expected",
                    models.PositiveIntegerField(
                        help_text="How many questionnaires; None: nobody knows yet.", null=True
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("reading", "Bliver læst"),
                            ("ready", "Klar til at vælge"),
                            ("storing", "Bliver gemt"),
                            ("done", "Færdig"),
                            ("refused", "Kan ikke læses"),
                        ],
                        default="reading",
                        max_length=10,
                    ),
                ),
                (
                    "refusal",
                    models.TextField(blank=True, help_text="Why nothing of it can be used, as a sentence."),
                ),
                ("created_at", models.DateTimeField(db_index=True)),
                ("worked_at", models.DateTimeField(help_text="The last sign of work on it.")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.staffmember",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ImportFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position", models.PositiveIntegerField()),
                ("name", models.CharField(help_text="The file's or entry's; only shown.", max_length=250)),
                ("title", models.CharField(blank=True, max_length=300)),
                ("url", models.CharField(blank=True, max_length=500)),
                ("copyright", models.TextField(blank=True)),
                ("language", models.CharField(blank=True, max_length=20)),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("new", "Nyt spørgeskema"),
                            ("next", "Ny version"),
                            ("replaces", "Erstatter kladden"),
                            ("identical", "Findes allerede"),
                            ("refused", "Kan ikke importeres"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "number",
                    models.PositiveIntegerField(help_text="The version that it is or becomes.", null=True),
                ),
                (
                    "source",
                    models.JSONField(help_text="The FHIR questionnaire, until it is stored.", null=True),
                ),
                ("refusal", models.TextField(blank=True)),
                (
                    "issues",
                    models.JSONField(default=list, help_text="Of the engine, each in both languages."),
                ),
                (
                    "notes",
                    models.JSONField(
                        default=list, help_text="Sentences about what the file holds and we cannot take."
                    ),
                ),
                ("is_chosen", models.BooleanField(default=False)),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("waiting", "Ikke gemt"),
                            ("stored", "Gemt som kladde"),
                            ("failed", "Blev ikke gemt"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="questionnaires.importbatch",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="municipalities.municipality",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="questionnaires.questionnaireversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("batch", "position"), name="one_row_an_imported_file")
                ],
            },
        ),
        # The bytes of a zip or a picture do not get smaller.
        migrations.RunSQL(
            "ALTER TABLE questionnaires_importbatch ALTER COLUMN content SET STORAGE EXTERNAL",
            migrations.RunSQL.noop,
        ),
        Wall("ImportBatch", Policy("owner", using=owned("owner_id"))),
        Wall("ImportFile", Policy("owner", using=owned("owner_id"))),
    ]
