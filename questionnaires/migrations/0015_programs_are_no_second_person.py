"""Programs work on their owner's questionnaires; and are nobody's second person for decision support.

What a program wrote is of who made its key: a trigger holds that, beside `decision_support_is_approved_by_two`, which
knows ids only.
"""

from django.db import migrations, models

from identity.program_models import PROGRAMS
from municipalities.policies import AddPolicy, Policy, RemovePolicy, built, owned

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

IS_OWN = """
CREATE OR REPLACE FUNCTION questionnaires_is_own(questionnaire uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_questionnaire WHERE id = questionnaire AND ({whose})
    ); END $$;
"""
OWN = "questionnaires_is_own(questionnaire_id)"


def instead(model, before, after):
    """Another policy in the place of one; both given whole."""
    return [RemovePolicy(model, before), AddPolicy(model, after)]


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0014_keys_of_programs"),
        ("municipalities", "0006_scope_of_programs"),
        ("questionnaires", "0014_revisions_of_drafts"),
    ]

    operations = [
        migrations.AlterField(
            model_name="publicationevent",
            name="kind",
            field=models.CharField(choices=[('sent-in', 'Kladde sendt ind af et program'), ('sent-to-review', 'Sendt til gennemsyn'), ('taken-back', 'Taget tilbage til kladde'), ('sent-back', 'Sendt tilbage med en kommentar'), ('approved', 'Godkendt'), ('published', 'Udgivet'), ('superseded', 'Afløst af en nyere version'), ('withdrawn', 'Taget ud af brug'), ('permission-confirmed', 'Tilladelse til instrumentet bekræftet'), ('support-on', 'Beslutningsstøtte slået til'), ('support-off', 'Beslutningsstøtte slået fra'), ('copied', 'Kopieret'), ('shared', 'Delt med andre kommuner'), ('unshared', 'Deles ikke længere'), ('facts-changed', 'Oplysninger ændret')], max_length=20),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(IS_OWN.format(whose=built("owner_id")), IS_OWN.format(whose=owned("owner_id"))),
        *instead(
            "Questionnaire",
            Policy("owner", using=owned("owner_id")),
            Policy("owner", using=built("owner_id")),
        ),
        *instead(
            "QuestionnaireVersion",
            Policy("owner", using=owned("owner_id")),
            Policy("owner", using=built("owner_id")),
        ),
        *instead(
            "PublicationEvent",
            Policy("owner_reads", "SELECT", using=owned("municipality_id")),
            Policy("owner_reads", "SELECT", using=built("municipality_id")),
        ),
        *instead(
            "PublicationEvent",
            Policy("owner_writes", "INSERT", check=f"{OWN} AND ({owned('municipality_id')})"),
            Policy("owner_writes", "INSERT", check=f"{OWN} AND ({built('municipality_id')})"),
        ),
    ]
