"""Activities get the whole rhythm, plans their versions, tasks the answer that brought them."""

import django.contrib.postgres.fields
import django.db.models.constraints
import django.db.models.deletion
from django.db import migrations, models


# The rhythms that there were: once, and every week for a number of weeks. Windows that overlapped go on doing so.
FILL = """
UPDATE plans_activity SET kind = 'every', every = 1, every_unit = 'weeks', times = occurrences, "overlaps" = answer_days > 7
    WHERE repeat = 'weekly';
UPDATE plans_activity SET position = place.number
    FROM (SELECT id, row_number() OVER (PARTITION BY plan_id ORDER BY id) - 1 AS number FROM plans_activity) place
    WHERE place.id = plans_activity.id;
UPDATE plans_plan SET line = id;
"""
# What there was before has no place in the columns that come back.
EMPTY = """
UPDATE plans_activity SET repeat = 'weekly', occurrences = least(times, 104) WHERE kind = 'every' AND times IS NOT NULL;
"""


class Migration(migrations.Migration):

    dependencies = [
        ('plans', '0007_status_words'),
        ('questionnaires', '0012_answer_lists'),
    ]

    operations = [
        # Rows are changed and then indexed in one transaction: what is to be checked at its end is checked at once.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AlterModelOptions(
            name='activity',
            options={'ordering': ['position', 'pk'], 'verbose_name_plural': 'activities'},
        ),
        migrations.RemoveConstraint(
            model_name='activity',
            name='activity_once_happens_once',
        ),
        migrations.RemoveConstraint(
            model_name='plan',
            name='active_plan_is_published',
        ),
        migrations.AddField(
            model_name='activity',
            name='after',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='followers', to='plans.activity'),
        ),
        migrations.AddField(
            model_name='activity',
            name='condition',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='days',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='every',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='every_unit',
            field=models.CharField(blank=True, choices=[('days', 'dage'), ('weeks', 'uger'), ('months', 'måneder')], db_default='', default='', max_length=6),
        ),
        migrations.AddField(
            model_name='activity',
            name='for_whom',
            field=models.CharField(blank=True, db_default='', default='', max_length=300, verbose_name='Hvem den er til'),
        ),
        migrations.AddField(
            model_name='activity',
            name='kind',
            field=models.CharField(choices=[('once', 'Én gang, når planen begynder'), ('offsets', 'På bestemte dage efter starten'), ('every', 'Med fast mellemrum'), ('weekdays', 'På bestemte ugedage'), ('appointment', 'Før en aftale'), ('answer', 'Når borgeren har svaret på et andet spørgeskema')], db_default='once', default='once', max_length=11, verbose_name='Hvornår'),
        ),
        migrations.AddField(
            model_name='activity',
            name='lasts',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='lasts_unit',
            field=models.CharField(blank=True, choices=[('days', 'dage'), ('weeks', 'uger'), ('months', 'måneder')], db_default='', default='', max_length=6),
        ),
        migrations.AddField(
            model_name='activity',
            name='most_reminders',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='moves',
            field=models.CharField(choices=[('stays', 'Åbn på dagen alligevel'), ('later', 'Flyt til den næste hverdag'), ('earlier', 'Flyt til hverdagen før')], db_default='stays', default='stays', max_length=7),
        ),
        migrations.AddField(
            model_name='activity',
            name='offsets',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, null=True, size=None),
        ),
        migrations.AddField(
            model_name='activity',
            name='overlaps',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name='activity',
            name='position',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='activity',
            name='reminder_gap',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, help_text='How many days there are between two reminders at the least.'),
        ),
        migrations.AddField(
            model_name='activity',
            name='times',
            field=models.PositiveSmallIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='activity',
            name='title',
            field=models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='Titel'),
        ),
        migrations.AddField(
            model_name='activity',
            name='weekdays',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.PositiveSmallIntegerField(), blank=True, null=True, size=None),
        ),
        migrations.AddField(
            model_name='careplan',
            name='appointment_on',
            field=models.DateField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='plan',
            name='copied_from',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='copies', to='plans.plan'),
        ),
        migrations.AddField(
            model_name='plan',
            name='line',
            field=models.UUIDField(null=True, default=None, editable=False),
        ),
        migrations.AddField(
            model_name='task',
            name='triggered_by',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='followers', to='plans.task'),
        ),
        migrations.AddField(
            model_name='task',
            name='triggers',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AlterField(
            model_name='plan',
            name='status',
            field=models.CharField(choices=[('draft', 'Kladde'), ('in-review', 'Til gennemsyn'), ('active', 'Aktiv'), ('retired', 'Udgået')], default='draft', max_length=10),
        ),
        migrations.RunSQL(FILL, EMPTY),
        migrations.AlterField(
            model_name='plan',
            name='line',
            field=models.UUIDField(default=None, editable=False),
        ),
        migrations.RemoveField(
            model_name='activity',
            name='occurrences',
        ),
        migrations.RemoveField(
            model_name='activity',
            name='repeat',
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'once'), ('offsets__isnull', True), ('every__isnull', True), ('every_unit', ''), ('weekdays__isnull', True), ('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', True), ('days__isnull', True)), models.Q(('kind', 'offsets'), ('offsets__isnull', False), ('offsets__len__range', (1, 366)), ('every__isnull', True), ('every_unit', ''), ('weekdays__isnull', True), ('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', True), ('days__isnull', True)), models.Q(('kind', 'every'), ('offsets__isnull', True), ('every__isnull', False), ('every__range', (1, 366)), ('every_unit__in', ['days', 'weeks', 'months']), ('weekdays__isnull', True), models.Q(models.Q(('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', False), ('times__range', (1, 366))), models.Q(('lasts__isnull', False), ('lasts__range', (1, 366)), ('lasts_unit__in', ['days', 'weeks', 'months']), ('times__isnull', True)), _connector='OR'), ('days__isnull', True)), models.Q(('kind', 'weekdays'), ('offsets__isnull', True), ('every__isnull', False), ('every__range', (1, 366)), ('every_unit__in', ['days', 'weeks', 'months']), ('weekdays__contained_by', [0, 1, 2, 3, 4, 5, 6]), ('weekdays__isnull', False), ('weekdays__len__range', (1, 7)), models.Q(models.Q(('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', False), ('times__range', (1, 366))), models.Q(('lasts__isnull', False), ('lasts__range', (1, 366)), ('lasts_unit__in', ['days', 'weeks', 'months']), ('times__isnull', True)), _connector='OR'), ('days__isnull', True), ('every_unit', 'weeks')), models.Q(('kind', 'appointment'), ('offsets__isnull', True), ('every__isnull', True), ('every_unit', ''), ('weekdays__isnull', True), ('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', True), ('days__isnull', False), ('days__range', (0, 366)), ('days__gte', 1)), models.Q(('kind', 'answer'), ('offsets__isnull', True), ('every__isnull', True), ('every_unit', ''), ('weekdays__isnull', True), ('lasts__isnull', True), ('lasts_unit', ''), ('times__isnull', True), ('days__isnull', False), ('days__range', (0, 366))), _connector='OR'), name='activity_has_a_whole_rhythm'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('after__isnull', False), ('kind', 'answer'), models.Q(('after', models.F('id')), _negated=True)), models.Q(models.Q(('kind', 'answer'), _negated=True), ('after__isnull', True), ('condition__isnull', True)), _connector='OR'), name='activity_after_an_answer_has_another'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.CheckConstraint(condition=models.Q(('moves__in', ['stays', 'later', 'earlier'])), name='activity_moves_somewhere_known'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.UniqueConstraint(fields=('plan', 'id'), name='activity_of_plan'),
        ),
        migrations.AddConstraint(
            model_name='activity',
            constraint=models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('plan', 'position'), name='one_activity_a_position'),
        ),
        migrations.AddConstraint(
            model_name='careplan',
            constraint=models.CheckConstraint(condition=models.Q(('appointment_on__isnull', True), ('appointment_on__gte', models.F('starts_on')), _connector='OR'), name='appointment_is_within_the_plan'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['draft', 'in-review']), ('published_at__isnull', False), _connector='OR'), name='active_plan_is_published'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(fields=('line', 'version'), name='one_row_a_version_of_a_plan'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['draft', 'in-review'])), fields=('line',), name='one_draft_a_plan'),
        ),
        migrations.AddConstraint(
            model_name='plan',
            constraint=models.UniqueConstraint(condition=models.Q(('status', 'active')), fields=('line',), name='one_active_version_a_plan'),
        ),
        migrations.AddConstraint(
            model_name='task',
            constraint=models.UniqueConstraint(condition=models.Q(('triggered_by__isnull', False)), fields=('triggered_by', 'activity'), name='an_answer_brings_a_task_once'),
        ),
    ]
