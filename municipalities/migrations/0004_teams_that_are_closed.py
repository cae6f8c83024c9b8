"""Whether a team takes citizens to new plans; those there are do."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("municipalities", "0003_months")]

    operations = [
        migrations.AddField("careteam", "is_active", models.BooleanField(
            default=True, db_default=True, help_text="Whether citizens can be given new plans in it.",
        )),
    ]
