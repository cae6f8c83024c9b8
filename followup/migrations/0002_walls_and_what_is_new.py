"""The walls around the follow-up, whose rows they are held true by the database, and the answers that are news now."""

from django.db import migrations

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

HELD = {
    ("followup_attention", "attention_is_of_its_response"): """
        FOREIGN KEY (response_id, municipality_id, citizen_id)
        REFERENCES questionnaires_response (id, municipality_id, citizen_id)""",
    ("followup_attention", "attention_team_is_of_municipality"): """
        FOREIGN KEY (care_team_id, municipality_id) REFERENCES municipalities_careteam (id, municipality_id)""",
    ("followup_errand", "errand_team_is_of_municipality"): """
        FOREIGN KEY (for_team_id, municipality_id) REFERENCES municipalities_careteam (id, municipality_id)""",
}

# What was answered in the last fourteen days is news; what is older was looked at before there
# was a list of it. Which colours it had then nobody knows: a version shows them only since two have approved it.
NEWS = """
SELECT set_config('kommunalpro.scope_kind', 'system', true);
INSERT INTO followup_attention
    (response_id, municipality_id, citizen_id, care_team_id, questionnaire_id, answered_at, colours, colour, worsened, note)
SELECT response.id, response.municipality_id, response.citizen_id, episode.care_team_id, version.questionnaire_id,
       response.completed_at, '{}', '', false, ''
FROM questionnaires_response response
JOIN questionnaires_questionnaireversion version ON version.id = response.version_id
JOIN plans_task task ON task.response_id = response.id
JOIN plans_careplan care_plan ON care_plan.id = task.care_plan_id
JOIN plans_episodeofcare episode ON episode.id = care_plan.episode_id
WHERE response.status = 'completed' AND response.completed_at > now() - interval '14 days';
SELECT set_config('kommunalpro.scope_kind', '', true);
"""

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
# For *Mine data*; no page of the citizen's shows it otherwise.
OWN = Policy("own_read", "SELECT", using=OF_CITIZEN)


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0001_initial"),
        ("plans", "0009_published_plans_never_change"),
    ]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {key} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), key in HELD.items()
        ),
        migrations.RunSQL(NEWS, migrations.RunSQL.noop),
        Wall(
            "Attention",
            STAFF,
            OWN,
            # An answer that a citizen submits is put on staff's lists, not handled by anybody.
            Policy("own_submit", "INSERT", check=f"{OF_CITIZEN} AND handled_at IS NULL"),
        ),
        Wall("CitizenNote", STAFF, OWN),
        Wall("Errand", STAFF, OWN),
        Wall("OutsideAccess", STAFF, OWN),
        *(Wall(model, STAFF) for model in ("Following", "SavedView", "DeskSettings")),
    ]
