"""The archive of what has been delivered, partitioned by the month in which each delivery ended.

Its months are made ahead and dropped by functions of the owner's. None is dropped under somebody whose data are held:
of such a month the others' rows go, and theirs stay until the hold is lifted (docs/adr/0012).
"""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from municipalities.policies import APPLICATION_ROLE, OF_MUNICIPALITY, SYSTEM, Policy, Wall

CREATE_TABLE = """
CREATE TABLE outbox_archiveddelivery (
    id bigint NOT NULL,
    event_id bigint NOT NULL,
    name varchar(40) NOT NULL,
    channel varchar(10) NOT NULL,
    key uuid NOT NULL,
    municipality_id bigint NOT NULL,
    subject_model varchar(60) NOT NULL,
    subject_id uuid NOT NULL,
    occurred_at timestamptz NOT NULL,
    ended_at timestamptz NOT NULL,
    attempts integer NOT NULL,
    state varchar(10) NOT NULL,
    request_id varchar(64) NOT NULL,
    PRIMARY KEY (id, ended_at),
    CONSTRAINT archived_delivery_was_delivered CHECK (state = 'delivered'),
    CONSTRAINT archived_delivery_time_is_finite CHECK (isfinite(ended_at))
) PARTITION BY RANGE (ended_at);
CREATE INDEX archived_deliveries_of_citizen ON outbox_archiveddelivery (key);
CREATE INDEX archived_deliveries_of_subject ON outbox_archiveddelivery (subject_id);
CREATE TABLE outbox_archiveddelivery_default PARTITION OF outbox_archiveddelivery DEFAULT;
"""
DROP_TABLE = "DROP TABLE outbox_archiveddelivery"

# Deletion (privacy/deletion.py) takes rows of the archive first and then lifted holds; locks are taken in that order
# here, too. No hold is set between the look and the drop.
CREATE_FUNCTIONS = """
CREATE FUNCTION outbox_archive_make_months(first date) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
BEGIN
    -- No more than thirty years of them, whatever is asked.
    IF first < now() - interval '30 years' THEN
        first := now() - interval '30 years';
    END IF;
    RETURN QUERY SELECT public.make_months('outbox_archiveddelivery', 'ended_at', first);
END $$;

CREATE FUNCTION outbox_archive_drop_months(keep_months integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    partition text;
    is_held boolean;
BEGIN
    IF keep_months IS NULL OR keep_months < 12 THEN
        RAISE EXCEPTION 'The archive of the outbox is kept for twelve months at least, not %.', keep_months
            USING ERRCODE = 'check_violation';
    END IF;
    IF public.scope_kind() IS DISTINCT FROM 'system' THEN
        RAISE EXCEPTION 'Whose data are held is seen in the scope system alone, so nothing is dropped in another.'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NOT EXISTS (SELECT public.months_past('outbox_archiveddelivery', keep_months)) THEN
        RETURN;
    END IF;
    LOCK TABLE public.outbox_archiveddelivery IN ACCESS EXCLUSIVE MODE;
    LOCK TABLE public.privacy_legalhold IN SHARE MODE;
    FOR partition IN SELECT public.months_past('outbox_archiveddelivery', keep_months) LOOP
        EXECUTE format(
            'SELECT EXISTS (SELECT FROM public.%I one JOIN public.privacy_legalhold hold '
            'ON hold.citizen_id = one.key AND hold.lifted_at IS NULL)', partition
        ) INTO is_held;
        IF is_held THEN
            EXECUTE format(
                'DELETE FROM public.%I one WHERE NOT EXISTS (SELECT FROM public.privacy_legalhold hold '
                'WHERE hold.citizen_id = one.key AND hold.lifted_at IS NULL)', partition
            );
        ELSE
            EXECUTE format('DROP TABLE public.%I', partition);
            RETURN NEXT partition;
        END IF;
    END LOOP;
END $$;

REVOKE ALL ON FUNCTION outbox_archive_make_months(date) FROM PUBLIC;
REVOKE ALL ON FUNCTION outbox_archive_drop_months(integer) FROM PUBLIC;
SELECT outbox_archive_make_months(NULL);
"""
DROP_FUNCTIONS = """
DROP FUNCTION outbox_archive_drop_months(integer);
DROP FUNCTION outbox_archive_make_months(date);
"""
ALLOW = f"""
GRANT EXECUTE ON FUNCTION outbox_archive_make_months(date) TO {APPLICATION_ROLE};
GRANT EXECUTE ON FUNCTION outbox_archive_drop_months(integer) TO {APPLICATION_ROLE};
"""

NAMES = [
    ("care_plan.assigned", "Plan tildelt"),
    ("care_plan.ended", "Plan afsluttet"),
    ("episode_of_care.finished", "Forløb afsluttet"),
    ("response.completed", "Besvarelse indsendt"),
    ("reminder.requested", "Påmindelse bestilt"),
]
CHANNELS = [("fut", "FUT-infrastrukturen"), ("nemsms", "NemSMS")]
STATES = [("waiting", "Venter"), ("delivered", "Afleveret"), ("dead", "Opgivet")]

IS_FINITE = models.Func(models.F("ended_at"), function="isfinite", output_field=models.BooleanField())


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0006_bookkeeping_without_ids"),
        ("municipalities", "0003_months"),
        # Whose data are held.
        ("privacy", "0006_no_retention_policy"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE_TABLE, DROP_TABLE),
                migrations.RunSQL(CREATE_FUNCTIONS, DROP_FUNCTIONS),
                migrations.RunSQL(ALLOW, migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.CreateModel(
                    name="ArchivedDelivery",
                    fields=[
                        ("id", models.BigIntegerField(
                            help_text="Delivery's, where it was one.", primary_key=True, serialize=False,
                        )),
                        ("event_id", models.BigIntegerField(
                            help_text="Event's; two rows where two channels brought it.",
                        )),
                        ("name", models.CharField(choices=NAMES, max_length=40)),
                        ("channel", models.CharField(choices=CHANNELS, max_length=10)),
                        ("key", models.UUIDField(help_text="The citizen.")),
                        ("municipality", models.ForeignKey(
                            db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING,
                            related_name="+", to="municipalities.municipality",
                        )),
                        ("subject_model", models.CharField(max_length=60)),
                        ("subject_id", models.UUIDField()),
                        ("occurred_at", models.DateTimeField()),
                        ("ended_at", models.DateTimeField(help_text="The month this row belongs to.")),
                        ("attempts", models.PositiveIntegerField()),
                        ("state", models.CharField(choices=STATES, max_length=10)),
                        ("request_id", models.CharField(blank=True, max_length=64)),
                    ],
                    options={
                        "verbose_name_plural": "archived deliveries",
                        "constraints": [
                            models.CheckConstraint(
                                condition=Q(state="delivered"), name="archived_delivery_was_delivered"
                            ),
                            models.CheckConstraint(
                                condition=Q(IS_FINITE), name="archived_delivery_time_is_finite"
                            ),
                        ],
                        "indexes": [
                            models.Index(fields=["key"], name="archived_deliveries_of_citizen"),
                            models.Index(fields=["subject_id"], name="archived_deliveries_of_subject"),
                        ],
                    },
                ),
            ],
        ),
        # Nobody changes a row. Archiving, bringing back and deleting are the system's (docs/adr/0012).
        Wall(
            "ArchivedDelivery",
            Policy("system", using=SYSTEM),
            Policy("municipality_reads", "SELECT", using=OF_MUNICIPALITY),
            Policy("own_read", "SELECT", using="key = (SELECT scope_citizen())"),
            privileges=("SELECT", "INSERT", "DELETE"),
        ),
    ]
