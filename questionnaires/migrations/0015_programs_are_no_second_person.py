"""Decision support takes two people: a program is neither of them, and what it wrote is of who made its key.

Beside `decision_support_is_approved_by_two`, which knows ids only.
"""

from django.db import migrations, models

from identity.program_models import PROGRAMS

GUARD = f"""
CREATE FUNCTION questionnaires_people_approve_support() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM identity_staffmember
        WHERE id IN (NEW.approved_by_id, NEW.published_by_id) AND issuer = '{PROGRAMS}'
    ) OR EXISTS (
        SELECT FROM identity_programkey
        WHERE member_id = NEW.edited_by_id AND made_by_id IN (NEW.approved_by_id, NEW.published_by_id)
    ) THEN
        RAISE EXCEPTION 'Decision support in version % was not approved by two people who did not write it.', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'people_approve_decision_support';
    END IF;
    RETURN NEW;
END $$;

CREATE TRIGGER people_approve_decision_support
    BEFORE INSERT OR UPDATE OF decision_support_id, approved_by_id, published_by_id, edited_by_id
    ON questionnaires_questionnaireversion FOR EACH ROW WHEN (NEW.decision_support_id IS NOT NULL)
    EXECUTE FUNCTION questionnaires_people_approve_support();
"""
NO_GUARD = """
DROP TRIGGER people_approve_decision_support ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_people_approve_support();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0014_keys_of_programs"),
        ("questionnaires", "0014_revisions_of_drafts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="publicationevent",
            name="kind",
            field=models.CharField(choices=[('sent-in', 'Kladde sendt ind af et program'), ('sent-to-review', 'Sendt til gennemsyn'), ('taken-back', 'Taget tilbage til kladde'), ('sent-back', 'Sendt tilbage med en kommentar'), ('approved', 'Godkendt'), ('published', 'Udgivet'), ('superseded', 'Afløst af en nyere version'), ('withdrawn', 'Taget ud af brug'), ('permission-confirmed', 'Tilladelse til instrumentet bekræftet'), ('support-on', 'Beslutningsstøtte slået til'), ('support-off', 'Beslutningsstøtte slået fra'), ('copied', 'Kopieret'), ('shared', 'Delt med andre kommuner'), ('unshared', 'Deles ikke længere'), ('facts-changed', 'Oplysninger ændret')], max_length=20),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
