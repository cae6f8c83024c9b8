"""Options that are kept under a name: the owner's, and national ones for every municipality to copy."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import Policy, Wall, owned


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0011_tests_of_questionnaires"),
        ("municipalities", "0004_teams_that_are_closed"),
    ]

    operations = [
        migrations.CreateModel(
            name="AnswerList",
            fields=[
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=100)),
                (
                    "options",
                    models.JSONField(
                        help_text="In order: the label of each, and its weight as a text or null."
                    ),
                ),
                ("changed_at", models.DateTimeField()),
                (
                    "owner",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="answer_lists",
                        to="municipalities.municipality",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["owner", "name"], name="one_answer_list_a_name", nulls_distinct=False
                    )
                ],
            },
        ),
        Wall(
            "AnswerList",
            Policy("owner", using=owned("owner_id")),
            Policy("national", "SELECT", using="owner_id IS NULL AND (SELECT scope_kind()) = 'municipality'"),
        ),
    ]
