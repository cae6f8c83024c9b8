"""A municipality goes on reading who did what there when they work elsewhere.

Where somebody logs in from another workplace their row names that one; with it went all that was joined to the row from
before, such as the plans they had given. Where they worked until now the access log tells, which is read once.
"""

import django.contrib.postgres.fields
from django.db import migrations, models

from municipalities.policies import AddPolicy, Policy

NOTED = """
CREATE FUNCTION identity_note_workplace() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.worked_in := ARRAY(
        SELECT DISTINCT place
        FROM unnest(NEW.worked_in || NEW.municipality_id || CASE WHEN TG_OP = 'UPDATE' THEN OLD.worked_in END) AS place
        WHERE place IS NOT NULL
        ORDER BY place
    );
    RETURN NEW;
END $$;

CREATE TRIGGER workplace_is_noted BEFORE INSERT OR UPDATE OF municipality_id, worked_in ON identity_staffmember
    FOR EACH ROW EXECUTE FUNCTION identity_note_workplace();
"""
NOT_NOTED = """
DROP TRIGGER workplace_is_noted ON identity_staffmember;
DROP FUNCTION identity_note_workplace();
"""

UNTIL_NOW = """
UPDATE identity_staffmember SET worked_in = known.places
FROM (
    SELECT id, array_agg(DISTINCT place) AS places
    FROM (
        SELECT id, municipality_id AS place FROM identity_staffmember
        UNION SELECT staff_id, municipality_id FROM identity_accessentry
    ) AS each
    WHERE place IS NOT NULL
    GROUP BY id
) AS known
WHERE known.id = identity_staffmember.id;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0014_keys_of_programs"),
    ]

    operations = [
        migrations.AddField(
            model_name="staffmember",
            name="worked_in",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.BigIntegerField(), default=list, editable=False, size=None
            ),
        ),
        migrations.RunSQL(NOTED, NOT_NOTED),
        migrations.RunSQL(UNTIL_NOW, migrations.RunSQL.noop),
        AddPolicy(
            "StaffMember",
            Policy("worked_here", "SELECT", using="worked_in @> ARRAY[(SELECT scope_municipality())]"),
        ),
    ]
