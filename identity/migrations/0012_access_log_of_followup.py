"""The access log knows notes, errands, one's own list, the time line and the bell."""

from django.db import migrations, models

WHAT = [
    ("overview", "Overblik"),
    ("citizens", "Borgere"),
    ("citizen", "Borgerens side"),
    ("response", "Besvarelse"),
    ("unanswered", "Ubesvarede spørgeskemaer"),
    ("assignment", "Tildeling af plan"),
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
]


class Migration(migrations.Migration):
    dependencies = [("identity", "0011_assisted_visits")]

    operations = [
        migrations.AlterField(
            model_name="accessentry", name="what", field=models.CharField(choices=WHAT, max_length=40)
        )
    ]
