"""Pictures and files that were given as answers, in a table of their own and behind its wall.

A citizen gives and takes back theirs while the answers are a draft; so do staff in answers that they enter. What was
sent goes with its response, which only the system deletes. Nobody changes the bytes: there is no UPDATE.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

HOLD = """
ALTER TABLE questionnaires_upload ADD CONSTRAINT upload_is_of_its_response
    FOREIGN KEY (response_id, municipality_id, citizen_id)
    REFERENCES questionnaires_response (id, municipality_id, citizen_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE questionnaires_upload ALTER COLUMN content SET STORAGE EXTERNAL;
"""
LET_GO = "ALTER TABLE questionnaires_upload DROP CONSTRAINT upload_is_of_its_response"

# Functions, because the planner would plan subqueries anew for each query. They ask as who asks, so the wall around
# responses holds in them, too: what is not seen there is not seen here.
FUNCTIONS = """
CREATE FUNCTION questionnaires_is_seen(response uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (SELECT FROM questionnaires_response WHERE id = response); END $$;
CREATE FUNCTION questionnaires_is_draft(response uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_response WHERE id = response AND status = 'in-progress'
    ); END $$;
"""
DROP = "DROP FUNCTION questionnaires_is_draft(uuid); DROP FUNCTION questionnaires_is_seen(uuid);"

OWN_DRAFT = (
    f"{OF_CITIZEN} AND questionnaires_is_draft(response_id) AND NOT questionnaires_is_registered(response_id)"
)
BY_STAFF = (
    f"{OF_MUNICIPALITY} AND questionnaires_is_draft(response_id) AND questionnaires_is_registered(response_id)"
)


def whose(model):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
        db_constraint=False,
        db_index=False,
    )


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0006_how_answers_were_given")]

    operations = [
        migrations.CreateModel(
            name="Upload",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("name", models.CharField(max_length=80)),
                ("content_type", models.CharField(max_length=50)),
                ("size", models.PositiveIntegerField(help_text="In bytes.")),
                ("content", models.BinaryField()),
                ("created_at", models.DateTimeField()),
                ("citizen", whose("citizens.citizen")),
                ("municipality", whose("municipalities.municipality")),
                (
                    "response",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="uploads",
                        to="questionnaires.response",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(HOLD, LET_GO),
        migrations.RunSQL(FUNCTIONS, DROP),
        Wall(
            "Upload",
            Policy("system", using=SYSTEM),
            Policy(
                "municipality", "SELECT", using=f"{OF_MUNICIPALITY} AND questionnaires_is_seen(response_id)"
            ),
            Policy("own_read", "SELECT", using=OF_CITIZEN),
            Policy("own_give", "INSERT", check=OWN_DRAFT),
            Policy("own_take_back", "DELETE", using=OWN_DRAFT),
            Policy("registered_give", "INSERT", check=BY_STAFF),
            Policy("registered_take_back", "DELETE", using=BY_STAFF),
            privileges=("SELECT", "INSERT", "DELETE"),
        ),
    ]
