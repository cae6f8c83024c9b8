"""A message is its municipality's, and read by the citizen it is to; so are its task and its delivery."""

from django.db import migrations

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

HELD = {
    "message_is_of_its_task": """
        FOREIGN KEY (task_id, municipality_id, citizen_id)
        REFERENCES plans_task (id, municipality_id, citizen_id)""",
    "message_is_of_its_delivery": """
        FOREIGN KEY (delivery_id, municipality_id, citizen_id)
        REFERENCES outbox_delivery (id, municipality_id, key)""",
}


class Migration(migrations.Migration):
    dependencies = [("notifications", "0001_initial"), ("outbox", "0003_whose_news_and_walls")]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER TABLE notifications_message ADD CONSTRAINT {name} {key} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE notifications_message DROP CONSTRAINT {name}",
            )
            for name, key in HELD.items()
        ),
        Wall(
            "Message",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            Policy("own_read", "SELECT", using=OF_CITIZEN),
        ),
    ]
