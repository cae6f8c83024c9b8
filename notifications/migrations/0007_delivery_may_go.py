"""A message lets go of its delivery when that is archived: the database itself empties `delivery`.

One constraint instead of two: that over the citizen and the municipality says all that Django's own said.
"""

import django.db.models.deletion
from django.db import migrations, models

KEY = """
FOREIGN KEY (delivery_id, municipality_id, citizen_id) REFERENCES outbox_delivery (id, municipality_id, key)
"""


def holding(action: str) -> str:
    """The constraint anew, unchecked, so that nobody waits for the reading of all messages."""
    return f"""
    ALTER TABLE notifications_message
        DROP CONSTRAINT IF EXISTS message_is_of_its_delivery,
        ADD CONSTRAINT message_is_of_its_delivery {KEY} {action} DEFERRABLE INITIALLY DEFERRED NOT VALID
    """


CHECKED = "ALTER TABLE notifications_message VALIDATE CONSTRAINT message_is_of_its_delivery"


class Migration(migrations.Migration):
    # What makes the constraint locks deliveries and messages for a moment, what checks it does not.
    atomic = False
    dependencies = [("notifications", "0006_message_care_plan"), ("outbox", "0003_whose_news_and_walls")]

    operations = [
        migrations.AlterField(
            "message",
            "delivery",
            models.OneToOneField(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="message",
                to="outbox.delivery",
            ),
        ),
        migrations.RunSQL(holding("ON DELETE SET NULL (delivery_id)"), migrations.RunSQL.noop),
        migrations.RunSQL(CHECKED, CHECKED),
        migrations.RunSQL(migrations.RunSQL.noop, holding("")),
    ]
