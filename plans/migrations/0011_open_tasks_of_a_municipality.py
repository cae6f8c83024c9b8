"""The list of unanswered questionnaires walks along an index of its own municipality. Made while answers come in."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("plans", "0010_plans_for_many")]

    operations = [
        AddIndexConcurrently(
            "task",
            models.Index(
                fields=["municipality", "due_at", "id"],
                condition=models.Q(status="open"),
                name="open_tasks_of_a_municipality",
            ),
        )
    ]
