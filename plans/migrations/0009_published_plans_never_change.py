"""Published plans and their activities never change; what is in review is nobody's but its owner's."""

from django.db import migrations

from municipalities.policies import SOMEBODY, AddPolicy, Policy, RemovePolicy

AFTER = """
ALTER TABLE plans_activity ADD CONSTRAINT activity_follows_one_of_its_plan
    FOREIGN KEY (plan_id, after_id) REFERENCES plans_activity (plan_id, id) DEFERRABLE INITIALLY DEFERRED
"""
NOT_AFTER = "ALTER TABLE plans_activity DROP CONSTRAINT activity_follows_one_of_its_plan"

PLAN = """
CREATE OR REPLACE FUNCTION plans_keep_published_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status NOT IN ('draft', 'in-review') AND (
        NEW.what_happens_now IS DISTINCT FROM OLD.what_happens_now
        OR NEW.if_you_get_worse IS DISTINCT FROM OLD.if_you_get_worse
        OR NEW.citizens_see_scores IS DISTINCT FROM OLD.citizens_see_scores
        OR NEW.correction_days IS DISTINCT FROM OLD.correction_days
        {more}
    ) THEN
        RAISE EXCEPTION 'Plan % is published and what it tells citizens never changes: make a new plan.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_plan_keeps_its_texts';
    END IF;
    RETURN NEW;
END $$;
"""
NOW = PLAN.replace(
    "{more}",
    """OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.description IS DISTINCT FROM OLD.description
        OR NEW.owner_id IS DISTINCT FROM OLD.owner_id
        OR NEW.line IS DISTINCT FROM OLD.line
        OR NEW.version IS DISTINCT FROM OLD.version
        OR NEW.status IN ('draft', 'in-review')""",
)
BEFORE = PLAN.replace("{more}", "").replace("NOT IN ('draft', 'in-review')", "<> 'draft'")

ACTIVITY = """
CREATE FUNCTION plans_keep_published_activities() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM plans_plan
        WHERE status <> 'draft' AND id IN (
            CASE WHEN TG_OP <> 'INSERT' THEN OLD.plan_id END, CASE WHEN TG_OP <> 'DELETE' THEN NEW.plan_id END
        )
    ) THEN
        RAISE EXCEPTION 'The plan is no draft, and its activities never change: make a new version.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_plan_keeps_its_activities';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER published_plan_keeps_its_activities BEFORE INSERT OR UPDATE OR DELETE ON plans_activity
    FOR EACH ROW EXECUTE FUNCTION plans_keep_published_activities();
"""
NO_ACTIVITY = """
DROP TRIGGER published_plan_keeps_its_activities ON plans_activity;
DROP FUNCTION plans_keep_published_activities();
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0008_rhythms")]

    operations = [
        migrations.RunSQL(AFTER, NOT_AFTER),
        migrations.RunSQL(NOW, BEFORE),
        migrations.RunSQL(ACTIVITY, NO_ACTIVITY),
        RemovePolicy("Plan", Policy("published", "SELECT", using=f"status <> 'draft' AND {SOMEBODY}")),
        AddPolicy(
            "Plan",
            Policy("published", "SELECT", using=f"status NOT IN ('draft', 'in-review') AND {SOMEBODY}"),
        ),
    ]
