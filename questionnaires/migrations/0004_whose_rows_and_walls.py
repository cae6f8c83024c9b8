"""Answers and scores carry whose they are, and the walls around all of the questionnaires' tables.

A response is of the municipality that asked, which is its task's. A response without a task, which no use case
makes, is taken to be of the citizen's municipality.
"""

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SOMEBODY, SYSTEM, Policy, Wall, owned

FILL = """
UPDATE questionnaires_response SET municipality_id = coalesce(
    (SELECT task.municipality_id FROM plans_task task WHERE task.response_id = questionnaires_response.id),
    (SELECT citizen.municipality_id FROM citizens_citizen citizen WHERE citizen.id = citizen_id)
);
UPDATE questionnaires_score SET municipality_id = response.municipality_id, citizen_id = response.citizen_id
    FROM questionnaires_response response WHERE response.id = questionnaires_score.response_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
HOLD = """
ALTER TABLE questionnaires_score ADD CONSTRAINT score_is_of_its_response
    FOREIGN KEY (response_id, municipality_id, citizen_id)
    REFERENCES questionnaires_response (id, municipality_id, citizen_id) DEFERRABLE INITIALLY DEFERRED;
"""
LET_GO = "ALTER TABLE questionnaires_score DROP CONSTRAINT score_is_of_its_response"

# A function, because the planner would plan a subquery anew for each query; asked of drafts only.
FUNCTION = f"""
CREATE FUNCTION questionnaires_is_own(questionnaire uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_questionnaire WHERE id = questionnaire AND ({owned("owner_id")})
    ); END $$;
"""
DROP = "DROP FUNCTION questionnaires_is_own(uuid)"


def whose(model, *, null, constraint=False):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=model,
        db_constraint=constraint,
        db_index=False,
        null=null,
    )


MUNICIPALITY, CITIZEN = "municipalities.municipality", "citizens.citizen"


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0003_scores_of_any_form_fit"),
        ("plans", "0002_whose_rows"),
    ]

    operations = [
        migrations.AddField("response", "municipality", whose(MUNICIPALITY, null=True, constraint=True)),
        migrations.AddField("score", "municipality", whose(MUNICIPALITY, null=True)),
        migrations.AddField("score", "citizen", whose(CITIZEN, null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("response", "municipality", whose(MUNICIPALITY, null=False, constraint=True)),
        migrations.AlterField("score", "municipality", whose(MUNICIPALITY, null=False)),
        migrations.AlterField("score", "citizen", whose(CITIZEN, null=False)),
        migrations.AddConstraint(
            "response",
            models.UniqueConstraint(
                fields=["municipality", "citizen", "id"], name="response_of_municipality"
            ),
        ),
        migrations.RunSQL(HOLD, LET_GO),
        migrations.RunSQL(FUNCTION, DROP),
        # Its address and whose it is are for everybody, so that an import can say whose an address is already.
        Wall(
            "Questionnaire",
            Policy("owner", using=owned("owner_id")),
            Policy("somebody_reads", "SELECT", using=SOMEBODY),
        ),
        # A draft is its owner's; what is published is asked of citizens of every municipality.
        Wall(
            "QuestionnaireVersion",
            Policy("owner", using="questionnaires_is_own(questionnaire_id)"),
            Policy("published", "SELECT", using=f"status <> 'draft' AND {SOMEBODY}"),
        ),
        # What a citizen has not sent yet is their own.
        Wall(
            "Response",
            Policy("system", using=SYSTEM),
            Policy("municipality", "SELECT", using=f"{OF_MUNICIPALITY} AND status = 'completed'"),
            Policy("own_read", "SELECT", using=OF_CITIZEN),
            Policy("own_begin", "INSERT", check=OF_CITIZEN),
            Policy("own_write", "UPDATE", using=OF_CITIZEN),
        ),
        Wall(
            "Score",
            Policy("system", using=SYSTEM),
            Policy("municipality", "SELECT", using=OF_MUNICIPALITY),
            Policy("own_read", "SELECT", using=OF_CITIZEN),
            Policy("own_write", "INSERT", check=OF_CITIZEN),
        ),
    ]
