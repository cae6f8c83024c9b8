"""Review, decision support, national and local, the library's facts and words; and what holds the life cycle.

Safe under load: columns come without a rewrite, constraints are on small tables (one row a version). The word column is
known to the database alone (`QuestionnaireVersionQuerySet.matching` asks for it): a trigger fills it.
"""

import uuid

import django.db.models.deletion
from django.db import migrations, models

from municipalities.policies import (
    NATIONAL,
    OF_MUNICIPALITY,
    SOMEBODY,
    SYSTEM,
    AddPolicy,
    Policy,
    RemovePolicy,
    Wall,
    owned,
)

# One table of what may follow what. What is published is only ever retired; what is in review is as it was sent there.
GUARD = """
CREATE OR REPLACE FUNCTION questionnaires_keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status IN ('active', 'retired') AND (
        NEW.source IS DISTINCT FROM OLD.source
        OR NEW.number IS DISTINCT FROM OLD.number
        OR NEW.questionnaire_id IS DISTINCT FROM OLD.questionnaire_id
        OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.published_at IS DISTINCT FROM OLD.published_at
        OR NEW.published_by_id IS DISTINCT FROM OLD.published_by_id
        OR NEW.approved_by_id IS DISTINCT FROM OLD.approved_by_id
        OR NEW.edited_by_id IS DISTINCT FROM OLD.edited_by_id
        OR NEW.decision_support_id IS DISTINCT FROM OLD.decision_support_id AND NEW.decision_support_id IS NOT NULL
        OR NEW.status IN ('draft', 'in-review')
        OR OLD.status = 'retired' AND NEW.status <> 'retired'
        OR OLD.withdrawn_at IS NOT NULL AND NEW.withdrawn_at IS DISTINCT FROM OLD.withdrawn_at
    ) THEN
        RAISE EXCEPTION 'Questionnaire version % is published and never changes: make a new version.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_version_never_changes';
    END IF;
    IF OLD.status = 'in-review' AND (
        NEW.source IS DISTINCT FROM OLD.source
        OR NEW.number IS DISTINCT FROM OLD.number
        OR NEW.questionnaire_id IS DISTINCT FROM OLD.questionnaire_id
        OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.edited_by_id IS DISTINCT FROM OLD.edited_by_id
    ) THEN
        RAISE EXCEPTION 'Questionnaire version % is in review: take it back to change it.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'version_in_review_never_changes';
    END IF;
    IF OLD.status IN ('draft', 'in-review') AND NEW.status IN ('active', 'retired') AND (
        NEW.status = 'retired'
        OR NEW.decision_support_id IS NOT NULL AND (
            OLD.status = 'draft'
            OR OLD.decision_support_id IS DISTINCT FROM NEW.decision_support_id
            OR OLD.approved_by_id IS DISTINCT FROM NEW.approved_by_id
        )
    ) THEN
        RAISE EXCEPTION 'Questionnaire version % was not approved in review.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_after_approval';
    END IF;
    RETURN NEW;
END $$;

CREATE FUNCTION questionnaires_keep_decision_support() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.questionnaire_id IS DISTINCT FROM OLD.questionnaire_id
        OR NEW.intended_purpose IS DISTINCT FROM OLD.intended_purpose
        OR NEW.algorithm_version IS DISTINCT FROM OLD.algorithm_version
        OR NEW.switched_on_at IS DISTINCT FROM OLD.switched_on_at
        OR NEW.switched_on_by_id IS DISTINCT FROM OLD.switched_on_by_id
        OR OLD.switched_off_at IS NOT NULL
    THEN
        RAISE EXCEPTION 'Decision support % is switched off and made anew, never changed.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_support_never_changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decision_support_never_changes BEFORE UPDATE ON questionnaires_decisionsupport
    FOR EACH ROW EXECUTE FUNCTION questionnaires_keep_decision_support();
"""
UNGUARD = """
DROP TRIGGER decision_support_never_changes ON questionnaires_decisionsupport;
DROP FUNCTION questionnaires_keep_decision_support();
CREATE OR REPLACE FUNCTION questionnaires_keep_published_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status <> 'draft' AND (
        NEW.source IS DISTINCT FROM OLD.source
        OR NEW.number IS DISTINCT FROM OLD.number
        OR NEW.questionnaire_id IS DISTINCT FROM OLD.questionnaire_id
        OR NEW.title IS DISTINCT FROM OLD.title
        OR NEW.status = 'draft'
    ) THEN
        RAISE EXCEPTION 'Questionnaire version % is published and never changes: make a new version.', OLD.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'published_version_never_changes';
    END IF;
    RETURN NEW;
END $$;
"""

# No more than 200,000 letters: a tsvector holds one megabyte, and a form is found by its first questions, too.
WORDS = """
ALTER TABLE questionnaires_questionnaireversion ADD COLUMN words tsvector;
CREATE FUNCTION questionnaires_find_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.words := to_tsvector('danish', left(coalesce(NEW.title, '') || ' ' || coalesce((
        SELECT string_agg(text #>> '{}', ' ')
        FROM jsonb_path_query(NEW.source, 'strict $.**.text ? (@.type() == "string")') AS text
    ), ''), 200000));
    RETURN NEW;
END $$;
CREATE TRIGGER words_are_found BEFORE INSERT OR UPDATE OF title, source ON questionnaires_questionnaireversion
    FOR EACH ROW EXECUTE FUNCTION questionnaires_find_words();
UPDATE questionnaires_questionnaireversion SET title = title;
"""
FORGET_WORDS = """
DROP TRIGGER words_are_found ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_find_words();
ALTER TABLE questionnaires_questionnaireversion DROP COLUMN words;
"""

# Whose a version is and whether it is shared, beside it: the wall is then a comparison of columns. Asked through a
# function instead, a list of 5,000 forms cost ten thousand calls. Known to the database alone, as the words are.
OWNER = """
ALTER TABLE questionnaires_questionnaireversion ADD COLUMN owner_id bigint, ADD COLUMN is_shared boolean;
CREATE FUNCTION questionnaires_know_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    SELECT owner_id, shared INTO STRICT NEW.owner_id, NEW.is_shared
    FROM questionnaires_questionnaire WHERE id = NEW.questionnaire_id;
    RETURN NEW;
EXCEPTION WHEN no_data_found THEN
    RAISE EXCEPTION 'new row violates row-level security policy: there is no questionnaire %.', NEW.questionnaire_id
        USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER owner_is_known BEFORE INSERT OR UPDATE OF questionnaire_id, owner_id, is_shared
    ON questionnaires_questionnaireversion FOR EACH ROW EXECUTE FUNCTION questionnaires_know_owner();
CREATE FUNCTION questionnaires_tell_owner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE questionnaires_questionnaireversion SET owner_id = NULL WHERE questionnaire_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER owner_is_told AFTER UPDATE OF owner_id, shared ON questionnaires_questionnaire
    FOR EACH ROW WHEN (OLD.owner_id IS DISTINCT FROM NEW.owner_id OR OLD.shared IS DISTINCT FROM NEW.shared)
    EXECUTE FUNCTION questionnaires_tell_owner();
UPDATE questionnaires_questionnaireversion SET owner_id = NULL;
"""
FORGET_OWNER = """
DROP TRIGGER owner_is_told ON questionnaires_questionnaire;
DROP FUNCTION questionnaires_tell_owner();
DROP TRIGGER owner_is_known ON questionnaires_questionnaireversion;
DROP FUNCTION questionnaires_know_owner();
ALTER TABLE questionnaires_questionnaireversion DROP COLUMN owner_id, DROP COLUMN is_shared;
"""

# A function, because the planner would plan a subquery anew for each query.
FUNCTION = """
CREATE FUNCTION questionnaires_is_national(questionnaire uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
    BEGIN RETURN EXISTS (
        SELECT FROM questionnaires_questionnaire WHERE id = questionnaire AND owner_id IS NULL
    ); END $$;
"""
NO_FUNCTION = "DROP FUNCTION questionnaires_is_national(uuid)"

OWNER_BEFORE = Policy("owner", using="questionnaires_is_own(questionnaire_id)")
BEFORE = Policy("published", "SELECT", using=f"status <> 'draft' AND {SOMEBODY}")
# Citizens may have been asked by any municipality; who works for one sees what is for it.
PUBLISHED = Policy(
    "published",
    "SELECT",
    using="status IN ('active', 'retired') AND ((SELECT scope_kind()) = 'citizen' "
    f"OR {SOMEBODY} AND (owner_id IS NULL OR is_shared))",
)
OWN = "questionnaires_is_own(questionnaire_id)"
MUNICIPAL = "(SELECT scope_kind()) = 'municipality'"


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0011_assisted_visits"),
        ("municipalities", "0004_teams_that_are_closed"),
        ("questionnaires", "0009_building"),
    ]

    operations = [
        # Rows are changed and then indexed in one transaction: what is to be checked at its end is checked at once.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.CreateModel(
            name="DecisionSupport",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                ("intended_purpose", models.TextField(help_text="What the colours are for, and for whom.")),
                ("algorithm_version", models.CharField(max_length=50)),
                ("switched_on_at", models.DateTimeField()),
                ("switched_off_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="PublicationEvent",
            fields=[
                (
                    "id",
                    models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("sent-to-review", "Sendt til gennemsyn"),
                            ("taken-back", "Taget tilbage til kladde"),
                            ("sent-back", "Sendt tilbage med en kommentar"),
                            ("approved", "Godkendt"),
                            ("published", "Udgivet"),
                            ("superseded", "Afløst af en nyere version"),
                            ("withdrawn", "Taget ud af brug"),
                            ("permission-confirmed", "Tilladelse til instrumentet bekræftet"),
                            ("support-on", "Beslutningsstøtte slået til"),
                            ("support-off", "Beslutningsstøtte slået fra"),
                            ("copied", "Kopieret"),
                            ("shared", "Delt med andre kommuner"),
                            ("unshared", "Deles ikke længere"),
                            ("facts-changed", "Oplysninger ændret"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField()),
                ("comment", models.TextField(blank=True, default="")),
                ("fingerprint", models.CharField(blank=True, default="", max_length=64)),
            ],
            options={
                "ordering": ["-at"],
            },
        ),
        migrations.CreateModel(
            name="UseCount",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("answers", models.PositiveIntegerField()),
                ("counted_at", models.DateTimeField()),
            ],
        ),
        migrations.RemoveConstraint(
            model_name="questionnaireversion",
            name="one_draft_a_questionnaire",
        ),
        migrations.RemoveConstraint(
            model_name="questionnaireversion",
            name="active_version_is_published",
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="area",
            field=models.CharField(
                blank=True,
                choices=[
                    ("heart", "Hjerte"),
                    ("stroke", "Apopleksi"),
                    ("knee-hip", "Knæ og hofte"),
                    ("diabetes", "Diabetes"),
                    ("birth", "Graviditet og barsel"),
                    ("early-detection", "Tidlig opsporing"),
                    ("palliation", "Palliation"),
                    ("rehabilitation", "Rehabilitering"),
                    ("well-being", "Trivsel"),
                    ("pain", "Smerter"),
                    ("other", "Andet"),
                ],
                db_default="",
                default="",
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="copied_from",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="copies",
                to="questionnaires.questionnaireversion",
            ),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="licence",
            field=models.CharField(blank=True, db_default="", default="", max_length=300),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="permission_needed",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="shared",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="questionnaire",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=500),
        ),
        migrations.AddField(
            model_name="questionnaireversion",
            name="approved_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="questionnaireversion",
            name="approved_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            model_name="questionnaireversion",
            name="edited_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            model_name="questionnaireversion",
            name="withdrawn_at",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name="questionnaireversion",
            name="status",
            field=models.CharField(
                choices=[
                    ("draft", "Kladde"),
                    ("in-review", "Til gennemsyn"),
                    ("active", "Aktiv"),
                    ("retired", "Udgået"),
                ],
                default="draft",
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaire",
            constraint=models.CheckConstraint(
                condition=models.Q(("shared", False), ("owner__isnull", False), _connector="OR"),
                name="only_local_ones_are_shared",
            ),
        ),
        migrations.AddField(
            model_name="decisionsupport",
            name="questionnaire",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="decision_supports",
                to="questionnaires.questionnaire",
            ),
        ),
        migrations.AddField(
            model_name="decisionsupport",
            name="switched_off_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            model_name="decisionsupport",
            name="switched_on_by",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            model_name="questionnaireversion",
            name="decision_support",
            field=models.ForeignKey(
                blank=True,
                help_text="Under which its colours and what it says to answers are shown; none: they are off.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="questionnaires.decisionsupport",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status__in", ["draft", "in-review"])),
                fields=("questionnaire",),
                name="one_draft_a_questionnaire",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ["draft", "in-review"]), ("published_at__isnull", False), _connector="OR"
                ),
                name="active_version_is_published",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "in-review", "active", "retired"])),
                name="version_status_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "draft"), _negated=True),
                    models.Q(("approved_by__isnull", True), ("decision_support__isnull", True)),
                    _connector="OR",
                ),
                name="draft_is_not_approved",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("approved_at__isnull", True), ("approved_by__isnull", True)),
                    models.Q(("approved_at__isnull", False), ("approved_by__isnull", False)),
                    _connector="OR",
                ),
                name="approval_has_its_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision_support__isnull", True),
                    models.Q(
                        ("approved_by__isnull", False),
                        models.Q(
                            ("edited_by__isnull", True),
                            models.Q(("edited_by", models.F("approved_by")), _negated=True),
                            _connector="OR",
                        ),
                        models.Q(
                            ("status__in", ["draft", "in-review"]),
                            models.Q(
                                ("published_by__isnull", False),
                                models.Q(("published_by", models.F("approved_by")), _negated=True),
                                models.Q(
                                    ("edited_by__isnull", True),
                                    models.Q(("edited_by", models.F("published_by")), _negated=True),
                                    _connector="OR",
                                ),
                            ),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="decision_support_is_approved_by_two",
            ),
        ),
        migrations.AddConstraint(
            model_name="questionnaireversion",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawn_at__isnull", True), ("status", "retired"), _connector="OR"),
                name="withdrawn_version_is_retired",
            ),
        ),
        migrations.AddField(
            model_name="publicationevent",
            name="by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="identity.staffmember",
            ),
        ),
        migrations.AddField(
            model_name="publicationevent",
            name="decision_support",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="questionnaires.decisionsupport",
            ),
        ),
        migrations.AddField(
            model_name="publicationevent",
            name="municipality",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="publicationevent",
            name="questionnaire",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="questionnaires.questionnaire",
            ),
        ),
        migrations.AddField(
            model_name="publicationevent",
            name="version",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="events",
                to="questionnaires.questionnaireversion",
            ),
        ),
        migrations.AddField(
            model_name="usecount",
            name="municipality",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="municipalities.municipality",
            ),
        ),
        migrations.AddField(
            model_name="usecount",
            name="questionnaire",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="use_counts",
                to="questionnaires.questionnaire",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionsupport",
            constraint=models.UniqueConstraint(
                condition=models.Q(("switched_off_at__isnull", True)),
                fields=("questionnaire",),
                name="one_decision_support_at_a_time",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionsupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("intended_purpose", ""), _negated=True),
                    models.Q(("algorithm_version", ""), _negated=True),
                ),
                name="decision_support_says_what_for",
            ),
        ),
        migrations.AddConstraint(
            model_name="decisionsupport",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("switched_off_at__isnull", True), ("switched_off_by__isnull", True)),
                    models.Q(("switched_off_at__isnull", False), ("switched_off_by__isnull", False)),
                    _connector="OR",
                ),
                name="who_switched_off_is_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="usecount",
            constraint=models.UniqueConstraint(
                fields=("questionnaire", "municipality"), name="one_count_a_municipality"
            ),
        ),
        migrations.RunSQL(WORDS, FORGET_WORDS),
        migrations.RunSQL(GUARD, UNGUARD),
        migrations.RunSQL(FUNCTION, NO_FUNCTION),
        migrations.RunSQL(OWNER, FORGET_OWNER),
        RemovePolicy("QuestionnaireVersion", OWNER_BEFORE),
        AddPolicy("QuestionnaireVersion", Policy("owner", using=owned("owner_id"))),
        RemovePolicy("QuestionnaireVersion", BEFORE),
        AddPolicy("QuestionnaireVersion", PUBLISHED),
        # What a national one is for, its staff read everywhere.
        Wall(
            "DecisionSupport",
            Policy("owner", using=OWN),
            Policy(
                "used_here", "SELECT", using=f"{MUNICIPAL} AND questionnaires_is_national(questionnaire_id)"
            ),
            privileges=("SELECT", "INSERT", "UPDATE"),
        ),
        # Who wrote what to whom in a review is the owner's alone; nobody changes it.
        Wall(
            "PublicationEvent",
            Policy("owner_reads", "SELECT", using=owned("municipality_id")),
            Policy("owner_writes", "INSERT", check=f"{OWN} AND ({owned('municipality_id')})"),
            privileges=("SELECT", "INSERT"),
        ),
        Wall(
            "UseCount",
            Policy("system", using=SYSTEM),
            Policy("own", "SELECT", using=OF_MUNICIPALITY),
            Policy("national", "SELECT", using=NATIONAL),
        ),
    ]
