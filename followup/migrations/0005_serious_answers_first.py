"""How serious an answer is becomes a column, so that the list of the marked ones is walked along an index."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("followup", "0004_walk_along_answers"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="attention",
            name="marked_answers_not_handled",
        ),
        migrations.AddField(
            model_name="attention",
            name="seriousness",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Case(
                    models.When(colour="red", then=models.Value(3)),
                    models.When(then=models.Value(2), worsened=True),
                    models.When(colour="yellow", then=models.Value(1)),
                    default=models.Value(0),
                ),
                output_field=models.SmallIntegerField(),
            ),
        ),
        migrations.AddIndex(
            model_name="attention",
            index=models.Index(
                condition=models.Q(("handled_at__isnull", True)),
                fields=["municipality", "-seriousness", "-answered_at", "-response"],
                name="serious_answers_not_handled",
            ),
        ),
    ]
