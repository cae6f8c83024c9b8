"""One plan for many citizens: the tables, their walls, and whose they are held true by the database."""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import OF_MUNICIPALITY, SYSTEM, Policy, Wall

HELD = {
    ("plans_bulkassignment", "bulk_team_is_of_municipality"): """
        FOREIGN KEY (care_team_id, municipality_id) REFERENCES municipalities_careteam (id, municipality_id)""",
    ("plans_bulkassignmentitem", "bulk_item_is_of_its_assignment"): """
        FOREIGN KEY (municipality_id, bulk_id) REFERENCES plans_bulkassignment (municipality_id, id)""",
    ("plans_bulkassignmentitem", "bulk_item_has_its_citizens_plan"): """
        FOREIGN KEY (care_plan_id, municipality_id, citizen_id)
        REFERENCES plans_careplan (id, municipality_id, citizen_id)""",
}
# A citizen reads who gave them a plan in the plan; how the work was done is the municipality's.
STAFF = Policy("municipality", using=f"{SYSTEM} OR {OF_MUNICIPALITY}")


def key(to, **more):
    return models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to=to, **more)


class Migration(migrations.Migration):
    dependencies = [
        ("plans", "0009_published_plans_never_change"),
        ("citizens", "0004_nemsms_answer"),
        ("identity", "0011_assisted_visits"),
        ("municipalities", "0004_teams_that_are_closed"),
    ]

    operations = [
        migrations.CreateModel(
            "BulkAssignment",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ("starts_on", models.DateField()),
                ("appointment_on", models.DateField(blank=True, null=True)),
                ("made_at", models.DateTimeField()),
                ("worked_at", models.DateTimeField(help_text="The last sign of work on it.")),
                ("done_at", models.DateTimeField(blank=True, null=True)),
                ("municipality", key("municipalities.municipality")),
                ("plan", key("plans.plan")),
                ("care_team", key("municipalities.careteam")),
                ("made_by", key("identity.staffmember")),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=["municipality", "id"], name="bulk_assignment_of_municipality"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(appointment_on__isnull=True)
                        | models.Q(appointment_on__gte=models.F("starts_on")),
                        name="bulk_appointment_is_within_the_plan",
                    ),
                ],
                "indexes": [
                    models.Index(fields=["made_by", "-made_at"], name="bulk_assignments_of_somebody"),
                    models.Index(
                        fields=["worked_at"],
                        condition=models.Q(done_at__isnull=True),
                        name="bulk_assignments_at_work",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            "BulkAssignmentItem",
            [
                ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                (
                    "position",
                    models.PositiveSmallIntegerField(
                        help_text="Its place in the list, as the preview showed it."
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Venter"),
                            ("assigned", "Tildelt"),
                            ("refused", "Ikke tildelt"),
                            ("failed", "Fejlede"),
                        ],
                        default="waiting",
                        max_length=10,
                    ),
                ),
                (
                    "problem",
                    models.TextField(
                        blank=True, help_text="Why the citizen did not get the plan, as a sentence."
                    ),
                ),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "bulk",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="items",
                        to="plans.bulkassignment",
                    ),
                ),
                ("municipality", key("municipalities.municipality", db_constraint=False, db_index=False)),
                ("citizen", key("citizens.citizen")),
                (
                    "care_plan",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.careplan",
                    ),
                ),
            ],
            options={
                "ordering": ["position"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["bulk", "citizen"], name="a_citizen_once_in_a_bulk_assignment"
                    ),
                    models.UniqueConstraint(
                        fields=["bulk", "position"], name="one_place_in_a_bulk_assignment"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(position__lt=200), name="bulk_assignment_is_not_endless"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            state="waiting", care_plan__isnull=True, problem="", ended_at__isnull=True
                        )
                        | models.Q(
                            state="assigned", care_plan__isnull=False, problem="", ended_at__isnull=False
                        )
                        | models.Q(
                            state__in=["refused", "failed"], care_plan__isnull=True, ended_at__isnull=False
                        )
                        & ~models.Q(problem=""),
                        name="bulk_item_says_what_became_of_it",
                    ),
                ],
            },
        ),
        *(
            migrations.RunSQL(
                f"ALTER TABLE {table} ADD CONSTRAINT {name} {foreign} DEFERRABLE INITIALLY DEFERRED",
                f"ALTER TABLE {table} DROP CONSTRAINT {name}",
            )
            for (table, name), foreign in HELD.items()
        ),
        Wall("BulkAssignment", STAFF),
        Wall("BulkAssignmentItem", STAFF),
    ]
