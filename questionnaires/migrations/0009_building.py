"""The steps of a draft and who has it open: its owner's alone, as the draft is."""

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import Policy, Wall

# A function, because the planner would plan a subquery anew for each query.
FUNCTION = """
CREATE FUNCTION questionnaires_is_own_version(version uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_questionnaireversion
        WHERE id = version AND questionnaires_is_own(questionnaire_id)
    ); END $$;
"""
DROP = "DROP FUNCTION questionnaires_is_own_version(uuid)"
OWNER = Policy("owner", using="questionnaires_is_own_version(version_id)")
ACTS = [
    ("added", "Tilføjede"),
    ("duplicated", "Kopierede"),
    ("moved", "Flyttede"),
    ("deleted", "Slettede"),
    ("deleted-all", "Slettede med det, der brugte det:"),
    ("text", "Skrev teksten"),
    ("setting", "Ændrede"),
    ("answers", "Ændrede svarmulighederne i"),
    ("panel", "Ændrede"),
    ("head", "Ændrede spørgeskemaets oplysninger:"),
]


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0008_corrections"),
        ("identity", "0011_assisted_visits"),
    ]

    operations = [
        migrations.CreateModel(
            name="DraftHolder",
            fields=[
                (
                    "version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="holder",
                        serialize=False,
                        to="questionnaires.questionnaireversion",
                    ),
                ),
                ("since", models.DateTimeField()),
                ("last_act_at", models.DateTimeField()),
                (
                    "staff",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="identity.staffmember",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="DraftStep",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("number", models.PositiveIntegerField()),
                ("act", models.CharField(choices=ACTS, max_length=12)),
                (
                    "about",
                    models.CharField(blank=True, help_text="The element's text at the time.", max_length=200),
                ),
                (
                    "link_id",
                    models.CharField(blank=True, help_text="The element to look at.", max_length=300),
                ),
                ("delta", models.JSONField()),
                ("is_undone", models.BooleanField(default=False)),
                ("at", models.DateTimeField()),
                (
                    "by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="identity.staffmember",
                    ),
                ),
                (
                    "version",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="steps",
                        to="questionnaires.questionnaireversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("version", "number"), name="one_step_a_number"),
                ],
            },
        ),
        migrations.RunSQL(FUNCTION, DROP),
        Wall("DraftHolder", OWNER),
        Wall("DraftStep", OWNER),
    ]
