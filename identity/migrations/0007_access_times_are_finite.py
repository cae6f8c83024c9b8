"""No use of the access log happens at `infinity`: it would lie in no month, and stop the making of months."""

from django.db import migrations, models
from django.db.models import F, Func


def finite(column):
    return Func(F(column), function="isfinite", output_field=models.BooleanField())


class Migration(migrations.Migration):
    dependencies = [("identity", "0006_access_log_of_data")]

    operations = [
        migrations.AddConstraint(
            "accessentry", models.CheckConstraint(condition=finite("at"), name="access_entry_time_is_finite")
        ),
        migrations.AddConstraint(
            "accessreview",
            models.CheckConstraint(
                condition=models.Q(finite("at"), finite("entry_at")), name="access_review_times_are_finite"
            ),
        ),
    ]
