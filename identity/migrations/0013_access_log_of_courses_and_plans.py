"""Enrolling somebody in a course and changing a plan are uses of their data like the others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("identity", "0012_access_log_of_followup")]

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
                    ("care_plan", "Ændring af plan"),
                    ("course", "Forløb og samtykke"),
                    ("reminder", "Påmindelse"),
                    ("assisted", "Assisteret besøg"),
                    ("entering", "Indtastning af svar"),
                    ("access_log", "Adgangslog"),
                    ("answers", "Uddata"),
                    ("data", "Data og opbevaring"),
                    ("note", "Note om borgeren"),
                    ("errand", "Opgave til en kollega"),
                    ("following", "Egen liste"),
                    ("history", "Tidslinje og log"),
                    ("bell", "Klokken"),
                ],
                max_length=40,
            ),
        ),
    ]
