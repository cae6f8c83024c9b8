"""Plans that rest, what was done with them and why, and the citizen's consent to the course."""

import uuid

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F, Q

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, SYSTEM, Policy, Wall

HELD = {
    ("plans_courseconsent", "consent_is_of_its_episode"): """
        FOREIGN KEY (episode_id, municipality_id, citizen_id)
        REFERENCES plans_episodeofcare (id, municipality_id, citizen_id)""",
    ("plans_careplanevent", "event_is_of_its_care_plan"): """
        FOREIGN KEY (care_plan_id, municipality_id, citizen_id)
        REFERENCES plans_careplan (id, municipality_id, citizen_id)""",
}

STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")
OWN = Policy("own_read", "SELECT", using=OF_CITIZEN)


def staff(*, null: bool = False) -> models.ForeignKey:
    return models.ForeignKey(
        blank=null,
        null=null,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to="identity.staffmember",
    )


def whose(to: str) -> models.ForeignKey:
    return models.ForeignKey(
        db_constraint=False,
        db_index=False,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0011_open_tasks_of_a_municipality"),
        ("identity", "0011_assisted_visits"),
        ("municipalities", "0005_teams_by_their_login"),
        ("citizens", "0004_nemsms_answer"),
    ]

    operations = [
        migrations.AlterField(
            "careplan",
            "status",
            models.CharField(
                choices=[
                    ("active", "I gang"),
                    ("on-hold", "På pause"),
                    ("completed", "Afsluttet"),
                    ("revoked", "Stoppet"),
                ],
                default="active",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "careplan", "is_adjusted", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AlterField(
            "task",
            "status",
            models.CharField(
                choices=[
                    ("open", "Ikke besvaret"),
                    ("paused", "På pause"),
                    ("completed", "Besvaret"),
                    ("cancelled", "Aflyst"),
                ],
                default="open",
                max_length=10,
            ),
        ),
        migrations.AddField("task", "is_extra", models.BooleanField(db_default=False, default=False)),
        migrations.RemoveConstraint("careplan", "plan_once_at_a_time"),
        migrations.AddConstraint(
            "careplan",
            models.UniqueConstraint(
                condition=Q(status__in=["active", "on-hold"]),
                fields=("episode", "plan"),
                name="plan_once_at_a_time",
            ),
        ),
        migrations.CreateModel(
            name="CourseConsent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("text_version", models.CharField(max_length=20)),
                (
                    "given",
                    models.CharField(
                        choices=[("oral", "Mundtligt"), ("written", "Skriftligt")], max_length=10
                    ),
                ),
                ("given_on", models.DateField()),
                ("recorded_at", models.DateTimeField()),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True)),
                ("citizen", whose("citizens.citizen")),
                ("municipality", whose("municipalities.municipality")),
                (
                    "episode",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="plans.episodeofcare",
                    ),
                ),
                ("recorded_by", staff()),
                ("withdrawn_by", staff(null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=Q(withdrawn_at__isnull=True),
                        fields=("episode",),
                        name="one_standing_consent_a_course",
                    ),
                    models.CheckConstraint(
                        condition=Q(withdrawn_at__isnull=True, withdrawn_by__isnull=True)
                        | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                        name="withdrawn_consent_says_by_whom",
                    ),
                    models.CheckConstraint(
                        condition=Q(given__in=["oral", "written"]), name="consent_was_given_somehow"
                    ),
                    models.CheckConstraint(
                        condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("recorded_at")),
                        name="consent_is_withdrawn_after_it_was_recorded",
                    ),
                ]
            },
        ),
        migrations.CreateModel(
            name="CarePlanEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("paused", "Sat på pause"),
                            ("resumed", "Genoptaget"),
                            ("changed", "Ændret"),
                            ("extra", "Ekstra spørgeskema"),
                            ("completed", "Afsluttet"),
                            ("stopped", "Stoppet"),
                        ],
                        max_length=10,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("counts_from", models.DateField(blank=True, null=True)),
                ("by", staff(null=True)),
                (
                    "care_plan",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="plans.careplan",
                    ),
                ),
                ("citizen", whose("citizens.citizen")),
                ("municipality", whose("municipalities.municipality")),
            ],
            options={
                "ordering": ["at", "pk"],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(
                            kind__in=["paused", "resumed", "changed", "extra", "completed", "stopped"]
                        ),
                        name="care_plan_event_is_known",
                    ),
                    models.CheckConstraint(
                        condition=~Q(kind__in=["paused", "resumed", "changed", "extra"])
                        | Q(by__isnull=False),
                        name="care_plan_event_says_by_whom",
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {key} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), key in HELD.items()
        ),
        Wall("CourseConsent", STAFF, OWN),
        # What happened is never written anew, and goes with its course alone.
        Wall(
            "CarePlanEvent",
            Policy("system", using=SYSTEM),
            Policy("municipality_read", "SELECT", using=OF_MUNICIPALITY),
            Policy("municipality_write", "INSERT", using=OF_MUNICIPALITY),
            OWN,
            privileges=("SELECT", "INSERT", "DELETE"),
        ),
    ]
