"""What the poll finds of teams and of single questionnaires of a plan, and how its runs go."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from municipalities.policies import NATIONAL, OF_MUNICIPALITY, SYSTEM, Policy, Wall

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
ADMINISTRATION = Policy("administration", using=f"{SYSTEM} OR {NATIONAL}")


class Migration(migrations.Migration):
    dependencies = [
        ("fut", "0004_findings_and_looks"),
        ("municipalities", "0004_teams_that_are_closed"),
        ("plans", "0005_citizens_see_scores"),
    ]

    operations = [
        migrations.CreateModel(
            name="FutTeam",
            fields=[
                ("care_team", models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="+", serialize=False,
                    to="municipalities.careteam",
                )),
                ("municipality", models.ForeignKey(
                    db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name="+",
                    to="municipalities.municipality",
                )),
                ("url", models.URLField(max_length=500, unique=True)),
                ("version_id", models.CharField(blank=True, max_length=40)),
                ("read_at", models.DateTimeField(help_text="When it was last read there.")),
            ],
        ),
        migrations.CreateModel(
            name="FutTeamLook",
            fields=[
                ("municipality", models.OneToOneField(
                    on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name="+", serialize=False,
                    to="municipalities.municipality",
                )),
                ("looked_at", models.DateTimeField(blank=True, null=True)),
                ("leased_until", models.DateTimeField(blank=True, null=True)),
                ("problem", models.TextField(blank=True, help_text="Why the platform refused the last look.")),
            ],
        ),
        migrations.CreateModel(
            name="FutRun",
            fields=[
                ("what", models.CharField(
                    choices=[("courses", "Forløb"), ("teams", "Team")], max_length=10, primary_key=True,
                    serialize=False,
                )),
                ("succeeded_at", models.DateTimeField(blank=True, null=True)),
                ("runs", models.PositiveBigIntegerField(default=0)),
                ("stopped", models.PositiveBigIntegerField(
                    default=0, help_text="Runs that ended early: no answer."
                )),
                ("looked", models.PositiveBigIntegerField(default=0, help_text="Looks that were answered.")),
                ("refused", models.PositiveBigIntegerField(default=0, help_text="Looks that were refused.")),
                ("resources", models.PositiveBigIntegerField(default=0, help_text="Resources that were read.")),
                ("problem", models.TextField(blank=True, help_text="Why the last run ended early.")),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(condition=Q(what__in=["courses", "teams"]), name="fut_run_what_is_known"),
                ],
            },
        ),
        migrations.AddField("futfinding", "activity", models.ForeignKey(
            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.activity",
        )),
        migrations.AddField("futfinding", "care_team", models.ForeignKey(
            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
            to="municipalities.careteam",
        )),
        migrations.AlterField("futfinding", "citizen", models.ForeignKey(
            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
            to="citizens.citizen",
        )),
        migrations.AlterField("futfinding", "episode", models.ForeignKey(
            blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+",
            to="plans.episodeofcare",
        )),
        migrations.AlterField("futfinding", "kind", models.CharField(choices=[
            ("plan", "Planen står anderledes på FUT"),
            ("plan_elsewhere", "Planen er lavet i et andet system"),
            ("request", "Et spørgeskema i planen står anderledes på FUT"),
            ("request_elsewhere", "Planen har fået mere på FUT"),
            ("answer", "Besvarelsen står anderledes på FUT"),
            ("answer_elsewhere", "Besvarelsen er sendt fra et andet system"),
            ("team", "Teamet står anderledes på FUT"),
        ], max_length=20)),
        migrations.AlterField("futfinding", "theirs", models.CharField(
            help_text="The status there; of a team also “renamed”, “moved”, “gone”.", max_length=20,
        )),
        migrations.RemoveConstraint("futfinding", "ours_stands_where_we_have_it"),
        migrations.AddConstraint("futfinding", models.CheckConstraint(
            condition=Q(kind="plan", care_plan__isnull=False, activity__isnull=True) & ~Q(ours="")
            | Q(kind="request", care_plan__isnull=False, activity__isnull=False) & ~Q(ours="")
            | Q(kind="request_elsewhere", care_plan__isnull=False, activity__isnull=True, ours="")
            | Q(kind__in=["answer", "team"], care_plan__isnull=True, activity__isnull=True) & ~Q(ours="")
            | Q(
                kind__in=["plan_elsewhere", "answer_elsewhere"], care_plan__isnull=True, activity__isnull=True,
                ours="",
            ),
            name="ours_stands_where_we_have_it",
        )),
        migrations.AddConstraint("futfinding", models.CheckConstraint(
            condition=Q(kind="team", care_team__isnull=False, citizen__isnull=True, episode__isnull=True)
            | ~Q(kind="team") & Q(care_team__isnull=True, citizen__isnull=False, episode__isnull=False),
            name="of_a_citizens_course_or_of_a_team",
        )),
        migrations.AddIndex("futfinding", models.Index(
            fields=["municipality", "kind", "found_at"], condition=Q(settlement=""), name="open_findings_of_a_place",
        )),
        Wall("FutTeam", STAFF),
        Wall("FutTeamLook", STAFF),
        Wall("FutRun", ADMINISTRATION, privileges=("SELECT", "INSERT", "UPDATE")),
    ]
