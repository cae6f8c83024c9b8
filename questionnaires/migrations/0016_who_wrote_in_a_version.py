"""Everybody who wrote in a version, whoever was the last: none of them is one of the two who approve and publish it.

A trigger remembers them, whoever writes, and forgets none. Safe under load: the column comes without a rewrite, and
only what is not published yet is filled in, from the steps that are still kept. What was approved in review by somebody
who had written in it waits for another approval. Versions that are published stay as they are.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from identity.program_models import PROGRAMS

REMEMBER = """
CREATE FUNCTION questionnaires_remember_writers() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        NEW.written_by := ARRAY(SELECT DISTINCT unnest(OLD.written_by || NEW.written_by));
    END IF;
    IF NEW.edited_by_id IS NOT NULL AND NEW.edited_by_id <> ALL (NEW.written_by) THEN
        NEW.written_by := NEW.written_by || NEW.edited_by_id;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER writers_are_remembered BEFORE INSERT OR UPDATE OF edited_by_id, written_by
    ON questionnaires_questionnaireversion FOR EACH ROW EXECUTE FUNCTION questionnaires_remember_writers();
"""
# As migration 0015 has it, but for everybody who wrote, and not for the last alone.
GUARD = f"""
CREATE OR REPLACE FUNCTION questionnaires_people_approve_support() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM identity_staffmember
        WHERE id IN (NEW.approved_by_id, NEW.published_by_id) AND issuer = '{PROGRAMS}'
    ) OR EXISTS (
        SELECT FROM identity_programkey
        WHERE member_id = ANY (NEW.written_by || NEW.edited_by_id)
            AND made_by_id IN (NEW.approved_by_id, NEW.published_by_id)
    ) THEN
        RAISE EXCEPTION 'Decision support in version % was not approved by two people who did not write it.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'people_approve_decision_support';
    END IF;
    RETURN NEW;
END $$;
"""
FORMER_GUARD = GUARD.replace("= ANY (NEW.written_by || NEW.edited_by_id)", "= NEW.edited_by_id")

FORGET = """
DROP TRIGGER writers_are_remembered ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_remember_writers();
"""

KNOWN = """
UPDATE questionnaires_questionnaireversion AS version
SET written_by = ARRAY(SELECT DISTINCT by_id FROM questionnaires_draftstep WHERE version_id = version.id)
WHERE status IN ('draft', 'in-review');
UPDATE questionnaires_questionnaireversion
SET approved_by_id = NULL, approved_at = NULL, decision_support_id = NULL
WHERE status = 'in-review' AND approved_by_id = ANY (written_by);
-- The table is altered below: nothing may be left to check.
SET CONSTRAINTS ALL IMMEDIATE;
SET CONSTRAINTS ALL DEFERRED;
"""


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0015_programs_are_no_second_person")]

    operations = [
        migrations.AddField(
            model_name="questionnaireversion",
            name="written_by",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.UUIDField(), db_default=[], default=list, editable=False, size=None
            ),
        ),
        migrations.RunSQL(REMEMBER, FORGET),
        migrations.RunSQL(GUARD, FORMER_GUARD),
        migrations.RunSQL(KNOWN, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision_support__isnull", True),
                    models.Q(
                        models.Q(("written_by__contains", [models.F("approved_by")]), _negated=True),
                        models.Q(("written_by__contains", [models.F("published_by")]), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="nobody_approves_what_they_wrote",
            ),
        ),
    ]
