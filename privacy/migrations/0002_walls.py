"""The walls around what is noted about keeping, holding, deleting and handing out."""

from django.db import migrations

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SOMEBODY, SYSTEM, Policy, Wall

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
OWN_READ = Policy("own_read", "SELECT", using=OF_CITIZEN)


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial"), ("plans", "0003_walls")]

    operations = [
        # How long their data are kept is no secret from citizens.
        Wall("RetentionPolicy", STAFF, Policy("somebody_reads", "SELECT", using=SOMEBODY)),
        Wall("LegalHold", STAFF),
        Wall(
            "DeletionRecord",
            Policy("system", using=SYSTEM),
            Policy("municipality", "SELECT", using=OF_MUNICIPALITY),
        ),
        Wall("ErasureRequest", STAFF, OWN_READ),
        Wall("DataExport", STAFF, OWN_READ),
    ]
