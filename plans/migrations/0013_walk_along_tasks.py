"""The wall around tasks lets PostgreSQL walk along a list of them and stop where a page ends. It lets the same through."""

from django.db import migrations

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, AddPolicy, Policy, RemovePolicy, usual

STAFF = f"{SYSTEM} OR {OF_MUNICIPALITY}"


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0012_pauses_history_and_consent"),
    ]

    operations = [
        RemovePolicy("Task", Policy("municipality", using=STAFF)),
        AddPolicy("Task", Policy("municipality", using=usual(STAFF))),
    ]
