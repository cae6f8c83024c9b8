"""What policies ask (municipalities/scope.py sets it), and the walls around municipalities and their teams.

The functions give NULL without a scope, so that every comparison with them is false.
"""

from django.db import migrations, models

from municipalities.policies import NATIONAL, OF_MUNICIPALITY, SYSTEM, Grant, Policy, Wall

FUNCTIONS = """
CREATE FUNCTION scope_kind() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_kind', true), '');
CREATE FUNCTION scope_municipality() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_municipality', true), '')::bigint;
CREATE FUNCTION scope_citizen() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_citizen', true), '')::uuid;
CREATE FUNCTION scope_login() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('kommunalpro.scope_login', true), '');
"""
DROP = "".join(
    f"DROP FUNCTION scope_{name}();" for name in ("kind", "municipality", "citizen", "login")
)

# Django's own table of what has run has no model: the application looks whether all of it has.
MAY_LOOK = "GRANT SELECT ON django_migrations TO kommunalpro"
NO_LONGER = "REVOKE SELECT ON django_migrations FROM kommunalpro"


class Migration(migrations.Migration):
    dependencies = [
        ("municipalities", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP),
        migrations.RunSQL(MAY_LOOK, NO_LONGER),
        Grant("contenttypes.ContentType", "SELECT"),
        Grant("sessions.Session", "SELECT", "INSERT", "UPDATE", "DELETE"),
        # Which municipalities there are is no secret: the login asks before anybody is known.
        Wall(
            "Municipality",
            Policy("anybody_reads", "SELECT", using="true"),
            Policy("system", using=f"{SYSTEM} OR {NATIONAL}"),
            Policy("own", "UPDATE", using="id = (SELECT scope_municipality())"),
        ),
        migrations.AddConstraint(
            "careteam",
            models.UniqueConstraint(fields=["municipality", "id"], name="care_team_of_municipality"),
        ),
        Wall("CareTeam", Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")),
    ]
