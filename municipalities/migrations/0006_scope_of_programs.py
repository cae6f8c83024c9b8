"""Programs work on a municipality's questionnaires and see nothing else of it (Scope.program, docs/adr/0024).

The policies of what is built in KAM ask for `scope_owner()`, which is the municipality of a program, too. All others go
on asking for `scope_municipality()`, which is none for a program: a table that nobody has thought of is closed to it.
"""

from django.db import migrations

FUNCTIONS = """
CREATE OR REPLACE FUNCTION scope_municipality() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN CASE WHEN current_setting('kommunalpro.scope_kind', true) = 'program' THEN NULL
        ELSE nullif(current_setting('kommunalpro.scope_municipality', true), '')::bigint END;
CREATE FUNCTION scope_owner() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_municipality', true), '')::bigint;
"""
BEFORE = """
DROP FUNCTION scope_owner();
CREATE OR REPLACE FUNCTION scope_municipality() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_municipality', true), '')::bigint;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0005_teams_by_their_login"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, BEFORE),
    ]
