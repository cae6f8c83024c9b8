"""Entering answers for a citizen is a use of their data like the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0009_months_as_others_have_them")]

    operations = [
        migrations.AlterField(
            model_name="accessentry",
            name="what",
            field=models.CharField(
                choices=[
                    ("overview", "Overblik"),
                    ("citizens", "Borgere"),
                    ("citizen", "Borgerens side"),
                    ("response", "Besvarelse"),
                    ("unanswered", "Ubesvarede spørgeskemaer"),
                    ("assignment", "Tildeling af plan"),
                    ("reminder", "Påmindelse"),
                    ("entering", "Indtastning af svar"),
                    ("access_log", "Adgangslog"),
                    ("answers", "Uddata"),
                    ("data", "Data og opbevaring"),
                ],
                max_length=40,
            ),
        ),
    ]
