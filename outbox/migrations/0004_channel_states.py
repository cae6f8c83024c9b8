"""Each channel's own row, what people do to it, and the bookkeeping that the system administration may see.

The administration sees no citizen. So the rows themselves stay behind their wall: what it reads is a view of the
owner's, without the citizen's key and the subject. The view asks as the owner, and only for the owner is there a policy
that lets the scope *national* through.
"""

import django.utils.timezone
from django.db import migrations, models
from django.db.models import Q

import django.db.models.deletion

from municipalities.policies import (
    APPLICATION_ROLE,
    NATIONAL,
    OWNER_ROLE,
    SYSTEM,
    AddPolicy,
    Policy,
    Wall,
)

CHANNELS = [("fut", "FUT-infrastrukturen"), ("nemsms", "NemSMS")]
NAMES = ["fut", "nemsms"]

FILL = """
UPDATE outbox_delivery SET
    patience_from = coalesce(
        outbox_delivery.revived_at,
        CASE WHEN attempts = 0 THEN greatest(due_at, event.occurred_at) ELSE event.occurred_at END
    ),
    is_held = state = 'waiting' AND attempts = 0 AND due_at > event.occurred_at
FROM outbox_event event WHERE event.id = event_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""

# A delivery is written some times and then never again: room on each page, and sweeping before much has gathered.
ROOM = """
ALTER TABLE outbox_delivery SET (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.05
);
"""
NO_ROOM = """
ALTER TABLE outbox_delivery RESET (fillfactor, autovacuum_vacuum_scale_factor, autovacuum_analyze_scale_factor);
"""

# `reason`: what problems of one kind have in common; ids and long numbers are left out.
VIEW = f"""
CREATE VIEW outbox_bookkeeping WITH (security_barrier) AS
SELECT
    delivery.id, delivery.channel, delivery.municipality_id, delivery.state, delivery.due_at, delivery.is_held,
    delivery.attempts, delivery.leased_until, delivery.last_sent, delivery.last_problem, delivery.ended_at,
    left(regexp_replace(
        delivery.last_problem, '[0-9a-f]{{8}}-[0-9a-f]{{4}}-[0-9a-f-]{{22}}|[0-9]{{4,}}', '…', 'gi'
    ), 200) AS reason,
    event.name, event.occurred_at, event.request_id
FROM outbox_delivery delivery JOIN outbox_event event ON event.id = delivery.event_id;
REVOKE ALL ON outbox_bookkeeping FROM PUBLIC;
GRANT SELECT ON outbox_bookkeeping TO {APPLICATION_ROLE};
"""

ADMINISTRATION = Policy("administration", using=f"{SYSTEM} OR {NATIONAL}")
BY_THE_VIEW = Policy("bookkeeping", "SELECT", using=NATIONAL, role=OWNER_ROLE)


class Migration(migrations.Migration):
    dependencies = [("outbox", "0003_whose_news_and_walls")]

    operations = [
        migrations.AddField("delivery", "is_held", models.BooleanField(
            default=False, help_text="It could not leave when it was recorded.",
        )),
        migrations.AddField("delivery", "patience_from", models.DateTimeField(
            default=django.utils.timezone.now,
            help_text="When it could first leave, or a person sent it again.",
        )),
        migrations.AddField("delivery", "last_sent", models.TextField(blank=True, default=""), preserve_default=False),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RemoveField("delivery", "revived_at"),
        migrations.AlterField("delivery", "event", models.ForeignKey(
            on_delete=django.db.models.deletion.PROTECT, related_name="deliveries", to="outbox.event", db_index=False,
        )),
        migrations.AddIndex("delivery", models.Index(
            fields=["channel", "municipality", "is_held", "due_at", "id"],
            condition=Q(state="waiting"),
            name="deliveries_due_by_municipality",
        )),
        migrations.AddIndex("delivery", models.Index(
            fields=["channel", "ended_at"], condition=~Q(state="waiting"), name="deliveries_ended",
        )),
        migrations.RunSQL(ROOM, NO_ROOM),
        migrations.CreateModel(
            name="ChannelState",
            fields=[
                ("channel", models.CharField(choices=CHANNELS, max_length=10, primary_key=True, serialize=False)),
                ("asked_at", models.DateTimeField(blank=True, null=True)),
                ("paused_at", models.DateTimeField(blank=True, null=True)),
                ("paused_by", models.CharField(blank=True, max_length=200)),
                ("pause_reason", models.CharField(blank=True, max_length=500)),
                ("held_until", models.DateTimeField(blank=True, null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("openings", models.PositiveIntegerField(default=0)),
                ("open_until", models.DateTimeField(blank=True, null=True)),
                ("last_problem", models.TextField(
                    blank=True, help_text="Why it was last held or left alone, CPR masked."
                )),
                ("tokens", models.FloatField(default=0)),
                ("tokens_at", models.DateTimeField(blank=True, null=True)),
                ("last_served", models.BigIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(channel__in=NAMES), name="channel_state_channel_is_known"),
                    models.CheckConstraint(
                        condition=Q(paused_at__isnull=True, paused_by="", pause_reason="")
                        | Q(paused_at__isnull=False) & ~Q(paused_by="") & ~Q(pause_reason=""),
                        name="channel_pause_says_who_and_why",
                    ),
                    models.CheckConstraint(
                        condition=Q(open_until__isnull=True, openings=0)
                        | Q(open_until__isnull=False, openings__gt=0, failures__gt=0),
                        name="channel_breaker_opens_by_failures",
                    ),
                    models.CheckConstraint(condition=Q(tokens__gte=0), name="channel_tokens_are_not_negative"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Intervention",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
                ("channel", models.CharField(choices=CHANNELS, max_length=10)),
                ("act", models.CharField(choices=[
                    ("pause", "Sat på pause"), ("resume", "Sat i gang"), ("send_again", "Sendt igen"),
                ], max_length=10)),
                ("by", models.CharField(help_text="The employee's name, or who ran the command.", max_length=200)),
                ("by_id", models.UUIDField(blank=True, help_text="StaffMember; none for a command.", null=True)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("count", models.PositiveIntegerField(default=0, help_text="How many deliveries were sent again.")),
            ],
            options={
                "ordering": ["-at", "-id"],
                "constraints": [
                    models.CheckConstraint(condition=Q(channel__in=NAMES), name="intervention_channel_is_known"),
                    models.CheckConstraint(condition=~Q(by=""), name="intervention_says_who"),
                    models.CheckConstraint(
                        condition=~Q(act="pause") | ~Q(reason=""), name="intervention_pause_says_why"
                    ),
                ],
            },
        ),
        Wall("ChannelState", ADMINISTRATION, privileges=("SELECT", "INSERT", "UPDATE")),
        Wall("Intervention", ADMINISTRATION, privileges=("SELECT", "INSERT")),
        AddPolicy("Event", BY_THE_VIEW),
        AddPolicy("Delivery", BY_THE_VIEW),
        migrations.RunSQL(VIEW, "DROP VIEW outbox_bookkeeping"),
    ]
