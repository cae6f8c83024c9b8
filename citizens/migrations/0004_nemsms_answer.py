"""What NemSMS answered when it was last asked, with its time; unknown until then.

NemSMS had never been asked before this, so what stood there was nobody's answer and is forgotten.
"""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models
from django.db.models import Q

ANSWER_HAS_ITS_TIME = models.CheckConstraint(
    condition=Q(is_nemsms_enrolled__isnull=True, nemsms_asked_at__isnull=True)
    | Q(is_nemsms_enrolled__isnull=False, nemsms_asked_at__isnull=False),
    name="nemsms_answer_has_its_time",
)


class Migration(migrations.Migration):

    dependencies = [("citizens", "0003_walls")]

    operations = [
        migrations.AlterField("citizen", "is_nemsms_enrolled", models.BooleanField(blank=True, null=True)),
        migrations.AddField("citizen", "nemsms_asked_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunSQL(
            "UPDATE citizens_citizen SET is_nemsms_enrolled = NULL",
            "UPDATE citizens_citizen SET is_nemsms_enrolled = coalesce(is_nemsms_enrolled, false)",
        ),
        AddConstraintNotValid("citizen", ANSWER_HAS_ITS_TIME),
        ValidateConstraint("citizen", "nemsms_answer_has_its_time"),
    ]
