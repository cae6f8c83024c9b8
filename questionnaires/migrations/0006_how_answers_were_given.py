"""How answers came, who entered them and when they were given; and what staff enter, behind its own part of the wall."""

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from municipalities.policies import OF_CITIZEN, OF_MUNICIPALITY, AddPolicy, Policy, RemovePolicy

# A draft in which the citizen has answered stays theirs, what staff enter stays entered by staff, and of what is sent
# nothing of this changes.
GUARD = """
CREATE FUNCTION questionnaires_keep_how_given() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    registered CONSTANT text[] := ARRAY['paper', 'telephone', 'in-person'];
BEGIN
    IF OLD.status = 'completed' AND (
        NEW.mode IS DISTINCT FROM OLD.mode
        OR NEW.entered_by_id IS DISTINCT FROM OLD.entered_by_id
        OR NEW.given_on IS DISTINCT FROM OLD.given_on
    ) OR OLD.mode = ANY (registered) AND NOT NEW.mode = ANY (registered)
      OR NOT OLD.mode = ANY (registered) AND NEW.mode = ANY (registered) AND OLD.saved_at > OLD.started_at
    THEN
        RAISE EXCEPTION 'Whose answers are in response % is not changed.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'how_answers_were_given_stays';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER how_answers_were_given_stays BEFORE UPDATE ON questionnaires_response
    FOR EACH ROW EXECUTE FUNCTION questionnaires_keep_how_given();
"""
LET_GO = """
DROP TRIGGER how_answers_were_given_stays ON questionnaires_response;
DROP FUNCTION questionnaires_keep_how_given();
"""

# A function, because the planner would plan a subquery anew for each query.
FUNCTION = """
CREATE FUNCTION questionnaires_is_registered(response uuid) RETURNS boolean LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_response WHERE id = response AND mode IN ('paper', 'telephone', 'in-person')
    ); END $$;
"""
DROP = "DROP FUNCTION questionnaires_is_registered(uuid)"

REGISTERED = "mode IN ('paper', 'telephone', 'in-person')"
BY_STAFF = f"{OF_MUNICIPALITY} AND {REGISTERED}"
BY_CITIZEN = f"{OF_CITIZEN} AND NOT {REGISTERED}"


class Migration(migrations.Migration):
    dependencies = [
        ("questionnaires", "0005_answer_times"),
        ("identity", "0010_access_log_of_entering"),
    ]

    operations = [
        migrations.AddField(
            "response",
            "mode",
            models.CharField(
                choices=[
                    ("own", "Af borgeren selv"),
                    ("paper", "På papir"),
                    ("telephone", "I telefonen"),
                    ("in-person", "Ved et møde"),
                    ("assisted", "Med hjælp ved skærmen"),
                ],
                # Stays in the database: a release that does not know the column goes on working meanwhile.
                db_default="own",
                default="own",
                max_length=10,
            ),
        ),
        migrations.AddField(
            "response",
            "entered_by",
            models.ForeignKey(
                blank=True,
                db_index=False,
                help_text="Who entered the answers, or helped the citizen to.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            "response",
            "given_on",
            models.DateField(
                blank=True, help_text="When they were given, where staff enter them.", null=True
            ),
        ),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(mode__in=["own", "paper", "telephone", "in-person", "assisted"]),
                name="response_mode_is_known",
            ),
        ),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(mode="own", entered_by__isnull=True)
                | ~Q(mode="own") & Q(entered_by__isnull=False),
                name="who_entered_it_is_known",
            ),
        ),
        migrations.AddConstraint(
            "response",
            models.CheckConstraint(
                condition=Q(mode__in=["own", "assisted"], given_on__isnull=True)
                | ~Q(mode__in=["own", "assisted"]) & Q(given_on__isnull=False),
                name="registered_response_has_its_day",
            ),
        ),
        migrations.RunSQL(GUARD, LET_GO),
        migrations.RunSQL(FUNCTION, DROP),
        # What staff enter is the municipality's from its first word; it throws a draft away, and nothing else.
        AddPolicy("Response", Policy("registered_read", "SELECT", using=BY_STAFF)),
        AddPolicy("Response", Policy("registered_begin", "INSERT", check=BY_STAFF)),
        AddPolicy("Response", Policy("registered_write", "UPDATE", using=BY_STAFF)),
        AddPolicy(
            "Response", Policy("registered_discard", "DELETE", using=f"{BY_STAFF} AND status = 'in-progress'")
        ),
        AddPolicy(
            "Score",
            Policy(
                "registered_write",
                "INSERT",
                check=f"{OF_MUNICIPALITY} AND questionnaires_is_registered(response_id)",
            ),
        ),
        # And the citizen reads it, and writes none of it.
        RemovePolicy("Response", Policy("own_begin", "INSERT", check=OF_CITIZEN)),
        RemovePolicy("Response", Policy("own_write", "UPDATE", using=OF_CITIZEN)),
        AddPolicy("Response", Policy("own_begin", "INSERT", check=BY_CITIZEN)),
        AddPolicy("Response", Policy("own_write", "UPDATE", using=BY_CITIZEN)),
    ]
