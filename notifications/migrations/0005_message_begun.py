"""Whether a message may have been sent already is its own to say, and no longer read out of its delivery's attempts."""

from django.db import migrations, models

FILL = """
UPDATE notifications_message message SET begun_at = coalesce(sent_at, delivery.due_at)
FROM outbox_delivery delivery WHERE delivery.id = message.delivery_id AND delivery.attempts > 0;
SET CONSTRAINTS ALL IMMEDIATE;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("notifications", "0004_message_states_hold"),
        ("outbox", "0004_channel_states"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="begun_at",
            field=models.DateTimeField(
                blank=True,
                help_text="When it was first about to be sent: from here it may have arrived.",
                null=True,
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
