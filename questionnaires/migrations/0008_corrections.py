"""A response may correct a submitted one, which stays as it is; and a citizen may drop a correction that was not sent."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from municipalities.policies import OF_CITIZEN, AddPolicy, Policy

HOLD = """
ALTER TABLE questionnaires_response ADD CONSTRAINT correction_is_of_the_same_citizen
    FOREIGN KEY (replaces_id, municipality_id, citizen_id)
    REFERENCES questionnaires_response (id, municipality_id, citizen_id) DEFERRABLE INITIALLY DEFERRED;
"""
LET_GO = "ALTER TABLE questionnaires_response DROP CONSTRAINT correction_is_of_the_same_citizen"

# What is corrected was submitted, of the same version, and came in the same way; and which one it is never changes.
GUARD = """
CREATE FUNCTION questionnaires_keep_what_is_corrected() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    registered CONSTANT text[] := ARRAY['paper', 'telephone', 'in-person'];
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF NEW.replaces_id IS DISTINCT FROM OLD.replaces_id THEN
            RAISE EXCEPTION 'What response % corrects is not changed.', OLD.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'what_is_corrected_stays';
        END IF;
    ELSIF NEW.replaces_id IS NOT NULL AND NOT EXISTS (
        SELECT FROM questionnaires_response former
        WHERE former.id = NEW.replaces_id AND former.status = 'completed' AND former.version_id = NEW.version_id
          AND (former.mode = ANY (registered)) = (NEW.mode = ANY (registered))
    ) THEN
        RAISE EXCEPTION 'Response % corrects nothing that was submitted in the same way.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'correction_is_of_a_submitted_response';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER what_is_corrected_stays BEFORE INSERT OR UPDATE ON questionnaires_response
    FOR EACH ROW EXECUTE FUNCTION questionnaires_keep_what_is_corrected();
"""
UNGUARD = """
DROP TRIGGER what_is_corrected_stays ON questionnaires_response;
DROP FUNCTION questionnaires_keep_what_is_corrected();
"""

OWN_CORRECTION = f"{OF_CITIZEN} AND status = 'in-progress' AND replaces_id IS NOT NULL AND mode = 'own'"


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0007_uploads")]

    operations = [
        migrations.AddField(
            "response",
            "replaces",
            models.OneToOneField(
                blank=True,
                help_text="The submitted response that this one corrects.",
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="correction",
                to="questionnaires.response",
            ),
        ),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(replaces__isnull=True) | ~Q(replaces=F("id")), name="response_corrects_another"
            ),
        ),
        migrations.RunSQL(HOLD, LET_GO),
        migrations.RunSQL(GUARD, UNGUARD),
        # “Fortryd rettelsen”: nothing but the correction that was not sent goes.
        AddPolicy("Response", Policy("own_drop_correction", "DELETE", using=OWN_CORRECTION)),
    ]
