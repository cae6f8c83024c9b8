"""The access log's months are made and found by the functions that every table of months shares."""

from importlib import import_module

from django.db import migrations

# `CREATE OR REPLACE` keeps who may call them.
SHARED = """
CREATE OR REPLACE FUNCTION access_log_make_months() RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
BEGIN
    RETURN QUERY SELECT public.make_months('identity_accessentry', 'at');
    RETURN QUERY SELECT public.make_months('identity_accessreview', 'entry_at');
END $$;

CREATE OR REPLACE FUNCTION access_log_drop_months(keep_months integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '5s' AS $$
DECLARE
    partition text;
BEGIN
    IF keep_months IS NULL OR keep_months < 6 THEN
        RAISE EXCEPTION 'The access log is kept for six months at least, not %.', keep_months
            USING ERRCODE = 'check_violation';
    END IF;
    FOR partition IN
        SELECT public.months_past('identity_accessentry', keep_months)
        UNION ALL SELECT public.months_past('identity_accessreview', keep_months)
    LOOP
        EXECUTE format('DROP TABLE public.%I', partition);
        RETURN NEXT partition;
    END LOOP;
END $$;

DROP FUNCTION access_log_make_month(text, text, date);
"""
OWN = import_module("identity.migrations.0005_access_log").CREATE_FUNCTIONS.replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


class Migration(migrations.Migration):
    dependencies = [
        ("identity", "0008_sessions_found_by_hash"),
        ("municipalities", "0003_months"),
    ]

    operations = [migrations.RunSQL(SHARED, OWN)]
