"""That a citizen has taken back the consent to a course, and that another team follows it, is news too."""

from django.db import migrations, models

NAMES = [
    ("care_plan.assigned", "Plan tildelt"),
    ("care_plan.paused", "Plan sat på pause"),
    ("care_plan.resumed", "Plan genoptaget"),
    ("care_plan.changed", "Plan ændret"),
    ("care_plan.ended", "Plan afsluttet"),
    ("episode_of_care.finished", "Forløb afsluttet"),
    ("episode_of_care.moved", "Forløb flyttet til et andet team"),
    ("consent.withdrawn", "Samtykke trukket tilbage"),
    ("response.completed", "Besvarelse indsendt"),
    ("response.corrected", "Besvarelse rettet"),
    ("reminder.requested", "Påmindelse bestilt"),
]


class Migration(migrations.Migration):
    dependencies = [("outbox", "0010_news_of_pauses_and_changes")]

    operations = [
        migrations.AlterField("event", "name", models.CharField(choices=NAMES, max_length=40)),
        migrations.AlterField("archiveddelivery", "name", models.CharField(choices=NAMES, max_length=40)),
        migrations.RemoveConstraint("event", "event_name_is_known"),
        migrations.AddConstraint(
            "event",
            models.CheckConstraint(
                condition=models.Q(name__in=[name for name, _ in NAMES]), name="event_name_is_known"
            ),
        ),
    ]
