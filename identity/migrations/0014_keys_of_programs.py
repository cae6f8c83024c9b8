"""Keys of programs: seen by their owner, and by who has the secret. No key changes but by being used and revoked.

A new, empty table: nothing waits for it.
"""

import datetime
import uuid

import django.db.models.deletion
import django.db.models.expressions
from django.db import migrations, models

from identity.program_models import PROGRAMS
from municipalities.policies import AddPolicy, Policy, Wall, owned

BY_SECRET = f"'{PROGRAMS}' || E'\\n' || secret_hash = (SELECT scope_login())"

GUARD = f"""
CREATE FUNCTION identity_keep_program_key() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF (to_jsonb(NEW) - 'last_used_at' - 'revoked_at' - 'revoked_by_id')
            IS DISTINCT FROM (to_jsonb(OLD) - 'last_used_at' - 'revoked_at' - 'revoked_by_id')
        THEN
            RAISE EXCEPTION 'The key % never changes: make another one.', OLD.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'program_key_never_changes';
        END IF;
        IF OLD.revoked_at IS NOT NULL AND NEW IS DISTINCT FROM OLD THEN
            RAISE EXCEPTION 'The key % is revoked for good.', OLD.id
                USING ERRCODE = 'check_violation', CONSTRAINT = 'program_key_stays_revoked';
        END IF;
        RETURN NULL;
    END IF;
    IF NOT EXISTS (
        SELECT FROM identity_staffmember WHERE id = NEW.member_id AND issuer = '{PROGRAMS}'
            AND municipality_id IS NOT DISTINCT FROM NEW.municipality_id
    ) OR NOT EXISTS (
        SELECT FROM identity_staffmember WHERE id = NEW.made_by_id AND issuer <> '{PROGRAMS}'
            AND municipality_id IS NOT DISTINCT FROM NEW.municipality_id
    ) THEN
        RAISE EXCEPTION 'A key is a program''s, and a person of the same owner answers for it.'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'person_answers_for_program_key';
    END IF;
    RETURN NULL;
END $$;

-- After: the wall and the constraints are asked first, and say what is wrong.
CREATE TRIGGER program_key_is_kept AFTER INSERT OR UPDATE ON identity_programkey
    FOR EACH ROW EXECUTE FUNCTION identity_keep_program_key();
"""
NO_GUARD = """
DROP TRIGGER program_key_is_kept ON identity_programkey;
DROP FUNCTION identity_keep_program_key();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('identity', '0013_access_log_of_courses_and_plans'),
        ('municipalities', '0006_scope_of_programs'),
    ]

    operations = [
        migrations.CreateModel(
            name='ProgramKey',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('name', models.CharField(help_text='What the program is called, as people know it.', max_length=80)),
                ('secret_hash', models.CharField(help_text='SHA-256 of the secret.', max_length=64, unique=True)),
                ('hint', models.CharField(help_text='How the secret begins, to tell keys apart.', max_length=12)),
                ('may_edit', models.BooleanField(help_text='May write drafts and send them to review.')),
                ('may_publish', models.BooleanField()),
                ('made_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('revoked_at', models.DateTimeField(blank=True, null=True)),
                ('last_used_at', models.DateTimeField(blank=True, help_text='To the hour.', null=True)),
                ('made_by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.staffmember')),
                ('member', models.OneToOneField(help_text='In whose name the program writes.', on_delete=django.db.models.deletion.PROTECT, related_name='program_key', to='identity.staffmember')),
                ('municipality', models.ForeignKey(blank=True, help_text='Whose questionnaires it works on; none: the national ones.', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='municipalities.municipality')),
                ('revoked_by', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='identity.staffmember')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('revoked_at__isnull', True)), fields=('municipality', 'name'), name='one_program_key_a_name', nulls_distinct=False), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='program_key_has_a_name'), models.CheckConstraint(condition=models.Q(('secret_hash__regex', '^[0-9a-f]{64}$')), name='program_key_holds_a_hash'), models.CheckConstraint(condition=models.Q(('expires_at__gt', models.F('made_at')), ('expires_at__lte', django.db.models.expressions.CombinedExpression(models.F('made_at'), '+', models.Value(datetime.timedelta(days=365))))), name='program_key_ends_within_a_year'), models.CheckConstraint(condition=models.Q(models.Q(('revoked_at__isnull', True), ('revoked_by__isnull', True)), models.Q(('revoked_at__gte', models.F('made_at')), ('revoked_at__isnull', False), ('revoked_by__isnull', False)), _connector='OR'), name='who_revoked_program_key_is_known')],
            },
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
        Wall(
            "ProgramKey",
            Policy("owner", using=owned("municipality_id")),
            # Who comes with a key is not known yet: they see the one whose secret they have, and note its use.
            Policy("login", "SELECT", using=BY_SECRET),
            Policy("use", "UPDATE", using=BY_SECRET),
            privileges=("SELECT", "INSERT", "UPDATE"),
        ),
        # A program reads the names of those it works with, its own among them.
        AddPolicy(
            "StaffMember", Policy("program", "SELECT", using="municipality_id = (SELECT scope_owner())")
        ),
    ]
