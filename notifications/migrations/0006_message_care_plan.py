"""A message of a new task says which plan it tells of, itself: its delivery may be archived once it has ended."""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

FILL = """
UPDATE notifications_message message SET care_plan_id = event.subject_id
FROM outbox_delivery delivery
    JOIN outbox_event event ON event.id = delivery.event_id
    JOIN plans_careplan plan ON plan.id = event.subject_id
WHERE delivery.id = message.delivery_id AND message.kind = 'task';
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0005_message_begun"),
        ("outbox", "0004_channel_states"),
        ("plans", "0003_walls"),
    ]

    operations = [
        migrations.AddField(
            "message",
            "care_plan",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="messages",
                to="plans.careplan",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(
            """
            ALTER TABLE notifications_message ADD CONSTRAINT message_is_of_its_care_plan
            FOREIGN KEY (care_plan_id, municipality_id, citizen_id)
            REFERENCES plans_careplan (id, municipality_id, citizen_id)
            DEFERRABLE INITIALLY DEFERRED
            """,
            "ALTER TABLE notifications_message DROP CONSTRAINT message_is_of_its_care_plan",
        ),
        AddConstraintNotValid(
            "message",
            models.CheckConstraint(
                condition=~Q(kind="task") | Q(care_plan__isnull=False), name="task_message_has_its_care_plan"
            ),
        ),
        ValidateConstraint("message", "task_message_has_its_care_plan"),
    ]
