"""The wall around answers lets PostgreSQL walk along a list of them and stop where a page ends. It lets the same through."""

from django.db import migrations

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, AddPolicy, Policy, RemovePolicy, usual

STAFF = f"{SYSTEM} OR {OF_MUNICIPALITY}"


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0003_journal_layouts"),
    ]

    operations = [
        RemovePolicy("Attention", Policy("municipality", using=STAFF)),
        AddPolicy("Attention", Policy("municipality", using=usual(STAFF))),
    ]
