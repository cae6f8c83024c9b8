"""The walls around plans, courses and tasks, and whose they are held true by the database."""

from django.db import migrations

from municipalities.policies import (
    OF_CITIZEN,
    OF_MUNICIPALITY,
    SOMEBODY,
    SYSTEM,
    AddPolicy,
    Policy,
    Wall,
    owned,
)

HELD = {
    ("plans_episodeofcare", "episode_team_is_of_municipality"): """
        FOREIGN KEY (care_team_id, municipality_id) REFERENCES municipalities_careteam (id, municipality_id)""",
    ("plans_careplan", "care_plan_is_of_its_episode"): """
        FOREIGN KEY (episode_id, municipality_id, citizen_id)
        REFERENCES plans_episodeofcare (id, municipality_id, citizen_id)""",
    ("plans_task", "task_is_of_its_care_plan"): """
        FOREIGN KEY (care_plan_id, municipality_id, citizen_id)
        REFERENCES plans_careplan (id, municipality_id, citizen_id)""",
    ("plans_task", "response_is_of_its_task"): """
        FOREIGN KEY (response_id, municipality_id, citizen_id)
        REFERENCES questionnaires_response (id, municipality_id, citizen_id)""",
}

# Functions, because the planner would plan a subquery anew for each table of each query.
FUNCTIONS = f"""
CREATE FUNCTION plans_is_seen(plan uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (SELECT FROM plans_plan WHERE id = plan); END $$;
CREATE FUNCTION plans_is_own(plan uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (SELECT FROM plans_plan WHERE id = plan AND ({owned("owner_id")})); END $$;
CREATE FUNCTION plans_is_in_course(citizen uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM plans_episodeofcare WHERE citizen_id = citizen AND municipality_id = scope_municipality()
    ); END $$;
CREATE FUNCTION plans_is_own_team(team bigint) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM plans_episodeofcare WHERE care_team_id = team AND citizen_id = scope_citizen()
    ); END $$;
"""
DROP = "".join(
    f"DROP FUNCTION plans_{name};"
    for name in ("is_seen(uuid)", "is_own(uuid)", "is_in_course(uuid)", "is_own_team(bigint)")
)

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
OWN = Policy("own_read", "SELECT", using=OF_CITIZEN)
# A citizen answers a task, and the last answer ends the plan.
OWN_END = Policy("own_write", "UPDATE", using=OF_CITIZEN)


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0002_whose_rows"),
        ("questionnaires", "0004_whose_rows_and_walls"),
        ("identity", "0004_walls"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {key} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), key in HELD.items()
        ),
        Wall(
            "Plan",
            Policy("owner", using=owned("owner_id")),
            Policy("published", "SELECT", using=f"status <> 'draft' AND {SOMEBODY}"),
        ),
        # As their plan: what shows the plan shows what is in it.
        Wall(
            "Activity",
            Policy(
                "owner",
                using="plans_is_own(plan_id)",
            ),
            Policy("published", "SELECT", using="plans_is_seen(plan_id)"),
        ),
        Wall("EpisodeOfCare", STAFF, OWN),
        Wall("CarePlan", STAFF, OWN, OWN_END),
        Wall("Task", STAFF, OWN, OWN_END),
        # Whoever has moved is still known to the municipality whose course they follow.
        AddPolicy(
            "citizens.Citizen",
            Policy(
                "also_of_course",
                "SELECT",
                using="plans_is_in_course(id)",
            ),
        ),
        AddPolicy(
            "municipalities.CareTeam",
            Policy(
                "also_of_course",
                "SELECT",
                using="plans_is_own_team(id)",
            ),
        ),
    ]
