"""A citizen is seen by the municipality they live in, by themself, and by the login that has their number.

What lets through the municipality whose course a citizen follows who has moved away: plans, migration 0003.
"""

from django.db import migrations

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, Policy, Wall


class Migration(migrations.Migration):
    dependencies = [("citizens", "0002_cpr_keys_can_be_changed"), ("municipalities", "0002_scope_and_walls")]

    operations = [
        Wall(
            "Citizen",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            Policy("own", "SELECT", using="id = (SELECT scope_citizen())"),
            # Several hashes while the keys are being changed.
            Policy(
                "login",
                "SELECT",
                using="encode(cpr_hash, 'hex') = ANY ((SELECT string_to_array(scope_login(), ' '))::text[])",
            ),
        )
    ]
