"""Have the old rows checked against the constraints of the migration before; PostgreSQL lets others write meanwhile."""

from django.contrib.postgres.operations import ValidateConstraint
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("notifications", "0003_message_states")]

    operations = [
        ValidateConstraint("message", name)
        for name in (
            "message_status_is_known",
            "message_status_has_its_time",
            "held_message_leaves_later",
            "message_that_left_has_its_time",
            "collapsed_message_names_the_other",
            "message_is_of_the_same_citizen_as_the_other",
        )
    ]
