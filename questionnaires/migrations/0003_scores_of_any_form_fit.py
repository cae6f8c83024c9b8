"""A form's own words for its figures are not cut to a length, and its figures may be large.

Safe under load: a longer text type and more digits at the same scale change the catalogue only, no row.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0002_active_version_never_changes")]

    operations = [
        migrations.AlterField("score", "link_id", models.TextField()),
        migrations.AlterField("score", "name", models.TextField()),
        migrations.AlterField("score", "unit", models.TextField(blank=True)),
        migrations.AlterField("score", "value", models.DecimalField(decimal_places=4, max_digits=24)),
        migrations.AlterField(
            "score",
            "minimum",
            models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True),
        ),
        migrations.AlterField(
            "score",
            "maximum",
            models.DecimalField(blank=True, decimal_places=4, max_digits=24, null=True),
        ),
    ]
