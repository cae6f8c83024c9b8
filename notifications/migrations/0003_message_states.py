"""More states for a message, and when it left.

What waits and may not leave yet becomes *held*; what was sent gets the time at which it was. The new constraints hold
for new rows at once; the next migration has the old rows checked, without keeping anybody from writing.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid
from django.db import migrations, models
from django.db.models import F, Q

STATES = [
    ("queued", "På vej"),
    ("held", "Venter på sit tidspunkt"),
    ("sent", "Sendt"),
    ("received", "Modtaget af NemSMS"),
    ("delivered", "Leveret"),
    ("failed", "Kunne ikke sendes"),
    ("not_enrolled", "Ikke sendt: ikke tilmeldt NemSMS"),
    ("answered", "Ikke sendt: allerede besvaret"),
    ("called_off", "Ikke sendt: opgaven er ikke åben længere"),
    ("collapsed", "Samlet med en anden besked"),
]
WAITING = ["held", "queued"]
ON_ITS_WAY = ["delivered", "received", "sent"]
WAITING_OR_NOT_SENT = ["answered", "called_off", "collapsed", "held", "not_enrolled", "queued"]

FORWARDS = """
UPDATE notifications_message
   SET status = CASE WHEN leaves_at > requested_at THEN 'held' ELSE 'queued' END
 WHERE status = 'pending';
UPDATE notifications_message SET sent_at = status_at WHERE status = 'sent';
"""
BACKWARDS = """
UPDATE notifications_message SET status = 'pending' WHERE status IN ('queued', 'held');
UPDATE notifications_message SET status = 'sent' WHERE status IN ('received', 'delivered');
UPDATE notifications_message SET status = 'answered' WHERE status IN ('called_off', 'collapsed');
"""

CONSTRAINTS = [
    models.CheckConstraint(
        condition=Q(status__in=sorted(name for name, _ in STATES)), name="message_status_is_known"
    ),
    models.CheckConstraint(
        condition=Q(status__in=WAITING, status_at__isnull=True)
        | ~Q(status__in=WAITING) & Q(status_at__isnull=False),
        name="message_status_has_its_time",
    ),
    models.CheckConstraint(
        condition=~Q(status="held") | Q(leaves_at__gt=F("requested_at")), name="held_message_leaves_later"
    ),
    models.CheckConstraint(
        condition=Q(status__in=ON_ITS_WAY, sent_at__isnull=False)
        | Q(status__in=WAITING_OR_NOT_SENT, sent_at__isnull=True)
        | Q(status="failed"),
        name="message_that_left_has_its_time",
    ),
    models.CheckConstraint(
        condition=Q(status="collapsed", collapsed_into__isnull=False) & ~Q(collapsed_into=F("id"))
        | ~Q(status="collapsed") & Q(collapsed_into__isnull=True),
        name="collapsed_message_names_the_other",
    ),
]

# What the foreign key of `collapsed_into` holds on to, beside the id.
MESSAGE_OF_CITIZEN = models.UniqueConstraint(
    fields=["municipality", "citizen", "id"], name="message_of_citizen"
)


class Migration(migrations.Migration):

    dependencies = [("notifications", "0002_walls")]

    operations = [
        migrations.RemoveConstraint("message", "message_outcome_has_its_time"),
        migrations.RenameField("message", "outcome", "status"),
        migrations.RenameField("message", "outcome_at", "status_at"),
        migrations.AlterField(
            "message", "status", models.CharField(choices=STATES, default="queued", max_length=20)
        ),
        migrations.AlterField(
            "message",
            "status_at",
            models.DateTimeField(blank=True, help_text="Since when; nothing while it waits.", null=True),
        ),
        migrations.AddField("message", "sent_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField(
            "message",
            "reason",
            models.TextField(
                blank=True,
                default="",
                help_text="Why it failed, in NemSMS's own words, CPR numbers masked.",
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            "message",
            "collapsed_into",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="collapsed",
                to="notifications.message",
            ),
        ),
        migrations.RunSQL(FORWARDS, BACKWARDS),
        *(AddConstraintNotValid("message", constraint) for constraint in CONSTRAINTS),
        migrations.AddConstraint("message", MESSAGE_OF_CITIZEN),
        migrations.RunSQL(
            """
            ALTER TABLE notifications_message ADD CONSTRAINT message_is_of_the_same_citizen_as_the_other
            FOREIGN KEY (collapsed_into_id, municipality_id, citizen_id)
            REFERENCES notifications_message (id, municipality_id, citizen_id)
            DEFERRABLE INITIALLY DEFERRED NOT VALID
            """,
            "ALTER TABLE notifications_message DROP CONSTRAINT message_is_of_the_same_citizen_as_the_other",
        ),
    ]
