"""How long citizens may correct what they have sent; as fixed as what they are told."""

from django.db import migrations, models
from django.db.models import Q

FUNCTION = """
CREATE OR REPLACE FUNCTION plans_keep_published_texts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        NEW.what_happens_now IS DISTINCT FROM OLD.what_happens_now
        OR NEW.if_you_get_worse IS DISTINCT FROM OLD.if_you_get_worse
        OR NEW.citizens_see_scores IS DISTINCT FROM OLD.citizens_see_scores
        {more}
    ) THEN
        RAISE EXCEPTION 'Plan % is published and what it tells citizens never changes: make a new plan.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_plan_keeps_its_texts';
    END IF;
    RETURN NEW;
END $$;
"""
NOW = FUNCTION.replace("{more}", "OR NEW.correction_days IS DISTINCT FROM OLD.correction_days")
BEFORE = FUNCTION.replace("{more}", "")


class Migration(migrations.Migration):
    dependencies = [("plans", "0005_citizens_see_scores")]

    operations = [
        migrations.AddField(
            "plan",
            "correction_days",
            models.PositiveSmallIntegerField(
                "Dage til at rette",
                db_default=0,
                default=0,
                help_text="How many days an answer can be corrected.",
            ),
        ),
        migrations.AddConstraint(
            "plan",
            models.CheckConstraint(
                condition=Q(correction_days__lte=14), name="plan_has_few_days_to_correct"
            ),
        ),
        migrations.RunSQL(NOW, BEFORE),
    ]
