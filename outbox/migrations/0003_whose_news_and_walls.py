"""News and deliveries carry whose they are, and have their walls. A citizen's own answers make news, too."""

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, Policy, Wall

FILL = """
UPDATE outbox_event SET municipality_id = coalesce(
    (SELECT one.municipality_id FROM plans_careplan one WHERE one.id = subject_id),
    (SELECT one.municipality_id FROM questionnaires_response one WHERE one.id = subject_id),
    (SELECT one.municipality_id FROM notifications_message one WHERE one.id = subject_id),
    (SELECT one.municipality_id FROM citizens_citizen one WHERE one.id = key)
);
UPDATE outbox_delivery SET municipality_id = event.municipality_id
    FROM outbox_event event WHERE event.id = outbox_delivery.event_id;
SET CONSTRAINTS ALL IMMEDIATE;
"""
HOLD = """
ALTER TABLE outbox_delivery ADD CONSTRAINT delivery_is_of_its_event
    FOREIGN KEY (event_id, municipality_id, key) REFERENCES outbox_event (id, municipality_id, key)
    DEFERRABLE INITIALLY DEFERRED;
"""
LET_GO = "ALTER TABLE outbox_delivery DROP CONSTRAINT delivery_is_of_its_event"

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
OWN_READ = Policy("own_read", "SELECT", using="key = (SELECT scope_citizen())")
OWN_WRITE = Policy("own_write", "INSERT", check="key = (SELECT scope_citizen())")


def municipality(*, null, constraint):
    return models.ForeignKey(
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="municipalities.municipality",
        db_constraint=constraint,
        db_index=False,
        null=null,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_leases_by_channel"),
        ("notifications", "0001_initial"),
        ("plans", "0003_walls"),
    ]

    operations = [
        migrations.AddField("event", "municipality", municipality(null=True, constraint=True)),
        migrations.AddField("delivery", "municipality", municipality(null=True, constraint=False)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.AlterField("event", "municipality", municipality(null=False, constraint=True)),
        migrations.AlterField("delivery", "municipality", municipality(null=False, constraint=False)),
        migrations.AddConstraint(
            "event", models.UniqueConstraint(fields=["municipality", "key", "id"], name="event_of_municipality")
        ),
        migrations.AddConstraint(
            "delivery",
            models.UniqueConstraint(fields=["municipality", "key", "id"], name="delivery_of_municipality"),
        ),
        migrations.RunSQL(HOLD, LET_GO),
        Wall("Event", STAFF, OWN_READ, OWN_WRITE),
        Wall("Delivery", STAFF, OWN_READ, OWN_WRITE),
    ]
