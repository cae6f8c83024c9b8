"""What municipalities had decided stands among the decisions now."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("privacy", "0005_walls_around_decisions")]

    operations = [migrations.DeleteModel("RetentionPolicy")]
