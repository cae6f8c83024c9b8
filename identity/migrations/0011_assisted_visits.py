"""An employee helps one citizen to answer: seen by the municipality that helps, and by the citizen."""

import django.db.models.deletion
import uuid
from django.db import migrations, models

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall


class Migration(migrations.Migration):

    dependencies = [
        ('citizens', '0004_nemsms_answer'),
        ('identity', '0010_access_log_of_entering'),
        ('municipalities', '0003_months'),
    ]

    operations = [
        migrations.AlterField(
            model_name='accessentry',
            name='what',
            field=models.CharField(choices=[('overview', 'Overblik'), ('citizens', 'Borgere'), ('citizen', 'Borgerens side'), ('response', 'Besvarelse'), ('unanswered', 'Ubesvarede spørgeskemaer'), ('assignment', 'Tildeling af plan'), ('reminder', 'Påmindelse'), ('assisted', 'Assisteret besøg'), ('entering', 'Indtastning af svar'), ('access_log', 'Adgangslog'), ('answers', 'Uddata'), ('data', 'Data og opbevaring')], max_length=40),
        ),
        migrations.CreateModel(
            name='AssistedVisit',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('organisation_unit', models.CharField(blank=True, max_length=100)),
                ('unit_name', models.CharField(blank=True, max_length=200)),
                ('session_hash', models.CharField(help_text="Of the session's key, as in UserSession.", max_length=64)),
                ('consent', models.CharField(choices=[('oral', 'Mundtligt, mens borgeren var til stede'), ('written', 'Skriftligt')], max_length=10)),
                ('consent_at', models.DateTimeField()),
                ('identity_checked', models.CharField(choices=[('photo-id', 'Pas, kørekort eller andet billed-id'), ('health-card', 'Sundhedskort og kontrolspørgsmål'), ('known', 'Jeg kender borgeren fra forløbet')], help_text='By the helper.', max_length=20)),
                ('begun_at', models.DateTimeField()),
                ('last_used_at', models.DateTimeField(help_text='To the minute.')),
                ('ends_at', models.DateTimeField(help_text='When it ends whatever happens.')),
                ('ended_at', models.DateTimeField(blank=True, null=True)),
                ('ended_why', models.CharField(blank=True, choices=[('done', 'afsluttet'), ('withdrawn', 'borgeren trak sit samtykke tilbage'), ('logged-out', 'medarbejderen loggede ud'), ('time-up', 'tiden gik'), ('not-allowed', 'medarbejderen måtte ikke længere')], max_length=20)),
                ('citizen', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assisted_visits', to='citizens.citizen')),
                ('helper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assisted_visits', to='identity.staffmember')),
                ('municipality', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='municipalities.municipality')),
            ],
            options={
                'indexes': [models.Index(fields=['citizen', '-begun_at'], name='assisted_visits_of_citizen')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('ended_at__isnull', True)), fields=('session_hash',), name='one_running_visit_a_session'), models.CheckConstraint(condition=models.Q(('consent__in', ['oral', 'written'])), name='visit_has_consent'), models.CheckConstraint(condition=models.Q(('identity_checked__in', ['photo-id', 'health-card', 'known'])), name='visit_has_checked_identity'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_why', '')), models.Q(('ended_at__isnull', False), ('ended_why__in', ['done', 'withdrawn', 'logged-out', 'time-up', 'not-allowed'])), _connector='OR'), name='ended_visit_says_why'), models.CheckConstraint(condition=models.Q(('consent_at__lte', models.F('begun_at')), ('ends_at__gt', models.F('begun_at')), models.Q(('ended_at__isnull', True), ('ended_at__gte', models.F('begun_at')), _connector='OR')), name='visit_times_in_order')],
            },
        ),
        Wall(
            "AssistedVisit",
            Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}"),
            Policy("own", "SELECT", using=OF_CITIZEN),
        ),
    ]
