"""What shows what was held, asked and handed out is not a municipality's own to delete.

A hold is set and lifted by the municipality. Requests and notes of handing out are written by the system; a note is
never changed. All go with their citizen, which is the system's work, too.
"""

from django.db import migrations

from municipalities.policies import (
    APPLICATION_ROLE,
    OF_MUNICIPALITY,
    SYSTEM,
    AddPolicy,
    Policy,
    RemovePolicy,
)

BOTH = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
BY_SYSTEM = Policy("system", using=SYSTEM)
READS = Policy("municipality_reads", "SELECT", using=OF_MUNICIPALITY)
HOLDS = Policy("municipality_holds", "INSERT", check=OF_MUNICIPALITY)
LIFTS = Policy("municipality_lifts", "UPDATE", using=OF_MUNICIPALITY)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_walls")]

    operations = [
        *(RemovePolicy(model, BOTH) for model in ("LegalHold", "ErasureRequest", "DataExport")),
        *(AddPolicy(model, BY_SYSTEM) for model in ("LegalHold", "ErasureRequest", "DataExport")),
        *(AddPolicy(model, READS) for model in ("LegalHold", "ErasureRequest", "DataExport")),
        AddPolicy("LegalHold", HOLDS),
        AddPolicy("LegalHold", LIFTS),
        migrations.RunSQL(
            f"REVOKE UPDATE ON privacy_dataexport FROM {APPLICATION_ROLE}",
            f"GRANT UPDATE ON privacy_dataexport TO {APPLICATION_ROLE}",
        ),
    ]
