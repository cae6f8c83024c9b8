"""What a delivery waits for, and how each part of a channel stands that has an address of its own."""

from django.db import migrations, models
from django.db.models import Q

from municipalities.policies import NATIONAL, SYSTEM, Policy, Wall

CHANNELS = [("fut", "FUT-infrastrukturen"), ("nemsms", "NemSMS")]
NAMES = ["fut", "nemsms"]


class Migration(migrations.Migration):
    dependencies = [("outbox", "0007_archive")]

    operations = [
        migrations.AddField("delivery", "receiver", models.CharField(
            blank=True, db_default="", default="", help_text="Empty: no part of its own (docs/adr/0014).", max_length=20,
        )),
        migrations.CreateModel(
            name="ReceiverState",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("failures", models.PositiveIntegerField(default=0)),
                ("openings", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(blank=True, null=True)),
                ("last_problem", models.TextField(
                    blank=True, help_text="Why it was last held or left alone, CPR masked."
                )),
                ("channel", models.CharField(choices=CHANNELS, max_length=10)),
                ("receiver", models.CharField(max_length=20)),
            ],
            options={
                "ordering": ["channel", "receiver"],
                "constraints": [
                    models.UniqueConstraint(fields=["channel", "receiver"], name="one_state_a_receiver"),
                    models.CheckConstraint(
                        condition=Q(channel__in=NAMES) & ~Q(receiver=""), name="receiver_state_says_whose"
                    ),
                    models.CheckConstraint(
                        condition=Q(open_until__isnull=True, openings=0)
                        | Q(open_until__isnull=False, openings__gt=0, failures__gt=0),
                        name="receiver_breaker_opens_by_failures",
                    ),
                ],
            },
        ),
        Wall(
            "ReceiverState",
            Policy("administration", using=f"{SYSTEM} OR {NATIONAL}"),
            privileges=("SELECT", "INSERT", "UPDATE"),
        ),
    ]
