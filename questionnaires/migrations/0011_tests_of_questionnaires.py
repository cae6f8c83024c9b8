"""Test cases of a questionnaire, behind the wall of its owner: nobody else sees what a draft is tried with."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from municipalities.policies import Policy, Wall


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0010_review_and_decision_support"),
    ]

    operations = [
        migrations.CreateModel(
            name="QuestionnaireTest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=120)),
                ("answers", models.JSONField(help_text="The item tree of a QuestionnaireResponse.")),
                (
                    "expected_scores",
                    models.JSONField(help_text="Link id → number as text; null where there must be none."),
                ),
                (
                    "expected_shown",
                    models.JSONField(help_text="Link ids of questions that have to be shown."),
                ),
                (
                    "expected_hidden",
                    models.JSONField(help_text="Link ids of questions that must not be shown."),
                ),
                (
                    "names",
                    models.JSONField(help_text="Link id → what it was called when the test was made."),
                ),
                ("made_at", models.DateTimeField(help_text="What “today” means when it is run.")),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.staffmember",
                    ),
                ),
                (
                    "questionnaire",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="tests",
                        to="questionnaires.questionnaire",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            "questionnairetest",
            models.UniqueConstraint(fields=["questionnaire", "name"], name="one_test_of_a_name"),
        ),
        migrations.AddConstraint(
            "questionnairetest",
            models.CheckConstraint(condition=~Q(name=""), name="test_has_a_name"),
        ),
        Wall("QuestionnaireTest", Policy("owner", using="questionnaires_is_own(questionnaire_id)")),
    ]
