"""An employee is seen by their municipality and by their own login; how logins went, by the authority.

Sessions have no wall: they say who is here, so they are read before anybody is, by the hash of a secret.
"""

from django.db import migrations

from municipalities.policies import NATIONAL, OF_MUNICIPALITY, SYSTEM, Grant, Policy, Wall

OWN_CVR = "cvr = (SELECT cvr FROM municipalities_municipality WHERE id = scope_municipality())"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0003_spent_logout_tokens"),
        ("municipalities", "0002_scope_and_walls"),
    ]

    operations = [
        Wall(
            "StaffMember",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY} OR municipality_id IS NULL AND {NATIONAL}"),
            # Municipalities read who published a national plan.
            Policy(
                "national_ones",
                "SELECT",
                using="municipality_id IS NULL AND (SELECT scope_municipality()) IS NOT NULL",
            ),
            Policy("login", using="issuer || E'\\n' || subject = (SELECT scope_login())"),
        ),
        Wall("LoginAttempt", Policy("authority", using=f"{SYSTEM} OR {NATIONAL} OR {OWN_CVR}")),
        Grant("UserSession", "SELECT", "INSERT", "UPDATE", "DELETE"),
        Grant("SpentLogoutToken", "SELECT", "INSERT", "DELETE"),
    ]
