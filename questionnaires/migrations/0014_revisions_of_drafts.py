"""What a document is called as it stands: another name whenever it is written, whoever writes it.

And the words of a draft that is being built are found when somebody searches (questionnaires/library.py) or at night
too, no longer at each act.

Safe under load: a column with a constant comes without a rewrite. Until it is written again, a row that was there
before has this constant, which names its document as well as any other would.
"""

import uuid

from django.db import migrations, models

CREATE = """
CREATE FUNCTION questionnaires_revise_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.revision := gen_random_uuid();
    RETURN NEW;
END $$;
CREATE TRIGGER version_is_revised BEFORE UPDATE OF source, revision ON questionnaires_questionnaireversion
    FOR EACH ROW EXECUTE FUNCTION questionnaires_revise_version();
"""
DROP = """
DROP TRIGGER version_is_revised ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_revise_version();
"""

# As migration 0010 found them.
WORDS = """
CREATE FUNCTION questionnaires_words(title text, source jsonb) RETURNS tsvector LANGUAGE plpgsql STABLE AS $$
BEGIN RETURN to_tsvector('danish', left(coalesce(title, '') || ' ' || coalesce((
    SELECT string_agg(text #>> '{}', ' ')
    FROM jsonb_path_query(source, 'strict $.**.text ? (@.type() == "string")') AS text
), ''), 200000)); END $$;
CREATE OR REPLACE FUNCTION questionnaires_find_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.status = 'draft' THEN
        NEW.words := NULL;
    ELSE
        NEW.words := questionnaires_words(NEW.title, NEW.source);
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER words_are_found ON questionnaires_questionnaireversion;
CREATE TRIGGER words_are_found BEFORE INSERT OR UPDATE OF title, source, status ON questionnaires_questionnaireversion
    FOR EACH ROW EXECUTE FUNCTION questionnaires_find_words();
"""
WORDS_AT_ONCE = """
CREATE OR REPLACE FUNCTION questionnaires_find_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := to_tsvector('danish', left(coalesce(NEW.title, '') || ' ' || coalesce((
        SELECT string_agg(text #>> '{}', ' ')
        FROM jsonb_path_query(NEW.source, 'strict $.**.text ? (@.type() == "string")') AS text
    ), ''), 200000));
    RETURN NEW;
END $$;
DROP TRIGGER words_are_found ON questionnaires_questionnaireversion;
CREATE TRIGGER words_are_found BEFORE INSERT OR UPDATE OF title, source ON questionnaires_questionnaireversion
    FOR EACH ROW EXECUTE FUNCTION questionnaires_find_words();
DROP FUNCTION questionnaires_words(text, jsonb);
UPDATE questionnaires_questionnaireversion SET title = title WHERE words IS NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0013_imports")]

    operations = [
        migrations.AddField(
            model_name="questionnaireversion",
            name="revision",
            field=models.UUIDField(
                db_default=uuid.UUID(int=0),
                default=uuid.uuid4,
                editable=False,
                help_text="Another one whenever `source` is written.",
            ),
        ),
        migrations.RunSQL(CREATE, DROP),
        migrations.RunSQL(WORDS, WORDS_AT_ONCE),
    ]
