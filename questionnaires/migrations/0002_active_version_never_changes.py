"""What citizens were asked must stay what they were asked: the database itself refuses to change it."""

from django.db import migrations

CREATE = """
CREATE FUNCTION questionnaires_keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        NEW.source IS DISTINCT FROM OLD.source
        OR NEW.number IS DISTINCT FROM OLD.number
        OR NEW.questionnaire_id IS DISTINCT FROM OLD.questionnaire_id
        OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.status = 'draft'
    ) THEN
        RAISE EXCEPTION 'Questionnaire version % is published and never changes: make a new version.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_version_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER published_version_never_changes BEFORE UPDATE ON questionnaires_questionnaireversion
    FOR EACH ROW EXECUTE FUNCTION questionnaires_keep_published_version();

CREATE FUNCTION questionnaires_keep_completed_response() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'completed' AND (
        NEW.document IS DISTINCT FROM OLD.document
        OR NEW.version_id IS DISTINCT FROM OLD.version_id
        OR NEW.citizen_id IS DISTINCT FROM OLD.citizen_id
        OR NEW.status IS DISTINCT FROM OLD.status
    ) THEN
        RAISE EXCEPTION 'Response % was submitted and is not changed afterwards.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'completed_response_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER completed_response_never_changes BEFORE UPDATE ON questionnaires_response
    FOR EACH ROW EXECUTE FUNCTION questionnaires_keep_completed_response();
"""

DROP = """
DROP TRIGGER completed_response_never_changes ON questionnaires_response;
DROP FUNCTION questionnaires_keep_completed_response();
DROP TRIGGER published_version_never_changes ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_keep_published_version();
"""


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, DROP)]
