"""Whether citizens see what their answers were worked out to; as fixed as what they are told."""

from django.db import migrations, models

FUNCTION = """
CREATE OR REPLACE FUNCTION plans_keep_published_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        NEW.what_happens_now IS DISTINCT FROM OLD.what_happens_now
        OR NEW.if_you_get_worse IS DISTINCT FROM OLD.if_you_get_worse
        {more}
    ) THEN
        RAISE EXCEPTION 'Plan % is published and what it tells citizens never changes: make a new plan.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_plan_keeps_its_texts';
    END IF;
    RETURN NEW;
END $$;
"""
NOW = FUNCTION.replace("{more}", "OR NEW.citizens_see_scores IS DISTINCT FROM OLD.citizens_see_scores")
BEFORE = FUNCTION.replace("{more}", "")


class Migration(migrations.Migration):
    dependencies = [("plans", "0004_what_citizens_are_told")]

    operations = [
        migrations.AddField(
            "plan",
            "citizens_see_scores",
            models.BooleanField("Borgeren kan se sine tal", default=False, db_default=False),
        ),
        migrations.RunSQL(NOW, BEFORE),
    ]
