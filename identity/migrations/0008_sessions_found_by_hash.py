"""Ending somebody's sessions finds them by the hash of their key, without reading everybody's.

The table is Django's own, so no model of ours can name the index. Made while sessions go on being written.
"""

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("identity", "0007_access_times_are_finite"), ("sessions", "0001_initial")]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX CONCURRENTLY IF NOT EXISTS session_key_hash "
            "ON django_session (encode(sha256(session_key::bytea), 'hex'))",
            "DROP INDEX CONCURRENTLY IF EXISTS session_key_hash",
        )
    ]
