"""What the poll of FUT found, and whose turn it is. A finding is its citizen's to read; a look is the workers'."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")


class Migration(migrations.Migration):

    dependencies = [
        ('citizens', '0004_nemsms_answer'),
        ('fut', '0003_addresses_of_definitions'),
        ('identity', '0008_sessions_found_by_hash'),
        ('municipalities', '0002_scope_and_walls'),
        ('plans', '0003_walls'),
    ]

    operations = [
        migrations.CreateModel(
            name='FutFinding',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('plan', 'Planen står anderledes på FUT'), ('plan_elsewhere', 'Planen er lavet i et andet system'), ('answer', 'Besvarelsen står anderledes på FUT'), ('answer_elsewhere', 'Besvarelsen er sendt fra et andet system')], max_length=20)),
                ('url', models.URLField(max_length=500)),
                ('version_id', models.CharField(blank=True, max_length=40)),
                ('ours', models.CharField(blank=True, help_text='Our status; empty where we have none.', max_length=20)),
                ('theirs', models.CharField(help_text='The status there.', max_length=20)),
                ('about', models.CharField(blank=True, max_length=500)),
                ('happened_at', models.DateTimeField(blank=True, help_text='As the platform says it.', null=True)),
                ('found_at', models.DateTimeField()),
                ('settlement', models.CharField(blank=True, choices=[('ours', 'Vores beholdt'), ('theirs', "FUT's brugt"), ('seen', 'Set'), ('taken_over', 'Overtaget af sig selv'), ('outdated', 'Ændret på FUT siden')], max_length=10)),
                ('settled_at', models.DateTimeField(blank=True, null=True)),
                ('told_at', models.DateTimeField(blank=True, null=True)),
                ('care_plan', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.careplan')),
                ('citizen', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='citizens.citizen')),
                ('episode', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='plans.episodeofcare')),
                ('municipality', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='municipalities.municipality')),
                ('settled_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.staffmember')),
            ],
            options={
                'ordering': ['-found_at', 'pk'],
                'indexes': [models.Index(condition=models.Q(('settlement', '')), fields=['citizen', 'municipality'], name='open_findings')],
                'constraints': [models.UniqueConstraint(fields=('url', 'version_id'), name='one_finding_a_version'), models.CheckConstraint(condition=models.Q(models.Q(('settled_at__isnull', True), ('settled_by__isnull', True), ('settlement', '')), models.Q(('settled_at__isnull', False), ('settled_by__isnull', True), ('settlement__in', ['taken_over', 'outdated'])), models.Q(('settled_at__isnull', False), ('settled_by__isnull', False), ('settlement__in', ['ours', 'theirs', 'seen'])), _connector='OR'), name='a_person_settles_or_nobody'), models.CheckConstraint(condition=models.Q(models.Q(('care_plan__isnull', False), ('kind', 'plan'), models.Q(('ours', ''), _negated=True)), models.Q(('care_plan__isnull', True), ('kind', 'answer'), models.Q(('ours', ''), _negated=True)), models.Q(('care_plan__isnull', True), ('kind__in', ['plan_elsewhere', 'answer_elsewhere']), ('ours', '')), _connector='OR'), name='ours_stands_where_we_have_it'), models.CheckConstraint(condition=models.Q(('told_at__isnull', True), ('settlement', 'ours'), _connector='OR'), name='told_only_what_we_kept')],
            },
        ),
        migrations.CreateModel(
            name='FutLook',
            fields=[
                ('episode', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='plans.episodeofcare')),
                ('looked_at', models.DateTimeField(blank=True, null=True)),
                ('read_until', models.DateTimeField(blank=True, null=True)),
                ('leased_until', models.DateTimeField(blank=True, null=True)),
                ('had_nemsms', models.BooleanField(blank=True, help_text='Whether the telecom there held NemSMS when last read.', null=True)),
                ('problem', models.TextField(blank=True, help_text='Why the platform refused the last look.')),
                ('municipality', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='municipalities.municipality')),
            ],
            options={
                'indexes': [models.Index(models.OrderBy(models.F('looked_at'), nulls_first=True), models.F('episode'), name='looks_by_turn')],
            },
        ),
        Wall("FutFinding", STAFF, Policy("own_read", "SELECT", using=OF_CITIZEN)),
        Wall("FutLook", STAFF),
    ]
