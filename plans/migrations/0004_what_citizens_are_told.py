"""A plan says what happens after answering; what citizens were told stays as it was published."""

from django.db import migrations, models

CREATE = """
CREATE FUNCTION plans_keep_published_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        NEW.what_happens_now IS DISTINCT FROM OLD.what_happens_now
        OR NEW.if_you_get_worse IS DISTINCT FROM OLD.if_you_get_worse
    ) THEN
        RAISE EXCEPTION 'Plan % is published and what it tells citizens never changes: make a new plan.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_plan_keeps_its_texts';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER published_plan_keeps_its_texts BEFORE UPDATE ON plans_plan
    FOR EACH ROW EXECUTE FUNCTION plans_keep_published_texts();
"""

DROP = """
DROP TRIGGER published_plan_keeps_its_texts ON plans_plan;
DROP FUNCTION plans_keep_published_texts();
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_walls")]

    operations = [
        migrations.AddField(
            "plan",
            "what_happens_now",
            models.TextField("Hvad der sker nu", blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            "plan",
            "if_you_get_worse",
            models.TextField("Hvis borgeren får det værre", blank=True, default="", db_default=""),
        ),
        migrations.RunSQL(CREATE, DROP),
    ]
